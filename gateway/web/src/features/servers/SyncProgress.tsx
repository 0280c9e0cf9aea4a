// How far the mirror of a server's libraries is.
import { useQuery } from "@tanstack/react-query";
import type { SyncStatus } from "~/api/types";
import { formatAgo, formatCount, plural } from "~/lib/format";
import { ProgressBar } from "~/ui/Progress";
import { ErrorState, Skeleton } from "~/ui/states";
import { syncQuery } from "./queries";

function percentOf(sync: SyncStatus): number | null {
  if (sync.items_total > 0) return (sync.items_done / sync.items_total) * 100;
  if (sync.libraries_total > 0) return (sync.libraries_done / sync.libraries_total) * 100;
  return null;
}

function words(sync: SyncStatus): string {
  if (sync.state === "running") {
    const items =
      sync.items_total > 0
        ? `${formatCount(sync.items_done)} of ${plural(sync.items_total, "title", "titles")}`
        : "Looking around";
    return `${items} · library ${Math.min(sync.libraries_done + 1, Math.max(1, sync.libraries_total))} of ${Math.max(1, sync.libraries_total)}`;
  }
  if (sync.state === "done") {
    const when = sync.finished_at ? `, ${formatAgo(sync.finished_at)}` : "";
    return `${plural(sync.items_total || sync.items_done, "title", "titles")} in ${plural(sync.libraries_total, "library", "libraries")}${when}`;
  }
  return "Not mirrored yet";
}

export function SyncProgress({ serverId }: { serverId: string }) {
  const { data, error, isPending, refetch } = useQuery(syncQuery(serverId));
  if (isPending) return <Skeleton className="h-11" />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (data.state === "failed") {
    return (
      <p className="text-sm text-bad">
        <span className="font-semibold">The last mirroring failed.</span> {data.error}
      </p>
    );
  }
  return (
    <div className="grid gap-2">
      {data.state === "running" && (
        <ProgressBar percent={percentOf(data)} label="Mirroring the libraries" flowing />
      )}
      <p className="tabular text-sm text-muted">
        {data.state === "running" ? "Mirroring: " : ""}
        {words(data)}
      </p>
      {data.state === "done" && data.error && <p className="text-sm text-warn">{data.error}</p>}
    </div>
  );
}
