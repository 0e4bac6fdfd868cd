import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";

/**
 * `npm run pictures`: starts the demo, and keeps real screenshots in docs/pictures: `waking-up.png` for the README in
 * mid-wave, each page in light and dark on a desktop and a phone, a board's panel, and a group that fell silent.
 * Arguments go to `bramble demo`.
 */
const root = join(import.meta.dirname, "..");
const folder = join(root, "docs/pictures");
const data = mkdtempSync(join(tmpdir(), "bramble-pictures-"));
const desktop = { viewport: { width: 1440, height: 900 } } as const;
const phone = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 1.5,
  isMobile: true,
  hasTouch: true,
} as const;
const profiles = [
  ["desktop", desktop],
  ["phone", phone],
] as const;
const pages = [
  ["overview", "/"],
  ["boot", "/boot"],
  ["power", "/power"],
  ["play", "/play"],
  ["boards", "/boards"],
  ["help", "/help"],
] as const;

/** All 24 lights in the colours of the rainbow, in one post; and some posts of others. */
const rainbow = "#pi{FOR(i=0;i<24;i++){a=i*PI/12LIGHTS(i,128+127*COS(a),128+127*COS(a-2.1),128+127*COS(a+2.1))}}";
const posts = [
  ["web:grace", '#pi{PRINT("hello cluster")}'],
  ["web:alan", '#pi{FOR(n=2;n<50;n++){p=1;FOR(d=2;d*d<=n;d++){IF(n%d==0){p=0}}IF(p){PUT(n," ")}}}'],
  ["web:edsger", "#pi{PRINT(2*ROUND(ACOS(0.0),3))}"],
] as const;
/** Who plays: a name belongs to the browser that took it first. */
const players = ["mary", "joan", "kay", "ada"];

if (!existsSync("/usr/bin/chromium")) {
  process.stderr.write("chromium is not installed: sudo apt-get install chromium\n");
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const [control, pdus] = [await freePort(), await freePort()];
const demo = spawn(
  process.execPath,
  [
    ...["bin/bramble.mjs", "demo", "--port", "0", "--control", `${control}`, "--pdu-port", `${pdus}`, "--data", data],
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
);
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
  ],
});
try {
  const url = await readyLine();
  await wakingUp(browser, url);
  for (const [user, text] of posts) await post(url, "/warbles", { user, text });
  for (const [profile, look] of profiles) {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ ...look, colorScheme });
      const picture = async (name: string, path: string, ready?: (page: Page) => Promise<unknown>): Promise<void> => {
        const page = await context.newPage();
        await page.goto(new URL(path, url).href, { waitUntil: "load" });
        await page.waitForSelector(".age[data-link='live']");
        await page.waitForTimeout(1200);
        await ready?.(page);
        await page.screenshot({ path: join(folder, `${name}-${profile}-${colorScheme}.png`) });
        await page.close();
      };
      for (const [name, path] of pages)
        await picture(name, path, name === "play" ? (page) => play(page, players.pop() ?? "") : undefined);
      if (colorScheme === (profile === "desktop" ? "light" : "dark")) await picture("board", "/?board=b0412");
      await picture("power-plan", "/power?set=@g03,@g04", planOfPower);
      if (colorScheme === "dark" && profile === "phone") {
        await fault("kill", "@g03");
        await until(url, ({ states }) => (states.silent ?? 0) >= 42);
        await picture("silent-group", "/");
      }
      await context.close();
    }
  }
  const context = await browser.newContext({ ...desktop, colorScheme: "dark" });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector("[data-painter='webgl']");
  await page.waitForTimeout(1500);
  await page.screenshot({ path: join(folder, "silent-group-desktop-dark.png") });
} finally {
  await browser.close();
  demo.kill("SIGTERM");
  if (demo.exitCode === null) await new Promise((resolve) => demo.once("exit", resolve));
  rmSync(data, { recursive: true, force: true });
}

/** The picture of the README: more than half of the boards are up, a wave is on its way. The liveliest of many moments is kept. */
async function wakingUp(browser: Browser, url: string): Promise<void> {
  const page = await browser.newPage({ ...desktop, colorScheme: "dark" });
  await page.goto(url);
  await page.waitForSelector("[data-painter='webgl']", { timeout: 60_000 });
  await post(url, "/warbles", { user: "web:rainbow", text: rainbow });
  let best = 0;
  await until(url, ({ states, expected }) => (states.up ?? 0) >= expected * 0.4);
  for (let share = 0; share < 0.85; ) {
    // What was there both before and after is surely in the picture.
    const before = await legend(page);
    const picture = await page.screenshot();
    const counts = await legend(page);
    const waking = ["powering", "leasing", "loading", "starting"].map((state) =>
      Math.min(before.get(state) ?? 0, counts.get(state) ?? 0),
    );
    const lively = waking.filter((count) => count > 0).length * 20 + waking.reduce((sum, count) => sum + count, 0);
    if (lively > best) writeFileSync(join(folder, "waking-up.png"), picture);
    best = Math.max(best, lively);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    share = (counts.get("up") ?? 0) / Math.max(1, total);
  }
  await until(url, ({ states, expected, bringUp }) => (states.up ?? 0) >= expected && bringUp?.done === true);
  await page.close();
}

/** Boards by state, as the page tells it. */
async function legend(page: Page): Promise<ReadonlyMap<string, number>> {
  return new Map(
    await page.$$eval(".legend-item", (items) =>
      items.map((item): [string, number] => [
        item.querySelector("span")?.textContent ?? "",
        Number((item.querySelector("b")?.textContent ?? "").replace(/\D/g, "")),
      ]),
    ),
  );
}

/** A program sent to the cluster and back, under a name that nobody had. */
async function play(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "50 digits of pi" }).click();
  await page.getByLabel("Your name, to send").fill(name);
  await page.getByRole("button", { name: "Send to the cluster" }).click();
  await page.locator(".ran", { hasText: "Ran on" }).waitFor();
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.mouse.move(0, 0);
  await page.waitForTimeout(300);
}

/** What taking two groups down would touch; nothing is switched. */
async function planOfPower(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Take down …" }).click();
  await page.waitForSelector(".ask-modal .touches");
  await page.locator(".ask-modal .curl summary").click();
  await page.waitForTimeout(300);
}

type Standing = {
  readonly states: Record<string, number>;
  readonly expected: number;
  readonly bringUp: { readonly done: boolean } | null;
};

async function until(url: string, isTrue: (standing: Standing) => boolean): Promise<void> {
  while (!isTrue((await (await fetch(new URL("/api/v1/cluster", url))).json()) as Standing))
    await new Promise((resolve) => setTimeout(resolve, 100));
}

function post(url: string, path: string, body: unknown): Promise<Response> {
  return fetch(new URL(`/api/v1${path}`, url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

function fault(...words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ["bin/bramble.mjs", "sim", ...words, "--control", `${control}`], { cwd: root });
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function readyLine(): Promise<string> {
  for await (const line of createInterface({ input: demo.stdout })) {
    const found = /^ready (\S+)$/.exec(line);
    if (found !== null) return found[1]!;
  }
  throw new Error("the demo ended before it was ready");
}
