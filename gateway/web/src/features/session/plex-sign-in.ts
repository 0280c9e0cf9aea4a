// Sign in with Plex: a code is made, Plex's page opens in a window of its own, and we ask until it is done.
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, api } from "~/api/client";
import type { PinPending, PlexPin, Session } from "~/api/types";

export const POLL_MS = 1500;

export type PlexSignIn =
  | { step: "idle" }
  | { step: "opening" }
  | { step: "waiting"; pin: PlexPin; blocked: boolean }
  | { step: "failed"; title: string; detail: string };

const WORDS: Record<string, { title: string; detail: string }> = {
  no_server_access: {
    title: "This Plex account has no access here",
    detail:
      "You signed in to Plex, but the account is not shared on this household's server. Ask the person who runs it to share a library with you, then try again.",
  },
  pin_expired: {
    title: "The sign-in took too long",
    detail:
      "The Plex code is no longer valid. Start again and finish in the Plex window within a few minutes.",
  },
};

function inWords(error: unknown): PlexSignIn {
  if (error instanceof ApiError) {
    const known = WORDS[error.code];
    if (known) return { step: "failed", ...known };
    return { step: "failed", title: error.title, detail: error.detail ?? "Try again in a moment." };
  }
  return { step: "failed", title: "Plex sign-in did not work", detail: "Try again in a moment." };
}

/** Opened inside the click, or browsers block it; the address follows when the code is there. */
function openWindow(): Window | null {
  const opened = window.open("about:blank", "_blank", "popup,width=620,height=780");
  if (opened) opened.opener = null;
  return opened;
}

/** Only a window that still is our blank page: once Plex is in it, the window is the person's to close. */
function closeBlank(opened: Window | null): void {
  try {
    if (opened?.location.href === "about:blank") opened.close();
  } catch {
    // Plex's page: of another origin, and cut off from us on purpose.
  }
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

async function askOnce(pin: PlexPin, signal: AbortSignal): Promise<Session | null> {
  try {
    const path = `/auth/plex/pins/${pin.id}/complete`;
    const answer = await api.postWithStatus<Session | PinPending>(
      path,
      { mode: "cookie" },
      { signal },
    );
    return answer.status === 200 ? (answer.body as Session) : null;
  } catch (error) {
    const passing = error instanceof ApiError && (error.status === 0 || error.status === 429);
    if (!passing) throw error;
    await pause((error.retryAfterSeconds ?? 1) * 1000, signal);
    return null;
  }
}

async function waitForSession(pin: PlexPin, signal: AbortSignal): Promise<Session | null> {
  while (!signal.aborted) {
    await pause(POLL_MS, signal);
    if (signal.aborted) return null;
    const session = await askOnce(pin, signal);
    if (session) return session;
  }
  return null;
}

export function usePlexSignIn(onSession: (session: Session) => void) {
  const [state, setState] = useState<PlexSignIn>({ step: "idle" });
  const running = useRef<{ stop: AbortController; opened: Window | null } | null>(null);

  const cancel = useCallback(() => {
    running.current?.stop.abort();
    closeBlank(running.current?.opened ?? null);
    running.current = null;
    setState({ step: "idle" });
  }, []);

  useEffect(() => () => running.current?.stop.abort(), []);

  const start = useCallback(async () => {
    const stop = new AbortController();
    const opened = openWindow();
    running.current = { stop, opened };
    setState({ step: "opening" });
    try {
      const pin = await api.post<PlexPin>("/auth/plex/pins", {}, { signal: stop.signal });
      if (opened && !opened.closed) opened.location.href = pin.auth_url;
      setState({ step: "waiting", pin, blocked: !opened });
      const session = await waitForSession(pin, stop.signal);
      if (session) onSession(session);
    } catch (error) {
      closeBlank(opened);
      if (!stop.signal.aborted) setState(inWords(error));
    }
  }, [onSession]);

  return { state, start, cancel };
}
