// What the mock server answers, call by call.
import type {
  Download,
  ItemSummary,
  Library,
  Page,
  ProblemBody,
  SyncStatus,
  User,
} from "~/api/types";
import * as plex from "./data.ts";
import * as traffic from "./traffic.ts";

export type MockState = {
  setupRequired: boolean;
  user: User | null;
  servers: (typeof plex.SERVER)[];
  downloads: Download[];
  plexAnswers: ("pending" | "session" | "no_server_access" | "pin_expired")[];
};
export type Handler = (call: Call) => Response | Promise<Response>;
export type Call = {
  request: Request;
  url: URL;
  params: string[];
  body: Record<string, unknown>;
  state: MockState;
};

export const SETUP_SECRET = "nest-secret";
export const PASSWORD = "correct horse";

export const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

export function problem(
  status: number,
  code: string,
  title: string,
  more: Partial<ProblemBody> = {},
): Response {
  const body: ProblemBody = {
    type: `/problems/${code}`,
    status,
    code,
    title,
    request_id: "req-0192-mock",
    ...more,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}

const page = <T>(items: T[], url: URL): Page<T> => {
  const limit = Number(url.searchParams.get("limit") ?? 50);
  const start = Number(url.searchParams.get("cursor") ?? 0);
  const end = start + limit;
  return {
    items: items.slice(start, end),
    next_cursor: end < items.length ? String(end) : null,
    total: items.length,
  };
};

const session = (state: MockState): Response => {
  state.user = plex.ADMIN;
  return json({ user: plex.ADMIN });
};

const itemsIn = (library: Library): ItemSummary[] =>
  Array.from({ length: library.item_count }, (_, index) => plex.itemOf(library, index));
const everything = plex.LIBRARIES.flatMap(itemsIn);

function findItem(id: string): ItemSummary | undefined {
  const known = everything.find((item) => item.id === id);
  if (known) return known;
  for (const show of everything.filter((item) => item.type === "show")) {
    for (const season of plex.childrenOf(show)) {
      if (season.id === id) return season;
    }
  }
  return everything[3] && plex.childrenOf({ ...everything[3], type: "season", index: 1 })[0];
}

function sorted(items: ItemSummary[], sort: string | null): ItemSummary[] {
  const byYear = (item: ItemSummary) => item.year ?? 0;
  if (sort === "-added_at")
    return [...items].sort((a, b) => (b.added_at ?? "").localeCompare(a.added_at ?? ""));
  if (sort === "year") return [...items].sort((a, b) => byYear(a) - byYear(b));
  if (sort === "-year") return [...items].sort((a, b) => byYear(b) - byYear(a));
  return [...items].sort((a, b) => a.title.localeCompare(b.title, "en", { numeric: true }));
}

const matching = (items: ItemSummary[], q: string | null) =>
  q ? items.filter((item) => item.title.toLowerCase().includes(q.toLowerCase())) : items;

function image(id: string): Response {
  let hash = 0;
  for (const char of id) hash = (hash * 33 + char.charCodeAt(0)) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  const hue = hash % 360;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 450" preserveAspectRatio="xMidYMid slice"><defs><linearGradient id="g" x2="0.4" y2="1"><stop stop-color="hsl(${hue} 45% 62%)"/><stop offset="1" stop-color="hsl(${(hue + 60) % 360} 50% 18%)"/></linearGradient></defs><rect width="300" height="450" fill="url(#g)"/><circle cx="${80 + (hash % 140)}" cy="${110 + (hash % 90)}" r="${40 + (hash % 50)}" fill="hsl(${(hue + 20) % 360} 80% 85%)" opacity=".7"/><path d="M0 ${300 + (hash % 60)} Q80 ${230 + (hash % 80)} 170 ${310 + (hash % 40)} T300 280 V450 H0Z" fill="hsl(${hue} 40% 12%)" opacity=".85"/></svg>`;
  return new Response(svg, {
    headers: { "content-type": "image/svg+xml", "cache-control": "max-age=600" },
  });
}

const DONE: SyncStatus = {
  state: "done",
  libraries_done: 4,
  libraries_total: 4,
  items_done: 1678,
  items_total: 1678,
  started_at: plex.SERVER.last_synced_at,
  finished_at: plex.SERVER.last_synced_at,
  error: null,
};

function addServer({ body, state }: Call): Response {
  const token = String(body.token);
  if (token === "wrong")
    return problem(422, "invalid", "Some values are not valid", {
      errors: [
        {
          field: "token",
          pointer: "#/token",
          code: "refused",
          message: "The Plex server refused this token.",
        },
      ],
    });
  if (String(body.url).includes("nowhere"))
    return problem(502, "upstream-failed", "Another server gave no usable answer", {
      detail: "Nothing answers at this address. Check the address and that the server runs.",
    });
  state.servers = [plex.SERVER];
  return json(plex.SERVER, 201);
}

function completePin({ state }: Call): Response {
  const next = state.plexAnswers.length > 1 ? state.plexAnswers.shift() : state.plexAnswers[0];
  if (next === "session") return session(state);
  if (next === "no_server_access")
    return problem(403, next, "This Plex account has no access to the server");
  if (next === "pin_expired") return problem(410, next, "The sign-in took too long; start again");
  return json({ status: "pending" }, 202);
}

function createDownload({ body, state }: Call): Response {
  const base = traffic.DOWNLOADS[2];
  if (!base) return problem(500, "internal", "No sample");
  const created: Download = {
    ...base,
    id: plex.uuid(5, 100 + state.downloads.length),
    url: String(body.url),
    created_at: new Date().toISOString(),
  };
  state.downloads = [created, ...state.downloads];
  return json(created, 201);
}

function preview({ body }: Call): Response {
  const url = String(body.url);
  if (url.includes("refuse"))
    return problem(422, "link-refused", "This link cannot be downloaded", {
      detail: "The address is inside the private network. Only public links can be downloaded.",
    });
  const playlist = url.includes("list");
  const entries = Array.from({ length: playlist ? 12 : 1 }, (_, index) => ({
    title: playlist ? `Talk ${index + 1}: what we learned` : "How a lighthouse lens is made",
    duration_seconds: 1260 + index * 77,
    url: `${url}#${index}`,
  }));
  return json({
    kind: playlist ? "playlist" : "video",
    title: playlist ? "Conference talks 2026" : "How a lighthouse lens is made",
    entry_count: entries.length,
    entries,
    total_duration_seconds: entries.reduce((sum, entry) => sum + entry.duration_seconds, 0),
    estimated_bytes: entries.length * 210_000_000,
    fits_quota: !playlist,
    reasons: playlist
      ? ["5 of 5 downloads this hour are used; the next is free in 34 minutes."]
      : [],
  });
}

function act({ params, state }: Call): Response {
  const [id, action] = params;
  const next = { pause: "paused", resume: "queued", cancel: "cancelled", retry: "queued" }[
    action ?? ""
  ] as Download["state"];
  const found = state.downloads.find((item) => item.id === id);
  if (!found) return problem(404, "not-found", "There is nothing here");
  Object.assign(found, { state: next, progress: null, error: null });
  return json(found);
}

export const ROUTES: [method: string, pattern: RegExp, handler: Handler][] = [
  [
    "GET",
    /^\/system\/status$/,
    ({ state }) =>
      json({
        version: "0.1.0",
        setup_required: state.setupRequired,
        sign_in: { password: true, plex: true, passkey: false, oidc: [] },
      }),
  ],
  [
    "GET",
    /^\/me$/,
    ({ state }) =>
      state.user ? json(state.user) : problem(401, "unauthenticated", "Sign in to do this"),
  ],
  [
    "POST",
    /^\/auth\/setup$/,
    ({ body, state }) => {
      if (body.setup_secret !== SETUP_SECRET)
        return problem(401, "invalid-setup-secret", "The setup secret is wrong");
      state.setupRequired = false;
      return session(state);
    },
  ],
  [
    "POST",
    /^\/auth\/login$/,
    ({ body, state }) =>
      body.password === PASSWORD
        ? session(state)
        : problem(401, "invalid-credentials", "The user name or the password is wrong"),
  ],
  [
    "POST",
    /^\/auth\/logout$/,
    ({ state }) => {
      state.user = null;
      return new Response(null, { status: 204 });
    },
  ],
  [
    "POST",
    /^\/auth\/plex\/pins$/,
    () =>
      json(
        {
          id: "pin1",
          code: "ABCD",
          auth_url: "https://app.plex.tv/auth#code=ABCD",
          expires_at: new Date(Date.now() + 600_000).toISOString(),
        },
        201,
      ),
  ],
  ["POST", /^\/auth\/plex\/pins\/[^/]+\/complete$/, completePin],
  ["GET", /^\/plex\/servers$/, ({ state, url }) => json(page(state.servers, url))],
  ["POST", /^\/plex\/servers$/, addServer],
  ["POST", /^\/plex\/servers\/[^/]+\/test$/, () => json(plex.SERVER)],
  ["GET", /^\/plex\/servers\/[^/]+\/sync$/, () => json(DONE)],
  ["POST", /^\/plex\/servers\/[^/]+\/sync$/, () => json(DONE, 202)],
  [
    "DELETE",
    /^\/plex\/servers\/([^/]+)$/,
    ({ state }) => {
      state.servers = [];
      return new Response(null, { status: 204 });
    },
  ],
  ["GET", /^\/plex\/libraries$/, ({ state }) => json(state.servers.length ? plex.LIBRARIES : [])],
  [
    "GET",
    /^\/plex\/libraries\/([^/]+)\/items$/,
    ({ params, url }) => {
      const library = plex.LIBRARIES.find((entry) => entry.id === params[0]);
      if (!library) return problem(404, "not-found", "There is nothing here");
      return json(
        page(
          sorted(
            matching(itemsIn(library), url.searchParams.get("q")),
            url.searchParams.get("sort"),
          ),
          url,
        ),
      );
    },
  ],
  [
    "GET",
    /^\/plex\/recently-added$/,
    ({ url, state }) =>
      json(page(state.servers.length ? sorted(everything.slice(0, 60), "-added_at") : [], url)),
  ],
  [
    "GET",
    /^\/plex\/items\/([^/]+)\/children$/,
    ({ params, url }) => {
      const item = findItem(params[0] ?? "");
      return json(page(item ? plex.childrenOf(item) : [], url));
    },
  ],
  [
    "GET",
    /^\/plex\/items\/([^/]+)$/,
    ({ params }) => {
      const item = findItem(params[0] ?? "");
      return item ? json(plex.detailOf(item)) : problem(404, "not-found", "There is nothing here");
    },
  ],
  [
    "GET",
    /^\/plex\/search$/,
    ({ url }) => {
      const hits = matching(everything, url.searchParams.get("q")).slice(0, 40);
      return json({
        items: hits.map((item, index) => ({
          item,
          score: 1 - index / 50,
          matched: index % 5 === 4 ? "person" : "title",
        })),
        took_ms: 7,
      });
    },
  ],
  ["GET", /^\/plex\/collections$/, ({ url }) => json(page(plex.COLLECTIONS, url))],
  [
    "GET",
    /^\/plex\/collections\/([^/]+)$/,
    ({ params }) => {
      const found = plex.COLLECTIONS.find((entry) => entry.id === params[0]);
      return found
        ? json({ ...found, items: everything.slice(0, found.item_count) })
        : problem(404, "not-found", "There is nothing here");
    },
  ],
  ["GET", /^\/plex\/images\/([^/]+)\//, ({ params }) => image(params[0] ?? "")],
  [
    "GET",
    /^\/downloads$/,
    ({ url, state }) => {
      const wanted = url.searchParams.get("state");
      return json(
        page(
          state.downloads.filter((item) => !wanted || item.state === wanted),
          url,
        ),
      );
    },
  ],
  ["POST", /^\/downloads$/, createDownload],
  ["POST", /^\/downloads\/preview$/, preview],
  ["GET", /^\/downloads\/usage$/, () => json({ items: traffic.USAGE })],
  ["GET", /^\/downloads\/presets$/, () => json({ items: traffic.PRESETS })],
  ["POST", /^\/downloads\/([^/]+)\/(pause|resume|cancel|retry)$/, act],
  [
    "DELETE",
    /^\/downloads\/([^/]+)$/,
    ({ params, state }) => {
      state.downloads = state.downloads.filter((item) => item.id !== params[0]);
      return new Response(null, { status: 204 });
    },
  ],
  ["GET", /^\/webhooks\/kinds$/, () => json({ items: traffic.KINDS })],
  ["GET", /^\/webhooks\/sources$/, ({ url }) => json(page(traffic.SOURCES, url))],
  [
    "POST",
    /^\/webhooks\/sources$/,
    ({ body }) =>
      json(
        {
          ...traffic.SOURCES[0],
          ...body,
          url: "https://nest.example/hooks/v1/0192/s3cr3t-s3cr3t-s3cr3t",
          secret: "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ",
        },
        201,
      ),
  ],
  [
    "GET",
    /^\/webhooks\/deliveries$/,
    ({ url }) => {
      const wanted = url.searchParams.get("state");
      return json(
        page(
          traffic.DELIVERIES.filter((item) => !wanted || item.state === wanted),
          url,
        ),
      );
    },
  ],
  [
    "GET",
    /^\/webhooks\/deliveries\/([^/]+)$/,
    ({ params }) => {
      const found = traffic.DELIVERIES.find((item) => item.id === params[0]);
      if (!found) return problem(404, "not-found", "There is nothing here");
      return json({
        ...found,
        headers: {
          "content-type": "application/json",
          "user-agent": "PlexMediaServer/1.43.0",
          authorization: "***",
        },
        content_type: "application/json",
        body_text: JSON.stringify({
          event: found.event_type,
          Account: { title: "robin" },
          Metadata: { title: "Northbound", year: 1975 },
        }),
        body_base64: null,
        attempts_log: [
          { at: found.received_at, outcome: found.error ? "failed" : "done", error: found.error },
        ],
        events: [
          {
            id: plex.uuid(9, 1),
            type: "medianest.playback.started.v1",
            subject: "item/1",
            data: { title: "Northbound" },
          },
        ],
      });
    },
  ],
  [
    "POST",
    /^\/webhooks\/deliveries\/([^/]+)\/replay$/,
    ({ params }) => json({ ...traffic.DELIVERIES[0], replay_of: params[0] }, 202),
  ],
  ["GET", /^\/notifications$/, ({ url }) => json(page(traffic.NOTIFICATIONS, url))],
  ["POST", /^\/notifications\//, () => new Response(null, { status: 204 })],
];
