// The download queue, its limits and what can be chosen.
import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { api } from "~/api/client";
import type {
  CreateDownload,
  Download,
  DownloadPreview,
  DownloadState,
  Page,
  PresetList,
  UsageList,
} from "~/api/types";
import { isActive } from "./states";

/** Live events do the work; this is for the time when they do not come. */
const FALLBACK_MS = 10_000;

export const downloadsQuery = (state?: DownloadState) =>
  infiniteQueryOptions({
    queryKey: ["downloads", "list", { state }],
    queryFn: ({ signal, pageParam }) =>
      api.get<Page<Download>>("/downloads", {
        signal,
        query: { state, limit: 50, cursor: pageParam },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.items.some((item) => isActive(item.state)))
        ? FALLBACK_MS
        : false,
  });

export const usageQuery = queryOptions({
  queryKey: ["downloads", "usage"],
  queryFn: ({ signal }) => api.get<UsageList>("/downloads/usage", { signal }),
});

export const presetsQuery = queryOptions({
  queryKey: ["download-presets"],
  queryFn: ({ signal }) => api.get<PresetList>("/downloads/presets", { signal }),
  staleTime: 600_000,
});

export const previewQuery = (url: string | null) =>
  queryOptions({
    queryKey: ["download-preview", url],
    queryFn: ({ signal }) => api.post<DownloadPreview>("/downloads/preview", { url }, { signal }),
    enabled: url !== null,
    retry: false,
    staleTime: 120_000,
  });

function useDownloadChange<V, R>(run: (value: V) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () => client.invalidateQueries({ queryKey: ["downloads"] }),
  });
}

export type Action = "pause" | "resume" | "cancel" | "retry";

export const useCreateDownload = () =>
  useDownloadChange((body: CreateDownload) => api.post<Download>("/downloads", body));
export const useDownloadAction = () =>
  useDownloadChange(({ id, action }: { id: string; action: Action }) =>
    api.post<Download>(`/downloads/${id}/${action}`),
  );
export const useRemoveDownload = () =>
  useDownloadChange(({ id, files }: { id: string; files: boolean }) =>
    api.delete(`/downloads/${id}`, { query: { files: files || undefined } }),
  );
