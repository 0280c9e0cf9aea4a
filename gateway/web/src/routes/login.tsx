import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute, redirect, useRouter } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Session } from "~/api/types";
import { PlexSignInPanel } from "~/features/session/PlexSignInPanel";
import { enter, meQuery, safeNext, statusQuery } from "~/features/session/queries";
import { SignInForm } from "~/features/session/SignInForm";
import { Threshold } from "~/features/session/Threshold";

export const Route = createFileRoute("/login")({
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === "string" ? { next: search.next } : {},
  beforeLoad: async ({ context, search }) => {
    const status = await context.queryClient.fetchQuery(statusQuery);
    if (status.setup_required) throw redirect({ to: "/setup" });
    if (await context.queryClient.fetchQuery(meQuery))
      throw redirect({ href: safeNext(search.next) });
  },
  component: LoginPage,
});

function LoginPage() {
  const { data: status } = useSuspenseQuery(statusQuery);
  const { next } = Route.useSearch();
  const client = useQueryClient();
  const router = useRouter();
  const onSession = useCallback(
    (session: Session) => {
      enter(client, session);
      void router.navigate({ href: safeNext(next), replace: true });
    },
    [client, router, next],
  );
  return (
    <Threshold title="Welcome back" note="Sign in to see your libraries and downloads.">
      <div className="grid gap-5">
        {status.sign_in.plex && <PlexSignInPanel onSession={onSession} />}
        {status.sign_in.plex && status.sign_in.password && (
          <p className="flex items-center gap-3 text-sm text-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            or with a password
          </p>
        )}
        {status.sign_in.password && <SignInForm onSession={onSession} />}
      </div>
    </Threshold>
  );
}
