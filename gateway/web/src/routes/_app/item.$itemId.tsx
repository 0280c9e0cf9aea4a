import { useQuery } from "@tanstack/react-query";
import { createFileRoute } from "@tanstack/react-router";
import { ItemView } from "~/features/plex/ItemView";
import { itemQuery } from "~/features/plex/queries";
import { ErrorState, Loading, Skeleton } from "~/ui/states";

export const Route = createFileRoute("/_app/item/$itemId")({
  validateSearch: (search: Record<string, unknown>): { season?: string } =>
    typeof search.season === "string" ? { season: search.season } : {},
  component: ItemPage,
});

function ItemPage() {
  const { itemId } = Route.useParams();
  const { season } = Route.useSearch();
  const navigate = Route.useNavigate();
  const { data, error, isPending, refetch } = useQuery(itemQuery(itemId));
  if (isPending) return <ItemSkeleton />;
  if (error) {
    return (
      <>
        <h1 className="sr-only">Title</h1>
        <ErrorState error={error} onRetry={() => void refetch()} />
      </>
    );
  }
  return (
    <ItemView
      item={data}
      season={season}
      onSeason={(id) =>
        void navigate({ search: { season: id }, replace: true, resetScroll: false })
      }
    />
  );
}

function ItemSkeleton() {
  return (
    <Loading label="Loading the title">
      <div className="flex flex-wrap gap-8 pt-10">
        <Skeleton className="aspect-2/3 w-52" />
        <div className="grid min-w-0 flex-1 content-start gap-4">
          <Skeleton className="h-10 w-2/3" />
          <Skeleton className="h-5 w-1/3" />
          <Skeleton className="h-28 w-full max-w-2xl" />
        </div>
      </div>
    </Loading>
  );
}
