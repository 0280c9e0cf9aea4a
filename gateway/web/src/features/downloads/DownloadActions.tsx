// What can be done with a download in its state.
import { useState } from "react";
import type { Download } from "~/api/types";
import { Button, buttonClass } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/Dialog";
import { Icon, type IconName } from "~/ui/Icon";
import { FormError } from "~/ui/states";
import { type Action, useDownloadAction, useRemoveDownload } from "./queries";
import { isEnded, lookOf } from "./states";

const WORDS: Record<Action, { label: string; icon: IconName }> = {
  pause: { label: "Pause", icon: "pause" },
  resume: { label: "Resume", icon: "play" },
  retry: { label: "Try again", icon: "retry" },
  cancel: { label: "Cancel", icon: "cross" },
};

export function DownloadActions({ download, name }: { download: Download; name: string }) {
  const act = useDownloadAction();
  const [asking, setAsking] = useState<"cancel" | "remove" | null>(null);
  const stuck = download.state === "importing" && Boolean(download.error);
  const actions: Action[] = stuck ? ["retry"] : lookOf(download.state).actions;
  const run = (action: Action) =>
    action === "cancel" ? setAsking("cancel") : act.mutate({ id: download.id, action });
  return (
    <>
      <FormError error={act.error} />
      <div className="flex flex-wrap items-center gap-2 empty:hidden">
        {download.plex_url && (
          <a
            href={download.plex_url}
            target="_blank"
            rel="noopener noreferrer"
            className={buttonClass("primary", true)}
          >
            <Icon name="play" className="size-4" />
            Open in Plex
          </a>
        )}
        {actions.map((action) => (
          <Button
            key={action}
            small
            look={action === "cancel" ? "quiet" : "plain"}
            icon={WORDS[action].icon}
            aria-label={`${WORDS[action].label}: ${name}`}
            busy={act.isPending && act.variables.action === action}
            onClick={() => run(action)}
          >
            {WORDS[action].label}
          </Button>
        ))}
        {isEnded(download.state) && (
          <Button
            small
            look="quiet"
            icon="trash"
            aria-label={`Remove: ${name}`}
            onClick={() => setAsking("remove")}
          >
            Remove
          </Button>
        )}
      </div>
      <ConfirmDialog
        open={asking === "cancel"}
        title={`Cancel “${name}”?`}
        confirm="Cancel the download"
        busy={act.isPending}
        onClose={() => setAsking(null)}
        onConfirm={() =>
          act.mutate({ id: download.id, action: "cancel" }, { onSettled: () => setAsking(null) })
        }
      >
        <p>What was fetched so far is thrown away. Files that are already finished stay.</p>
      </ConfirmDialog>
      <RemoveDialog
        download={download}
        name={name}
        open={asking === "remove"}
        onClose={() => setAsking(null)}
      />
    </>
  );
}

type RemoveProps = { download: Download; name: string; open: boolean; onClose: () => void };

function RemoveDialog({ download, name, open, onClose }: RemoveProps) {
  const remove = useRemoveDownload();
  const [files, setFiles] = useState(false);
  return (
    <ConfirmDialog
      open={open}
      title={`Remove “${name}” from the list?`}
      confirm={files ? "Remove it and its files" : "Remove from the list"}
      busy={remove.isPending}
      onClose={onClose}
      onConfirm={() => remove.mutate({ id: download.id, files }, { onSuccess: onClose })}
    >
      <label className="flex min-h-11 items-center gap-3 text-text">
        <input
          type="checkbox"
          className="size-5 accent-accent"
          checked={files}
          onChange={(event) => setFiles(event.target.checked)}
        />
        Also delete the downloaded files
      </label>
      <FormError error={remove.error} />
    </ConfirmDialog>
  );
}
