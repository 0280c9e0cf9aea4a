import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ADMIN, LIBRARIES } from "~/mocks/data";
import { renderApp, startApi } from "~/mocks/render";
import { gridLayout, moveBy } from "./grid-layout";

const library = LIBRARIES[0];
const path = `/library/${library?.id}`;

// happy-dom has no layout: everything is as wide as a small window.
beforeEach(() => {
  const box = { width: 900, height: 600, top: 0, left: 0, right: 900, bottom: 600, x: 0, y: 0 };
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue({
    ...box,
    toJSON: () => box,
  });
});

describe("the poster grid", () => {
  it("shows a tile with the title where there is no poster, and where the poster does not load", async () => {
    startApi({ user: ADMIN });
    const { container } = renderApp(`${path}?q=paper`);
    await screen.findByRole("link", { name: /^Paper Lanterns 1989/ });
    const tiles = () => screen.getAllByTestId("title-tile").length;
    const before = tiles();
    expect(before).toBeGreaterThan(0);

    const poster = container.querySelector("main ul img");
    if (!poster) throw new Error("no poster is shown");
    fireEvent.error(poster);

    await waitFor(() => expect(tiles()).toBe(before + 1));
  });

  it("is one Tab stop, and arrows move inside it", async () => {
    startApi({ user: ADMIN });
    const { container } = renderApp(path);
    await screen.findByRole("link", { name: /^A Quiet Orchard 1982/ });
    const cards = () => [...container.querySelectorAll<HTMLElement>("[data-index]")];
    expect(cards().length).toBeLessThan(200);
    expect(cards().filter((card) => card.tabIndex === 0)).toHaveLength(1);

    cards()[0]?.focus();
    await userEvent.keyboard("{ArrowRight}");

    await waitFor(() => expect((document.activeElement as HTMLElement).dataset.index).toBe("1"));
  });

  it("tells how many titles there are although few are in the page", async () => {
    startApi({ user: ADMIN });
    renderApp(path);
    const card = await screen.findByRole("link", { name: /^A Quiet Orchard 1982/ });
    expect(card.closest("li")).toHaveAttribute("aria-setsize", "1240");
    expect(screen.getByText("1,240 titles")).toBeVisible();
  });
});

describe("grid arithmetic", () => {
  it("puts at least three posters beside each other on a phone", () => {
    expect(gridLayout(358, false).columns).toBe(3);
  });

  it("never leaves the list", () => {
    expect(moveBy("ArrowUp", 2, 5, 40)).toBe(0);
    expect(moveBy("PageDown", 38, 5, 40)).toBe(39);
    expect(moveBy("End", 3, 5, 40)).toBe(39);
    expect(moveBy("a", 3, 5, 40)).toBeNull();
  });
});
