// Buttons and links that look like buttons.
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { cx } from "~/lib/cx";
import { Icon, type IconName } from "./Icon";

export type Look = "primary" | "plain" | "quiet" | "danger";
const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong font-semibold",
  plain: "border border-line bg-raised text-text hover:border-line-strong font-medium",
  quiet: "text-muted hover:bg-sunken hover:text-text font-medium",
  danger: "border border-bad text-bad hover:bg-bad-soft font-semibold",
};

export const buttonClass = (look: Look = "plain", small = false): string =>
  cx(
    "inline-flex items-center justify-center gap-2 rounded-lg whitespace-nowrap transition-colors",
    "disabled:opacity-55 aria-disabled:opacity-55",
    small ? "min-h-9 px-3 text-sm" : "min-h-11 px-4 text-[0.95rem]",
    LOOKS[look],
  );

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: Look;
  small?: boolean;
  busy?: boolean;
  icon?: IconName;
  children: ReactNode;
};

export function Button({ look, small, busy, icon, children, className, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
      className={cx(buttonClass(look, small), className)}
    >
      {busy ? (
        <Icon name="sync" className="size-4 spin" />
      ) : (
        icon && <Icon name={icon} className="size-4" />
      )}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "aria-label"> & {
  label: string;
  icon: IconName;
};

export function IconButton({ label, icon, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={cx(
        "grid size-11 shrink-0 place-items-center rounded-lg text-muted transition-colors hover:bg-sunken hover:text-text md:size-10",
        className,
      )}
    >
      <Icon name={icon} />
    </button>
  );
}
