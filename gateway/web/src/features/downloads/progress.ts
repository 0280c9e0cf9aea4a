// Progress in words: percent, bytes, speed and the time that is left.
import type { Download, Progress } from "~/api/types";
import { formatBytes, formatClock, formatSpeed } from "~/lib/format";

const known = (value: number | null | undefined): value is number =>
  typeof value === "number" && Number.isFinite(value) && value > 0;

export const percentOf = (progress: Progress): number =>
  Math.min(100, Math.max(0, progress.percent));

export function progressWords(progress: Progress): string {
  const parts = [`${Math.floor(percentOf(progress))} %`];
  if (known(progress.downloaded_bytes)) {
    const done = formatBytes(progress.downloaded_bytes);
    parts.push(
      known(progress.total_bytes) ? `${done} of ${formatBytes(progress.total_bytes)}` : done,
    );
  }
  if (known(progress.speed_bps)) parts.push(formatSpeed(progress.speed_bps));
  if (known(progress.eta_seconds)) parts.push(`${formatClock(progress.eta_seconds)} left`);
  return parts.join(" · ");
}

/** A name for a download that may not have a title yet. */
export function nameOf({ title, url }: Pick<Download, "title" | "url">): string {
  if (title) return title;
  try {
    const { host, pathname } = new URL(url);
    return host + (pathname === "/" ? "" : pathname);
  } catch {
    return url;
  }
}

export function hostOf(url: string): string {
  try {
    return new URL(url).hostname.replace(/^www\./, "");
  } catch {
    return url;
  }
}
