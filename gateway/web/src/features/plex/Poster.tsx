// A poster, or a tile with the title where there is none. Never a broken image, never a jump.
import { useState } from "react";
import { resolveUrl } from "~/api/client";
import { cx } from "~/lib/cx";
import { Icon, type IconName } from "~/ui/Icon";

const HUES = [28, 52, 96, 145, 178, 205, 238, 265, 305, 345];

/** The same title has the same color everywhere. */
export function hueOf(title: string): number {
  let hash = 0;
  for (const char of title) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return HUES[hash % HUES.length] ?? 178;
}

/** A gateway image at one of its fixed widths. */
export function imageUrl(path: string, width: number, height: number): string {
  const url = new URL(resolveUrl(path));
  url.searchParams.set("w", String(width));
  url.searchParams.set("h", String(height));
  return url.href;
}

function Tile({ title, icon }: { title: string; icon: IconName }) {
  const hue = hueOf(title);
  return (
    <div
      data-testid="title-tile"
      className="flex size-full flex-col justify-between p-3 text-white"
      style={{
        background: `radial-gradient(120% 90% at 85% 0%, oklch(0.5 0.09 ${hue}), transparent 70%), linear-gradient(160deg, oklch(0.38 0.07 ${hue}), oklch(0.24 0.05 ${hue}))`,
      }}
    >
      <Icon name={icon} className="size-5 opacity-70" />
      <span
        aria-hidden="true"
        className="line-clamp-5 font-display text-base leading-tight font-bold break-words hyphens-auto"
      >
        {title}
      </span>
    </div>
  );
}

type Props = {
  title: string;
  icon: IconName;
  path: string | null | undefined;
  square?: boolean;
  width?: 180 | 300 | 450;
  eager?: boolean;
  className?: string;
};

const DOUBLE = { 180: 300, 300: 600, 450: 600 } as const;

export function Poster({ title, icon, path, square, width = 300, eager, className }: Props) {
  const [broken, setBroken] = useState<string | null>(null);
  const heightFor = (w: number) => (square ? w : Math.round(w * 1.5));
  const wide = DOUBLE[width];
  return (
    <div
      className={cx(
        "relative overflow-hidden rounded-xl bg-sunken ring-1 ring-line ring-inset",
        square ? "aspect-square" : "aspect-2/3",
        className,
      )}
    >
      {path && broken !== path ? (
        <img
          src={imageUrl(path, width, heightFor(width))}
          srcSet={`${imageUrl(path, width, heightFor(width))} ${width}w, ${imageUrl(path, wide, heightFor(wide))} ${wide}w`}
          sizes={`${Math.round(width * 0.6)}px`}
          alt=""
          loading={eager ? "eager" : "lazy"}
          decoding="async"
          className="size-full object-cover"
          onError={() => setBroken(path)}
        />
      ) : (
        <Tile title={title} icon={icon} />
      )}
    </div>
  );
}
