// One download: what it is, how far it is, what went wrong, what can be done.
import { useQuery } from "@tanstack/react-query";
import type { Download } from "~/api/types";
import { librariesQuery } from "~/features/plex/queries";
import { cx } from "~/lib/cx";
import { formatAgo, formatDateTime, plural } from "~/lib/format";
import { Badge } from "~/ui/Badge";
import { ProgressBar } from "~/ui/Progress";
import { Words } from "~/ui/Words";
import { DownloadActions } from "./DownloadActions";
import { hostOf, nameOf, percentOf, progressWords } from "./progress";
import { isActive, lookOf } from "./states";

function useFacts(download: Download): string {
  const { data: libraries } = useQuery(librariesQuery);
  const library = libraries?.find((entry) => entry.id === download.library_id)?.title;
  const files =
    download.item_count > 1 &&
    `${download.items_done} of ${plural(download.item_count, "video", "videos")}${download.items_failed ? `, ${download.items_failed} failed` : ""}`;
  return [
    hostOf(download.url),
    library,
    download.collection && `Collection “${download.collection}”`,
    files,
  ]
    .filter(Boolean)
    .join(" · ");
}

export function DownloadRow({ download }: { download: Download }) {
  const look = lookOf(download.state);
  const facts = useFacts(download);
  const name = nameOf(download);
  return (
    <li
      data-download={download.id}
      data-state={download.state}
      className="grid grid-cols-1 gap-3 rounded-2xl border border-line bg-surface p-4 md:p-5"
    >
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h3 className="font-semibold break-words">{name}</h3>
          <p className="text-sm break-words text-muted">
            {facts}
            {" · "}
            <time dateTime={download.created_at} title={formatDateTime(download.created_at)}>
              {formatAgo(download.created_at)}
            </time>
          </p>
        </div>
        <Badge tone={look.tone} icon={look.icon}>
          {look.word}
        </Badge>
      </div>
      <Running download={download} name={name} />
      {download.error && (
        <p
          className={cx(
            "rounded-lg px-3.5 py-2.5 text-sm text-pretty break-words",
            download.state === "failed" ? "bg-bad-soft" : "bg-warn-soft",
          )}
        >
          <Words text={download.error.message} />
        </p>
      )}
      <DownloadActions download={download} name={name} />
    </li>
  );
}

function Running({ download, name }: { download: Download; name: string }) {
  const { progress, state } = download;
  const paused = state === "paused";
  if (!isActive(state) && !paused) return null;
  if (state === "queued" && !progress) return null;
  const percent = progress ? percentOf(progress) : null;
  const step = percent === null ? null : Math.floor(percent / 25) * 25;
  return (
    <div className="grid gap-1.5">
      <ProgressBar percent={percent} label={`Progress of ${name}`} flowing={!paused} />
      <p data-testid="progress" className="tabular text-sm text-muted">
        {progress ? progressWords(progress) : "Starting"}
      </p>
      <span role="status" className="sr-only">
        {step !== null && step > 0 ? `${name}: ${step} %` : ""}
      </span>
    </div>
  );
}
