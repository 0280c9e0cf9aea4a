// Keeps the live stream while someone is signed in and feeds it to the query cache, once a frame.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { meQuery } from "~/features/session/queries";
import { applyEvents } from "./apply";
import { connectLive } from "./connect";
import type { LiveEvent, LiveState } from "./stream";

const LiveContext = createContext<LiveState>("connecting");
export const useLiveState = (): LiveState => useContext(LiveContext);

const soon = (run: () => void) =>
  document.hidden ? setTimeout(run, 1000) : requestAnimationFrame(run);

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");

  useEffect(() => {
    let waiting: LiveEvent[] = [];
    let wasLost = false;
    const flush = () => {
      const batch = waiting;
      waiting = [];
      applyEvents(client, batch);
    };
    return connectLive((message) => {
      if (message.kind === "event") {
        if (waiting.push(message.event) === 1) soon(flush);
        return;
      }
      setState(message.state);
      if (message.state === "live" && wasLost) void client.invalidateQueries();
      wasLost = message.state === "lost";
      // Refused rather than cut: perhaps the session is over, which this call finds out.
      if (message.closed) void client.invalidateQueries({ queryKey: meQuery.queryKey });
    });
  }, [client]);

  return <LiveContext value={state}>{children}</LiveContext>;
}
