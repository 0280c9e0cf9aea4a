// Delivery states and ways to prove who sends, in words.
import type { AuthMode } from "~/api/types";
import type { Tone } from "~/ui/Badge";
import type { IconName } from "~/ui/Icon";

type Look = { word: string; icon: IconName; tone: Tone };

const LOOKS: Record<string, Look> = {
  accepted: { word: "Waiting", icon: "clock", tone: "neutral" },
  processing: { word: "In work", icon: "sync", tone: "accent" },
  done: { word: "Processed", icon: "check", tone: "good" },
  ignored: { word: "Ignored", icon: "cross", tone: "neutral" },
  duplicate: { word: "Duplicate", icon: "copy", tone: "neutral" },
  retry_wait: { word: "Will retry", icon: "retry", tone: "warn" },
  dead: { word: "Given up", icon: "warning", tone: "bad" },
};

export const deliveryLook = (state: string): Look =>
  LOOKS[state] ?? { word: state.replaceAll("_", " "), icon: "clock", tone: "neutral" };

/** The states that the filter offers. */
export const DELIVERY_STATES = Object.keys(LOOKS);

export const AUTH_WORDS: Record<AuthMode, string> = {
  url_secret: "Secret in the address",
  header: "Secret in a header",
  bearer: "Bearer token",
  github: "GitHub signature",
  standard: "Standard Webhooks signature",
};
