// A server that answers as the gateway would: one handler set for unit tests and for `vite --mode mock`.
import * as plex from "./data.ts";
import { type Handler, type MockState, problem, ROUTES } from "./routes.ts";
import * as traffic from "./traffic.ts";

export type { MockState } from "./routes.ts";
export { json, PASSWORD, problem, SETUP_SECRET } from "./routes.ts";

type Options = { delayMs?: number; live?: boolean; state?: Partial<MockState> };

/** An event stream that says hello and then moves the first download forward twice a second. */
function liveStream(state: MockState): Response {
  const encoder = new TextEncoder();
  let timer: ReturnType<typeof setInterval>;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (event: string, payload: unknown) =>
        controller.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(payload)}\n\n`));
      send("hello", { build: "mock" });
      timer = setInterval(() => {
        const active = state.downloads.find((item) => item.state === "downloading");
        if (!active?.progress) return;
        const percent = (active.progress.percent + 0.6) % 100;
        active.progress = {
          ...active.progress,
          percent,
          downloaded_bytes: percent * 3_000_000,
          eta_seconds: 100 - percent,
        };
        const type = "medianest.download.progress.v1";
        send(type, {
          type,
          data: {
            download_id: active.id,
            user_id: active.user_id,
            state: active.state,
            progress: active.progress,
          },
        });
      }, 500);
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

export function createMockApi({ delayMs = 0, live = false, state: given }: Options = {}) {
  const state: MockState = {
    setupRequired: false,
    user: null,
    servers: [plex.SERVER],
    downloads: traffic.DOWNLOADS.map((item) => ({ ...item })),
    plexAnswers: ["pending", "session"],
    ...given,
  };
  const overrides: [method: string, path: string, handler: Handler][] = [];
  const calls: { method: string; path: string; headers: Headers; body: unknown }[] = [];

  const fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^.*\/api\/v1/, "");
    const text = request.method === "GET" ? "" : await request.text();
    const body = text ? (JSON.parse(text) as Record<string, unknown>) : {};
    calls.push({ method: request.method, path, headers: request.headers, body });
    if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (live && path === "/events") return liveStream(state);
    const override = overrides.find(
      ([method, wanted]) => method === request.method && wanted === path,
    );
    if (override) return override[2]({ request, url, params: [], body, state });
    for (const [method, pattern, handler] of ROUTES) {
      const match = method === request.method ? pattern.exec(path) : null;
      if (match) return handler({ request, url, params: match.slice(1), body, state });
    }
    return problem(404, "not-found", "There is nothing here");
  };

  return {
    state,
    calls,
    fetch,
    /** From now on this call is answered by `handler`. */
    on(method: string, path: string, handler: Handler) {
      overrides.unshift([method, path, handler]);
    },
  };
}
