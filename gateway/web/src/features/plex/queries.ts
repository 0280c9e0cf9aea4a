// Libraries, titles, search and collections.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "~/api/client";
import type {
  Collection,
  CollectionDetail,
  ItemDetail,
  ItemSummary,
  Library,
  Page,
  SearchResults,
} from "~/api/types";

const PAGE = 120;

export const SORTS = [
  { value: "title", label: "Title" },
  { value: "-added_at", label: "Recently added" },
  { value: "-year", label: "Newest first" },
  { value: "year", label: "Oldest first" },
] as const;
export type Sort = (typeof SORTS)[number]["value"];
export const isSort = (value: unknown): value is Sort => SORTS.some((sort) => sort.value === value);

export const librariesQuery = queryOptions({
  queryKey: ["plex", "libraries"],
  queryFn: ({ signal }) => api.get<Library[]>("/plex/libraries", { signal }),
  staleTime: 60_000,
});

export const itemsQuery = (libraryId: string, sort: Sort, q: string) =>
  infiniteQueryOptions({
    queryKey: ["plex", "items", libraryId, { sort, q }],
    queryFn: ({ signal, pageParam }) =>
      api.get<Page<ItemSummary>>(`/plex/libraries/${libraryId}/items`, {
        signal,
        query: { sort, q, limit: PAGE, cursor: pageParam },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
  });

export const recentQuery = queryOptions({
  queryKey: ["plex", "recent"],
  queryFn: ({ signal }) =>
    api.get<Page<ItemSummary>>("/plex/recently-added", { signal, query: { limit: 30 } }),
});

export const itemQuery = (id: string) =>
  queryOptions({
    queryKey: ["plex", "item", id],
    queryFn: ({ signal }) => api.get<ItemDetail>(`/plex/items/${id}`, { signal }),
  });

export const childrenQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["plex", "children", id],
    queryFn: ({ signal, pageParam }) =>
      api.get<Page<ItemSummary>>(`/plex/items/${id}/children`, {
        signal,
        query: { limit: 200, cursor: pageParam },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ["plex", "search", q],
    queryFn: ({ signal }) =>
      api.get<SearchResults>("/plex/search", { signal, query: { q, limit: 50 } }),
    enabled: q.length > 0,
    placeholderData: keepPreviousData,
  });

export const collectionsQuery = infiniteQueryOptions({
  queryKey: ["plex", "collections"],
  queryFn: ({ signal, pageParam }) =>
    api.get<Page<Collection>>("/plex/collections", {
      signal,
      query: { limit: 200, cursor: pageParam },
    }),
  initialPageParam: null as string | null,
  getNextPageParam: (last) => last.next_cursor,
});

export const collectionQuery = (id: string) =>
  queryOptions({
    queryKey: ["plex", "collections", id],
    queryFn: ({ signal }) => api.get<CollectionDetail>(`/plex/collections/${id}`, { signal }),
  });
