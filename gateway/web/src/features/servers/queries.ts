// Plex servers, as an administrator sees them.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client";
import type { AddServer, Page, PlexServer, SyncStatus } from "~/api/types";

export const serversQuery = queryOptions({
  queryKey: ["servers"],
  queryFn: ({ signal }) =>
    api.get<Page<PlexServer>>("/plex/servers", { signal, query: { limit: 100 } }),
});

export const syncQuery = (serverId: string) =>
  queryOptions({
    queryKey: ["servers", serverId, "sync"],
    queryFn: ({ signal }) => api.get<SyncStatus>(`/plex/servers/${serverId}/sync`, { signal }),
    refetchInterval: ({ state }) => {
      if (state.data?.state === "running") return 1000;
      return state.data?.state === "idle" ? 3000 : false;
    },
  });

function useServerChange<V, R>(run: (value: V) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSettled: () => client.invalidateQueries({ queryKey: ["servers"] }),
  });
}

export const useAddServer = () =>
  useServerChange((body: AddServer) => api.post<PlexServer>("/plex/servers", body));
export const useTestServer = () =>
  useServerChange((id: string) => api.post<PlexServer>(`/plex/servers/${id}/test`));
export const useSyncServer = () =>
  useServerChange((id: string) => api.post<SyncStatus>(`/plex/servers/${id}/sync`));
export const useRemoveServer = () =>
  useServerChange((id: string) => api.delete(`/plex/servers/${id}`));
