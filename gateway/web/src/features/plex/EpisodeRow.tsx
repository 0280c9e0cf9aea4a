// An episode or a track in its list.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ItemSummary } from "~/api/types";
import { formatClock, formatDuration } from "~/lib/format";
import { imageUrl } from "./Poster";

function Still({ path }: { path: string }) {
  const [broken, setBroken] = useState(false);
  if (broken) return null;
  return (
    <img
      src={imageUrl(path, 300, 169)}
      alt=""
      loading="lazy"
      className="aspect-video w-28 shrink-0 rounded-lg bg-sunken object-cover sm:w-40"
      onError={() => setBroken(true)}
    />
  );
}

export function EpisodeRow({ item }: { item: ItemSummary }) {
  const isTrack = item.type === "track";
  return (
    <li>
      <Link
        to="/item/$itemId"
        params={{ itemId: item.id }}
        className="flex items-center gap-4 rounded-xl border border-transparent p-2 transition-colors hover:border-line hover:bg-surface"
      >
        <span className="tabular w-7 shrink-0 text-right font-semibold text-faint">
          {item.index ?? "–"}
        </span>
        {!isTrack && item.poster_url && <Still path={item.poster_url} />}
        <span className="min-w-0 flex-1">
          <span className="block font-semibold">{item.title}</span>
          {item.summary && <span className="line-clamp-2 text-sm text-muted">{item.summary}</span>}
        </span>
        {typeof item.duration_ms === "number" && (
          <span className="tabular shrink-0 text-sm text-muted">
            {isTrack ? formatClock(item.duration_ms / 1000) : formatDuration(item.duration_ms)}
          </span>
        )}
      </Link>
    </li>
  );
}
