// What every browser test needs: Chromium, a page that remembers every complaint, axe, screenshots.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

const SHOTS =
  process.env.MEDIANEST_E2E_SCREENSHOTS ??
  fileURLToPath(new URL("../../../deploy/tests/screenshots", import.meta.url));
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const LOOKS = [
  { name: "dark", colorScheme: "dark", viewport: { width: 1440, height: 900 } },
  { name: "light", colorScheme: "light", viewport: { width: 1440, height: 900 } },
  { name: "phone", colorScheme: "dark", viewport: { width: 390, height: 844 } },
];
export const STEP_MS = 30_000;

/** Reads a required setting. */
export function setting(name) {
  const value = process.env[name];
  assert.ok(value, `${name} must be set`);
  return value;
}

/** A browser profile of its own, so that nobody shares a session. */
export async function openBrowser(complaints) {
  const folder = mkdtempSync(join(tmpdir(), "medianest-e2e-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.MEDIANEST_E2E_CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
    baseURL: setting("MEDIANEST_E2E_URL").replace(/\/?$/, "/"),
    reducedMotion: "reduce",
    viewport: LOOKS[0].viewport,
    colorScheme: LOOKS[0].colorScheme,
    locale: "en-US",
  });
  context.setDefaultTimeout(STEP_MS);
  const page = context.pages()[0] ?? (await context.newPage());
  watch(page, complaints);
  return {
    page,
    context,
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The browser reports every answer ≥ 400 as an error; these are part of the story. */
const EXPECTED = [
  { path: /\/api\/v1\/me$/, status: 401 },
  { path: /\/api\/v1\/auth\/setup$/, status: 401 },
];

function watch(page, complaints) {
  page.on("pageerror", (error) => complaints.push(`page error: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    if (message.text().startsWith("Failed to load resource")) return;
    complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("response", (response) => {
    if (response.status() < 400) return;
    const { pathname } = new URL(response.url());
    const known = EXPECTED.some(
      (entry) => entry.path.test(pathname) && entry.status === response.status(),
    );
    if (!known)
      complaints.push(`${response.status()} from ${response.request().method()} ${pathname}`);
  });
}

async function dress(page, look) {
  await page.setViewportSize(look.viewport);
  await page.emulateMedia({ colorScheme: look.colorScheme });
  await page.locator(`html[data-theme="${look.colorScheme}"]`).waitFor();
}

/** Runs in the page: whether every picture that can be seen is there, or known to be missing. */
function pictures() {
  return [...document.images]
    .filter((image) => {
      const box = image.getBoundingClientRect();
      return (
        box.bottom > 0 &&
        box.top < window.innerHeight &&
        box.right > 0 &&
        box.left < window.innerWidth
      );
    })
    .every((image) => image.complete);
}

async function checkAccess(page, name) {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `    ${node.target.join(" ")}\n      ${node.failureSummary}`).join("\n")}`,
  );
  assert.deepEqual(found, [], `accessibility of ${name}`);
}

async function checkWidth(page, name) {
  const excess = await page.evaluate(
    () => document.documentElement.scrollWidth - window.innerWidth,
  );
  assert.ok(excess <= 0, `${name} scrolls sideways by ${excess} px`);
}

export async function takePicture(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}

/** Looks at the page dark, light and on a phone: picture, accessibility, no sideways scrolling. */
export async function inspect(page, name) {
  for (const look of LOOKS) {
    await dress(page, look);
    await eventually("the pictures on screen are loaded", STEP_MS, () => page.evaluate(pictures));
    await takePicture(page, `${name}-${look.name}`);
    await checkWidth(page, `${name} (${look.name})`);
    await checkAccess(page, `${name} (${look.name})`);
  }
  await dress(page, LOOKS[0]);
}

/** Waits until `probe` answers something true; says `what` when it never does. */
export async function eventually(what, limitMs, probe) {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    assert.ok(Date.now() < end, `${what}: not within ${limitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
