import { useQuery } from "@tanstack/react-query";
import { createFileRoute, redirect } from "@tanstack/react-router";
import { useState } from "react";
import { serversQuery, useSyncServer } from "~/features/servers/queries";
import { ServerCard } from "~/features/servers/ServerCard";
import { ServerForm } from "~/features/servers/ServerForm";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { PageHead } from "~/ui/Page";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";

export const Route = createFileRoute("/_app/servers")({
  beforeLoad: ({ context }) => {
    if (context.me.role !== "admin") throw redirect({ to: "/" });
  },
  component: ServersPage,
});

function ServersPage() {
  const { data, error, isPending, refetch } = useQuery(serversQuery);
  const [adding, setAdding] = useState(false);
  const sync = useSyncServer();
  const add = (
    <Button look="primary" icon="plus" onClick={() => setAdding(true)}>
      Add a server
    </Button>
  );
  return (
    <>
      <PageHead
        title="Servers"
        note="Plex servers whose libraries are shown here."
        actions={data && data.items.length > 0 && add}
      />
      {isPending && <SkeletonRows label="Loading servers" rows={2} />}
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <EmptyState icon="server" title="No Plex server yet" action={add}>
          You need its address and the token of its owner.
        </EmptyState>
      )}
      <ul className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        {data?.items.map((server) => (
          <ServerCard key={server.id} server={server} />
        ))}
      </ul>
      <Dialog open={adding} onClose={() => setAdding(false)} title="Add a Plex server">
        <ServerForm
          submit="Add the server"
          onAdded={(server) => {
            setAdding(false);
            sync.mutate(server.id);
          }}
        />
      </Dialog>
    </>
  );
}
