// One library: its posters, in an order, narrowed by what is typed.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { plural } from "~/lib/format";
import { useTypedText } from "~/lib/typed-text";
import { Button } from "~/ui/Button";
import { controlClass, SelectBox } from "~/ui/Field";
import { PageHead } from "~/ui/Page";
import { EmptyState, ErrorState, Loading, Skeleton } from "~/ui/states";
import { PosterGrid } from "./PosterGrid";
import { itemsQuery, librariesQuery, SORTS, type Sort } from "./queries";

type Change = { sort?: Sort; q?: string };
type Props = { libraryId: string; sort: Sort; q: string; onChange: (change: Change) => void };

export function LibraryView({ libraryId, sort, q, onChange }: Props) {
  const { data: libraries } = useQuery(librariesQuery);
  const library = libraries?.find((entry) => entry.id === libraryId);
  const list = useInfiniteQuery(itemsQuery(libraryId, sort, q));
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const total = list.data?.pages[0]?.total ?? library?.item_count ?? items.length;
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = list;
  const onMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);

  return (
    <>
      <PageHead
        title={library?.title ?? "Library"}
        note={
          list.data ? (
            <span className="tabular">
              {plural(total, "title", "titles")}
              {q && ` with “${q}”`}
            </span>
          ) : (
            " "
          )
        }
        actions={<Controls sort={sort} q={q} onChange={onChange} />}
      />
      {list.isPending && <GridSkeleton />}
      {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (
        <Nothing q={q} onClear={() => onChange({ q: undefined })} />
      )}
      {items.length > 0 && (
        <PosterGrid
          label={`${library?.title ?? "Library"}: titles`}
          items={items}
          total={total}
          hasMore={hasNextPage}
          onMore={onMore}
          dimmed={list.isPlaceholderData}
        />
      )}
    </>
  );
}

function Controls({ sort, q, onChange }: Omit<Props, "libraryId">) {
  const { text, type } = useTypedText(q, (value) => onChange({ q: value || undefined }), 200);
  return (
    <>
      <input
        type="search"
        value={text}
        onChange={(event) => type(event.target.value)}
        aria-label="Narrow this library by title"
        placeholder="Narrow by title"
        className={`${controlClass} w-auto! min-w-0 flex-1 sm:max-w-48`}
      />
      <SelectBox
        aria-label="Order"
        value={sort}
        className="w-40 sm:w-44"
        onChange={(event) => onChange({ sort: event.target.value as Sort })}
      >
        {SORTS.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </SelectBox>
    </>
  );
}

function Nothing({ q, onClear }: { q: string; onClear: () => void }) {
  if (!q) {
    return (
      <EmptyState icon="library" title="This library is empty">
        Titles show up here as soon as Plex has them.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="search"
      title={`No title with “${q}”`}
      action={<Button onClick={onClear}>Show all titles</Button>}
    >
      The search box at the top also looks at people and forgives typing errors.
    </EmptyState>
  );
}

export function GridSkeleton() {
  return (
    <Loading label="Loading titles">
      <div className="grid grid-cols-[repeat(auto-fill,minmax(6.5rem,1fr))] gap-3 sm:grid-cols-[repeat(auto-fill,minmax(9.75rem,1fr))] sm:gap-5">
        {Array.from({ length: 18 }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the tiles have no identity
          <div key={index}>
            <Skeleton className="aspect-2/3 rounded-xl" />
            <Skeleton className="mt-2 h-4 w-4/5" />
          </div>
        ))}
      </div>
    </Loading>
  );
}
