// Who is signed in, and what the system offers to someone who is not.
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { useRouteContext } from "@tanstack/react-router";
import { ApiError, api } from "~/api/client";
import type { Session, SystemStatus, User } from "~/api/types";

export const statusQuery = queryOptions({
  queryKey: ["system", "status"],
  queryFn: ({ signal }) => api.get<SystemStatus>("/system/status", { signal }),
  staleTime: 60_000,
});

/** The person signed in, or null. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }): Promise<User | null> => {
    try {
      return await api.get<User>("/me", { signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 300_000,
});

/** For screens behind the sign-in: the person that the `_app` route has found. */
export const useMe = (): User => useRouteContext({ from: "/_app", select: ({ me }) => me });

export const signIn = (username: string, password: string) =>
  api.post<Session>("/auth/login", { username, password, mode: "cookie" });

export const setUp = (body: { setup_secret: string; username: string; password: string }) =>
  api.post<Session>("/auth/setup", { ...body, mode: "cookie" });

export const signOut = () => api.post<void>("/auth/logout");

/** After any sign-in: forget what the last person saw and take over the new one. */
export function enter(client: QueryClient, session: Session): void {
  client.clear();
  client.setQueryData(meQuery.queryKey, session.user);
}

/** Only addresses of this app may be returned to. */
export const safeNext = (next: string | undefined): string =>
  next?.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next : "/";
