// What each live event means for the query cache.
import type { QueryClient, QueryKey } from "@tanstack/react-query";
import { patchDownloads } from "~/features/downloads/live";
import { toast } from "~/ui/Toasts";
import type { LiveEvent } from "./stream";

const STALE: [prefix: string, keys: QueryKey[]][] = [
  ["medianest.download.", [["downloads"]]],
  ["medianest.library.synced", [["plex"], ["servers"]]],
  [
    "medianest.library.item_added",
    [
      ["plex", "recent"],
      ["plex", "libraries"],
      ["plex", "collections"],
    ],
  ],
  ["medianest.plex.server_", [["servers"]]],
  ["medianest.webhook.", [["webhooks", "deliveries"]]],
  ["medianest.notification.", [["notifications"]]],
];

/** Progress is in the event itself; everything else asks the server for the truth. */
function staleKeys(events: LiveEvent[]): QueryKey[] {
  const keys = new Map<string, QueryKey>();
  for (const { type } of events) {
    if (type === "medianest.download.progress.v1") continue;
    for (const [prefix, list] of STALE) {
      if (!type.startsWith(prefix)) continue;
      for (const key of list) keys.set(key.join("/"), key);
    }
  }
  return [...keys.values()];
}

export function applyEvents(client: QueryClient, events: LiveEvent[]): void {
  if (events.some((event) => event.type === "resync")) {
    void client.invalidateQueries();
    return;
  }
  patchDownloads(client, events);
  for (const queryKey of staleKeys(events)) void client.invalidateQueries({ queryKey });
  for (const { type, data } of events) {
    if (type === "medianest.notification.created.v1")
      toast(String(data.title ?? "News"), data.body ? String(data.body) : undefined);
  }
}
