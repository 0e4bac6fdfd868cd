import { existsSync } from "node:fs";
import type { PowerPlansAnswer, PowerTraceAnswer } from "@bramble/core/api";
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

// A real head, PDUs that speak SNMP, boards that boot: the plan is the planner's own.
test.skipIf(!hasChromium)(
  "a bank is taken down and brought up through the page: refused for its neighbours first, then the group, each step verified",
  async () => {
    await buildWhenStale();
    await using demo = await startDemoProcess(demoOf("mini-84.yaml", "--speed", "200", "--no-agent"));
    const browser = await startChromium();
    try {
      const { page, complaints } = await open(browser, demo.url, { size: "desktop", theme: "light" });
      await page.locator(".header-up", { hasText: "84 of 84" }).waitFor({ timeout: 30_000 });
      await page.keyboard.press("g");
      await page.keyboard.press("w");
      const outlet = page.locator(".power-item[data-key='outlet p1.3']");
      await outlet.locator("[data-is='on']").first().waitFor();
      await page.getByLabel("A node set; rows chosen below stand here too").fill("@k04");
      await page.locator(".ask-found", { hasText: "21 boards, all up" }).waitFor();
      await page.getByRole("button", { name: "Take down …" }).click();
      await page.locator(".refusal", { hasText: "p1.3 takes 21 boards along that were not named" }).waitFor();
      await page.getByRole("button", { name: "Plan this instead" }).click();
      await page.getByRole("button", { name: "Take down 42 boards" }).click();
      await page.locator(".run-state[data-state='done']").waitFor({ timeout: 30_000 });
      await outlet.locator("[data-is='off']").first().waitFor();
      await page.locator(".header-up", { hasText: "42 of 84" }).waitFor();
      await page.getByRole("button", { name: "Put away" }).click();
      await page.getByRole("button", { name: "Bring up …" }).click();
      await page.locator(".touches", { hasText: "42 boards" }).waitFor();
      await page.getByRole("button", { name: "Bring up 42 boards" }).click();
      await page.locator(".run-state[data-state='done']").waitFor({ timeout: 30_000 });
      await page.locator(".header-up", { hasText: "84 of 84" }).waitFor();
      const { plans } = await demo.get<PowerPlansAnswer>("/power/plans?limit=2");
      expect(plans).toMatchObject([
        { action: "on", set: "@k04", by: "operator", state: "done", boards: 42, up: 42, missing: [] },
        { action: "off", by: "operator", state: "done", boards: 42 },
      ]);
      const { trace } = await demo.get<PowerTraceAnswer>("/power/trace");
      expect(trace.slice(-2)).toMatchObject([
        { outlet: "p1.3", on: false, plan: plans[1]?.id },
        { outlet: "p1.3", on: true, plan: plans[0]?.id },
      ]);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  120_000,
);
