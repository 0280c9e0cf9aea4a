// One Plex server: whether it answers, what is mirrored, what can be done.
import { useState } from "react";
import type { PlexServer } from "~/api/types";
import { formatAgo } from "~/lib/format";
import { Badge, type Tone } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/Dialog";
import type { IconName } from "~/ui/Icon";
import { FormError } from "~/ui/states";
import { toast } from "~/ui/Toasts";
import { useRemoveServer, useSyncServer, useTestServer } from "./queries";
import { SyncProgress } from "./SyncProgress";

const LOOKS: Record<PlexServer["state"], { word: string; tone: Tone; icon: IconName }> = {
  up: { word: "Up", tone: "good", icon: "check" },
  down: { word: "Does not answer", tone: "bad", icon: "warning" },
  unauthorized: { word: "Token refused", tone: "bad", icon: "warning" },
  unknown: { word: "Not checked yet", tone: "neutral", icon: "clock" },
};

export function ServerCard({ server }: { server: PlexServer }) {
  const look = LOOKS[server.state] ?? LOOKS.unknown;
  const sync = useSyncServer();
  const test = useTestServer();
  const onTested = (tested: PlexServer) =>
    tested.state === "up"
      ? toast(`${tested.name} answers`)
      : toast(`${tested.name}: ${LOOKS[tested.state].word}`, tested.detail ?? undefined, "bad");
  return (
    <li className="grid content-start gap-4 rounded-2xl border border-line bg-surface p-5">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="text-lg font-semibold break-words">{server.name}</h2>
          <p className="text-sm break-all text-muted">{server.url}</p>
        </div>
        <Badge tone={look.tone} icon={look.icon}>
          {look.word}
        </Badge>
      </div>
      {server.detail && server.state !== "up" && (
        <p className="rounded-lg bg-bad-soft px-3.5 py-2.5 text-sm">{server.detail}</p>
      )}
      <p className="text-sm text-muted">
        {[
          server.version && `Plex ${server.version}`,
          server.last_seen_at && `heard ${formatAgo(server.last_seen_at)}`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      <SyncProgress serverId={server.id} />
      <FormError error={sync.error ?? test.error} />
      <div className="flex flex-wrap gap-2">
        <Button small icon="sync" busy={sync.isPending} onClick={() => sync.mutate(server.id)}>
          Sync now
        </Button>
        <Button
          small
          icon="lookup"
          busy={test.isPending}
          onClick={() => test.mutate(server.id, { onSuccess: onTested })}
        >
          Test
        </Button>
        <RemoveServer server={server} />
      </div>
    </li>
  );
}

function RemoveServer({ server }: { server: PlexServer }) {
  const [asking, setAsking] = useState(false);
  const remove = useRemoveServer();
  return (
    <>
      <Button small look="quiet" icon="trash" onClick={() => setAsking(true)}>
        Remove
      </Button>
      <ConfirmDialog
        open={asking}
        title={`Remove ${server.name}?`}
        confirm="Remove the server"
        busy={remove.isPending}
        onClose={() => setAsking(false)}
        onConfirm={() => remove.mutate(server.id, { onSuccess: () => setAsking(false) })}
      >
        <p>Its libraries disappear from MediaNest. Nothing is changed on the Plex server itself.</p>
        <FormError error={remove.error} />
      </ConfirmDialog>
    </>
  );
}
