import { existsSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeHead } from "../fake-head.ts";
import { startFakeHead } from "../fake-head.ts";
import type { Opened } from "./browser.ts";
import { buildWhenStale, chromiumPath, open, startChromium } from "./browser.ts";

const hasChromium = existsSync(chromiumPath);
if (!hasChromium) console.warn(`keys are not tried: there is no ${chromiumPath} (Debian: apt-get install chromium)`);

// Only where Chromium is installed: `npm test` installs it, a lone `vitest` does not.
describe.skipIf(!hasChromium)("the page by keyboard alone", () => {
  let head: FakeHead;
  let browser: Browser;
  let opened: Opened;
  let page: Page;

  beforeAll(async () => {
    [head, browser] = await Promise.all([buildWhenStale().then(() => startFakeHead({ speed: 0 })), startChromium()]);
    opened = await open(browser, head.url, { size: "desktop", theme: "dark" });
    page = opened.page;
    await page.waitForSelector(".picture-canvas[data-boards='1051']");
  });
  afterAll(async () => {
    await browser?.close();
    await head?.close();
  });

  /** Press Tab until this has the focus; each stop on the way has to be seen. */
  async function tabTo(selector: string): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press("Tab");
      const { is, isSeen, html } = await page.evaluate((selector) => {
        const element = document.activeElement as HTMLElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const frame = element.closest(".editor-frame");
        return {
          is: element.matches(selector),
          isSeen:
            element === document.body ||
            (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1) ||
            (frame !== null && getComputedStyle(frame).boxShadow !== "none"),
          html: element.outerHTML.slice(0, 120),
        };
      }, selector);
      expect(isSeen, `the focus is seen on ${html}`).toBe(true);
      if (is) return;
    }
    throw new Error(`sixty tabs do not reach ${selector}`);
  }

  test("a board is reached with arrows, opened with Enter, closed with Escape", async () => {
    await tabTo(".picture");
    for (const key of ["ArrowRight", "ArrowRight", "ArrowUp", "Enter"]) await page.keyboard.press(key);
    await page.waitForSelector(".panel .facts");
    expect(await page.textContent(".panel h2")).toBe("b0023");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("panel-title");
    await tabTo(".panel [aria-label='The next board']");
    await page.keyboard.press("Enter");
    await page.locator(".panel h2", { hasText: "b0024" }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForSelector(".panel", { state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("picture");
  });

  test("a state in the legend is chosen and let go", async () => {
    await tabTo(".legend-item");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await page.waitForSelector(".legend-item[data-selected]");
    await page.keyboard.press("Space");
    await page.waitForSelector(".legend-item[data-selected]", { state: "detached" });
  });

  test("the theme is switched", async () => {
    await page.keyboard.press("Escape");
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await tabTo(".header .icon-button");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("light");
  });

  test("the list is found, searched and sorted", async () => {
    await page.keyboard.press("/");
    await page.waitForSelector(".boards tbody tr");
    await page.keyboard.type("k07");
    await page.locator(".filters", { hasText: "21 of" }).waitFor();
    await tabTo(".boards th:nth-child(4) .sort");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".boards th:nth-child(4):not([aria-sort='none'])");
    await tabTo(".boards tbody .link-button");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".panel .facts");
    await page.keyboard.press("Escape");
  });

  test("a Warble is written, run and sent", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    await page.waitForSelector(".cm-content");
    await tabTo(".cm-content");
    await page.keyboard.press("Control+A");
    await page.keyboard.type('PRINT("by hand")');
    await page.keyboard.press("Home");
    await page.keyboard.press("Control+i");
    await page.locator(".code-help", { hasText: "PRINT([x…])" }).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForSelector(".code-help", { state: "detached" });
    await page.keyboard.press("Control+Enter");
    await page.locator(".result .output", { hasText: "by hand" }).waitFor();
    await page.keyboard.press("Escape");
    await tabTo(".play-bar input");
    await page.keyboard.type("ada");
    await tabTo(".play-bar .primary");
    await page.keyboard.press("Enter");
    await page.locator(".ran", { hasText: "Ran on b0412" }).waitFor();
    expect(opened.complaints).toEqual([]);
  });

  test("a board's boot is found, read, and told what to boot next", async () => {
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("g");
    await page.keyboard.press("n");
    await page.waitForSelector(".lane");
    await tabTo(".chosen select");
    await page.keyboard.type("all b");
    await page.locator(".lanes[aria-label] .lane[aria-setsize='1051']").first().waitFor();
    await tabTo(".lanes");
    for (const key of ["End", "PageUp", "Home", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"])
      await page.keyboard.press(key);
    await page.locator(".lane-panel h2", { hasText: "b0002" }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("panel-title");
    await page.waitForSelector(".plan .button");
    await tabTo(".plan .button");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".plan-modal");
    await tabTo(".plan-choice input");
    await page.keyboard.press("ArrowDown");
    await tabTo(".plan-buttons .primary");
    await page.keyboard.press("Enter");
    await page.locator(".plan-told", { hasText: "b0002 boots discovery from its next boot on" }).waitFor();
    await tabTo(".plan .button");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".plan-modal");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".plan-modal", { state: "detached" });
    expect(await page.locator(".lane-panel").count()).toBe(1);
    await page.keyboard.press("Escape");
    await page.waitForSelector(".lane-panel", { state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("lanes");
  });

  test("a group is chosen in the tree of power, its plan read, confirmed and cancelled", async () => {
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("g");
    await page.keyboard.press("w");
    await page.waitForSelector(".power-tree");
    const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).dataset.key);
    await tabTo(".power-item");
    expect(await focused()).toBe("pdu pdu0");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("pdu pdu1");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await page.waitForSelector(".power-item[data-key='boards pdu1.1']");
    for (let row = 0; row < 3; row++) await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("boards pdu1.1");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    expect(await focused()).toBe("outlet pdu1.1");
    await page.keyboard.press("Space");
    await page.locator(".ask-found", { hasText: "42 boards" }).waitFor();
    head.power.hold(true);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.locator(".ask-modal .touches", { hasText: "b[0001-0042]" }).waitFor();
    await tabTo(".ask-modal .primary");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".run-state[data-state='running']");
    await tabTo(".run-buttons .button");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".cancel-modal");
    await tabTo(".cancel-modal .primary");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".run-state[data-state='cancelled']");
    await tabTo(".run-buttons .button");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".run", { state: "detached" });
    head.power.hold(false);
    expect(opened.complaints).toEqual([]);
  });

  test("a few letters lead to a page, a colouring, a board", async () => {
    for (const [typed, arrived] of [
      ["help", ".prose .keys"],
      ["colour by cpu", ".scale[data-ramp='cpu']"],
      ["b0412", ".panel .facts"],
    ] as const) {
      await page.keyboard.press("Control+k");
      await page.waitForSelector(".go-to input:focus");
      await page.keyboard.type(typed);
      await page.keyboard.press("Enter");
      await page.waitForSelector(arrived);
      await page.waitForSelector(".go-to", { state: "detached" });
    }
    await page.keyboard.press("Escape");
  });

  test("the keys tell themselves", async () => {
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.press("?");
    await page.waitForSelector(".modal .keys");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".modal", { state: "detached" });
  });
});
