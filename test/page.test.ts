import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { buildWhenStale, chromiumPath, open, startChromium } from "../apps/twin/src/browser.ts";
import { bramble, demoOf, startDemoProcess } from "./support/demo-process.ts";

const hasChromium = existsSync(chromiumPath);
if (!hasChromium) console.warn(`the page's story is skipped: there is no ${chromiumPath}`);

// Only where Chromium is installed: `npm test` installs it, a lone `vitest` does not.
test.skipIf(!hasChromium)(
  "a program typed into the page runs on a board of the demo, and a group that goes dark is told",
  async () => {
    await buildWhenStale();
    await using demo = await startDemoProcess(demoOf("mini-84.yaml", "--speed", "200", "--no-agent"));
    const browser = await startChromium();
    try {
      const { page, complaints } = await open(browser, demo.url, { size: "desktop", theme: "light" });
      await page.locator(".header-up", { hasText: "84 of 84" }).waitFor({ timeout: 30_000 });
      await page.keyboard.press("g");
      await page.keyboard.press("p");
      await page.locator(".cm-content").fill('#pi{PRINT("from the page",6*7)}');
      await page.getByLabel("Your name, to send").fill("ada");
      await page.getByRole("button", { name: "Send to the cluster" }).click();
      await page.locator(".ran", { hasText: /Ran on b\d+/ }).waitFor();
      expect(await page.textContent(".result .output")).toBe("from the page 42");
      const board = await page.textContent(".ran a");
      await page.locator(".ran a").click();
      await page.locator(".panel h2", { hasText: board! }).waitFor();
      await page.locator(".panel .output", { hasText: "from the page 42" }).waitFor();
      await page.keyboard.press("Escape");
      const killed = await bramble(["sim", "kill", "@c-u02", "--control", String(demo.control)]);
      expect(killed, killed.err).toMatchObject({ code: 0 });
      await page.locator(".trouble", { hasText: "42 silent" }).waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  90_000,
);
