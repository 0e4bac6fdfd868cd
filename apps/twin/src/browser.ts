/** For page tests only: a built page, a Chromium, a page in it. Not part of what is shipped. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { chromium } from "playwright-core";

/** Debian's Chromium; nothing is downloaded. */
export const chromiumPath = "/usr/bin/chromium";

const twin = fileURLToPath(new URL("..", import.meta.url));
const sources = ["src", "public", "index.html", "vite.config.ts", "../../packages/core", "../../packages/warble"];

/** Build dist/ unless it is there and newer than everything that it is made of. One test file builds, the others wait for it. */
export async function buildWhenStale(): Promise<void> {
  const built = join(twin, "dist/index.html");
  const isFresh = (): boolean =>
    existsSync(built) && sources.every((source) => newest(join(twin, source)) < statSync(built).mtimeMs);
  const lock = join(tmpdir(), `bramble-build-${process.pid}`);
  while (!isFresh()) {
    try {
      mkdirSync(lock);
    } catch {
      await setTimeout(100);
      continue;
    }
    try {
      await build();
    } finally {
      rmdirSync(lock);
    }
  }
}

async function build(): Promise<void> {
  // In a process of its own: under vitest NODE_ENV is "test", and React would be built for development, twice as large.
  const vite = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin/vite.js");
  await promisify(execFile)(process.execPath, [vite, "build", "--logLevel", "error"], {
    cwd: twin,
    env: { ...process.env, NODE_ENV: "production" },
  });
}

/** A Chromium with software WebGL. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
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
}

/** How a page is looked at. */
export type Look = {
  readonly size: "phone" | "desktop";
  readonly theme: "light" | "dark";
  readonly contrast?: "more";
};

/** A page and everything that its console complained about. */
export type Opened = { readonly page: Page; readonly complaints: string[]; close(): Promise<void> };

/** Open an address in a browser context of its own. */
export async function open(browser: Browser, address: string, { size, theme, contrast }: Look): Promise<Opened> {
  const isPhone = size === "phone";
  const context = await browser.newContext({
    viewport: isPhone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    colorScheme: theme,
    ...(contrast === undefined ? {} : { contrast }),
    isMobile: isPhone,
    hasTouch: isPhone,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(address);
  return { page, complaints, close: () => context.close() };
}

/** Tests are no part of the page, so a newer test makes no page stale. */
function newest(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return /\.test\.ts$/.test(path) ? 0 : found.mtimeMs;
  return readdirSync(path)
    .filter((name) => name !== "node_modules")
    .reduce((most, name) => Math.max(most, newest(join(path, name))), 0);
}
