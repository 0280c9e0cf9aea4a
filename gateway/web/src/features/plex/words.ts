// How titles are put into words.
import type { ItemSummary, ItemType, LibraryType } from "~/api/types";
import { plural } from "~/lib/format";
import type { IconName } from "~/ui/Icon";

export const LIBRARY_ICON: Record<LibraryType, IconName> = {
  movie: "film",
  show: "tv",
  artist: "music",
  photo: "photo",
};

export const ITEM_ICON: Record<ItemType, IconName> = {
  movie: "film",
  show: "tv",
  season: "tv",
  episode: "tv",
  artist: "music",
  album: "music",
  track: "music",
};

export const TYPE_WORD: Record<ItemType, string> = {
  movie: "Movie",
  show: "Show",
  season: "Season",
  episode: "Episode",
  artist: "Artist",
  album: "Album",
  track: "Track",
};

export const isSquare = (type: ItemType): boolean =>
  type === "artist" || type === "album" || type === "track";

const two = (value: number) => String(value).padStart(2, "0");

/** `S02E05` */
export function episodeCode(item: ItemSummary): string | null {
  if (item.type !== "episode" || typeof item.index !== "number") return null;
  return typeof item.parent_index !== "number"
    ? `E${two(item.index)}`
    : `S${two(item.parent_index)}E${two(item.index)}`;
}

/** The line under a poster: what tells this title from its neighbors. */
export function caption(item: ItemSummary): string {
  if (item.type === "episode")
    return [item.grandparent_title, episodeCode(item)].filter(Boolean).join(" · ");
  if (item.type === "season") return item.parent_title ?? "";
  if (item.type === "album") return [item.parent_title, item.year].filter(Boolean).join(" · ");
  if (item.type === "show" && item.child_count)
    return [item.year, plural(item.child_count, "season", "seasons")].filter(Boolean).join(" · ");
  return item.year ? String(item.year) : (item.parent_title ?? TYPE_WORD[item.type] ?? "");
}

const MATCHES: Record<string, string> = {
  original_title: "original title",
  person: "cast or crew",
  year: "year",
};

export const matchedBy = (matched: string): string | null =>
  matched === "title" ? null : (MATCHES[matched] ?? matched.replaceAll("_", " "));
