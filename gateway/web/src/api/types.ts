// The wire types by the names that the screens use: one line each onto the generated schema. What the
// document does not describe (values of plain strings) is written out below.
import type { components } from "./schema";

type Schema = components["schemas"];

export type Page<T> = { items: T[]; next_cursor?: string | null; total?: number };
export type FieldError = Schema["FieldError"];
export type ProblemBody = Schema["ProblemBody"];

export type User = Schema["User"];
export type Session = Schema["SessionAnswer"];
export type PlexPin = Schema["PlexPin"];
export type PinPending = Schema["PendingPlexPin"];
export type SystemStatus = Schema["SystemStatus"];

export type PlexServer = Schema["Server"] & { state: "up" | "down" | "unauthorized" | "unknown" };
export type AddServer = Schema["CreateServer"];
export type SyncStatus = Schema["Sync"];
export type Library = Schema["Library"] & { type: LibraryType };
export type ItemSummary = Schema["ItemSummary"] & { type: ItemType };
export type Media = Schema["MediaVersion"];
export type ItemDetail = Schema["ItemDetail"] & { type: ItemType };
export type SearchHit = Schema["SearchHit"] & { item: ItemSummary };
export type SearchResults = Omit<Schema["SearchResults"], "items"> & { items: SearchHit[] };
export type Collection = Schema["Collection"];
export type CollectionDetail = Collection & { items: ItemSummary[] };

export type DownloadState = Schema["DownloadState"];
export type Progress = Schema["Progress"];
export type CreateDownload = Schema["CreateDownload"];
export type Download = Schema["Download"];
export type DownloadPreview = Schema["Preview"];
export type Usage = Schema["UsageView"];
export type UsageList = Schema["UsageList"];
export type Preset = Schema["PresetView"];
export type PresetList = Schema["PresetList"];

export type AuthMode = Schema["AuthMode"];
export type Source = Schema["Source"];
export type CreatedSource = Schema["FreshSource"];
export type CreateSource = Schema["CreateSource"];
export type SourceKind = Schema["SourceKind"];
export type SourceKindList = Schema["Kinds"];
export type Delivery = Schema["Delivery"];
export type DeliveryDetail = Schema["DeliveryDetail"];
export type Notification = Schema["Notification"];

export type ItemType = "movie" | "show" | "season" | "episode" | "artist" | "album" | "track";
export type LibraryType = "movie" | "show" | "artist" | "photo";
