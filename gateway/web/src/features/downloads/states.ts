// The states of a download in icon, word and color, and what may be done in each.
import type { DownloadState } from "~/api/types";
import type { Tone } from "~/ui/Badge";
import type { IconName } from "~/ui/Icon";
import type { Action } from "./queries";

type Look = { word: string; icon: IconName; tone: Tone; active?: boolean; actions: Action[] };

const LOOKS: Record<DownloadState, Look> = {
  queued: {
    word: "Waiting",
    icon: "clock",
    tone: "neutral",
    active: true,
    actions: ["pause", "cancel"],
  },
  probing: {
    word: "Checking the link",
    icon: "lookup",
    tone: "accent",
    active: true,
    actions: ["pause", "cancel"],
  },
  downloading: {
    word: "Downloading",
    icon: "download",
    tone: "accent",
    active: true,
    actions: ["pause", "cancel"],
  },
  processing: {
    word: "Converting",
    icon: "gear",
    tone: "accent",
    active: true,
    actions: ["pause", "cancel"],
  },
  importing: { word: "Adding to Plex", icon: "import", tone: "accent", active: true, actions: [] },
  in_plex: { word: "In Plex", icon: "check", tone: "good", actions: [] },
  finished: { word: "Finished", icon: "check", tone: "good", actions: [] },
  paused: { word: "Paused", icon: "pause", tone: "warn", actions: ["resume", "cancel"] },
  failed: { word: "Failed", icon: "warning", tone: "bad", actions: ["retry"] },
  cancelled: { word: "Cancelled", icon: "cross", tone: "neutral", actions: ["retry"] },
};

const UNKNOWN: Look = { word: "Unknown", icon: "clock", tone: "neutral", actions: [] };

export const STATES = Object.keys(LOOKS) as DownloadState[];
export const lookOf = (state: DownloadState): Look => LOOKS[state] ?? { ...UNKNOWN, word: state };
export const isActive = (state: DownloadState): boolean => lookOf(state).active === true;
export const isEnded = (state: DownloadState): boolean =>
  state === "failed" || state === "cancelled" || state === "in_plex" || state === "finished";
export const isState = (value: unknown): value is DownloadState =>
  typeof value === "string" && value in LOOKS;
