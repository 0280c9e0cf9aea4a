// The inbox behind the bell.
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client";
import type { Notification, Page } from "~/api/types";

export const notificationsQuery = queryOptions({
  queryKey: ["notifications"],
  queryFn: ({ signal }) =>
    api.get<Page<Notification>>("/notifications", { signal, query: { limit: 50 } }),
});

/** Marks one as read, or all of them when no id is given. Shown at once; the server is asked afterwards. */
export function useMarkRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string | null) =>
      api.post<void>(id ? `/notifications/${id}/read` : "/notifications/read-all"),
    onMutate: (id) => {
      const now = new Date().toISOString();
      client.setQueryData(
        notificationsQuery.queryKey,
        (page) =>
          page && {
            ...page,
            items: page.items.map((item) =>
              !item.read_at && (id === null || item.id === id) ? { ...item, read_at: now } : item,
            ),
          },
      );
    },
    onSettled: () => client.invalidateQueries({ queryKey: notificationsQuery.queryKey }),
  });
}
