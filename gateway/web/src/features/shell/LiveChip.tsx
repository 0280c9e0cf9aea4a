// Whether what one sees is up to the second.
import { useSyncExternalStore } from "react";
import { useLiveState } from "~/features/live/LiveProvider";
import { cx } from "~/lib/cx";

function useOnline(): boolean {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener("online", changed);
      window.addEventListener("offline", changed);
      return () => {
        window.removeEventListener("online", changed);
        window.removeEventListener("offline", changed);
      };
    },
    () => navigator.onLine,
    () => true,
  );
}

const LOOKS = {
  live: { word: "Live", dot: "bg-good", hint: "Changes appear by themselves" },
  connecting: { word: "Connecting", dot: "bg-warn", hint: "Connecting to live updates" },
  lost: { word: "Reconnecting", dot: "bg-warn", hint: "Live updates stopped; trying again" },
  offline: { word: "Offline", dot: "bg-bad", hint: "This device is offline" },
};

export function LiveChip() {
  const live = useLiveState();
  const state = useOnline() ? live : "offline";
  const look = LOOKS[state];
  return (
    <span
      role="status"
      title={look.hint}
      data-live={state}
      className="flex items-center gap-2 rounded-full border border-line px-2.5 py-1 text-xs font-semibold text-muted"
    >
      <span className={cx("size-2 rounded-full", look.dot, state !== "live" && "animate-pulse")} />
      <span className={state === "live" ? "sr-only sm:not-sr-only" : undefined}>{look.word}</span>
    </span>
  );
}
