import type { InfiniteData } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import type { Download, Page } from "~/api/types";
import { DOWNLOADS } from "~/mocks/traffic";
import { patchDownload, patchPages } from "./live";
import { nameOf, progressWords } from "./progress";

const sample = (): Download => {
  const download = DOWNLOADS[2];
  if (!download) throw new Error("no sample");
  return { ...download };
};
const progress = { stage: "downloading", percent: 12.7, downloaded_bytes: 4_200_000 };
const progressOf = (id: string) => ({
  type: "medianest.download.progress.v1",
  data: { download_id: id, state: "downloading", progress },
});

describe("a live download event", () => {
  it("moves the progress of its own download only", () => {
    const download = sample();
    const moved = patchDownload(download, progressOf(download.id));
    expect(moved).toMatchObject({ state: "downloading", progress });
    expect(patchDownload(download, progressOf("another"))).toBe(download);
  });

  it("does not bring an ended download back to life", () => {
    const ended: Download = { ...sample(), state: "cancelled" };
    expect(patchDownload(ended, progressOf(ended.id))).toBe(ended);
  });

  it("carries the reason of a failure and the link into Plex", () => {
    const download = sample();
    const failed = patchDownload(download, {
      type: "medianest.download.failed.v1",
      data: { download_id: download.id, class: "gone", message: "The video was removed." },
    });
    expect(failed).toMatchObject({
      state: "failed",
      error: { message: "The video was removed." },
      progress: null,
    });
    const there = patchDownload(download, {
      type: "medianest.download.in_plex.v1",
      data: { download_id: download.id, title: "Lens", plex_url: "https://app.plex.tv/x" },
    });
    expect(there).toMatchObject({
      state: "in_plex",
      title: "Lens",
      plex_url: "https://app.plex.tv/x",
    });
  });

  it("is being added to Plex once its files lie in a library", () => {
    const finished = (library_id: string | null) => ({
      type: "medianest.download.finished.v1",
      data: { download_id: sample().id, title: "Lens", library_id },
    });
    expect(patchDownload(sample(), finished("library")).state).toBe("importing");
    expect(patchDownload(sample(), finished(null)).state).toBe("finished");
  });

  it("leaves the lists on screen alone when nothing in them changed", () => {
    const pages: InfiniteData<Page<Download>, string | null> = {
      pages: [{ items: [sample()], next_cursor: null }],
      pageParams: [null],
    };
    expect(patchPages(pages, [progressOf("another")])).toBe(pages);
    const patched = patchPages(pages, [progressOf(sample().id)]);
    expect(patched).not.toBe(pages);
    expect(patched?.pages[0]?.items[0]?.progress?.percent).toBe(12.7);
  });
});

describe("progress in words", () => {
  it("says percent, bytes, speed and the time left", () => {
    expect(
      progressWords({
        stage: "downloading",
        percent: 42.9,
        downloaded_bytes: 127_200_000,
        total_bytes: 300_000_000,
        speed_bps: 3_240_000,
        eta_seconds: 3725,
      }),
    ).toBe("42 % · 127 MB of 300 MB · 3.2 MB/s · 1:02:05 left");
  });

  it("leaves out what the site does not tell", () => {
    expect(
      progressWords({
        stage: "downloading",
        percent: 7,
        downloaded_bytes: 900,
        total_bytes: null,
        speed_bps: null,
        eta_seconds: null,
      }),
    ).toBe("7 % · 900 B");
  });

  it("names a download by its address until the title is known", () => {
    expect(nameOf({ title: null, url: "https://videos.example/watch?v=1" })).toBe(
      "videos.example/watch",
    );
  });
});
