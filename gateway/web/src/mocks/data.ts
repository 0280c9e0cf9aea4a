// Made-up household for development and unit tests.
import type { Collection, ItemDetail, ItemSummary, Library, PlexServer, User } from "~/api/types";

const NAMES = [
  "The Glass Harbor",
  "Northbound",
  "A Quiet Orchard",
  "Paper Lanterns",
  "Salt and Iron",
  "The Ninth Winter",
  "Meridian",
  "Cold Kitchen",
  "Under the Viaduct",
  "Lighthouse Keeper's Daughter",
  "Ostrava Express",
  "Slow Thunder",
  "Kingfisher",
  "The Cartographer",
  "Half a Mile of Sky",
  "Redwood Hours",
  "Low Tide",
  "Velvet Underpass",
  "The Understudy",
  "Ember Season",
  "Long Division",
  "Hotel Miramar",
  "Ash Wednesday Waltz",
  "Second Sunrise",
];

export const uuid = (group: number, index: number): string =>
  `0192${String(group).padStart(4, "0")}-0000-7000-8000-${String(index).padStart(12, "0")}`;

export const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

export const ADMIN: User = {
  id: uuid(1, 1),
  username: "robin",
  display_name: "Robin",
  role: "admin",
  scopes: [],
  avatar_url: null,
};

export const SERVER: PlexServer = {
  id: uuid(2, 1),
  name: "Attic",
  url: "http://192.168.1.10:32400",
  machine_identifier: "a1b2c3",
  version: "1.43.0",
  state: "up",
  detail: null,
  last_seen_at: ago(1),
  last_synced_at: ago(14),
};

export const LIBRARIES: Library[] = [
  { id: uuid(3, 1), server_id: SERVER.id, title: "Movies", type: "movie", item_count: 1240 },
  { id: uuid(3, 2), server_id: SERVER.id, title: "TV Shows", type: "show", item_count: 86 },
  { id: uuid(3, 3), server_id: SERVER.id, title: "Web Videos", type: "movie", item_count: 310 },
  { id: uuid(3, 4), server_id: SERVER.id, title: "Music", type: "artist", item_count: 42 },
];

export function itemOf(library: Library, index: number): ItemSummary {
  const base = NAMES[index % NAMES.length] ?? "Untitled";
  const round = Math.floor(index / NAMES.length);
  const type = library.type === "photo" ? "movie" : library.type;
  const id = uuid(10 + LIBRARIES.indexOf(library), index);
  return {
    id,
    library_id: library.id,
    server_id: SERVER.id,
    type,
    title: round === 0 ? base : `${base} ${round + 1}`,
    year: 1968 + ((index * 7) % 58),
    parent_title: null,
    grandparent_title: null,
    index: null,
    parent_index: null,
    summary: "When the ferry stops running, a harbor town has one winter to decide what it is for.",
    duration_ms: (85 + ((index * 13) % 70)) * 60_000,
    added_at: ago(index * 190),
    poster_url: index % 7 === 3 ? null : `/api/v1/plex/images/${id}/poster?v=${index}`,
    child_count: type === "show" ? 2 + (index % 4) : null,
  };
}

export function childrenOf(parent: ItemSummary): ItemSummary[] {
  if (parent.type === "show") {
    return Array.from({ length: parent.child_count ?? 2 }, (_, index) => ({
      ...parent,
      id: `${parent.id.slice(0, -4)}${String(9000 + index)}`,
      type: "season",
      title: `Season ${index + 1}`,
      index: index + 1,
      parent_title: parent.title,
      child_count: 8,
    }));
  }
  return Array.from({ length: 8 }, (_, index) => ({
    ...parent,
    id: `${parent.id.slice(0, -4)}${String(8000 + index)}`,
    type: "episode",
    title: NAMES[(index * 5) % NAMES.length] ?? "Episode",
    index: index + 1,
    parent_index: parent.index,
    parent_title: parent.title,
    grandparent_title: parent.parent_title,
    child_count: null,
  }));
}

export const detailOf = (item: ItemSummary): ItemDetail => ({
  ...item,
  original_title: null,
  tagline: "Everyone is waiting for the tide.",
  content_rating: "PG-13",
  rating: 7.8,
  audience_rating: 8.4,
  studio: "Lantern Works",
  originally_available_at: `${item.year ?? 2001}-09-14`,
  genres: ["Drama", "Mystery"],
  directors: ["Ines Calloway"],
  writers: ["Ines Calloway", "Tomas Reyes"],
  cast: [
    { name: "Marta Lindqvist", role: "Ada" },
    { name: "Jonas Okafor", role: "The Ferryman" },
    { name: "Priya Raman", role: "Constable Weir" },
    { name: "Luc Ferrand", role: null },
  ],
  external_ids: { imdb: "tt0111161", tmdb: "278" },
  media: [
    {
      resolution: "1080",
      video_codec: "hevc",
      audio_codec: "eac3",
      container: "mkv",
      bitrate_kbps: 8420,
      width: 1920,
      height: 1080,
    },
  ],
  collections: ["Winter evenings"],
  art_url: `/api/v1/plex/images/${item.id}/art?v=1`,
  plex_url: "https://app.plex.tv/desktop",
});

export const COLLECTIONS: Collection[] = [
  "Winter evenings",
  "Conference talks 2026",
  "Kids",
  "Directed by Calloway",
].map((title, index) => ({
  id: uuid(4, index),
  library_id: LIBRARIES[index % 2 === 0 ? 0 : 2]?.id ?? "",
  title,
  summary: index === 0 ? "For when it is dark at four." : null,
  item_count: 6 + index * 5,
  smart: index === 3,
  poster_url: index === 2 ? null : `/api/v1/plex/images/${uuid(4, index)}/poster?v=1`,
}));
