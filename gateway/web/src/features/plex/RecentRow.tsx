// What is new in Plex, newest first, to be swiped through.
import { useQuery } from "@tanstack/react-query";
import { Section } from "~/ui/Section";
import { EmptyState, ErrorState, Loading, Skeleton } from "~/ui/states";
import { NoLibraries } from "./NoLibraries";
import { PosterCard } from "./PosterCard";
import { librariesQuery, recentQuery } from "./queries";

const CARD = "w-28 shrink-0 snap-start sm:w-36 lg:w-40";

export function RecentRow() {
  const { data, error, isPending, refetch } = useQuery(recentQuery);
  const { data: libraries } = useQuery(librariesQuery);
  if (libraries?.length === 0) return <NoLibraries />;
  return (
    <Section title="Recently added">
      {isPending && <RowSkeleton />}
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <EmptyState icon="film" title="Nothing has been added yet">
          New titles show up here as soon as Plex has them.
        </EmptyState>
      )}
      {data && data.items.length > 0 && (
        <ul className="-mx-4 -mt-2 flex snap-x gap-4 overflow-x-auto px-4 pt-2 pb-3 scroll-px-4 md:-mx-8 md:gap-5 md:px-8 md:scroll-px-8">
          {data.items.map((item) => (
            <li key={item.id} className={CARD}>
              <PosterCard item={item} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function RowSkeleton() {
  return (
    <Loading label="Loading recently added titles">
      <div className="flex gap-4 overflow-hidden">
        {[0, 1, 2, 3, 4, 5, 6, 7].map((key) => (
          <div key={key} className={CARD}>
            <Skeleton className="aspect-2/3" />
            <Skeleton className="mt-2 h-4 w-3/4" />
          </div>
        ))}
      </div>
    </Loading>
  );
}
