// Posters by the thousand: only what is near the window is in the page, and one Tab stop leads in.
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ItemSummary } from "~/api/types";
import { Skeleton } from "~/ui/states";
import { gridLayout, moveBy } from "./grid-layout";
import { PosterCard } from "./PosterCard";
import { isSquare } from "./words";

type Props = {
  label: string;
  items: ItemSummary[];
  total: number;
  hasMore: boolean;
  onMore: () => void;
  dimmed?: boolean;
};

function useBox() {
  const ref = useRef<HTMLUListElement>(null);
  const [box, setBox] = useState({ width: 0, top: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const rect = element.getBoundingClientRect();
      const next = { width: rect.width, top: rect.top + window.scrollY };
      setBox((old) => (old.width === next.width && old.top === next.top ? old : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, box };
}

export function PosterGrid({ label, items, total, hasMore, onMore, dimmed }: Props) {
  const { ref, box } = useBox();
  const [active, setActive] = useState(0);
  const wantsFocus = useRef(false);
  const square = items[0] ? isSquare(items[0].type) : false;
  const layout = gridLayout(box.width || 900, square);
  const loadedRows = Math.ceil(items.length / layout.columns);
  const rows = hasMore ? loadedRows + 1 : loadedRows;

  const virtualizer = useWindowVirtualizer({
    count: rows,
    estimateSize: () => layout.rowHeight,
    overscan: 3,
    scrollMargin: box.top,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new row height makes old measurements wrong
  useLayoutEffect(() => virtualizer.measure(), [layout.rowHeight]);

  const visible = virtualizer.getVirtualItems();
  const lastRow = visible.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && lastRow >= loadedRows - 2) onMore();
  }, [hasMore, lastRow, loadedRows, onMore]);

  const first = (visible[0]?.index ?? 0) * layout.columns;
  const last = (lastRow + 1) * layout.columns - 1;
  const stop = active >= first && active <= last ? active : first;

  useEffect(() => {
    if (!wantsFocus.current) return;
    const card = ref.current?.querySelector<HTMLElement>(`[data-index="${active}"]`);
    if (!card) return;
    wantsFocus.current = false;
    card.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const from = Number((event.target as HTMLElement).dataset.index ?? Number.NaN);
    if (Number.isNaN(from) || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = moveBy(event.key, from, layout.columns, items.length);
    if (to === null) return;
    event.preventDefault();
    wantsFocus.current = true;
    setActive(to);
    virtualizer.scrollToIndex(Math.floor(to / layout.columns), { align: "auto" });
  };

  return (
    <ul
      ref={ref}
      aria-label={label}
      onKeyDown={onKeyDown}
      className={dimmed ? "relative opacity-60" : "relative"}
      style={{ height: virtualizer.getTotalSize() }}
    >
      {box.width > 0 &&
        visible.flatMap((row) =>
          Array.from({ length: layout.columns }, (_, column) => {
            const index = row.index * layout.columns + column;
            const item = items[index];
            if (!item && !(hasMore && index < total)) return null;
            return (
              <li
                key={index}
                aria-setsize={total}
                aria-posinset={index + 1}
                aria-hidden={item ? undefined : true}
                className="absolute top-0 left-0"
                style={{
                  width: layout.cell,
                  transform: `translate(${column * (layout.cell + layout.gap)}px, ${row.start - box.top}px)`,
                }}
              >
                {item ? (
                  <PosterCard item={item} index={index} tabIndex={index === stop ? 0 : -1} eager />
                ) : (
                  <Skeleton className={square ? "aspect-square" : "aspect-2/3"} />
                )}
              </li>
            );
          }),
        )}
    </ul>
  );
}
