// Puts live download events into the lists that are on screen.
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Download, DownloadState, Page, Progress } from "~/api/types";
import type { LiveEvent } from "~/features/live/stream";

const STATE_OF: Record<string, DownloadState> = {
  "medianest.download.started.v1": "downloading",
  "medianest.download.failed.v1": "failed",
  "medianest.download.cancelled.v1": "cancelled",
  "medianest.download.in_plex.v1": "in_plex",
};
const ENDED: DownloadState[] = ["failed", "cancelled", "in_plex", "finished"];

/** `finished` means that the files lie in their folder; with a library, Plex has yet to find them. */
function stateAfter({ type, data }: LiveEvent): DownloadState | undefined {
  if (type === "medianest.download.finished.v1") return data.library_id ? "importing" : "finished";
  return STATE_OF[type];
}

/** The download after the event; the same object when the event says nothing new. */
export function patchDownload(download: Download, event: LiveEvent): Download {
  const { data } = event;
  if (data.download_id !== download.id) return download;
  if (event.type === "medianest.download.progress.v1") {
    if (ENDED.includes(download.state)) return download;
    const state = (data.state as DownloadState | undefined) ?? download.state;
    return { ...download, state, progress: data.progress as Progress };
  }
  const state = stateAfter(event);
  if (!state) return download;
  return {
    ...download,
    state,
    title: (data.title as string | null | undefined) ?? download.title,
    plex_url: (data.plex_url as string | null | undefined) ?? download.plex_url,
    error:
      state === "failed"
        ? { class: String(data.class ?? ""), message: String(data.message ?? "") }
        : download.error,
    progress: ENDED.includes(state) ? null : download.progress,
  };
}

type Pages = InfiniteData<Page<Download>, string | null>;

export function patchPages(pages: Pages | undefined, events: LiveEvent[]): Pages | undefined {
  if (!pages) return pages;
  let changed = false;
  const patched = pages.pages.map((page) => ({
    ...page,
    items: page.items.map((item) => {
      const next = events.reduce(patchDownload, item);
      changed ||= next !== item;
      return next;
    }),
  }));
  return changed ? { ...pages, pages: patched } : pages;
}

export function patchDownloads(client: QueryClient, events: LiveEvent[]): void {
  const mine = events.filter((event) => event.type.startsWith("medianest.download."));
  if (mine.length === 0) return;
  client.setQueriesData<Pages>({ queryKey: ["downloads", "list"] }, (pages) =>
    patchPages(pages, mine),
  );
}
