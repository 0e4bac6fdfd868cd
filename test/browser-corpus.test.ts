import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "@bramble/warble";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FakeHead } from "../apps/twin/fake-head.ts";
import { startFakeHead } from "../apps/twin/fake-head.ts";
import type { Opened } from "../apps/twin/src/browser.ts";
import { buildWhenStale, chromiumPath, open, startChromium } from "../apps/twin/src/browser.ts";
import type { CorpusProgram, Ran } from "./support/corpus.ts";
import { corpus, differenceOf } from "./support/corpus.ts";

/** The public corpus in the page's own worker, as `vite build` makes it: the same bytes as everywhere else. */
const hasChromium = existsSync(chromiumPath);
if (!hasChromium) console.warn(`the corpus does not run in a browser: there is no ${chromiumPath}`);

const assets = join(dirname(fileURLToPath(import.meta.url)), "../apps/twin/dist/assets");

// Only where Chromium is installed: `npm test` installs it, a lone `vitest` does not.
describe.skipIf(!hasChromium)("the language in Chromium", () => {
  let head: FakeHead;
  let browser: Browser;
  let opened: Opened;

  beforeAll(async () => {
    [head, browser] = await Promise.all([
      buildWhenStale().then(() => startFakeHead({ boards: 42, speed: 0 })),
      startChromium(),
    ]);
    opened = await open(browser, `${head.url}/help`, { size: "desktop", theme: "light" });
  });
  afterAll(async () => {
    await browser?.close();
    await head?.close();
  });

  test("all 164 programs of the corpus give the same bytes in the page's worker, with their effects", async () => {
    const programs = corpus();
    const wrong: string[] = [];
    const ran = await runInWorker(opened.page, programs);
    expect(ran).toHaveLength(164);
    programs.forEach((program, at) => {
      const difference = differenceOf(program, ran[at]!);
      if (difference !== null) wrong.push(difference);
    });
    expect(wrong).toEqual([]);
    expect(opened.complaints).toEqual([]);
  }, 120_000);

  test("a program is run as it is in Node: output, effects, error, warnings and steps, whatever the program", async () => {
    const programs = corpus("arith", "precision", "ext", "error");
    const ran = await runInWorker(opened.page, programs);
    programs.forEach((program, at) => {
      if ((program.before ?? []).length > 0) return;
      const {
        saves: _,
        data: __,
        ...here
      } = run(program.source, { ...world, user: program.user ?? "ada", ...nothing });
      expect(ran[at], program.name).toEqual(here);
    });
  }, 120_000);
});

const world = { board: 3, boards: 1050, temperatureC: 42.5, nowMs: 1_793_000_000_000, seed: 7 };
const nothing = { saved: {}, data: {} };

/** Each program in turn, after those that go before it, in one worker as the page starts it. */
async function runInWorker(page: Page, programs: readonly CorpusProgram[]): Promise<Ran[]> {
  const file = readdirSync(assets).find((name) => /^run-worker-.*\.js$/.test(name));
  return page.evaluate(
    async ({ url, programs, world }) => {
      type Shelf = { readonly saved: object; readonly data: object };
      type Said = { readonly kind: string; readonly result: Ran & { saves: object; data: object } };
      const worker = new Worker(url, { type: "module" });
      const hear = (): Promise<Said> =>
        new Promise((resolve, reject) => {
          worker.onmessage = ({ data }: MessageEvent<Said>) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(`the worker broke: ${message}`));
        });
      await hear();
      const all: Ran[] = [];
      for (const { source, user = "ada", before = [] } of programs) {
        const shelves = new Map<string, Shelf>();
        let last: Ran | null = null;
        for (const turn of [...before, { user, source }]) {
          const shelf = shelves.get(turn.user) ?? { saved: {}, data: {} };
          worker.postMessage({ post: turn.source, environment: { ...world, user: turn.user, ...shelf } });
          const { saves, data, ...ran } = (await hear()).result;
          shelves.set(turn.user, { saved: { ...shelf.saved, ...saves }, data: { ...shelf.data, ...data } });
          last = ran;
        }
        all.push(last!);
      }
      worker.terminate();
      return all;
    },
    { url: `/assets/${file}`, programs: [...programs], world },
  );
}
