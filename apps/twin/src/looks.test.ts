import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeHead } from "../fake-head.ts";
import { startFakeHead } from "../fake-head.ts";
import type { Look } from "./browser.ts";
import { buildWhenStale, chromiumPath, open, startChromium } from "./browser.ts";

const hasChromium = existsSync(chromiumPath);
if (!hasChromium) console.warn(`looks are not checked: there is no ${chromiumPath} (Debian: apt-get install chromium)`);

/** Every page in its states; `act` is what a person does there first. */
const places: readonly {
  readonly path: string;
  readonly ready: string;
  readonly act?: (page: Page, head: FakeHead) => Promise<unknown>;
}[] = [
  { path: "/", ready: ".picture-canvas[data-boards='1051']" },
  { path: "/?board=b0301", ready: ".panel .facts" },
  { path: "/", ready: ".all-boards tbody tr", act: (page) => page.locator(".fold").click() },
  { path: "/", ready: ".legend-item[data-selected]", act: (page) => page.locator(".legend-item").nth(6).click() },
  { path: "/?board=b0090", ready: ".panel-state[data-state='silent']" },
  { path: "/boards", ready: ".boards tbody tr" },
  { path: "/boards?set=nothing", ready: ".boards-page > .quiet" },
  { path: "/boards?set=@nonsense", ready: ".problem" },
  { path: "/boot", ready: ".lane" },
  { path: "/boot?show=stopped&board=b0422", ready: ".lane-files" },
  { path: "/boot?set=@nonsense", ready: ".boot .problem" },
  { path: "/boot?board=b0001", ready: ".plan-modal", act: (page) => page.locator(".plan .button").click() },
  { path: "/boot", ready: ".lane-table tbody tr", act: (page) => page.locator(".lane-table .fold").click() },
  { path: "/power", ready: ".power-tree [data-level='2']" },
  { path: "/power?set=@nonsense", ready: ".ask-found .bad" },
  {
    path: "/power",
    ready: ".power-tree [data-level='4']",
    act: async (page) => {
      for (const key of ["pdu pdu2", "outlet pdu2.1", "boards pdu2.1"]) await openRow(page, key);
    },
  },
  {
    path: "/power?set=@g05,@g06",
    ready: ".ask-modal .touches",
    act: (page) => page.getByRole("button", { name: "Take down …" }).click(),
  },
  {
    path: "/power?set=b0001",
    ready: ".ask-modal .refusal",
    act: (page) => page.getByRole("button", { name: "Take down …" }).click(),
  },
  {
    path: "/power",
    ready: ".record-steps .step",
    act: (page) => page.locator(".records .link-button").first().click(),
  },
  { path: "/play", ready: ".cm-content" },
  {
    path: "/play",
    ready: ".output",
    act: (page) => page.getByRole("button", { name: "Run here" }).click(),
  },
  { path: "/play", ready: ".cm-tooltip-autocomplete", act: (page) => type(page, "{PRINT(2*ro") },
  {
    path: "/play",
    ready: ".code-help",
    act: async (page) => {
      await type(page, "{ROUND");
      await page.keyboard.press("Control+i");
    },
  },
  { path: "/play", ready: ".problem-row .chip", act: (page) => type(page, "{PRINT(1)yPRINT(2") },
  {
    path: "/play",
    ready: ".drawing",
    act: async (page) => {
      await type(page, '{LIGHTS(1,9,99,200)DRAWLINE(0,0,9,9)LOG("done")SLEEP(.1)DRAW(3,4,200,9,9)}');
      await page.getByRole("button", { name: "Run here" }).click();
    },
  },
  { path: "/help", ready: ".keys" },
  { path: "/help", ready: ".modal", act: (page) => page.keyboard.press("?") },
  { path: "/help", ready: ".go-to", act: (page) => page.keyboard.press("Control+k") },
  { path: "/nowhere", ready: ".prose" },
  {
    path: "/",
    ready: ".age[data-link='lost']",
    act: async (_, head) => head.cut(),
  },
];

// Only where Chromium is installed: `npm test` installs it, a lone `vitest` does not.
describe.skipIf(!hasChromium)("how the page looks in Chromium", () => {
  let head: FakeHead;
  let browser: Browser;
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

  beforeAll(async () => {
    [head, browser] = await Promise.all([buildWhenStale().then(() => startFakeHead({ speed: 0 })), startChromium()]);
    // Trouble to look at: a dark group, and one that did not come up.
    head.set("silent", range(84, 126));
    head.set("failed", range(420, 462));
    head.set("draining", range(500, 510));
    head.set("maintenance", range(510, 520));
    head.set("loading", range(520, 540));
  });
  afterAll(async () => {
    await browser?.close();
    await head?.close();
  });

  const looks: readonly Look[] = [
    { size: "desktop", theme: "dark" },
    { size: "desktop", theme: "light" },
    { size: "phone", theme: "dark" },
    { size: "phone", theme: "light" },
    { size: "desktop", theme: "dark", contrast: "more" },
    { size: "phone", theme: "light", contrast: "more" },
  ];
  test.each(looks)(
    "no page has a console error, an axe violation or sideways scrolling: $size, $theme, contrast $contrast",
    async (look) => {
      const { page, complaints, close } = await open(browser, head.url, look);
      try {
        await page.waitForSelector(".picture-canvas[data-painter='webgl']");
        await page.evaluate(axe);
        for (const { path, ready, act } of look.contrast === undefined ? places : places.filter(({ act }) => !act)) {
          const where = `${path} ${ready}`;
          await page.evaluate((to) => history.pushState(null, "", to), path);
          if (act !== undefined) {
            await page.waitForSelector("main h1, .cm-content", { state: "attached" });
            await act(page, head);
          }
          await page.waitForSelector(ready);
          expect(await violations(page), where).toEqual([]);
          const isWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
          expect(isWide, where).toBe(false);
          if (act === undefined) continue;
          // What was opened or chosen is forgotten on the way to another page.
          await page.keyboard.press("Escape");
          await page.evaluate(() => history.pushState(null, "", "/nowhere"));
        }
        // What a browser itself writes down of the cut link and the refused node set is no complaint of the page.
        expect(
          complaints.filter((each) => !/ERR_EMPTY_RESPONSE|ERR_CONNECTION|WebSocket|400 \(Bad Request\)/.test(each)),
        ).toEqual([]);
      } finally {
        head.mend();
        await close();
      }
    },
    120_000,
  );
});

/** Write a program in the editor. */
async function type(page: Page, program: string): Promise<void> {
  await page.locator(".cm-content").fill("");
  await page.keyboard.type(program);
}

/** What axe has against a page: the rule, and the first element. */
async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(what: Node, how: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    // A dialog hides the page around it, so that rules about whole pages say nothing while one is open.
    const found = await axe.run(document.querySelector(".modal") ?? document, { resultTypes: ["violations"] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0]?.html.slice(0, 160)}`);
  });
}

/** Open a row of the tree of power, unless it stands open. */
async function openRow(page: Page, key: string): Promise<void> {
  const row = page.locator(`.power-item[data-key='${key}']`);
  await row.waitFor();
  if ((await row.getAttribute("aria-expanded")) === "false") await row.locator(".chevron").click();
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}
