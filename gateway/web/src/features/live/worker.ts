// The shared worker: one stream for all tabs, because a browser allows only six connections to a host.
import { type LiveMessage, LiveStream } from "./stream";

export type Command = { kind: "open"; url: string } | { kind: "leave" };

const scope = globalThis as unknown as { onconnect: ((event: MessageEvent) => void) | null };
const tabs = new Set<MessagePort>();
let stream: LiveStream | null = null;

function tellAll(message: LiveMessage): void {
  for (const tab of tabs) tab.postMessage(message);
}

function join(tab: MessagePort, url: string): void {
  tabs.add(tab);
  if (stream) tab.postMessage({ kind: "state", state: stream.state } satisfies LiveMessage);
  else stream = new LiveStream(url, tellAll);
}

function leave(tab: MessagePort): void {
  tabs.delete(tab);
  if (tabs.size > 0) return;
  stream?.close();
  stream = null;
}

scope.onconnect = (event) => {
  const tab = event.ports[0];
  if (!tab) return;
  tab.onmessage = (message: MessageEvent<Command>) => {
    if (message.data.kind === "open") join(tab, message.data.url);
    else leave(tab);
  };
  tab.start();
};
