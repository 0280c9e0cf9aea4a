// Form controls with label, hint and error wired for screen readers.
import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from "react";
import { cx } from "~/lib/cx";
import { Icon } from "./Icon";
import { Words } from "./Words";

export const controlClass =
  "min-h-11 w-full rounded-lg border border-line-strong/60 bg-surface px-3 text-[0.95rem] text-text hover:border-line-strong focus:border-accent";

type Frame = { label: string; hint?: ReactNode; error?: string; className?: string };

function Framed({ frame, id, children }: { frame: Frame; id: string; children: ReactNode }) {
  return (
    <div className={cx("grid gap-1.5", frame.className)}>
      <label htmlFor={id} className="text-sm font-semibold">
        {frame.label}
      </label>
      {children}
      {frame.hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {frame.hint}
        </p>
      )}
      {frame.error && (
        <p id={`${id}-error`} className="flex items-start gap-1.5 text-sm font-medium text-bad">
          <Icon name="warning" className="mt-0.5 size-4" />
          <span className="min-w-0">
            <Words text={frame.error} />
          </span>
        </p>
      )}
    </div>
  );
}

const describe = (id: string, frame: Frame) => ({
  "aria-invalid": frame.error ? true : undefined,
  "aria-describedby":
    cx(Boolean(frame.hint) && `${id}-hint`, frame.error && `${id}-error`).trim() || undefined,
});

export function TextField({
  label,
  hint,
  error,
  className,
  ...rest
}: Frame & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  const frame = { label, hint, error, className };
  return (
    <Framed frame={frame} id={id}>
      <input
        {...rest}
        id={id}
        {...describe(id, frame)}
        className={cx(controlClass, error && "border-bad")}
      />
    </Framed>
  );
}

export function SelectField({
  label,
  hint,
  error,
  className,
  children,
  ...rest
}: Frame & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  const frame = { label, hint, error, className };
  return (
    <Framed frame={frame} id={id}>
      <SelectBox {...rest} id={id} {...describe(id, frame)}>
        {children}
      </SelectBox>
    </Framed>
  );
}

/** A bare select with our looks; needs its own label or `aria-label`. */
export function SelectBox({
  children,
  className,
  ...rest
}: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <div className={cx("relative", className)}>
      <select {...rest} className={cx(controlClass, "appearance-none truncate pr-9")}>
        {children}
      </select>
      <Icon
        name="chevron"
        className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted"
      />
    </div>
  );
}
