// The main job in a browser, from the empty system to a downloaded video in Plex, over a running gateway.
//
// Settings: MEDIANEST_E2E_URL and MEDIANEST_E2E_SETUP_SECRET of a gateway with fresh data; MEDIANEST_E2E_PLEX_SERVER_URL and
// MEDIANEST_E2E_PLEX_TOKEN of a Plex server; MEDIANEST_E2E_SIM_PLEXTV_URL, the simulated plex.tv whose sign-in page has a
// button for the account `alice`; MEDIANEST_E2E_VIDEO_URL, a page that yt-dlp can download slowly enough to be watched.
// Optional: MEDIANEST_E2E_SCREENSHOTS (folder), MEDIANEST_E2E_CHROMIUM (program).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually, inspect, openBrowser, setting, takePicture } from "./support.mjs";

const USER = { name: "robin", password: "a nest of nine small birds" };
const MIRROR_MS = 60_000;
const DOWNLOAD_MS = 240_000;

const complaints = [];
let admin;
let page;
let brokenAt = null;

/** The steps build on each other: after the first that fails, the others say so instead of timing out. */
function step(name, run) {
  test(name, async (context) => {
    if (brokenAt) return context.skip(`needs “${brokenAt}”`);
    try {
      await run();
    } catch (error) {
      brokenAt = name;
      await takePicture(page, "failure").catch(() => undefined);
      throw error;
    }
  });
}

before(async () => {
  admin = await openBrowser(complaints);
  page = admin.page;
});
after(() => admin?.close());

const heading = (on, name) => on.getByRole("heading", { level: 1, name }).waitFor();
const home = (on) => heading(on, /^Good /);
const main = (on) => on.locator("#content");
const firstCard = () => main(page).locator("a[data-index='0']");

async function goTo(place) {
  await page
    .getByRole("navigation", { name: "Main" })
    .getByRole("link", { name: place, exact: true })
    .click();
}

async function createAdmin(secret) {
  await page.getByLabel("Setup secret").fill(secret);
  await page.getByLabel("User name").fill(USER.name);
  await page.getByLabel("Password", { exact: true }).fill(USER.password);
  await page.getByLabel("Password again").fill(USER.password);
  await page.getByRole("button", { name: "Create the administrator" }).click();
}

