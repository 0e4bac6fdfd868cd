import { existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeHead } from "../fake-head.ts";
import { startFakeHead } from "../fake-head.ts";
import type { Look, Opened } from "./browser.ts";
import { buildWhenStale, chromiumPath, open, startChromium } from "./browser.ts";
import { rectOf, viewOf } from "./picture/view.ts";

const hasChromium = existsSync(chromiumPath);
if (!hasChromium)
  console.warn(`page tests are skipped: there is no ${chromiumPath} (Debian: apt-get install chromium)`);

/** All boards are painted, by WebGL: the plain first frames are over. */
const painted = ".picture-canvas[data-boards='1051'][data-painter='webgl']";
const desktop: Look = { size: "desktop", theme: "dark" };

// Only where Chromium is installed: `npm test` installs it, a lone `vitest` does not.
describe.skipIf(!hasChromium)("the page in Chromium", () => {
  let head: FakeHead;
  let browser: Browser;

  beforeAll(async () => {
    [head, browser] = await Promise.all([buildWhenStale().then(() => startFakeHead({ speed: 0 })), startChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await head?.close();
  });

  async function withPage(path: string, look: Look, use: (opened: Opened) => Promise<void>): Promise<void> {
    const opened = await open(browser, head.url + path, look);
    try {
      await use(opened);
    } finally {
      await opened.close();
    }
  }

  test("the first page loads at most 180 kB of script, the picture's chunk 160 kB, the editor only on its page", async () => {
    const loaded = async (path: string, ready: string): Promise<Map<string, number>> => {
      const sizes = new Map<string, number>();
      await withPage(path, desktop, async ({ page }) => {
        await page.waitForSelector(ready);
        const urls = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
        for (const url of urls.filter((each) => each.endsWith(".js"))) {
          const script = new Uint8Array(await (await fetch(url)).arrayBuffer());
          sizes.set(url.replace(/^.*\/|-[^-]*$/g, ""), gzipSync(script, { level: 9 }).length);
        }
      });
      return sizes;
    };
    const first = await loaded("/", painted);
    // Pages of their own are no part of it; what they share with it may stand in a chunk beside it.
    expect([...first.keys()].filter((name) => name.endsWith("-page"))).toEqual([]);
    const picture = first.get("paint-webgl") ?? 0;
    expect([...first.values()].reduce((sum, size) => sum + size, 0) - picture).toBeLessThanOrEqual(180_000);
    expect(picture).toBeLessThanOrEqual(160_000);
    const play = await loaded("/play", ".cm-content");
    expect(["paint-webgl", "boot-page"].some((name) => play.has(name))).toBe(false);
    const boot = await loaded("/boot", ".lane");
    expect(["paint-webgl", "play-page", "power-page"].some((name) => boot.has(name))).toBe(false);
    const power = await loaded("/power", ".power-tree");
    expect(["paint-webgl", "play-page", "boot-page"].some((name) => power.has(name))).toBe(false);
  });

  test("the overview fits a desk screen without scrolling", async () => {
    await withPage("/", desktop, async ({ page }) => {
      await page.waitForSelector(".picture-canvas[data-boards='1051']");
      expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(900);
    });
  });

  test.each([
    ["WebGL", "/", "webgl"],
    ["a 2D canvas", "/?renderer=2d", "canvas"],
  ])("all boards are painted with %s, in few draw calls", async (_, path, painter) => {
    await withPage(path, desktop, async ({ page }) => {
      await page.waitForSelector(`.picture-canvas[data-boards='1051'][data-painter='${painter}']`);
      expect(Number(await page.getAttribute(".picture-canvas", "data-calls"))).toBeLessThanOrEqual(40);
      expect(await paintedBoards(page, head.url)).toBe(1051);
    });
  });

  test("nothing is painted while nothing changes", async () => {
    await withPage("/", desktop, async ({ page }) => {
      await page.waitForSelector(painted);
      head.cut();
      await page.waitForSelector(".age[data-link='lost']");
      await page.waitForTimeout(1100);
      const frames = await page.getAttribute(".picture-canvas", "data-frames");
      await page.waitForTimeout(300);
      expect(await page.getAttribute(".picture-canvas", "data-frames")).toBe(frames);
    });
    head.mend();
  });

  test("a click on a board opens its panel, Escape closes it", async () => {
    await withPage("/", desktop, async ({ page }) => {
      const { x, y } = await middleOf(page, head.url, 411);
      await page.mouse.click(x, y);
      await page.waitForSelector(".panel .facts");
      expect(await page.textContent(".panel h2")).toBe("b0412");
      expect(await page.textContent(".panel")).toContain("rack r2, bank k20, slot 13");
      expect(page.url()).toContain("board=b0412");
      await page.keyboard.press("Escape");
      await page.waitForSelector(".panel", { state: "detached" });
    });
  });

  test("boards that fall silent are counted at once, and pressing their state shows only them", async () => {
    await withPage("/", desktop, async ({ page }) => {
      await page.waitForSelector(".picture-canvas[data-boards='1051']");
      const silent = Array.from({ length: 42 }, (_, at) => at + 84);
      head.set("silent", silent);
      const item = page.locator(".legend-item", { hasText: "silent" });
      await item.locator("b", { hasText: "42" }).waitFor();
      await item.click();
      await page.waitForSelector(".legend-item[data-selected]");
      await page.locator(".events li", { hasText: "42 boards are silent" }).waitFor();
      head.set("up", silent);
      await item.locator("b", { hasText: /^0$/ }).waitFor();
    });
  });

  test("a lost link greys the picture, says so, and mends by itself", async () => {
    await withPage("/", desktop, async ({ page }) => {
      await page.waitForSelector(".picture-canvas[data-boards='1051']");
      head.cut();
      await page.waitForSelector(".picture[data-link='lost']");
      await page.locator(".age", { hasText: /link lost · [1-9] s old/ }).waitFor();
      expect(await page.textContent(".bring-up .big b")).toMatch(/1\s?051/);
      await page.waitForFunction(() =>
        getComputedStyle(document.querySelector(".picture-canvas")!).filter.includes("grayscale"),
      );
      head.mend();
      await page.waitForSelector(".picture[data-link='live']");
    });
  });

  test("a head that starts anew is followed without a reload: its states, its events from the first on", async () => {
    await withPage("/", desktop, async ({ page, complaints }) => {
      await page.waitForSelector(painted);
      head.set("silent", [3]);
      await page.locator(".events li", { hasText: "1 boards are silent" }).waitFor();
      head.restart();
      head.set("up", [3]);
      await page.waitForSelector(".age[data-link='live']");
      await page.locator(".events li", { hasText: "1 boards are up" }).waitFor();
      expect(await page.locator(".events li").count()).toBe(1);
      await page.locator(".legend-item", { hasText: "silent" }).locator("b", { hasText: /^0$/ }).waitFor();
      head.set("silent", [3]);
      await page.locator(".legend-item", { hasText: "silent" }).locator("b", { hasText: "1" }).waitFor();
      head.set("up", [3]);
      expect(complaints).toEqual([]);
    });
  });

  test("a Warble runs here, then on a board that the answer names, and lights shine", async () => {
    await withPage("/play", desktop, async ({ page }) => {
      await page.waitForSelector(".cm-content");
      await page.click(".cm-content");
      await page.keyboard.press("Control+A");
      await page.keyboard.type('PRINT("good morning"');
      await page.waitForSelector(".sent");
      expect(await page.textContent(".sent code")).toBe('#pi{PRINT("good morning")}');
      await page.keyboard.press("Control+Enter");
      await page.locator(".result .output", { hasText: "good morning" }).waitFor();
      await page.getByLabel("Your name, to send").fill("ada");
      await page.getByRole("button", { name: "Send to the cluster" }).click();
      await page.locator(".ran", { hasText: "Ran on b0412" }).waitFor();
      await page.getByRole("button", { name: "Rainbow" }).click();
      await page.getByRole("button", { name: "Send to the cluster" }).click();
      await page.waitForSelector(".lamp i[data-lit='true']");
      await page.locator(".ran a").click();
      await page.locator(".panel h2", { hasText: "b0412" }).waitFor();
    });
  });

  test("a big sum tells how far it is, and can be taken back", async () => {
    await withPage("/play", desktop, async ({ page }) => {
      await page.locator(".cm-content").fill("{SUM(k,1,150000,1/k)}");
      await page.getByLabel("Your name, to send").fill("ada");
      await page.getByRole("button", { name: "Send to the cluster" }).click();
      await page.locator(".result", { hasText: "Running on b0412 … 61 of 147 chunks, 12 boards help" }).waitFor();
      // Whose it is was settled when it was sent.
      await page.getByLabel("Your name, to send").fill("bob");
      await page.getByRole("button", { name: "Take it back" }).click();
      await page.locator(".result .problem", { hasText: "Its poster took it back." }).waitFor();
    });
  });

  test("what a run here does beside printing is seen: lights in their time, a drawing, what is logged and kept", async () => {
    await withPage("/play", desktop, async ({ page, complaints }) => {
      await page
        .locator(".cm-content")
        .fill('{LIGHTS(3,0,0,255)SLEEP(.2)LIGHTS(3,0,0,0)DRAW(1,2)LOG("done")SAVE("n",1)}');
      await page.getByRole("button", { name: "Run here" }).click();
      await page.getByRole("img", { name: "The lamp in this run: 1 of 24 lights shine" }).waitFor();
      await page.getByRole("img", { name: "The lamp in this run: 0 of 24 lights shine" }).waitFor();
      await page.getByRole("img", { name: "A drawing of 1 points and lines, 1 wide and 1 high" }).waitFor();
      await page.locator(".acted", { hasText: "Log done" }).waitFor();
      await page.locator(".ran", { hasText: /Ran here, in your browser · \d+ steps · [\d.]+ ms/ }).waitFor();
      await page.locator(".result", { hasText: "kept here, until you leave" }).waitFor();
      expect(complaints).toEqual([]);
    });
  });

  test("the editor knows the language: colours, words with what they do, help under the pointer, remedies", async () => {
    await withPage("/play", desktop, async ({ page, complaints }) => {
      const editor = page.locator(".cm-content");
      await editor.fill("");
      await page.keyboard.type("area(r)=PI*r^2 prin");
      const best = page.locator(".cm-tooltip-autocomplete li[aria-selected]");
      await page.locator(".cm-completionInfo", { hasText: "Prints its arguments" }).waitFor();
      await best.filter({ hasText: "PRINT([x…])" }).click();
      await page.keyboard.type("are");
      await best.filter({ hasText: "area(r)" }).click();
      await page.keyboard.type("2))yPRINT(3)");
      expect(await editor.textContent()).toBe("area(r)=PI*r^2 PRINT(area(2))yPRINT(3)");
      expect(await page.locator(".code-function").allTextContents()).toEqual(["area", "area"]);
      expect(await page.locator(".code-builtin").allTextContents()).toEqual(["PI", "PRINT"]);
      expect(await page.textContent(".count")).toContain("43 of 280, 237 left");
      await page.locator(".cm-lintRange-error", { hasText: "yPRINT" }).waitFor();
      await page.locator(".code-builtin", { hasText: "PRINT" }).hover();
      await page.locator(".cm-tooltip-hover .code-help", { hasText: "PRINT([x…])" }).waitFor();
      await page.getByRole("button", { name: "Put in ;" }).first().click();
      expect(await editor.textContent()).toBe("area(r)=PI*r^2 PRINT(area(2))y;PRINT(3)");
      await page.locator(".cm-lintRange-warning", { hasText: "y" }).waitFor();
      await page.getByRole("button", { name: /^Shrink by \d+$/ }).click();
      expect((await editor.textContent())!.length).toBeLessThan(39);
      await page.getByRole("button", { name: "Run here" }).click();
      await page.locator(".result .output", { hasText: "12.566370614359172" }).waitFor();
      expect(complaints).toEqual([]);
    });
  });

  test("an error is told with its place, and marked in the editor", async () => {
    await withPage("/play", { size: "phone", theme: "light" }, async ({ page }) => {
      await page.waitForSelector(".cm-content");
      await page.locator(".cm-content").fill("x=1yPRINT(x)");
      await page.getByRole("button", { name: "Run here" }).click();
      await page.locator(".result .problem", { hasText: "NAME" }).waitFor();
      await page.waitForSelector(".cm-lintRange-error");
    });
  });

  test("the list is narrowed by words, by a node set that the head resolves, and by state", async () => {
    await withPage("/boards?focus=search", desktop, async ({ page }) => {
      await page.waitForSelector(".boards tbody tr");
      await page.keyboard.type("b0412");
      await page.locator(".filters", { hasText: "1 of" }).waitFor();
      await page.getByLabel("Name, place or node set").fill("@k07");
      await page.locator(".filters", { hasText: "21 of" }).waitFor();
      await page.getByLabel("State").selectOption("failed");
      await page.getByText("No board fits").waitFor();
      await page.getByLabel("Name, place or node set").fill("@nonsense");
      await page.locator(".problem", { hasText: "no node set" }).waitFor();
    });
  });
});

/** The view as the page has it, from the same layout and the same room. */
async function viewIn(page: Page, url: string) {
  await page.waitForSelector(".picture-canvas[data-boards='1051']");
  const layout = (await (await fetch(`${url}/api/v1/layout`)).json()) as Parameters<typeof viewOf>[0];
  const bounds = (await page.locator(".picture").boundingBox())!;
  return { bounds, view: viewOf(layout, { width: bounds.width, height: bounds.height, dpr: 1 }) };
}

async function middleOf(page: Page, url: string, index: number): Promise<{ x: number; y: number }> {
  const { bounds, view } = await viewIn(page, url);
  const [x, y, width, height] = rectOf(view, index);
  return { x: bounds.x + x + width / 2, y: bounds.y + y + height / 2 };
}

/** How many boards differ from the paper around them, counted in the pixels of a screenshot. */
async function paintedBoards(page: Page, url: string): Promise<number> {
  const { bounds, view } = await viewIn(page, url);
  const points = Array.from({ length: view.rects.length / 4 }, (_, index) => {
    const [x, y, width, height] = rectOf(view, index);
    return [bounds.x + x + width / 2, bounds.y + y + height * 0.7];
  });
  const picture = (await page.screenshot()).toString("base64");
  return page.evaluate(
    async ({ picture, points }) => {
      const blob = await (await fetch(`data:image/png;base64,${picture}`)).blob();
      const image = await createImageBitmap(blob);
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d")!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      const brightest = (x: number, y: number): number => {
        const first = (Math.floor(y) * image.width + Math.floor(x)) * 4;
        return Math.max(...data.subarray(first, first + 3));
      };
      return points.filter(([x = 0, y = 0]) => brightest(x, y) > 60).length;
    },
    { picture, points },
  );
}
