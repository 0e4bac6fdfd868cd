import { existsSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeHead } from "../../fake-head.ts";
import { startFakeHead } from "../../fake-head.ts";
import type { Look, Opened } from "../browser.ts";
import { buildWhenStale, chromiumPath, open, startChromium } from "../browser.ts";

const hasChromium = existsSync(chromiumPath);
if (!hasChromium) console.warn(`/power is not tried: there is no ${chromiumPath} (Debian: apt-get install chromium)`);

const desktop: Look = { size: "desktop", theme: "dark" };
const nodes = "A node set; rows chosen below stand here too";

// Only where Chromium is installed: `npm test` installs it, a lone `vitest` does not.
describe.skipIf(!hasChromium)("power, in Chromium", () => {
  let head: FakeHead;
  let browser: Browser;

  beforeAll(async () => {
    [head, browser] = await Promise.all([buildWhenStale().then(() => startFakeHead({ speed: 0 })), startChromium()]);
    // Group g10 is dark though its outlet says on; two boards of g03 did not come up.
    head.set(
      "off",
      Array.from({ length: 42 }, (_, at) => 378 + at),
    );
    head.set("failed", [100, 105]);
  });
  afterAll(async () => {
    await browser?.close();
    await head?.close();
  });

  async function withPage(path: string, look: Look, use: (opened: Opened) => Promise<void>) {
    const opened = await open(browser, head.url + path, look);
    try {
      await opened.page.waitForSelector(".power-tree");
      await use(opened);
    } finally {
      await opened.close();
    }
  }

  test("the graph says in words what is on, what is not known, and which outlet lies", async () => {
    await withPage("/power", desktop, async ({ page, complaints }) => {
      await page.locator(row("outlet pdu1.3"), { hasText: "40 of 42 up, 2 failed" }).waitFor();
      expect(await page.textContent(`${row("outlet pdu1.3")} .power-standing`)).toBe("on");
      const liar = await page.textContent(row("outlet pdu3.2"));
      expect(liar).toContain("not believed");
      expect(liar).toContain("says on and is not believed: reads on for 72 s, but none of its 42 boards shows life");
      expect(await page.textContent(row("outlet pdu7.1"))).toContain("not known");
      expect(await page.textContent(row("pdu pdu7"))).toContain("pdu7: no route to 10.0.0.17");
      await page.locator(`${row("outlet pdu1.3")} .chevron`).click();
      await page.locator(row("thing pdu1.3 u03"), { hasText: "supply" }).waitFor();
      await page.locator(`${row("boards pdu1.3")} .chevron`).click();
      await page.locator(row("board b0101"), { hasText: "did not come up" }).waitFor();
      expect(complaints).toEqual([]);
    });
  });

  test("each limit tells what is measured, what it would be at full work, what it may be, and why", async () => {
    await withPage("/power", desktop, async ({ page }) => {
      const site = page.locator(".load", { hasText: "site" }).first();
      await site.locator(".load-words", { hasText: "W measured" }).waitFor();
      expect(await site.textContent()).toMatch(/of 19\s200 W at full work, \d+ A of 160 A/);
      await site.locator("summary").click();
      expect(await site.textContent()).toContain("80 % of 200 A at 120 V");
      const supplies = await page.locator(".load", { hasText: "supply u[01-25]" }).textContent();
      expect(supplies).toContain("each 88 %");
      expect(supplies).toContain("210 W reckoned by what boards say; 210 W of 240 W at full work");
      await page.locator(".open-question", { hasText: "rule back-switch" }).waitFor();
      await page.locator(".energy", { hasText: "Counted with 0.31 a kWh" }).waitFor();
    });
  });

  test("a set that nobody knows is told, and nothing can be asked of it", async () => {
    await withPage("/power", desktop, async ({ page }) => {
      await page.getByLabel(nodes).fill("@nonsense");
      await page.locator(".ask-found .bad", { hasText: "is no node set" }).waitFor();
      expect(await page.getByRole("button", { name: "Take down …" }).isDisabled()).toBe(true);
    });
  });

  test("one board of a group is refused with its neighbours; the group is planned instead, and goes dark", async () => {
    await withPage("/power?set=b0001", desktop, async ({ page, complaints }) => {
      await page.getByRole("button", { name: "Take down …" }).click();
      const dialog = page.locator(".ask-modal");
      await dialog
        .locator(".problem", { hasText: "takes 41 boards along that were not named: b[0002-0042]" })
        .waitFor();
      expect(await dialog.locator(".primary").count()).toBe(0);
      await dialog.getByRole("button", { name: "Plan this instead" }).click();
      await dialog.locator(".touches", { hasText: "42 boards b[0001-0042]" }).waitFor();
      await dialog.getByRole("button", { name: "Take down 42 boards" }).click();
      await page.locator(".run-state[data-state='done']").waitFor();
      await page
        .locator(`${row("outlet pdu1.1")} [data-is='off']`)
        .first()
        .waitFor();
      await page.getByRole("button", { name: "Put away" }).click();
      await page.locator(".run").waitFor({ state: "detached" });
      expect(complaints).toEqual([]);
    });
  });

  test("chosen rows become a node set; above fifty boards their number has to be typed", async () => {
    await withPage("/power", desktop, async ({ page }) => {
      await page.locator(`${row("outlet pdu2.1")} .pick`).click();
      await page.locator(`${row("outlet pdu2.2")} .pick`).click();
      await page.locator(".ask-found", { hasText: "84 boards" }).waitFor();
      expect(await page.getByLabel(nodes).inputValue()).toBe("b[0169-0252]");
      head.power.hold(true);
      await page.getByRole("button", { name: "Cycle …" }).click();
      const go = page.getByRole("button", { name: "Cycle 84 boards" });
      await go.waitFor();
      expect(await go.isDisabled()).toBe(true);
      await page.locator(".ask-count input").fill("42");
      expect(await go.isDisabled()).toBe(true);
      await page.locator(".ask-count input").fill("84");
      await page.locator(".ask-modal .curl summary").click();
      expect(await page.textContent(".ask-modal .code")).toContain("bramble cycle 'b[0169-0252]' --yes 84");
      await go.click();
      await page.locator(".phase[data-state='planned']", { hasText: "wave 2 of 2: g06" }).waitFor();
      await page.getByRole("button", { name: "Cancel …" }).click();
      await page.getByRole("button", { name: "Cancel it here" }).click();
      await page.locator(".run-state[data-state='cancelled']").waitFor();
      await page.locator(".run-told", { hasText: "is cancelled" }).waitFor();
      head.power.hold(false);
    });
  });

  test("to bring up what is on is nothing to do", async () => {
    await withPage("/power?set=@g08", desktop, async ({ page }) => {
      await page.getByRole("button", { name: "Bring up …" }).click();
      await page.locator(".ask-answer", { hasText: "There is nothing to do: all is as asked" }).waitFor();
    });
  });

  test("the journal tells who asked and what came of it, older plans by the page, each with its steps", async () => {
    await withPage("/power", desktop, async ({ page }) => {
      await page.waitForSelector(".records li");
      expect(await page.locator(".records li").count()).toBe(20);
      await page.getByRole("button", { name: "Older plans" }).click();
      await page.waitForFunction(() => document.querySelectorAll(".records li").length > 25);
      const failed = page.locator(".records li[data-state='failed']").first();
      expect(await failed.textContent()).toContain("pdu2.1 reads off after it was switched on 2 boards missing");
      await failed.locator(".link-button").click();
      await page.locator(".record-steps .step-note", { hasText: "it reads off" }).waitFor();
      await page.locator(".record-modal .run-missing", { hasText: "1 board stopped at dhcp" }).waitFor();
      await page.keyboard.press("Escape");
      await page.locator(".switchings summary").click();
      await page.locator(".switchings li", { hasText: "pdu1.1 reads off by plan" }).waitFor();
    });
  });

  test("a shutdown that is near warns at the top, and is skipped once", async () => {
    head.power.dueIn(9);
    await withPage("/power", { size: "phone", theme: "light" }, async ({ page }) => {
      const warning = page.locator(".schedule-warning");
      await warning.locator("b", { hasText: "shutdown all in 9 min" }).waitFor();
      await warning.getByRole("button", { name: "Skip once" }).click();
      await warning.waitFor({ state: "detached" });
      await page.locator(".schedules", { hasText: "put off" }).waitFor();
      expect(await page.textContent(".schedules")).toContain("America/Los_Angeles");
    });
  });

  test("a lost head takes nothing away: the page greys, tells its age, and mends by itself", async () => {
    await withPage("/power", desktop, async ({ page }) => {
      await page.waitForSelector(row("outlet pdu1.1"));
      head.cut();
      await page.locator(".power-age", { hasText: /what is shown is [1-9]\d* s old/ }).waitFor();
      expect(await page.$eval(".power-main", (element) => getComputedStyle(element).filter)).toContain("grayscale");
      expect(await page.locator(".power-item").count()).toBeGreaterThan(30);
      head.mend();
      await page.waitForSelector(".power-age", { state: "detached" });
    });
    head.mend();
  });

  test("on a phone PDUs are folded, but for those where something is not well", async () => {
    await withPage("/power", { size: "phone", theme: "dark" }, async ({ page }) => {
      expect(await expanded(page)).toEqual(["pdu pdu3", "pdu pdu7"]);
    });
  });
});

function row(key: string): string {
  return `.power-item[data-key='${key}']`;
}

function expanded(page: Page): Promise<string[]> {
  return page.$$eval(".power-item[aria-expanded='true']", (rows) =>
    rows.map((each) => (each as HTMLElement).dataset.key ?? ""),
  );
}
