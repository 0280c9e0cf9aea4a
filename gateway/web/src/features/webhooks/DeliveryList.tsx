// What was received, newest first.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { Delivery } from "~/api/types";
import { formatAgo, formatBytes, formatDateTime, plural } from "~/lib/format";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { SelectBox } from "~/ui/Field";
import { Section } from "~/ui/Section";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";
import { type DeliveryFilter, deliveriesQuery, sourcesQuery } from "./queries";
import { DELIVERY_STATES, deliveryLook } from "./words";

type Props = {
  filter: DeliveryFilter;
  onFilter: (change: { state?: string; source?: string }) => void;
  onOpen: (id: string) => void;
};

export function DeliveryList({ filter, onFilter, onOpen }: Props) {
  const list = useInfiniteQuery(deliveriesQuery(filter));
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Boolean(filter.state || filter.source_id);
  return (
    <Section title="Deliveries" action={<Filters filter={filter} onFilter={onFilter} />}>
      {list.isPending && <SkeletonRows label="Loading deliveries" rows={5} />}
      {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (
        <EmptyState
          icon="webhook"
          title={filtered ? "No delivery matches" : "No deliveries yet"}
          action={
            filtered && (
              <Button onClick={() => onFilter({ state: undefined, source: undefined })}>
                Show all deliveries
              </Button>
            )
          }
        >
          {!filtered && "Everything that your sources send is kept here with what became of it."}
        </EmptyState>
      )}
      {items.length > 0 && (
        <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface">
          {items.map((delivery) => (
            <Row key={delivery.id} delivery={delivery} onOpen={onOpen} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button
          className="mt-4"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </Section>
  );
}

function Filters({ filter, onFilter }: Omit<Props, "onOpen">) {
  const { data: sources } = useQuery(sourcesQuery);
  return (
    <div className="flex gap-2 max-sm:w-full">
      <SelectBox
        aria-label="Source"
        className="min-w-0 flex-1 sm:w-44"
        value={filter.source_id ?? ""}
        onChange={(event) => onFilter({ source: event.target.value || undefined })}
      >
        <option value="">All sources</option>
        {sources?.items.map((source) => (
          <option key={source.id} value={source.id}>
            {source.name}
          </option>
        ))}
      </SelectBox>
      <SelectBox
        aria-label="State"
        className="min-w-0 flex-1 sm:w-40"
        value={filter.state ?? ""}
        onChange={(event) => onFilter({ state: event.target.value || undefined })}
      >
        <option value="">Any state</option>
        {DELIVERY_STATES.map((state) => (
          <option key={state} value={state}>
            {deliveryLook(state).word}
          </option>
        ))}
      </SelectBox>
    </div>
  );
}

function Row({ delivery, onOpen }: { delivery: Delivery; onOpen: (id: string) => void }) {
  const look = deliveryLook(delivery.state);
  return (
    <li>
      <button
        type="button"
        data-delivery={delivery.id}
        onClick={() => onOpen(delivery.id)}
        className="flex w-full flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 text-left transition-colors hover:bg-sunken md:flex-nowrap"
      >
        <span className="min-w-0 flex-1 basis-56">
          <span className="block truncate font-semibold">
            {delivery.event_type ?? "Unknown event"}
          </span>
          <span className="block truncate text-sm text-muted">
            {delivery.source_name}
            {delivery.replay_of && " · replay"}
            {delivery.error && ` · ${delivery.error}`}
          </span>
        </span>
        <span className="tabular text-sm text-muted max-md:order-last md:w-80 md:text-right">
          {formatBytes(delivery.size_bytes)} · {plural(delivery.attempts, "attempt", "attempts")} ·{" "}
          <time dateTime={delivery.received_at} title={formatDateTime(delivery.received_at)}>
            {formatAgo(delivery.received_at)}
          </time>
        </span>
        <span className="flex md:w-32 md:justify-end">
          <Badge tone={look.tone} icon={look.icon}>
            {look.word}
          </Badge>
        </span>
      </button>
    </li>
  );
}
