// The way around on wide screens.
import { useQuery } from "@tanstack/react-query";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { librariesQuery } from "~/features/plex/queries";
import { LIBRARY_ICON } from "~/features/plex/words";
import { useMe } from "~/features/session/queries";
import { formatCount } from "~/lib/format";
import { Icon, type IconName, Mark } from "~/ui/Icon";
import { ADMIN, COLLECTIONS, DOWNLOADS, HOME, type Place } from "./nav";

const ITEM =
  "flex min-h-10 items-center gap-3 rounded-lg px-3 text-[0.925rem] font-medium text-muted transition-colors hover:bg-sunken hover:text-text";
const ACTIVE = { className: "bg-accent-soft! text-accent! font-semibold" };

function Entry({ icon, children, ...link }: LinkProps & { icon: IconName; children: ReactNode }) {
  return (
    <li>
      <Link {...link} className={ITEM} activeProps={ACTIVE}>
        <Icon name={icon} />
        {children}
      </Link>
    </li>
  );
}

const PlaceEntry = ({ place }: { place: Place }) => (
  <Entry to={place.to} icon={place.icon} activeOptions={{ exact: place.to === "/" }}>
    {place.label}
  </Entry>
);

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="mt-6">
      <h2 className="px-3 pb-1.5 font-sans text-xs font-semibold text-faint">{title}</h2>
      <ul className="grid gap-0.5">{children}</ul>
    </div>
  );
}

export function Sidebar() {
  const me = useMe();
  const { data: libraries = [] } = useQuery(librariesQuery);
  return (
    <aside className="sticky top-0 hidden h-dvh w-60 shrink-0 flex-col overflow-y-auto border-r border-line bg-surface px-3 py-4 md:flex">
      <Link to="/" className="mb-5 flex items-center gap-2.5 rounded-lg px-2">
        <Mark className="size-9" />
        <span className="font-display text-lg font-bold tracking-tight">MediaNest</span>
      </Link>
      <nav aria-label="Main">
        <ul className="grid gap-0.5">
          <PlaceEntry place={HOME} />
          <PlaceEntry place={DOWNLOADS} />
          <PlaceEntry place={COLLECTIONS} />
        </ul>
        {libraries.length > 0 && (
          <Group title="Libraries">
            {libraries.map((library) => (
              <Entry
                key={library.id}
                icon={LIBRARY_ICON[library.type] ?? "library"}
                to="/library/$libraryId"
                params={{ libraryId: library.id }}
              >
                <span className="min-w-0 flex-1 truncate">{library.title}</span>
                <span className="tabular text-xs">{formatCount(library.item_count)}</span>
              </Entry>
            ))}
          </Group>
        )}
        {me.role === "admin" && (
          <Group title="Administration">
            {ADMIN.map((place) => (
              <PlaceEntry key={place.to} place={place} />
            ))}
          </Group>
        )}
      </nav>
    </aside>
  );
}
