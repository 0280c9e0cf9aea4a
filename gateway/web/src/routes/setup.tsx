import { useQueryClient } from "@tanstack/react-query";
import { createFileRoute, redirect } from "@tanstack/react-router";
import { enter, meQuery, statusQuery } from "~/features/session/queries";
import { Threshold } from "~/features/session/Threshold";
import { AdminForm } from "~/features/setup/AdminForm";
import { ConnectStep } from "~/features/setup/ConnectStep";
import { Steps } from "~/features/setup/Steps";

export const Route = createFileRoute("/setup")({
  validateSearch: (search: Record<string, unknown>): { step?: "server" } =>
    search.step === "server" ? { step: "server" } : {},
  beforeLoad: async ({ context, search }) => {
    const status = await context.queryClient.fetchQuery({ ...statusQuery, staleTime: 0 });
    if (status.setup_required) {
      if (search.step) throw redirect({ to: "/setup" });
      return;
    }
    const me = await context.queryClient.fetchQuery(meQuery);
    if (!me) throw redirect({ to: "/login" });
    if (me.role !== "admin" || !search.step) throw redirect({ to: "/" });
  },
  component: SetupPage,
});

function SetupPage() {
  const { step } = Route.useSearch();
  const client = useQueryClient();
  const navigate = Route.useNavigate();
  if (step === "server") {
    return (
      <Threshold title="Connect your Plex server" note={<Steps current={2} />}>
        <ConnectStep />
      </Threshold>
    );
  }
  return (
    <Threshold title="Set up MediaNest" note={<Steps current={1} />}>
      <AdminForm
        onSession={(session) => {
          enter(client, session);
          void navigate({ search: { step: "server" }, replace: true });
        }}
      />
    </Threshold>
  );
}
