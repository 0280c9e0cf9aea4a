import { createFileRoute, redirect } from "@tanstack/react-router";
import { DeliveryList } from "~/features/webhooks/DeliveryList";
import { Inspector } from "~/features/webhooks/Inspector";
import { SourceList } from "~/features/webhooks/SourceList";
import { Dialog } from "~/ui/Dialog";
import { PageHead } from "~/ui/Page";

type Search = { source?: string; state?: string; delivery?: string };
const text = (value: unknown) => (typeof value === "string" && value ? value : undefined);

export const Route = createFileRoute("/_app/webhooks")({
  validateSearch: (search: Record<string, unknown>): Search => ({
    source: text(search.source),
    state: text(search.state),
    delivery: text(search.delivery),
  }),
  beforeLoad: ({ context }) => {
    if (context.me.role !== "admin") throw redirect({ to: "/" });
  },
  component: WebhooksPage,
});

function WebhooksPage() {
  const { source, state, delivery } = Route.useSearch();
  const navigate = Route.useNavigate();
  const change = (part: Partial<Search>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false });
  const close = () => change({ delivery: undefined });
  return (
    <>
      <PageHead title="Webhooks" note="What other tools tell MediaNest, and what became of it." />
      <div className="grid grid-cols-1 gap-10">
        <SourceList />
        <DeliveryList
          filter={{ source_id: source, state }}
          onFilter={change}
          onOpen={(id) => change({ delivery: id })}
        />
      </div>
      <Dialog drawer open={delivery !== undefined} onClose={close} title="Delivery">
        {delivery && (
          <Inspector key={delivery} id={delivery} onOpen={(id) => change({ delivery: id })} />
        )}
      </Dialog>
    </>
  );
}