async function signOut() {
  await page.getByRole("button", { name: /^Account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await heading(page, "Welcome back");
}

step("a fresh system is set up with the secret and a Plex server", async () => {
  await page.goto("");
  await heading(page, "Set up MediaNest");
  await inspect(page, "setup");
  await createAdmin("not-the-secret");
  await page.getByText(/^The setup secret is wrong/).waitFor();
  await createAdmin(setting("MEDIANEST_E2E_SETUP_SECRET"));

  await heading(page, "Connect your Plex server");
  await inspect(page, "setup-server");
  await page.getByLabel("Server address").fill(setting("MEDIANEST_E2E_PLEX_SERVER_URL"));
  await page.getByLabel("Plex token").fill(setting("MEDIANEST_E2E_PLEX_TOKEN"));
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText(/^Connected to /).waitFor();
  await page.getByText(/titles? in \d+ librar/).waitFor({ timeout: MIRROR_MS });
  await page.getByRole("link", { name: "Go to your libraries" }).click();
  await home(page);
});

step("posters, a title and the search show what Plex has", async () => {
  const libraries = main(page).getByRole("region", { name: "Libraries" }).getByRole("link");
  await libraries
    .filter({ hasNotText: /\D0 titles/ })
    .first()
    .click();
  const poster = main(page).locator("ul[aria-label$='titles'] img").first();
  await poster.waitFor({ timeout: MIRROR_MS });
  await eventually("a poster is painted", MIRROR_MS, () =>
    poster.evaluate((image) => image.complete && image.naturalWidth > 0),
  );
  await inspect(page, "library");

  await firstCard().waitFor();
  const title = (await firstCard().locator("span[title]").getAttribute("title")) ?? "";
  await firstCard().click();
  await heading(page, title);
  await page.getByRole("link", { name: "Watch in Plex" }).waitFor();
  await inspect(page, "title");

  await page.getByRole("searchbox", { name: /^Search/ }).fill(title);
  await page.waitForURL(/\/search\?q=/);
  await main(page).getByRole("link", { name: title }).first().waitFor();
  await inspect(page, "search");

  await goTo("Collections");
  await heading(page, "Collections");
  await page.getByText(/^\d+ collections?$/).waitFor();
  await inspect(page, "collections");
  await goTo("Servers");
  await page.getByRole("button", { name: "Sync now" }).waitFor();
  await inspect(page, "servers");
  await goTo("Home");
  await home(page);
  await page.locator("[data-live='live']").waitFor();
  await inspect(page, "home");
});

step("signing out ends the session and the password opens a new one", async () => {
  await signOut();
  await page.goto("downloads");
  await heading(page, "Welcome back");
  await inspect(page, "sign-in");
  await page.getByLabel("User name").fill(USER.name);
  await page.getByLabel("Password").fill(USER.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await heading(page, "Downloads");
});

step("a household member signs in with Plex", async () => {
  const alice = await openBrowser(complaints);
  try {
    await alice.page.goto("");
    const opened = alice.context.waitForEvent("page");
    await alice.page.getByRole("button", { name: "Sign in with Plex" }).click();
    const plex = await opened;
    await plex.waitForURL((url) => url.href.startsWith(setting("MEDIANEST_E2E_SIM_PLEXTV_URL")));
    await plex.locator("button[data-username='alice']").click();
    await home(alice.page);
    await alice.page.getByRole("link", { name: "Webhooks" }).waitFor({ state: "detached" });
    await inspect(alice.page, "home-member");
  } finally {
    await alice.close();
  }
});

/** Remembers every progress line that appears, however short its life. */
const rememberProgress = () =>
  page.evaluate(() => {
    const seen = new Set();
    window.medianestSeen = seen;
    const look = () => {
      for (const line of document.querySelectorAll("[data-testid='progress']")) {
        if (/\d %/.test(line.textContent ?? "")) seen.add(line.textContent);
      }
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });

step("a link becomes a video in Plex, with progress on the way", async () => {
  await page.goto("downloads");
  await heading(page, "Downloads");
  await rememberProgress();
  await page.getByLabel("Link to a video or playlist").fill(setting("MEDIANEST_E2E_VIDEO_URL"));
  await page.getByTestId("preview").waitFor({ timeout: 60_000 });
  await inspect(page, "downloads-preview");
  await page.getByRole("button", { name: /^Download/ }).click();

  const row = main(page).locator("[data-download]").first();
  await row.waitFor();
  const state = await eventually("the download ends", DOWNLOAD_MS, async () => {
    const now = await row.getAttribute("data-state");
    return ["in_plex", "finished", "failed", "cancelled"].includes(now) && now !== "finished"
      ? now
      : null;
  });
  assert.equal(state, "in_plex", `the download says: ${await row.innerText()}`);
  await row.getByText("In Plex", { exact: true }).waitFor();
  const seen = await page.evaluate(() => [...window.medianestSeen]);
  assert.ok(seen.length >= 2, `progress moved: ${JSON.stringify(seen)}`);
  await inspect(page, "downloads");
});

const payload = {
  event: "media.play",
  user: true,
  owner: true,
  Account: { id: 1, title: "robin" },
  Server: { title: "Attic", uuid: "0123456789abcdef0123456789abcdef01234567" },
  Player: { local: true, publicAddress: "192.0.2.1", title: "Couch", uuid: "couch" },
  Metadata: { librarySectionType: "movie", ratingKey: "1", type: "movie", title: "Northbound" },
};

/** As Plex sends: multipart with one JSON part. The path counts; the host is the one under test. */
async function sendAsPlex(address) {
  const form = new FormData();
  form.set("payload", JSON.stringify(payload));
  const url = new URL(
    new URL(address, setting("MEDIANEST_E2E_URL")).pathname,
    setting("MEDIANEST_E2E_URL"),
  );
  const answer = await fetch(url, { method: "POST", body: form });
  assert.equal(answer.status, 202, await answer.text());
}

step("a webhook source is made and what it sends is shown", async () => {
  await page.goto("webhooks");
  await heading(page, "Webhooks");
  await page.getByRole("button", { name: "Add a source" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What sends").selectOption("plex");
  await dialog.getByLabel("Name").fill("Plex in the attic");
  await dialog.getByRole("button", { name: "Create" }).click();
  await dialog.getByText("Copy these now.").waitFor();
  await inspect(page, "webhook-secret");
  const address = await dialog.locator("code").first().innerText();
  await dialog.getByRole("button", { name: "I have copied them" }).click();

  await sendAsPlex(address);
  const delivery = main(page).locator("[data-delivery]").first();
  await eventually("the delivery is listed", 30_000, async () => {
    if ((await delivery.count()) > 0) return true;
    await page.reload();
    return delivery.waitFor({ timeout: 3000 }).then(
      () => true,
      () => false,
    );
  });
  await inspect(page, "webhooks");
  await delivery.click();
  await page.getByRole("dialog").getByRole("button", { name: "Replay" }).waitFor();
  await inspect(page, "webhook-delivery");
});

test("nothing was reported in the console, and no rule of the page was broken", () => {
  assert.deepEqual(complaints, []);
});
