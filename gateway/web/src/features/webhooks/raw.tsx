// What a delivery brought, as it came: body and headers.
import type { ReactNode } from "react";
import type { DeliveryDetail } from "~/api/types";
import { CopyButton } from "~/ui/CopyField";

const SHOWN_CHARS = 60_000;

export function Part({
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

function pretty(text: string, type: string | null | undefined): string {
  if (text.length > SHOWN_CHARS * 4 || (type && !type.includes("json"))) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function Body({ delivery }: { delivery: DeliveryDetail }) {
  const raw = delivery.body_text ?? null;
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

export function Pre({ label, text }: { label: string; text: string }) {
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

export function Headers({ delivery }: { delivery: DeliveryDetail }) {
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
