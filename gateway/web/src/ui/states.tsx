// What a region shows when it has nothing else to show: loading, empty, failed.
import type { ReactNode } from "react";
import { ApiError } from "~/api/client";
import { cx } from "~/lib/cx";
import { Button } from "./Button";
import { CopyButton } from "./CopyField";
import { Icon, type IconName } from "./Icon";
import { Words } from "./Words";

export const Skeleton = ({ className }: { className?: string }) => (
  <div className={cx("skeleton", className)} aria-hidden="true" />
);

/** Tells screen readers that something loads; the skeletons inside are for the eye. */
export function Loading({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="status" aria-label={label}>
      {children}
    </div>
  );
}

export function SkeletonRows({ label, rows = 4 }: { label: string; rows?: number }) {
  return (
    <Loading label={label}>
      <div className="grid gap-3">
        {Array.from({ length: rows }, (_, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the rows have no identity
          <Skeleton key={row} className="h-20" />
        ))}
      </div>
    </Loading>
  );
}

export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="grid justify-items-center gap-3 rounded-2xl border border-dashed border-line px-6 py-14 text-center">
      <span className="grid size-14 place-items-center rounded-full bg-accent-soft text-accent">
        <Icon name={icon} className="size-7" />
      </span>
      <h2 className="text-lg font-semibold">{title}</h2>
      {children && <div className="max-w-md text-pretty text-muted">{children}</div>}
      {action}
    </div>
  );
}

const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError
    ? error
    : new ApiError({
        title: "This page ran into a fault",
        code: "client",
        detail: error instanceof Error ? error.message : undefined,
      });

/** A problem in full: what happened, what to do, the number to quote, and a way to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = asApiError(error);
  return (
    <div role="alert" className="grid gap-2 rounded-2xl border border-bad/40 bg-bad-soft px-5 py-4">
      <p className="flex items-center gap-2 font-semibold text-bad">
        <Icon name="warning" />
        {problem.title}
      </p>
      {problem.detail && (
        <p className="text-pretty">
          <Words text={problem.detail} />
        </p>
      )}
      <div className="mt-1 flex flex-wrap items-center gap-3">
        {onRetry && (
          <Button small icon="retry" onClick={onRetry}>
            Try again
          </Button>
        )}
        {problem.requestId && <RequestId id={problem.requestId} />}
      </div>
    </div>
  );
}

function RequestId({ id }: { id: string }) {
  return (
    <span className="flex min-w-0 items-center gap-1 text-sm">
      <span className="shrink-0">Request</span>
      <code className="min-w-0 truncate font-mono text-xs">{id}</code>
      <CopyButton value={id} label="Copy request number" />
    </span>
  );
}

/**
 * The same problem for the foot of a form. `fields` are those that show their own message: a problem
 * that is about them alone is not repeated here.
 */
export function FormError({ error, fields = [] }: { error: unknown; fields?: string[] }) {
  if (!error) return null;
  const problem = asApiError(error);
  const others = problem.errors.filter((entry) => !fields.includes(entry.field));
  if (problem.errors.length > 0 && others.length === 0) return null;
  return (
    <div
      role="alert"
      className="grid gap-0.5 rounded-lg border border-bad/40 bg-bad-soft px-3.5 py-3 text-sm"
    >
      <p className="font-semibold text-bad">{problem.title}</p>
      {problem.detail && problem.detail !== problem.title && (
        <p>
          <Words text={problem.detail} />
        </p>
      )}
      {others.map((entry) => (
        <p key={entry.pointer + entry.code}>
          <Words text={entry.message} />
        </p>
      ))}
      {problem.status >= 500 && problem.requestId && <RequestId id={problem.requestId} />}
    </div>
  );
}
