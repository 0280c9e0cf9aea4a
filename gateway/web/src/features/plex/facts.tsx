// The longer facts of a title: who made it, what the file is, where else it is known.
import type { ItemDetail, Media } from "~/api/types";
import { formatDate } from "~/lib/format";
import { Section } from "~/ui/Section";

function fileWords(media: Media): string {
  const resolution =
    media.resolution && /^\d+$/.test(media.resolution)
      ? `${media.resolution}p`
      : media.resolution?.toUpperCase();
  const rate = media.bitrate_kbps ? `${(media.bitrate_kbps / 1000).toFixed(1)} Mbit/s` : null;
  return [
    resolution,
    media.video_codec?.toUpperCase(),
    media.audio_codec?.toUpperCase(),
    media.container?.toUpperCase(),
    rate,
  ]
    .filter(Boolean)
    .join(" · ");
}

function rowsOf(item: ItemDetail): [string, string][] {
  const rows: [string, string][] = [
    ["Genres", item.genres.join(", ")],
    ["Directed by", item.directors.join(", ")],
    ["Written by", item.writers.join(", ")],
    ["Studio", item.studio ?? ""],
    ["Released", item.originally_available_at ? formatDate(item.originally_available_at) : ""],
    ["Added", item.added_at ? formatDate(item.added_at) : ""],
    ["File", item.media.map(fileWords).join("; ")],
  ];
  return rows.filter(([, value]) => value !== "");
}

const id = (value: string | null | undefined) => value?.replace(/[^\w-]/g, "");

function linksOf({ external_ids: ids, type }: ItemDetail): [string, string][] {
  const links: [string, string][] = [];
  if (ids.imdb) links.push(["IMDb", `https://www.imdb.com/title/${id(ids.imdb)}/`]);
  if (ids.tmdb && (type === "movie" || type === "show"))
    links.push([
      "TMDB",
      `https://www.themoviedb.org/${type === "show" ? "tv" : "movie"}/${id(ids.tmdb)}`,
    ]);
  return links;
}

export function Facts({ item }: { item: ItemDetail }) {
  const links = linksOf(item);
  return (
    <dl className="mt-6 grid max-w-3xl gap-x-6 gap-y-0 text-[0.95rem] sm:grid-cols-[8rem_minmax(0,1fr)]">
      {rowsOf(item).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted max-sm:text-sm">{name}</dt>
          <dd className="mb-2 max-sm:mb-3">{value}</dd>
        </div>
      ))}
      {links.length > 0 && (
        <div className="contents">
          <dt className="text-muted max-sm:text-sm">See also</dt>
          <dd className="flex gap-4">
            {links.map(([name, href]) => (
              <a
                key={name}
                href={href}
                target="_blank"
                rel="noopener noreferrer"
                className="font-semibold text-accent underline underline-offset-4"
              >
                {name}
              </a>
            ))}
          </dd>
        </div>
      )}
    </dl>
  );
}

export function Cast({ cast }: { cast: ItemDetail["cast"] }) {
  if (cast.length === 0) return null;
  return (
    <Section title="Cast">
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(12rem,1fr))] gap-x-6 gap-y-3">
        {cast.slice(0, 24).map((person) => (
          <li key={`${person.name}/${person.role}`} className="min-w-0 border-l-2 border-line pl-3">
            <p className="truncate font-semibold">{person.name}</p>
            {person.role && <p className="truncate text-sm text-muted">{person.role}</p>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
