// The arithmetic of the poster grid, apart from the drawing.
export type Layout = { columns: number; cell: number; gap: number; rowHeight: number };

const CAPTION = 52;

export function gridLayout(width: number, square: boolean): Layout {
  const phone = width < 560;
  const gap = phone ? 12 : 20;
  const wanted = phone ? 104 : width > 1300 ? 176 : 156;
  const columns = Math.max(2, Math.floor((width + gap) / (wanted + gap)));
  const cell = (width - gap * (columns - 1)) / columns;
  return { columns, cell, gap, rowHeight: cell * (square ? 1 : 1.5) + CAPTION + gap };
}

/** Where an arrow, Home, End or Page key leads from `index`; null when the key means nothing here. */
export function moveBy(key: string, index: number, columns: number, count: number): number | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * 3,
    PageDown: columns * 3,
    Home: -index,
    End: count - 1 - index,
  };
  const step = steps[key];
  if (step === undefined) return null;
  return Math.min(count - 1, Math.max(0, index + step));
}
