import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeHead } from "../../fake-head.ts";
import { startFakeHead } from "../../fake-head.ts";
import type { Look, Opened } from "../browser.ts";
import { buildWhenStale, chromiumPath, open, startChromium } from "../browser.ts";

const hasChromium = existsSync(chromiumPath);
if (!hasChromium) console.warn(`/boot is not tried: there is no ${chromiumPath} (Debian: apt-get install chromium)`);

const desktop: Look = { size: "desktop", theme: "dark" };

// Only where Chromium is installed: `npm test` installs it, a lone `vitest` does not.
describe.skipIf(!hasChromium)("how boards boot, in Chromium", () => {
  let head: FakeHead;
  let browser: Browser;

  beforeAll(async () => {
    [head, browser] = await Promise.all([buildWhenStale().then(() => startFakeHead({ speed: 0 })), startChromium()]);
    // Group g11 boots: some stopped, some at the kernel, one silent.
    head.set("failed", [421, 424, 430]);
    head.set("loading", [433, 434, 435, 436, 437]);
    head.set("powering", [440]);
  });
  afterAll(async () => {
    await browser?.close();
    await head?.close();
  });

  async function withPage(path: string, look: Look, use: (opened: Opened) => Promise<void>, url = head.url) {
    const opened = await open(browser, url + path, look);
    try {
      await use(opened);
    } finally {
      await opened.close();
    }
  }

  test("the group that boots now is shown whole on a desk screen: 42 rows, nothing to scroll", async () => {
    await withPage("/boot", desktop, async ({ page, complaints }) => {
      await page.waitForSelector(".lane");
      expect(await page.locator(".lane").count()).toBe(42);
      const [list, whole] = await page.$eval(".lanes", (element) => [element.clientHeight, element.scrollHeight]);
      expect(whole).toBeLessThanOrEqual(list!);
      expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(900);
      expect(await page.textContent(".lane[data-state='stopped'] .unseen")).toMatch(/b0422, stopped at bootcode/);
      expect(await page.textContent(".step-counts [data-step='power']")).toMatch(/^1✕ 1 stopped herepower$/);
      expect(complaints).toEqual([]);
    });
  });

  test("of all boards only rows in sight are drawn, the slowest first when wanted", async () => {
    await withPage("/boot?show=all&order=slowest", desktop, async ({ page }) => {
      await page.waitForSelector(".lane[aria-setsize='1051']");
      expect(await page.locator(".lane").count()).toBeLessThan(70);
      await page.$eval(".lanes", (element) => element.scrollTo(0, element.scrollHeight));
      await page.waitForSelector(".lane[aria-posinset='1051']");
    });
  });

  test("a cause names its boards; one of them opens its lane, with its files and what the servers saw", async () => {
    await withPage("/boot", desktop, async ({ page }) => {
      await page.locator(".troubles .link-button", { hasText: "b0425" }).click();
      await page.locator(".lane-now", { hasText: "Stopped at kernel" }).waitFor();
      await page.locator(".lane-files em", { hasText: "broke off" }).waitFor();
      await page.locator(".wire summary").click();
      await page.locator(".wire li", { hasText: "DISCOVER of Raspberry Pi 3b+" }).waitFor();
      expect(page.url()).toContain("board=b0425");
      await page.locator(".panel-link a").click();
      await page.locator(".panel .facts", { hasText: "switch port" }).waitFor();
    });
  });

  test("a plan says what it touches; a refusal stays to be read; nothing is set by leaving", async () => {
    await withPage("/boot?set=x-00beef&board=x-00beef", desktop, async ({ page }) => {
      await page.locator(".plan .button").click();
      const dialog = page.locator(".plan-modal");
      await dialog.getByRole("radio", { name: /rescue/ }).check();
      expect(await dialog.locator(".plan-touches").textContent()).toContain("one board, x-00beef: from its next boot");
      await dialog.getByRole("button", { name: "Set rescue" }).click();
      await dialog.locator(".problem", { hasText: "in no slot of the cluster file" }).waitFor();
      await dialog.getByRole("button", { name: "Try again" }).waitFor();
      await dialog.getByRole("button", { name: "Leave it" }).click();
      await dialog.waitFor({ state: "detached" });
      expect(await page.textContent(".plan b")).toBe("live");
    });
  });

  test("a lost head takes nothing away: the page greys, tells its age, and mends by itself", async () => {
    await withPage("/boot", desktop, async ({ page }) => {
      await page.waitForSelector(".lane");
      head.cut();
      await page.locator(".boot-age", { hasText: /what is shown is [1-9] s old/ }).waitFor();
      expect(await page.$eval(".lanes", (element) => getComputedStyle(element).filter)).toContain("grayscale");
      expect(await page.locator(".lane").count()).toBe(42);
      head.mend();
      await page.waitForSelector(".boot-age", { state: "detached" });
    });
    head.mend();
  });

  test("a head without boot servers says so, and shows what boards tell themselves", async () => {
    const other = await startFakeHead({ speed: 0, boards: 42, hasBootServers: false });
    try {
      other.set("loading", [3]);
      const look: Look = { size: "phone", theme: "light" };
      await withPage(
        "/boot",
        look,
        async ({ page }) => {
          await page.locator(".servers", { hasText: "runs no boot servers" }).waitFor();
          expect(await page.textContent(".servers .code")).toContain("--boot");
          await page.waitForSelector(".lanes[data-short='true'] .lane-strip");
        },
        other.url,
      );
    } finally {
      await other.close();
    }
  });
});
