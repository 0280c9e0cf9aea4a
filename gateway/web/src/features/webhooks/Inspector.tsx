// One delivery taken apart: what came, whether it was believed, what became of it.
import { useQuery } from "@tanstack/react-query";
import type { DeliveryDetail } from "~/api/types";
import { formatBytes, formatDateTime } from "~/lib/format";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { ErrorState, FormError, SkeletonRows } from "~/ui/states";
import { toast } from "~/ui/Toasts";
import { deliveryQuery, useReplay } from "./queries";
import { Body, Headers, Part, Pre } from "./raw";
import { deliveryLook } from "./words";

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
