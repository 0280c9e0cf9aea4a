// The wire types by the names that the screens use. The file is written so that each of them is one line
// onto the generated schema as soon as gateway/openapi.json exists.
export type Page<T> = { items: T[]; next_cursor: string | null; total?: number };
export type FieldError = { pointer: string; code?: string; detail: string };
export type ProblemBody = {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  request_id: string;
  errors?: FieldError[];
};

export type Role = "admin" | "member";
export type User = {
  id: string;
  username: string;
  display_name: string;
  role: Role;
  scopes: string[];
  avatar_url: string | null;
};
export type Session = { user: User };
export type PlexPin = { id: string; code: string; auth_url: string; expires_at: string };
export type PinPending = { status: "pending" };
export type SystemStatus = {
  version: string;
  setup_required: boolean;
  sign_in: { password: boolean; plex: boolean; passkey: boolean; oidc: unknown[] };
};

export type PlexServer = {
  id: string;
  name: string;
  url: string;
  machine_identifier: string;
  version: string | null;
  state: "up" | "down" | "unauthorized" | "unknown";
  detail: string | null;
  last_seen_at: string | null;
  last_synced_at: string | null;
};
export type AddServer = { name?: string; url: string; token: string };
export type SyncStatus = {
  state: "idle" | "running" | "failed" | "done";
  libraries_done: number;
  libraries_total: number;
  items_done: number;
  items_total: number;
  started_at: string | null;
  finished_at: string | null;
  error: string | null;
};
export type LibraryType = "movie" | "show" | "artist" | "photo";
export type Library = {
  id: string;
  server_id: string;
  title: string;
  type: LibraryType;
  item_count: number;
};
export type ItemType = "movie" | "show" | "season" | "episode" | "artist" | "album" | "track";
export type ItemSummary = {
  id: string;
  library_id: string;
  server_id: string;
  type: ItemType;
  title: string;
  year: number | null;
  parent_title: string | null;
  grandparent_title: string | null;
  index: number | null;
  parent_index: number | null;
  summary: string | null;
  duration_ms: number | null;
  added_at: string | null;
  poster_url: string | null;
  child_count: number | null;
};
export type Media = {
  resolution: string | null;
  video_codec: string | null;
  audio_codec: string | null;
  container: string | null;
  bitrate_kbps: number | null;
  width: number | null;
  height: number | null;
};
export type ItemDetail = ItemSummary & {
  original_title: string | null;
  tagline: string | null;
  content_rating: string | null;
  rating: number | null;
  audience_rating: number | null;
  studio: string | null;
  originally_available_at: string | null;
  genres: string[];
  directors: string[];
  writers: string[];
  cast: { name: string; role: string | null }[];
  external_ids: { imdb?: string | null; tmdb?: string | null; tvdb?: string | null };
  media: Media[];
  collections: string[];
  art_url: string | null;
  plex_url: string | null;
};
export type SearchHit = { item: ItemSummary; score: number; matched: string };
export type SearchResults = { items: SearchHit[]; took_ms: number; stale?: boolean };
export type Collection = {
  id: string;
  library_id: string;
  title: string;
  summary: string | null;
  item_count: number;
  smart: boolean;
  poster_url: string | null;
};
export type CollectionDetail = Collection & { items: ItemSummary[] };

export type DownloadState =
  | "queued"
  | "probing"
  | "downloading"
  | "processing"
  | "importing"
  | "in_plex"
  | "finished"
  | "paused"
  | "failed"
  | "cancelled";
export type Progress = {
  stage: string;
  percent: number;
  downloaded_bytes: number;
  total_bytes?: number | null;
  speed_bps?: number | null;
  eta_seconds?: number | null;
};
export type Download = {
  id: string;
  url: string;
  title: string | null;
  state: DownloadState;
  preset: string;
  library_id: string | null;
  collection: string | null;
  priority: number;
  user_id: string;
  item_count: number;
  items_done: number;
  items_failed: number;
  progress: Progress | null;
  error: { class: string; message: string } | null;
  plex_url: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
};
export type CreateDownload = {
  url: string;
  preset?: string;
  library_id?: string;
  collection?: string;
};
export type DownloadPreview = {
  kind: "video" | "playlist";
  title: string | null;
  entry_count: number;
  entries: { title: string | null; duration_seconds: number | null; url: string }[];
  total_duration_seconds: number | null;
  estimated_bytes: number | null;
  fits_quota: boolean;
  reasons: string[];
};
export type Usage = {
  name: string;
  used: number;
  limit: number;
  unit: "count" | "bytes";
  resets_at: string | null;
};
export type UsageList = { items: Usage[] };
export type Preset = { name: string; title: string; description: string };
export type PresetList = { items: Preset[] };

export type AuthMode = "url_secret" | "header" | "bearer" | "github" | "standard";
export type Source = {
  id: string;
  kind: string;
  name: string;
  enabled: boolean;
  auth_mode: AuthMode;
  created_at: string;
  last_seen_at: string | null;
  ingest_url: string;
};
export type CreatedSource = Source & { url: string; secret: string | null };
export type CreateSource = {
  kind: string;
  name: string;
  auth_mode?: AuthMode;
  header_name?: string;
  secret?: string;
};
export type SourceKind = {
  kind: string;
  title: string;
  auth_modes: AuthMode[];
  guarantee: string;
  setup: string[];
};
export type SourceKindList = { items: SourceKind[] };
export type Delivery = {
  id: string;
  source_id: string;
  source_name: string;
  kind: string;
  received_at: string;
  state: string;
  event_type: string | null;
  verdict: string;
  size_bytes: number;
  attempts: number;
  error: string | null;
  duplicate_of: string | null;
  replay_of: string | null;
};
export type DeliveryDetail = Delivery & {
  headers: Record<string, string>;
  content_type: string | null;
  body_text: string | null;
  body_base64: string | null;
  attempts_log: { at: string; outcome: string; error: string | null }[];
  events: { id: string; type: string; subject: string; data: unknown }[];
};
export type Notification = {
  id: string;
  kind: string;
  title: string;
  body: string;
  link: string | null;
  created_at: string;
  read_at: string | null;
};
