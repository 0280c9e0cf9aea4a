// All collections.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Collection } from "~/api/types";
import { plural } from "~/lib/format";
import { useTypedText } from "~/lib/typed-text";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { controlClass } from "~/ui/Field";
import { PageHead } from "~/ui/Page";
import { EmptyState, ErrorState } from "~/ui/states";
import { GridSkeleton } from "./LibraryView";
import { Poster } from "./Poster";
import { collectionsQuery, librariesQuery } from "./queries";

export function CollectionsView({ q, onQ }: { q: string; onQ: (q: string) => void }) {
  const list = useInfiniteQuery(collectionsQuery);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = list;
  // The list is narrowed here in the page, so all of it is needed.
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const { text, type } = useTypedText(q, onQ, 150);
  const all = list.data?.pages.flatMap((page) => page.items) ?? [];
  const shown = all.filter((entry) =>
    entry.title.toLocaleLowerCase().includes(q.toLocaleLowerCase()),
  );

  return (
    <>
      <PageHead
        title="Collections"
        note={list.data && plural(shown.length, "collection", "collections")}
        actions={
          all.length > 0 && (
            <input
              type="search"
              value={text}
              onChange={(event) => type(event.target.value)}
              aria-label="Narrow by name"
              placeholder="Narrow by name"
              className={`${controlClass} max-w-56`}
            />
          )
        }
      />
      {list.isPending && <GridSkeleton />}
      {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && all.length === 0 && (
        <EmptyState icon="collection" title="No collections yet">
          Collections come from Plex. A download can start one: write its name when you add the
          link.
        </EmptyState>
      )}
      {all.length > 0 && shown.length === 0 && (
        <EmptyState
          icon="search"
          title={`No collection with “${q}”`}
          action={<Button onClick={() => onQ("")}>Show all</Button>}
        />
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(8.5rem,1fr))] gap-4 sm:grid-cols-[repeat(auto-fill,minmax(10.5rem,1fr))] sm:gap-6">
        {shown.map((entry) => (
          <Card key={entry.id} collection={entry} />
        ))}
      </ul>
    </>
  );
}

function Card({ collection }: { collection: Collection }) {
  const { data: libraries } = useQuery(librariesQuery);
  const library = libraries?.find((entry) => entry.id === collection.library_id);
  return (
    <li>
      <Link
        to="/collections/$collectionId"
        params={{ collectionId: collection.id }}
        className="group block rounded-xl"
      >
        <div className="relative">
          <div
            aria-hidden="true"
            className="absolute inset-x-3 -top-1.5 h-6 rounded-t-xl border border-line bg-raised"
          />
          <Poster
            title={collection.title}
            icon="collection"
            path={collection.poster_url}
            className="group-hover:shadow-float group-hover:ring-2 group-hover:ring-accent"
          />
          {collection.smart && (
            <span className="absolute right-2 bottom-2">
              <Badge tone="accent" icon="gear">
                Smart
              </Badge>
            </span>
          )}
        </div>
        <span className="mt-2 block truncate text-sm font-semibold">{collection.title}</span>
        <span className="tabular block truncate text-[0.8rem] text-muted">
          {[plural(collection.item_count, "title", "titles"), library?.title]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </Link>
    </li>
  );
}
