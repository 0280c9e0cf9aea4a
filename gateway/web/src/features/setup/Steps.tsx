// Where in the setup one is.
import { cx } from "~/lib/cx";
import { Icon } from "~/ui/Icon";

const STEPS = ["Your account", "Plex server"];

export function Steps({ current }: { current: number }) {
  return (
    <ol className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {STEPS.map((name, index) => {
        const number = index + 1;
        const done = number < current;
        return (
          <li
            key={name}
            aria-current={number === current ? "step" : undefined}
            className={cx(
              "flex items-center gap-2",
              number === current && "font-semibold text-text",
            )}
          >
            <span
              className={cx(
                "grid size-6 place-items-center rounded-full text-xs font-bold",
                number <= current ? "bg-accent text-on-accent" : "bg-sunken text-muted",
              )}
            >
              {done ? <Icon name="check" className="size-3.5" /> : number}
            </span>
            {name}
            {done && <span className="sr-only">(done)</span>}
          </li>
        );
      })}
    </ol>
  );
}
