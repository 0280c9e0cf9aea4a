import { createFileRoute, redirect } from "@tanstack/react-router";
import { meQuery, statusQuery } from "~/features/session/queries";
import { Shell } from "~/features/shell/Shell";

/** Everything behind the sign-in. */
export const Route = createFileRoute("/_app")({
  beforeLoad: async ({ context, location }) => {
    const me = await context.queryClient.fetchQuery(meQuery);
    if (me) return { me };
    const status = await context.queryClient.fetchQuery({ ...statusQuery, staleTime: 0 });
    if (status.setup_required) throw redirect({ to: "/setup" });
    const next = location.href === "/" ? undefined : location.href;
    throw redirect({ to: "/login", search: next ? { next } : {} });
  },
  component: Shell,
});
