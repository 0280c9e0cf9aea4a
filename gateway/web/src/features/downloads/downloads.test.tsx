import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { applyEvents } from "~/features/live/apply";
import { ADMIN } from "~/mocks/data";
import { renderApp, startApi } from "~/mocks/render";
import { DOWNLOADS } from "~/mocks/traffic";

const row = async (title: string) => {
  const heading = await screen.findByRole("heading", { name: title });
  const item = heading.closest("li");
  if (!item) throw new Error(`${title} is not in the list`);
  return within(item);
};

describe("the downloads page", () => {
  it("shows what a pasted link is and adds it with the chosen options", async () => {
    const server = startApi({ user: ADMIN });
    renderApp("/downloads");
    await userEvent.type(
      await screen.findByLabelText("Link to a video or playlist"),
      "https://videos.example/list",
    );
    expect(await screen.findByText("12 videos · 5:36:42 · about 2.5 GB")).toBeVisible();
    await userEvent.selectOptions(screen.getByLabelText("Quality"), "720p");
    await userEvent.click(screen.getByRole("button", { name: "Download 12 videos" }));

    expect(await screen.findByLabelText("Link to a video or playlist")).toHaveValue("");
    const created = server.calls.find(
      (call) => call.method === "POST" && call.path === "/downloads",
    );
    expect(created?.body).toEqual({
      url: "https://videos.example/list",
      preset: "720p",
      collection: "Conference talks 2026",
    });
  });

  it("refuses a link with the reason and does not offer to download it", async () => {
    startApi({ user: ADMIN });
    renderApp("/downloads?url=https%3A%2F%2Frefuse.example%2F");
    expect(await screen.findByText(/inside the private network/)).toBeVisible();
    expect(screen.getByRole("button", { name: "Download" })).toBeDisabled();
  });

  it("follows live progress, and says why a download failed", async () => {
    startApi({ user: ADMIN });
    const { queryClient } = renderApp("/downloads");
    const running = await row("How a lighthouse lens is made");
    expect(running.getByText("42 % · 127 MB of 300 MB · 3.2 MB/s · 0:53 left")).toBeVisible();

    applyEvents(queryClient, [
      {
        type: "medianest.download.progress.v1",
        data: {
          download_id: DOWNLOADS[0]?.id,
          state: "downloading",
          progress: { stage: "downloading", percent: 90, downloaded_bytes: 270_000_000 },
        },
      },
    ]);

    expect(await running.findByText("90 % · 270 MB")).toBeVisible();
    expect((await row("Live from the harbor")).getByText(/only for members/)).toBeVisible();
  });

  it("asks before it cancels", async () => {
    const server = startApi({ user: ADMIN });
    renderApp("/downloads");
    const running = await row("How a lighthouse lens is made");
    await userEvent.click(running.getByRole("button", { name: /^Cancel/ }));
    const question = await screen.findByRole("alertdialog");
    expect(server.calls.some((call) => call.path.endsWith("/cancel"))).toBe(false);
    await userEvent.click(within(question).getByRole("button", { name: "Cancel the download" }));
    expect(await running.findByText("Cancelled")).toBeVisible();
  });
});
