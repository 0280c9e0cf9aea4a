// What a pasted link turned out to be.
import type { UseQueryResult } from "@tanstack/react-query";
import type { DownloadPreview } from "~/api/types";
import { formatBytes, formatClock, plural } from "~/lib/format";
import { Badge } from "~/ui/Badge";
import { Icon } from "~/ui/Icon";
import { FormError, Loading, Skeleton } from "~/ui/states";

export function Preview({
  link,
  preview,
}: {
  link: string | null;
  preview: UseQueryResult<DownloadPreview>;
}) {
  if (!link) return null;
  if (preview.error) return <FormError error={preview.error} />;
  if (!preview.data) {
    return (
      <Loading label="Looking at the link">
        <Skeleton className="h-20 rounded-xl" />
      </Loading>
    );
  }
  return <Found found={preview.data} />;
}

function summary(found: DownloadPreview): string {
  return [
    found.kind === "playlist" && plural(found.entry_count, "video", "videos"),
    found.total_duration_seconds && formatClock(found.total_duration_seconds),
    found.estimated_bytes && `about ${formatBytes(found.estimated_bytes)}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

function Found({ found }: { found: DownloadPreview }) {
  return (
    <div data-testid="preview" className="grid grid-cols-1 gap-3 rounded-xl bg-bg p-4">
      <div className="flex flex-wrap items-start justify-between gap-2">
        <div className="min-w-0">
          <p className="font-semibold break-words">{found.title ?? "Without a title"}</p>
          <p className="tabular text-sm text-muted">{summary(found)}</p>
        </div>
        <Badge tone="accent" icon={found.kind === "playlist" ? "collection" : "film"}>
          {found.kind === "playlist" ? "Playlist" : "Video"}
        </Badge>
      </div>
      {!found.fits_quota && (
        <div className="flex gap-2 rounded-lg bg-warn-soft px-3 py-2 text-sm">
          <Icon name="warning" className="mt-0.5 size-4 text-warn" />
          <div>
            <p className="font-semibold">This is more than your limits allow right now.</p>
            {found.reasons.map((reason) => (
              <p key={reason}>{reason}</p>
            ))}
          </div>
        </div>
      )}
      {found.kind === "playlist" && <Entries found={found} />}
    </div>
  );
}

function Entries({ found }: { found: DownloadPreview }) {
  return (
    <details className="text-sm">
      <summary className="min-h-8 content-center font-semibold text-accent">
        Show the videos
      </summary>
      <ol className="mt-1 grid max-h-64 gap-1 overflow-y-auto">
        {found.entries.map((entry, index) => (
          <li key={entry.url} className="flex gap-3">
            <span className="tabular w-7 shrink-0 text-right text-faint">{index + 1}</span>
            <span className="min-w-0 flex-1 break-words">{entry.title ?? entry.url}</span>
            {typeof entry.duration_seconds === "number" && (
              <span className="tabular text-muted">{formatClock(entry.duration_seconds)}</span>
            )}
          </li>
        ))}
      </ol>
      {found.entry_count > found.entries.length && (
        <p className="mt-1 text-muted">and {found.entry_count - found.entries.length} more</p>
      )}
    </details>
  );
}
