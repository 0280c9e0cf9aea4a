// The way around on a phone, in reach of the thumb.
import { Menu } from "@base-ui/react/menu";
import { Link } from "@tanstack/react-router";
import { useMe } from "~/features/session/queries";
import { cx } from "~/lib/cx";
import { Icon } from "~/ui/Icon";
import { MENU_ITEM, MENU_POPUP } from "~/ui/menu-class";
import { ADMIN, COLLECTIONS, DOWNLOADS, HOME, LIBRARIES, SEARCH } from "./nav";

const CELL =
  "flex min-h-14 w-full flex-col items-center justify-center gap-0.5 text-[0.7rem] font-medium text-muted";

function More() {
  const me = useMe();
  const places = me.role === "admin" ? [COLLECTIONS, ...ADMIN] : [COLLECTIONS];
  return (
    <Menu.Root>
      <Menu.Trigger className={CELL}>
        <Icon name="more" />
        More
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner side="top" align="end" sideOffset={8} className="z-50">
          <Menu.Popup className={MENU_POPUP}>
            {places.map((place) => (
              <Menu.Item key={place.to} className={MENU_ITEM} render={<Link to={place.to} />}>
                <Icon name={place.icon} />
                {place.label}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

export function BottomBar() {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="grid grid-cols-5">
        {[HOME, LIBRARIES, SEARCH, DOWNLOADS].map((place) => (
          <li key={place.to}>
            <Link
              to={place.to}
              activeOptions={{ exact: place.to === "/" }}
              className={CELL}
              activeProps={{ className: cx("text-accent! font-semibold") }}
            >
              <Icon name={place.icon} />
              {place.label}
            </Link>
          </li>
        ))}
        <li>
          <More />
        </li>
      </ul>
    </nav>
  );
}
