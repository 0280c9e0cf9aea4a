// The page outside the door: sign-in and first-run setup stand in it.
import type { ReactNode } from "react";
import { Mark } from "~/ui/Icon";
import { FocusHeading, useTitle } from "~/ui/Page";

/** Nest rings behind the card. */
function Rings() {
  return (
    <svg
      viewBox="0 0 800 800"
      aria-hidden="true"
      className="pointer-events-none absolute bottom-[-22rem] left-1/2 w-[70rem] max-w-none -translate-x-1/2 stroke-twig opacity-25"
      fill="none"
    >
      {[370, 338, 304, 268, 236, 196, 160].map((radius, index) => (
        <ellipse
          key={radius}
          cx={400 + (index % 2 ? 7 : -6)}
          cy="400"
          rx={radius}
          ry={radius * 0.62}
          transform={`rotate(${index % 2 ? 4 : -5} 400 400)`}
          strokeWidth={index % 3 ? 1.2 : 2.6}
          strokeDasharray={index % 2 ? "340 26 120 14" : "520 18"}
        />
      ))}
    </svg>
  );
}

export function Threshold({
  title,
  note,
  children,
}: {
  title: string;
  note?: ReactNode;
  children: ReactNode;
}) {
  useTitle(title);
  return (
    <main className="relative grid min-h-dvh place-items-center overflow-hidden px-4 py-10">
      <Rings />
      <div className="relative w-full max-w-md">
        <div className="mb-7 flex items-center gap-3">
          <Mark className="size-11" />
          <span className="font-display text-xl font-bold tracking-tight">MediaNest</span>
        </div>
        <div className="rounded-2xl border border-line bg-surface p-6 shadow-float sm:p-8">
          <FocusHeading className="text-2xl font-bold tracking-tight">{title}</FocusHeading>
          {note && <div className="mt-1.5 text-pretty text-muted">{note}</div>}
          <div className="mt-6">{children}</div>
        </div>
      </div>
    </main>
  );
}
