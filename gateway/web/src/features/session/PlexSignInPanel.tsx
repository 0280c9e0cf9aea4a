// The Plex half of the sign-in page, with every way it can end.
import type { Session } from "~/api/types";
import { Button, buttonClass } from "~/ui/Button";
import { Icon } from "~/ui/Icon";
import { usePlexSignIn } from "./plex-sign-in";

export function PlexSignInPanel({ onSession }: { onSession: (session: Session) => void }) {
  const { state, start, cancel } = usePlexSignIn(onSession);
  if (state.step === "waiting") return <Waiting state={state} onCancel={cancel} />;
  return (
    <div className="grid gap-3">
      {state.step === "failed" && (
        <div
          role="alert"
          className="grid gap-0.5 rounded-lg border border-bad/40 bg-bad-soft px-3.5 py-3 text-sm"
        >
          <p className="font-semibold text-bad">{state.title}</p>
          <p>{state.detail}</p>
        </div>
      )}
      <Button icon="external" busy={state.step === "opening"} onClick={() => void start()}>
        {state.step === "failed" ? "Try Plex again" : "Sign in with Plex"}
      </Button>
    </div>
  );
}

function Waiting({
  state,
  onCancel,
}: {
  state: { pin: { auth_url: string; code: string }; blocked: boolean };
  onCancel: () => void;
}) {
  return (
    <div className="grid gap-3 rounded-xl border border-line bg-bg p-4">
      <p role="status" className="flex items-center gap-2 font-semibold">
        <Icon name="sync" className="size-5 spin text-accent" />
        Waiting for Plex
      </p>
      <p className="text-sm text-muted">
        {state.blocked
          ? "Your browser blocked the Plex window. Open it here, sign in, and come back."
          : "Finish signing in in the Plex window. This page goes on by itself; then you can close that window."}
      </p>
      <div className="flex flex-wrap gap-2">
        <a
          href={state.pin.auth_url}
          target="_blank"
          rel="noopener noreferrer"
          className={buttonClass(state.blocked ? "primary" : "plain", true)}
        >
          <Icon name="external" className="size-4" />
          {state.blocked ? "Open Plex" : "Open it again"}
        </a>
        <Button small look="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </div>
  );
}
