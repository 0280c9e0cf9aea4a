// The same household's downloads, webhooks and notifications.
import type {
  Delivery,
  Download,
  Notification,
  Preset,
  Source,
  SourceKind,
  Usage,
} from "~/api/types";
import { ADMIN, ago, LIBRARIES, uuid } from "./data.ts";

const download = (index: number, part: Partial<Download>): Download => ({
  id: uuid(5, index),
  url: "https://videos.example/watch?v=abc",
  title: null,
  state: "queued",
  preset: "best",
  library_id: LIBRARIES[2]?.id ?? null,
  collection: null,
  priority: 0,
  user_id: ADMIN.id,
  item_count: 1,
  items_done: 0,
  items_failed: 0,
  progress: null,
  error: null,
  plex_url: null,
  created_at: ago(index * 9 + 1),
  started_at: null,
  finished_at: null,
  ...part,
});

export const DOWNLOADS: Download[] = [
  download(1, {
    title: "How a lighthouse lens is made",
    state: "downloading",
    progress: {
      stage: "downloading",
      percent: 42.4,
      downloaded_bytes: 127_200_000,
      total_bytes: 300_000_000,
      speed_bps: 3_240_000,
      eta_seconds: 53,
    },
  }),
  download(2, {
    title: "Conference talks 2026",
    collection: "Conference talks 2026",
    state: "processing",
    item_count: 12,
    items_done: 4,
    progress: { stage: "processing", percent: 36, downloaded_bytes: 2_400_000_000 },
  }),
  download(3, { url: "https://clips.example/p/77120" }),
  download(4, {
    title: "Night train to Ostrava",
    state: "paused",
    progress: {
      stage: "downloading",
      percent: 12,
      downloaded_bytes: 9_000_000,
      total_bytes: 75_000_000,
    },
  }),
  download(5, {
    title: "Making a rammed-earth wall",
    state: "in_plex",
    items_done: 1,
    plex_url: "https://app.plex.tv/desktop",
  }),
  download(6, {
    title: "Live from the harbor",
    state: "failed",
    error: {
      class: "unavailable",
      message:
        "The site says this video is only for members of the channel. Ask the owner for access, or try another link.",
    },
  }),
  download(7, { title: "Two hours of rain", state: "cancelled" }),
];

export const USAGE: Usage[] = [
  { name: "downloads_per_hour", used: 5, limit: 5, unit: "count", resets_at: ago(-34) },
  { name: "downloads_per_day", used: 17, limit: 20, unit: "count", resets_at: null },
  {
    name: "bytes_per_month",
    used: 41_000_000_000,
    limit: 200_000_000_000,
    unit: "bytes",
    resets_at: null,
  },
  {
    name: "storage_bytes",
    used: 61_500_000_000,
    limit: 500_000_000_000,
    unit: "bytes",
    resets_at: null,
  },
];

export const PRESETS: Preset[] = [
  { name: "best", title: "Best quality", description: "The best picture and sound the site has" },
  { name: "1080p", title: "Full HD (1080p)", description: "At most 1080 lines" },
  { name: "720p", title: "HD (720p)", description: "At most 720 lines" },
  { name: "audio", title: "Sound only", description: "No picture" },
];

export const KINDS: SourceKind[] = [
  {
    kind: "plex",
    title: "Plex",
    auth_modes: ["url_secret"],
    guarantee: "Plex cannot sign: the secret in the address is all that proves the sender.",
    setup: ["Open Settings, Webhooks in Plex.", "Paste the address and save."],
  },
  {
    kind: "github",
    title: "GitHub",
    auth_modes: ["github"],
    guarantee: "Every delivery is signed with the secret.",
    setup: ["Open Settings, Webhooks of the repository.", "Paste address and secret, choose JSON."],
  },
  {
    kind: "generic",
    title: "Anything else",
    auth_modes: ["bearer", "header", "url_secret"],
    guarantee: "Whoever knows the secret is believed.",
    setup: ["Send JSON to the address by POST."],
  },
];

export const SOURCES: Source[] = [
  {
    id: uuid(6, 1),
    kind: "plex",
    name: "Plex in the attic",
    enabled: true,
    auth_mode: "url_secret",
    guarantee: "Whoever knows the address can send.",
    created_at: ago(9000),
    last_seen_at: ago(3),
    ingest_url: "/hooks/v1/1",
  },
  {
    id: uuid(6, 2),
    kind: "github",
    name: "House automation",
    enabled: true,
    auth_mode: "github",
    guarantee: "The content is signed.",
    created_at: ago(9000),
    last_seen_at: null,
    ingest_url: "/hooks/v1/2",
  },
];

const DELIVERY_PARTS: Partial<Delivery>[] = [
  { event_type: "media.play", state: "done", attempts: 1 },
  { event_type: "library.new", state: "accepted", attempts: 0 },
  { event_type: "media.stop", state: "duplicate", attempts: 1 },
  {
    event_type: "push",
    state: "dead",
    attempts: 8,
    error: "The body is not JSON",
    source_name: "House automation",
    kind: "github",
  },
];

export const DELIVERIES: Delivery[] = Array.from({ length: 14 }, (_, index) => ({
  id: uuid(7, index),
  source_id: SOURCES[0]?.id ?? "",
  source_name: "Plex in the attic",
  kind: "plex",
  received_at: ago(index * 17 + 2),
  state: "done",
  event_type: "media.play",
  verdict: "verified",
  size_bytes: 2140 + index * 311,
  attempts: 1,
  error: null,
  duplicate_of: null,
  replay_of: null,
  ...DELIVERY_PARTS[index % DELIVERY_PARTS.length],
}));

export const NOTIFICATIONS: Notification[] = [
  {
    id: uuid(8, 1),
    kind: "download.in_plex",
    title: "Ready in Plex",
    body: "“Making a rammed-earth wall” is in Web Videos.",
    link: "/downloads",
    created_at: ago(6),
    read_at: null,
  },
  {
    id: uuid(8, 2),
    kind: "request.available",
    title: "Available",
    body: "Robin's request “Northbound” has arrived.",
    link: null,
    created_at: ago(70),
    read_at: null,
  },
  {
    id: uuid(8, 3),
    kind: "service.up",
    title: "Attic is back",
    body: "The Plex server answers again.",
    link: null,
    created_at: ago(900),
    read_at: ago(600),
  },
];
