// The line of short facts under a title.
import type { ReactNode } from "react";
import type { ItemDetail } from "~/api/types";
import { formatDuration, plural } from "~/lib/format";

const Rating = ({ label, value }: { label: string; value: number }) => (
  <span className="tabular">
    <span className="font-semibold text-text">{value.toFixed(1)}</span> {label}
  </span>
);

function childWord(item: ItemDetail): string | null {
  if (!item.child_count) return null;
  if (item.type === "show") return plural(item.child_count, "season", "seasons");
  if (item.type === "season") return plural(item.child_count, "episode", "episodes");
  if (item.type === "artist") return plural(item.child_count, "album", "albums");
  return item.type === "album" ? plural(item.child_count, "track", "tracks") : null;
}

export function ItemMeta({ item }: { item: ItemDetail }) {
  const parts: [string, ReactNode][] = [];
  if (item.year) parts.push(["year", item.year]);
  if (item.content_rating)
    parts.push([
      "rated",
      <span key="rated" className="rounded border border-line-strong px-1.5 text-sm font-semibold">
        {item.content_rating}
      </span>,
    ]);
  if (item.duration_ms && item.type !== "show" && item.type !== "season")
    parts.push(["duration", formatDuration(item.duration_ms)]);
  const children = childWord(item);
  if (children) parts.push(["children", children]);
  if (item.rating)
    parts.push(["rating", <Rating key="rating" label="critics" value={item.rating} />]);
  if (item.audience_rating)
    parts.push([
      "audience",
      <Rating key="audience" label="audience" value={item.audience_rating} />,
    ]);
  return (
    <ul className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-1.5 text-muted">
      {parts.map(([key, part]) => (
        <li key={key}>{part}</li>
      ))}
    </ul>
  );
}
