// One title in a grid or in a row. The name is always visible, not only under the pointer.
import { Link } from "@tanstack/react-router";
import type { ItemSummary } from "~/api/types";
import { cx } from "~/lib/cx";
import { Poster } from "./Poster";
import { caption, ITEM_ICON, isSquare } from "./words";

type Props = {
  item: ItemSummary;
  tabIndex?: number;
  index?: number;
  eager?: boolean;
  className?: string;
};

export function PosterCard({ item, tabIndex, index, eager, className }: Props) {
  return (
    <Link
      to="/item/$itemId"
      params={{ itemId: item.id }}
      tabIndex={tabIndex}
      data-index={index}
      className={cx("group block rounded-xl", className)}
    >
      <Poster
        title={item.title}
        icon={ITEM_ICON[item.type] ?? "film"}
        path={item.poster_url}
        square={isSquare(item.type)}
        eager={eager}
        className="transition-[box-shadow,translate] duration-150 group-hover:-translate-y-0.5 group-hover:shadow-float group-hover:ring-2 group-hover:ring-accent"
      />
      <span className="mt-2 block truncate text-sm font-semibold" title={item.title}>
        {item.title}
      </span>
      <span className="tabular block truncate text-[0.8rem] text-muted">
        {caption(item) || " "}
      </span>
    </Link>
  );
}
