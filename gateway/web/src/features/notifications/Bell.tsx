// The bell: how much is new, and the list behind it.
import { Popover } from "@base-ui/react/popover";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { Notification } from "~/api/types";
import { cx } from "~/lib/cx";
import { formatAgo } from "~/lib/format";
import { Button } from "~/ui/Button";
import { Icon } from "~/ui/Icon";
import { ErrorState, SkeletonRows } from "~/ui/states";
import { notificationsQuery, useMarkRead } from "./queries";

export function Bell() {
  const { data } = useQuery(notificationsQuery);
  const unread = data?.items.filter((item) => !item.read_at).length ?? 0;
  const words = unread === 0 ? "Notifications" : `Notifications, ${unread} unread`;
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={words}
        title={words}
        className="relative grid size-11 place-items-center rounded-lg text-muted hover:bg-sunken hover:text-text md:size-10"
      >
        <Icon name="bell" />
        {unread > 0 && (
          <span
            aria-hidden="true"
            className="tabular absolute top-1 right-1 grid h-4.5 min-w-4.5 place-items-center rounded-full bg-accent px-1 text-[0.68rem] font-bold text-on-accent"
          >
            {unread > 99 ? "99+" : unread}
          </span>
        )}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner
          side="bottom"
          align="end"
          sideOffset={8}
          collisionPadding={12}
          className="z-50"
        >
          <Popover.Popup className="popup flex max-h-[min(34rem,80dvh)] w-[min(24rem,calc(100vw-1.5rem))] flex-col rounded-xl border border-line bg-raised text-text shadow-float outline-none">
            <Panel unread={unread} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Panel({ unread }: { unread: number }) {
  const { data, error, isPending, refetch } = useQuery(notificationsQuery);
  const mark = useMarkRead();
  return (
    <>
      <div className="flex min-h-13 items-center justify-between gap-3 border-b border-line pr-2 pl-4">
        <Popover.Title className="font-semibold">Notifications</Popover.Title>
        {unread > 0 && (
          <Button small look="quiet" icon="check" onClick={() => mark.mutate(null)}>
            Mark all read
          </Button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="min-h-0 overflow-y-auto p-2" tabIndex={0} aria-label="Notifications">
        {isPending && <SkeletonRows label="Loading notifications" rows={3} />}
        {error && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data?.items.length === 0 && (
          <p className="px-4 py-10 text-center text-muted">
            Nothing yet. Finished downloads and news from your tools show up here.
          </p>
        )}
        <ul className="grid grid-cols-1 gap-0.5">
          {data?.items.map((item) => (
            <Entry key={item.id} item={item} onRead={() => mark.mutate(item.id)} />
          ))}
        </ul>
      </section>
    </>
  );
}

/** Links point into the app (`/downloads`) or to a page on the web. */
function OpenLink({ link }: { link: string }) {
  const router = useRouter();
  const looks = "py-1 underline-offset-4 hover:underline";
  if (link.startsWith("/") && !link.startsWith("//")) {
    return (
      <button type="button" className={looks} onClick={() => void router.navigate({ href: link })}>
        Open
      </button>
    );
  }
  if (!/^https?:\/\//.test(link)) return null;
  return (
    <a href={link} className={looks} target="_blank" rel="noopener noreferrer">
      Open
    </a>
  );
}

function Entry({ item, onRead }: { item: Notification; onRead: () => void }) {
  const isNew = !item.read_at;
  return (
    <li className={cx("grid gap-0.5 rounded-lg px-3 py-2.5", isNew && "bg-accent-soft")}>
      <div className="flex items-baseline justify-between gap-3">
        <p className="min-w-0 font-semibold break-words">
          {isNew && <span className="sr-only">New: </span>}
          {item.title}
        </p>
        <time dateTime={item.created_at} className="shrink-0 text-xs text-muted">
          {formatAgo(item.created_at)}
        </time>
      </div>
      <p className="text-sm break-words text-muted">{item.body}</p>
      <div className="flex gap-4 text-sm font-semibold text-accent">
        {item.link && <OpenLink link={item.link} />}
        {isNew && (
          <button
            type="button"
            onClick={onRead}
            className="py-1 underline-offset-4 hover:underline"
          >
            Mark read
          </button>
        )}
      </div>
    </li>
  );
}
