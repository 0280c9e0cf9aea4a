// One collection with its titles.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { plural } from "~/lib/format";
import { PageHead } from "~/ui/Page";
import { EmptyState, ErrorState } from "~/ui/states";
import { GridSkeleton } from "./LibraryView";
import { PosterGrid } from "./PosterGrid";
import { collectionQuery } from "./queries";

const nothingMore = () => undefined;

export function CollectionView({ id }: { id: string }) {
  const { data, error, isPending, refetch } = useQuery(collectionQuery(id));
  return (
    <>
      <nav aria-label="Breadcrumb" className="mb-1 text-sm">
        <Link
          to="/collections"
          className="font-semibold text-muted underline-offset-4 hover:text-text hover:underline"
        >
          Collections
        </Link>
      </nav>
      <PageHead
        title={data?.title ?? "Collection"}
        note={
          data &&
          [plural(data.item_count, "title", "titles"), data.summary].filter(Boolean).join(" · ")
        }
      />
      {isPending && <GridSkeleton />}
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <EmptyState icon="collection" title="This collection is empty" />
      )}
      {data && data.items.length > 0 && (
        <PosterGrid
          label={`${data.title}: titles`}
          items={data.items}
          total={data.items.length}
          hasMore={false}
          onMore={nothingMore}
        />
      )}
    </>
  );
}
