// Bars: how far something is, and how much of a limit is used.
import { cx } from "~/lib/cx";

export function ProgressBar({
  percent,
  label,
  flowing,
}: {
  percent: number | null;
  label: string;
  flowing?: boolean;
}) {
  const width = percent === null ? 100 : Math.min(100, Math.max(0, percent));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent === null ? undefined : Math.round(width)}
      className="h-2 overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={cx(
          "h-full rounded-full transition-[width] duration-500 ease-out",
          percent === null ? "bg-accent/40" : "bg-accent",
          flowing && "bar-flow",
        )}
        style={{ width: `${width}%` }}
      />
    </div>
  );
}

export function MeterBar({
  used,
  limit,
  label,
  text,
}: {
  used: number;
  limit: number;
  label: string;
  text: string;
}) {
  const share = limit > 0 ? Math.min(1, used / limit) : 0;
  const tone = share >= 1 ? "bg-bad" : share >= 0.8 ? "bg-warn" : "bg-accent";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <meter> cannot take our colors in every browser
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={limit}
      aria-valuenow={Math.min(used, limit)}
      aria-valuetext={text}
      className="h-1.5 overflow-hidden rounded-full bg-sunken"
    >
      <div className={cx("h-full rounded-full", tone)} style={{ width: `${share * 100}%` }} />
    </div>
  );
}
