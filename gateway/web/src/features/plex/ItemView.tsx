// Everything about one title.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ItemDetail } from "~/api/types";
import { buttonClass } from "~/ui/Button";
import { Icon } from "~/ui/Icon";
import { FocusHeading, useTitle } from "~/ui/Page";
import { Section } from "~/ui/Section";
import { Cast, Facts } from "./facts";
import { ItemChildren } from "./ItemChildren";
import { ItemMeta } from "./ItemMeta";
import { imageUrl, Poster } from "./Poster";
import { episodeCode, ITEM_ICON, isSquare } from "./words";

type Props = { item: ItemDetail; season?: string; onSeason: (id: string) => void };

function Art({ path }: { path: string | null | undefined }) {
  const [broken, setBroken] = useState(false);
  if (!path || broken) return null;
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute inset-x-0 top-0 -z-10 h-96 overflow-hidden"
    >
      <img
        src={imageUrl(path, 1280, 720)}
        alt=""
        className="art-mask size-full object-cover opacity-60"
        onError={() => setBroken(true)}
      />
    </div>
  );
}

/** Above the title: where this belongs, as words. */
function Belongs({ item }: { item: ItemDetail }) {
  const parts = [item.grandparent_title, item.parent_title, episodeCode(item)].filter(Boolean);
  if (parts.length === 0) return null;
  return <p className="mb-1 font-semibold text-muted">{parts.join(" · ")}</p>;
}

export function ItemView({ item, season, onSeason }: Props) {
  useTitle(item.title);
  return (
    <article className="relative isolate -mx-4 -mt-6 px-4 pt-8 md:-mx-8 md:px-8 md:pt-14">
      <Art path={item.art_url} />
      <div className="grid grid-cols-1 gap-6 sm:grid-cols-[11rem_minmax(0,1fr)] md:gap-10 lg:grid-cols-[15rem_minmax(0,1fr)]">
        <Poster
          title={item.title}
          icon={ITEM_ICON[item.type] ?? "film"}
          path={item.poster_url}
          square={isSquare(item.type)}
          width={450}
          eager
          className="w-36 shadow-float sm:w-full"
        />
        <div className="min-w-0">
          <Belongs item={item} />
          <FocusHeading className="text-3xl leading-tight font-bold tracking-tight md:text-4xl">
            {item.title}
          </FocusHeading>
          {item.original_title && item.original_title !== item.title && (
            <p className="mt-1 text-muted">{item.original_title}</p>
          )}
          <ItemMeta item={item} />
          {item.plex_url && (
            <a
              href={item.plex_url}
              target="_blank"
              rel="noopener noreferrer"
              className={`${buttonClass("primary")} mt-5`}
            >
              <Icon name="play" className="size-4" />
              Watch in Plex
            </a>
          )}
          {item.tagline && (
            <p className="mt-6 font-display text-lg text-balance italic">{item.tagline}</p>
          )}
          {item.summary && <p className="mt-3 max-w-3xl text-pretty">{item.summary}</p>}
          <Facts item={item} />
        </div>
      </div>
      <div className="mt-10 grid grid-cols-1 gap-10">
        <ItemChildren item={item} season={season} onSeason={onSeason} />
        <Cast cast={item.cast} />
        <Collections names={item.collections} />
      </div>
    </article>
  );
}

function Collections({ names }: { names: string[] }) {
  if (names.length === 0) return null;
  return (
    <Section title="In collections">
      <ul className="flex flex-wrap gap-2">
        {names.map((name) => (
          <li key={name}>
            <Link to="/collections" search={{ q: name }} className={buttonClass("plain", true)}>
              <Icon name="collection" className="size-4" />
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
