// A person's own limits and how much of them is used.
import { useQuery } from "@tanstack/react-query";
import type { Usage } from "~/api/types";
import { formatAgo, formatBytes, formatCount } from "~/lib/format";
import { MeterBar } from "~/ui/Progress";
import { Section } from "~/ui/Section";
import { ErrorState, Skeleton } from "~/ui/states";
import { usageQuery } from "./queries";

const NAMES: Record<string, string> = {
  downloads_per_hour: "Downloads this hour",
  downloads_per_day: "Downloads today",
  bytes_per_month: "Fetched this month",
  storage_bytes: "Storage",
};

const amount = (value: number, unit: Usage["unit"]) =>
  unit === "bytes" ? formatBytes(value) : formatCount(value);

function Meter({ usage }: { usage: Usage }) {
  const name = NAMES[usage.name] ?? usage.name.replaceAll("_", " ");
  const used = amount(usage.used, usage.unit);
  const limited = usage.limit > 0;
  const text = limited ? `${used} of ${amount(usage.limit, usage.unit)}` : `${used}, no limit`;
  const full = limited && usage.used >= usage.limit;
  return (
    <li className="grid gap-1.5">
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <span>{name}</span>
        <span className="tabular font-semibold">{text}</span>
      </div>
      {limited && <MeterBar used={usage.used} limit={usage.limit} label={name} text={text} />}
      {full && usage.resets_at && (
        <p className="text-sm text-bad">
          Used up; there is room again {formatAgo(usage.resets_at)}.
        </p>
      )}
    </li>
  );
}

export function UsageMeters() {
  const { data, error, isPending, refetch } = useQuery(usageQuery);
  return (
    <Section title="Your limits">
      {isPending && <Skeleton className="h-40" />}
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && (
        <ul className="grid gap-4 rounded-2xl border border-line bg-surface p-5">
          {data.items.map((usage) => (
            <Meter key={usage.name} usage={usage} />
          ))}
        </ul>
      )}
    </Section>
  );
}
