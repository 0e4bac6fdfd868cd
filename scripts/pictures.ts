import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

/**
 * `npm run pictures`: starts the demo, and keeps real screenshots of every page in docs/pictures:
 * `waking-up.png` for the README in mid-wave, then each page in light and dark, on a desktop and a phone.
 */
const root = join(import.meta.dirname, "..");
const folder = join(root, "docs/pictures");
const pages = [
  ["overview", "/"],
  ["play", "/play"],
  ["boards", "/boards"],
  ["help", "/help"],
] as const;
const profiles = [
  ["desktop", { width: 1440, height: 900 }],
  ["phone", { width: 390, height: 844 }],
] as const;

/** All 24 lights in the colours of the rainbow, in one post. */
const rainbow = "#pi{FOR(i=0;i<24;i++){a=i*PI/12LIGHTS(i,128+127*COS(a),128+127*COS(a-2.1),128+127*COS(a+2.1))}}";

if (!existsSync("/usr/bin/chromium")) {
  process.stderr.write("chromium is not installed: sudo apt-get install chromium\n");
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const demo = spawn(
  process.execPath,
  ["bin/bramble.mjs", "demo", "--port", "0", "--control", "0", ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  },
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
  for (const [profile, viewport] of profiles) {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        viewport,
        colorScheme,
        deviceScaleFactor: profile === "phone" ? 2 : 1,
      });
      for (const [name, path] of pages) {
        const page = await context.newPage();
        await page.goto(new URL(path, url).href, { waitUntil: "load" });
        await page.waitForTimeout(2500);
        await page.screenshot({ path: join(folder, `${name}-${profile}-${colorScheme}.png`) });
        await page.close();
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  demo.kill("SIGTERM");
}

/** The picture of the README: more than half of the boards are up, a wave is on its way. */
async function wakingUp(browser: Browser, url: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "dark" });
  await page.goto(url, { waitUntil: "load" });
  await post(url, "/warbles", { user: "web:rainbow", text: rainbow });
  const states = async () =>
    (await (await fetch(new URL("/api/v1/cluster", url))).json()) as {
      states: Record<string, number>;
      expected: number;
    };
  for (;;) {
    const { states: now, expected } = await states();
    if ((now.up ?? 0) >= expected * 0.6) break;
    await page.waitForTimeout(200);
  }
  await page.screenshot({ path: join(folder, "waking-up.png") });
  for (;;) {
    const { states: now, expected } = await states();
    if ((now.up ?? 0) >= expected) break;
    await page.waitForTimeout(500);
  }
  await page.close();
}

function post(url: string, path: string, body: unknown): Promise<Response> {
  return fetch(new URL(`/api/v1${path}`, url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function readyLine(): Promise<string> {
  for await (const line of createInterface({ input: demo.stdout })) {
    const found = /^ready (\S+)$/.exec(line);
    if (found !== null) return found[1]!;
  }
  throw new Error("the demo ended before it was ready");
}
