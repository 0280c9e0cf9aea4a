// Connects a page to the live stream, over the shared worker where there is one.
import { resolveUrl } from "~/api/client";
import { type LiveMessage, LiveStream } from "./stream";
import type { Command } from "./worker";
import workerUrl from "./worker.ts?sharedworker&url";

type Policy = { createScriptURL(url: string): unknown };
type Factory = {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
};

let policy: Policy | null = null;

/** Trusted Types: only a script of our own origin may become a worker. */
function trusted(url: string): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
  if (!factory) return url;
  policy ??= factory.createPolicy("mn-worker", {
    createScriptURL: (candidate) => {
      if (new URL(candidate, document.baseURI).origin !== window.location.origin)
        throw new TypeError("a worker must come from this origin");
      return candidate;
    },
  });
  return policy.createScriptURL(url) as string;
}

function viaWorker(tell: (message: LiveMessage) => void): () => void {
  const url = new URL(workerUrl, document.baseURI).href;
  const worker = new SharedWorker(trusted(url), { type: "module", name: "medianest-live" });
  const send = (command: Command) => worker.port.postMessage(command);
  worker.port.onmessage = (message: MessageEvent<LiveMessage>) => tell(message.data);
  const open = () => send({ kind: "open", url: resolveUrl("/events") });
  const leave = () => send({ kind: "leave" });
  const show = (event: PageTransitionEvent) => event.persisted && open();
  worker.port.start();
  open();
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", show);
  return () => {
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("pageshow", show);
    leave();
    worker.port.close();
  };
}

function viaPage(tell: (message: LiveMessage) => void): () => void {
  const stream = new LiveStream(resolveUrl("/events"), tell);
  return () => stream.close();
}

export function connectLive(tell: (message: LiveMessage) => void): () => void {
  if (typeof EventSource === "undefined") return () => undefined;
  return typeof SharedWorker === "undefined" ? viaPage(tell) : viaWorker(tell);
}
