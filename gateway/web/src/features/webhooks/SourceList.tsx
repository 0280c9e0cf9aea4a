// Who may send us webhooks.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { Source } from "~/api/types";
import { formatAgo } from "~/lib/format";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Section } from "~/ui/Section";
import { EmptyState, ErrorState, SkeletonRows } from "~/ui/states";
import { CreateSourceForm } from "./CreateSourceForm";
import { kindsQuery, sourcesQuery } from "./queries";
import { AUTH_WORDS } from "./words";

export function SourceList() {
  const { data, error, isPending, refetch } = useQuery(sourcesQuery);
  const [adding, setAdding] = useState(false);
  const add = (
    <Button small look="primary" icon="plus" onClick={() => setAdding(true)}>
      Add a source
    </Button>
  );
  return (
    <Section title="Sources" action={data && data.items.length > 0 && add}>
      {isPending && <SkeletonRows label="Loading sources" rows={2} />}
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <EmptyState icon="webhook" title="Nobody sends webhooks yet" action={add}>
          Add Plex, Seerr, Sonarr, GitHub or any other tool. You get an address to paste into it.
        </EmptyState>
      )}
      <ul className="grid grid-cols-1 gap-3 sm:grid-cols-2 2xl:grid-cols-3">
        {data?.items.map((source) => (
          <SourceCard key={source.id} source={source} />
        ))}
      </ul>
      <Dialog open={adding} onClose={() => setAdding(false)} title="Add a webhook source">
        <CreateSourceForm onDone={() => setAdding(false)} />
      </Dialog>
    </Section>
  );
}

function SourceCard({ source }: { source: Source }) {
  const { data: kinds } = useQuery(kindsQuery);
  const kind = kinds?.items.find((entry) => entry.kind === source.kind)?.title ?? source.kind;
  return (
    <li>
      <Link
        to="/webhooks"
        search={(old: Record<string, unknown>) => ({ ...old, source: source.id })}
        className="grid gap-2 rounded-xl border border-line bg-surface p-4 transition-colors hover:border-accent"
      >
        <span className="flex items-start justify-between gap-3">
          <span className="min-w-0 font-semibold break-words">{source.name}</span>
          {source.enabled ? (
            <Badge tone="good" icon="check">
              On
            </Badge>
          ) : (
            <Badge tone="neutral" icon="pause">
              Off
            </Badge>
          )}
        </span>
        <span className="text-sm text-muted">
          {kind} · {AUTH_WORDS[source.auth_mode] ?? source.auth_mode}
        </span>
        <span className="text-sm text-muted">
          {source.last_seen_at
            ? `Last heard ${formatAgo(source.last_seen_at)}`
            : "Not heard from yet"}
        </span>
      </Link>
    </li>
  );
}
