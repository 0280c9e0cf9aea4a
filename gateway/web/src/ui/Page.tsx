// The head of a page. The heading takes the focus when the route changes, so that it is read out.
import { useLocation } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";

const APP = "MediaNest";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · ${APP}` : APP;
  }, [title]);
}

export function PageHead({
  title,
  note,
  actions,
}: {
  title: string;
  note?: ReactNode;
  actions?: ReactNode;
}) {
  useTitle(title);
  return (
    <header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <FocusHeading className="text-2xl font-bold tracking-tight md:text-3xl">
          {title}
        </FocusHeading>
        {note && <p className="mt-1 text-muted">{note}</p>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2 max-sm:w-full">{actions}</div>}
    </header>
  );
}

export function FocusHeading({ className, children }: { className?: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const path = useLocation({ select: (location) => location.pathname });
  useEffect(() => {
    const busy = document.activeElement instanceof HTMLInputElement;
    if (path && !busy) heading.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <h1 ref={heading} tabIndex={-1} className={className}>
      {children}
    </h1>
  );
}
