// Step two: the first Plex server, then its libraries arriving.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { PlexServer } from "~/api/types";
import { useSyncServer } from "~/features/servers/queries";
import { ServerForm } from "~/features/servers/ServerForm";
import { SyncProgress } from "~/features/servers/SyncProgress";
import { buttonClass } from "~/ui/Button";
import { Icon } from "~/ui/Icon";

export function ConnectStep() {
  const [server, setServer] = useState<PlexServer | null>(null);
  const sync = useSyncServer();
  const onAdded = (added: PlexServer) => {
    setServer(added);
    // Already under way when the server started it by itself: that is just as good.
    sync.mutate(added.id);
  };
  if (!server) {
    return (
      <div className="grid gap-4">
        <ServerForm onAdded={onAdded} submit="Connect" />
        <Link
          to="/"
          className="justify-self-center text-sm text-muted underline underline-offset-4 hover:text-text"
        >
          Skip this for now
        </Link>
      </div>
    );
  }
  return (
    <div className="grid gap-5">
      <p role="status" className="flex items-center gap-2 font-semibold text-good">
        <Icon name="check" />
        Connected to {server.name}
      </p>
      <SyncProgress serverId={server.id} />
      <Link to="/" className={buttonClass("primary")}>
        Go to your libraries
        <Icon name="arrow" className="size-4" />
      </Link>
    </div>
  );
}
