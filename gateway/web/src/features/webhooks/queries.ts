// Sources that may send us webhooks, and what they sent.
import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { api } from "~/api/client";
import type {
  CreatedSource,
  CreateSource,
  Delivery,
  DeliveryDetail,
  Page,
  Source,
  SourceKindList,
} from "~/api/types";

export const kindsQuery = queryOptions({
  queryKey: ["webhooks", "kinds"],
  queryFn: ({ signal }) => api.get<SourceKindList>("/webhooks/kinds", { signal }),
  staleTime: 600_000,
});

export const sourcesQuery = queryOptions({
  queryKey: ["webhooks", "sources"],
  queryFn: ({ signal }) =>
    api.get<Page<Source>>("/webhooks/sources", { signal, query: { limit: 200 } }),
});

export type DeliveryFilter = { state?: string; source_id?: string };

export const deliveriesQuery = (filter: DeliveryFilter) =>
  infiniteQueryOptions({
    queryKey: ["webhooks", "deliveries", filter],
    queryFn: ({ signal, pageParam }) =>
      api.get<Page<Delivery>>("/webhooks/deliveries", {
        signal,
        query: { ...filter, limit: 50, cursor: pageParam },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ["webhooks", "deliveries", "one", id],
    queryFn: ({ signal }) => api.get<DeliveryDetail>(`/webhooks/deliveries/${id}`, { signal }),
  });

export function useCreateSource() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: CreateSource) => api.post<CreatedSource>("/webhooks/sources", body),
    onSettled: () => client.invalidateQueries({ queryKey: sourcesQuery.queryKey }),
  });
}

export function useReplay() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.post<Delivery>(`/webhooks/deliveries/${id}/replay`),
    onSettled: () => client.invalidateQueries({ queryKey: ["webhooks", "deliveries"] }),
  });
}
