// What a title is made of: seasons and episodes, albums and tracks.
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ItemDetail, ItemSummary } from "~/api/types";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/Button";
import { Section } from "~/ui/Section";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";
import { EpisodeRow } from "./EpisodeRow";
import { PosterCard } from "./PosterCard";
import { childrenQuery } from "./queries";

type Props = { item: ItemDetail; season?: string; onSeason: (id: string) => void };

function useChildren(id: string) {
  const list = useInfiniteQuery(childrenQuery(id));
  return { ...list, items: list.data?.pages.flatMap((page) => page.items) ?? [] };
}

export function ItemChildren({ item, season, onSeason }: Props) {
  if (item.type === "show") return <Seasons show={item} season={season} onSeason={onSeason} />;
  if (item.type === "season")
    return (
      <Section title="Episodes">
        <Episodes of={item.id} />
      </Section>
    );
  if (item.type === "artist") return <Albums artist={item} />;
  if (item.type === "album")
    return (
      <Section title="Tracks">
        <Episodes of={item.id} />
      </Section>
    );
  return null;
}

function Seasons({
  show,
  season,
  onSeason,
}: {
  show: ItemDetail;
  season?: string;
  onSeason: (id: string) => void;
}) {
  const { items, error, isPending, refetch } = useChildren(show.id);
  if (isPending) return <SkeletonRows label="Loading seasons" rows={3} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const chosen =
    items.find((entry) => entry.id === season) ??
    items.find((entry) => entry.index !== 0) ??
    items[0];
  if (!chosen) return <EmptyState icon="tv" title="No seasons yet" />;
  return (
    <Section title="Episodes">
      <fieldset className="mb-4 flex flex-wrap gap-2">
        <legend className="sr-only">Season</legend>
        {items.map((entry) => (
          <button
            key={entry.id}
            type="button"
            aria-pressed={entry.id === chosen.id}
            onClick={() => onSeason(entry.id)}
            className={cx(
              "min-h-10 rounded-full border px-4 text-sm font-semibold transition-colors",
              entry.id === chosen.id
                ? "border-accent bg-accent text-on-accent"
                : "border-line bg-surface text-muted hover:border-line-strong hover:text-text",
            )}
          >
            {entry.title}
          </button>
        ))}
      </fieldset>
      {chosen.type === "season" ? <Episodes of={chosen.id} /> : <Rows items={items} />}
    </Section>
  );
}

function Episodes({ of }: { of: string }) {
  const { items, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useChildren(of);
  if (isPending) return <SkeletonRows label="Loading episodes" rows={4} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (items.length === 0) return <EmptyState icon="tv" title="Nothing here yet" />;
  return (
    <>
      <Rows items={items} />
      {hasNextPage && (
        <Button className="mt-4" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </>
  );
}

function Rows({ items }: { items: ItemSummary[] }) {
  return (
    <ol className="grid grid-cols-1 gap-2">
      {items.map((entry) => (
        <EpisodeRow key={entry.id} item={entry} />
      ))}
    </ol>
  );
}

function Albums({ artist }: { artist: ItemDetail }) {
  const { items, error, isPending, refetch } = useChildren(artist.id);
  if (isPending) return <SkeletonRows label="Loading albums" rows={2} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <Section title="Albums">
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(9rem,1fr))] gap-5">
        {items.map((album) => (
          <li key={album.id}>
            <PosterCard item={album} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
