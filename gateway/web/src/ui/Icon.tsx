// Our icons: 24 × 24 strokes, drawn for this app. Decorative always; the word beside them carries the meaning.
const PATHS = {
  home: "M4 11.5 12 4l8 7.5M6.5 9.8V20h11V9.8",
  library: "M4 5h5v15H4zM9 5h4v15H9zM14.2 6.2l3.9-1 3.7 14.3-3.9 1z",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM16.2 16.2 21 21",
  collection: "M4 9h16v11H4zM6.5 6h11M9 3h6",
  download: "M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M4.5 20h15",
  webhook:
    "M9 11.5a4 4 0 1 1 5.6-4.7L17 12M15 12.5a4 4 0 1 1-1.5 6.8M12 17H7.5M7 13.2a4 4 0 1 0 4.5 5.5",
  server: "M4 4h16v7H4zM4 13h16v7H4zM8 7.5h.01M8 16.5h.01M12 7.5h4M12 16.5h4",
  bell: "M6 10a6 6 0 1 1 12 0c0 5 2 6.5 2 6.5H4S6 15 6 10ZM10 19.5a2.2 2.2 0 0 0 4 0",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
  check: "M5 12.5 10 17.5 19.5 7",
  cross: "M6 6l12 12M18 6 6 18",
  warning: "M12 4 2.8 20h18.4zM12 10v4.5M12 17.3h.01",
  pause: "M8 5v14M16 5v14",
  play: "M7 4.5v15l12-7.5z",
  retry: "M20 11a8 8 0 1 0-2.3 6.3M20 4.5V11h-6.5",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5.5l3.5 2",
  gear: "M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3M5.3 5.3l2.1 2.1M16.6 16.6l2.1 2.1M5.3 18.7l2.1-2.1M16.6 7.4l2.1-2.1",
  import: "M12 3v10m0 0 4-4m-4 4L8 9M4 13v7h16v-7",
  lookup: "M10 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15 15l5.5 5.5M10 7.5v5M7.5 10h5",
  external: "M13.5 4H20v6.5M20 4l-9 9M17 14v6H4V7h6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  more: "M5 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6ZM12 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6ZM19 11.2a.8.8 0 1 0 0 1.6.8.8 0 0 0 0-1.6Z",
  plus: "M12 5v14M5 12h14",
  chevron: "M6 9.5 12 15.5 18 9.5",
  arrow: "M5 12h14M13 6l6 6-6 6",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.2 5.2l1.4 1.4M17.4 17.4l1.4 1.4M5.2 18.8l1.4-1.4M17.4 6.6l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z",
  screen: "M3 5h18v11H3zM9 20h6M12 16v4",
  film: "M4 4h16v16H4zM8 4v16M16 4v16M4 9h4M4 15h4M16 9h4M16 15h4",
  tv: "M3 7h18v12H3zM8 3l4 4 4-4",
  music:
    "M9 18V5.5l11-2V16M9 18a2.8 2.8 0 1 1-5.6 0 2.8 2.8 0 0 1 5.6 0ZM20 16a2.8 2.8 0 1 1-5.6 0 2.8 2.8 0 0 1 5.6 0Z",
  photo: "M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9h.01",
  trash: "M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13",
  sync: "M4 12a8 8 0 0 1 13.7-5.7L20 8.5M20 4v4.5h-4.5M20 12a8 8 0 0 1-13.7 5.7L4 15.5M4 20v-4.5h4.5",
  signout: "M14 4H5v16h9M10 12h11m0 0-4-4m4 4-4 4",
  link: "M10 14a4.5 4.5 0 0 0 6.5 0l3-3A4.6 4.6 0 0 0 13 4.5l-1 1M14 10a4.5 4.5 0 0 0-6.5 0l-3 3a4.6 4.6 0 0 0 6.5 6.5l1-1",
  stop: "M6 6h12v12H6z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, className = "size-5" }: { name: IconName; className?: string }) {
  return (
    <svg
      viewBox="0 0 24 24"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark: an egg that is a play button, lying in its nest. */
export function Mark({ className = "size-8" }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 32 32"
      className={`shrink-0 ${className}`}
      aria-hidden="true"
      focusable="false"
    >
      <path
        className="fill-accent"
        d="M16 3c3.7 0 6.7 5.4 6.7 9.7a6.7 6.7 0 0 1-13.4 0C9.3 8.4 12.3 3 16 3Z"
      />
      <path className="fill-bg" d="M14.2 9.2v6.4l5-3.2Z" />
      <g className="stroke-twig" fill="none" strokeLinecap="round">
        <path strokeWidth="2.6" d="M3.8 16.5C4.8 22.7 9.7 27 16 27s11.2-4.3 12.2-10.5" />
        <path strokeWidth="1.7" opacity=".7" d="M7 19.2c2.1 2.9 5.3 4.5 9 4.5s6.9-1.6 9-4.5" />
      </g>
    </svg>
  );
}
