// One server-sent event stream: opens, reopens, and says how it is. Runs in the shared worker, or in the
// page itself where shared workers do not exist.
export type LiveState = "connecting" | "live" | "lost";
export type LiveEvent = {
  id?: string;
  type: string;
  time?: string;
  subject?: string;
  data: Record<string, unknown>;
};
export type LiveMessage =
  | { kind: "state"; state: LiveState; closed?: boolean }
  | { kind: "event"; event: LiveEvent };

/** An EventSource hands over only events whose names it was told. */
const NAMES = [
  "download.requested",
  "download.started",
  "download.progress",
  "download.finished",
  "download.failed",
  "download.cancelled",
  "download.in_plex",
  "library.synced",
  "library.item_added",
  "plex.server_up",
  "plex.server_down",
  "webhook.received",
  "notification.created",
].map((name) => `medianest.${name}.v1`);

const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 30_000;

export class LiveStream {
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private retryMs = FIRST_RETRY_MS;
  state: LiveState = "connecting";

  constructor(
    private readonly url: string,
    private readonly tell: (message: LiveMessage) => void,
  ) {
    this.open();
  }

  close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  private open(): void {
    const source = new EventSource(this.url);
    this.source = source;
    source.addEventListener("hello", () => {
      this.retryMs = FIRST_RETRY_MS;
      this.become("live");
    });
    source.addEventListener("resync", () => this.event({ type: "resync", data: {} }));
    for (const name of NAMES) {
      source.addEventListener(name, (message) => this.event(JSON.parse(message.data)));
    }
    source.onerror = () => this.onError(source);
  }

  /** The browser retries by itself after a cut, but never after a refusal: that is ours to do. */
  private onError(source: EventSource): void {
    const closed = source.readyState === EventSource.CLOSED;
    this.become("lost", closed);
    if (!closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), this.retryMs);
    this.retryMs = Math.min(LAST_RETRY_MS, this.retryMs * 2);
  }

  private become(state: LiveState, closed = false): void {
    this.state = state;
    this.tell({ kind: "state", state, closed });
  }

  private event(event: LiveEvent): void {
    this.tell({ kind: "event", event });
  }
}
