// One delivery taken apart: what came, whether it was believed, what became of it.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { DeliveryDetail } from "~/api/types";
import { formatBytes, formatDateTime } from "~/lib/format";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { CopyButton } from "~/ui/CopyField";
import { ErrorState, FormError, SkeletonRows } from "~/ui/states";
import { toast } from "~/ui/Toasts";
import { deliveryQuery, useReplay } from "./queries";
import { deliveryLook } from "./words";

const SHOWN_CHARS = 60_000;

export function Inspector({ id, onOpen }: { id: string; onOpen: (id: string) => void }) {
  const { data, error, isPending, refetch } = useQuery(deliveryQuery(id));
  if (isPending) return <SkeletonRows label="Loading the delivery" rows={5} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <div className="grid grid-cols-1 gap-6">
      <Head delivery={data} onOpen={onOpen} />
      <Attempts delivery={data} />
      <Events delivery={data} />
      <Body delivery={data} />
      <Headers delivery={data} />
    </div>
  );
}

function Part({
  title,
  action,
  children,
}: {
  title: string;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="min-w-0">
      <div className="mb-1.5 flex min-h-8 items-center justify-between">
        <h3 className="font-semibold">{title}</h3>
        {action}
      </div>
      {children}
    </section>
  );
}

function Head({ delivery, onOpen }: { delivery: DeliveryDetail; onOpen: (id: string) => void }) {
  const replay = useReplay();
  const look = deliveryLook(delivery.state);
  const other = delivery.replay_of ?? delivery.duplicate_of;
  const again = () =>
    replay.mutate(delivery.id, {
      onSuccess: (copy) => {
        toast("Replayed", "It is processed again as a new delivery.");
        onOpen(copy.id);
      },
    });
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 text-xl font-bold break-words">
          {delivery.event_type ?? "Unknown event"}
        </p>
        <Badge tone={look.tone} icon={look.icon}>
          {look.word}
        </Badge>
      </div>
      <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
        <dt className="text-muted">From</dt>
        <dd>{delivery.source_name}</dd>
        <dt className="text-muted">Received</dt>
        <dd className="tabular">{formatDateTime(delivery.received_at)}</dd>
        <dt className="text-muted">Verdict</dt>
        <dd className="break-words">{delivery.verdict.replaceAll("_", " ")}</dd>
        <dt className="text-muted">Size</dt>
        <dd className="tabular">{formatBytes(delivery.size_bytes)}</dd>
      </dl>
      {delivery.error && (
        <p className="rounded-lg bg-bad-soft px-3.5 py-2.5 text-sm break-words">{delivery.error}</p>
      )}
      <FormError error={replay.error} />
      <div className="flex flex-wrap gap-2">
        <Button small icon="retry" busy={replay.isPending} onClick={again}>
          Replay
        </Button>
        {other && (
          <Button small look="quiet" icon="arrow" onClick={() => onOpen(other)}>
            {delivery.replay_of ? "The original" : "The first one"}
          </Button>
        )}
      </div>
    </div>
  );
}

function Attempts({ delivery }: { delivery: DeliveryDetail }) {
  return (
    <Part title="Attempts">
      {delivery.attempts_log.length === 0 && (
        <p className="text-sm text-muted">Not processed yet.</p>
      )}
      <ol className="grid gap-1.5 text-sm">
        {delivery.attempts_log.map((attempt) => (
          <li key={attempt.at} className="flex flex-wrap gap-x-4 border-l-2 border-line pl-3">
            <span className="tabular text-muted">{formatDateTime(attempt.at)}</span>
            <span className="font-semibold">{attempt.outcome}</span>
            {attempt.error && <span className="w-full break-words text-bad">{attempt.error}</span>}
          </li>
        ))}
      </ol>
    </Part>
  );
}

function Events({ delivery }: { delivery: DeliveryDetail }) {
  return (
    <Part title="Events made of it">
      {delivery.events.length === 0 && <p className="text-sm text-muted">None.</p>}
      <ul className="grid grid-cols-1 gap-2">
        {delivery.events.map((event) => (
          <li key={event.id}>
            <details className="rounded-lg border border-line px-3 py-2 text-sm">
              <summary className="min-h-6 font-semibold break-words">{event.type}</summary>
              <Pre label={`Data of ${event.type}`} text={JSON.stringify(event.data, null, 2)} />
            </details>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function pretty(text: string, type: string | null): string {
  if (text.length > SHOWN_CHARS * 4 || (type && !type.includes("json"))) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Body({ delivery }: { delivery: DeliveryDetail }) {
  const raw = delivery.body_text;
  const text = raw === null ? null : pretty(raw, delivery.content_type);
  return (
    <Part title="Body" action={raw !== null && <CopyButton value={raw} label="Copy the body" />}>
      {delivery.content_type && (
        <p className="mb-1.5 text-sm break-words text-muted">{delivery.content_type}</p>
      )}
      {text === null ? (
        <p className="text-sm text-muted">
          {delivery.body_base64
            ? "Not text, so it is not shown."
            : "There was no body, or it is no longer kept."}
        </p>
      ) : (
        <Pre label="Body" text={text.slice(0, SHOWN_CHARS)} />
      )}
      {text !== null && text.length > SHOWN_CHARS && (
        <p className="mt-1 text-sm text-muted">
          Only the beginning is shown; the copy button takes all of it.
        </p>
      )}
    </Part>
  );
}

function Pre({ label, text }: { label: string; text: string }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-96 overflow-auto rounded-lg border border-line bg-sunken p-3"
    >
      <pre className="font-mono text-xs leading-relaxed">{text}</pre>
    </section>
  );
}

function Headers({ delivery }: { delivery: DeliveryDetail }) {
  return (
    <Part title="Headers">
      <dl className="grid gap-1 font-mono text-xs">
        {Object.entries(delivery.headers).map(([name, value]) => (
          <div key={name} className="grid gap-x-3 sm:grid-cols-[12rem_minmax(0,1fr)]">
            <dt className="break-all text-muted">{name}</dt>
            <dd className="break-all">{value}</dd>
          </div>
        ))}
      </dl>
    </Part>
  );
}
