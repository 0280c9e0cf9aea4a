// The places one can go, for the sidebar and for the bar at the bottom.
import type { IconName } from "~/ui/Icon";

export type Place = {
  to: "/" | "/libraries" | "/search" | "/collections" | "/downloads" | "/webhooks" | "/servers";
  label: string;
  icon: IconName;
  admin?: boolean;
};

export const HOME: Place = { to: "/", label: "Home", icon: "home" };
export const LIBRARIES: Place = { to: "/libraries", label: "Libraries", icon: "library" };
export const SEARCH: Place = { to: "/search", label: "Search", icon: "search" };
export const COLLECTIONS: Place = { to: "/collections", label: "Collections", icon: "collection" };
export const DOWNLOADS: Place = { to: "/downloads", label: "Downloads", icon: "download" };
export const ADMIN: Place[] = [
  { to: "/webhooks", label: "Webhooks", icon: "webhook", admin: true },
  { to: "/servers", label: "Servers", icon: "server", admin: true },
];
