import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@bramble/core/base";
import { expect, test } from "vitest";
import { httpLimits } from "./limits.ts";
import { pageRoutes } from "./page.ts";
import { createGuard } from "./security.ts";
import { createApp } from "./server.ts";

async function app(isBuilt: boolean) {
  const outer = mkdtempSync(join(tmpdir(), "bramble-page-"));
  const dir = join(outer, "dist");
  mkdirSync(dir);
  writeFileSync(join(outer, "bramble-secret.txt"), "treasure");
  if (isBuilt) {
    mkdirSync(join(dir, "assets"));
    writeFileSync(join(dir, "index.html"), "<title>the page</title>");
    writeFileSync(join(dir, "assets", "main-1a2b.js"), "start()");
  }
  const made = await createApp({
    guard: createGuard({ listen: "127.0.0.1", operatorToken: "operator-token", boardToken: null }),
    limits: httpLimits,
    log: silentLog,
    version: "1",
    api: [],
    root: [pageRoutes({ dir })],
    upgrades: { accept: () => {}, close: () => {} },
  });
  const get = (url: string, headers = {}) => made.inject({ url, headers: { host: "localhost", ...headers } });
  return {
    get,
    inject: made.inject.bind(made),
    async [Symbol.asyncDispose]() {
      await made.close();
      rmSync(outer, { recursive: true });
    },
  };
}

test("the page is served to everybody, at every address that is its own", async () => {
  await using page = await app(true);
  for (const url of ["/", "/play", "/boards/b0412", "/w/42?x=1"]) {
    const answer = await page.get(url, { accept: "text/html" });
    expect([answer.statusCode, answer.body, answer.headers["cache-control"]]).toEqual([
      200,
      "<title>the page</title>",
      "no-cache",
    ]);
  }
});

test("files with a hash in their name are kept for ever", async () => {
  await using page = await app(true);
  const answer = await page.get("/assets/main-1a2b.js");
  expect(answer.body).toBe("start()");
  expect(answer.headers["cache-control"]).toContain("immutable");
});

test.each([
  "/assets/main-9.js",
  "/nothing.png",
  "/api/v1/nothing",
  "/../bramble-secret.txt",
  "/..%2fbramble-secret.txt",
  "/%2e%2e/bramble-secret.txt",
  "/assets/..%5c..%5cbramble-secret.txt",
  "/assets/%00",
])("%s is not there", async (url) => {
  await using page = await app(true);
  const answer = await page.get(url);
  expect(answer.statusCode).toBeGreaterThanOrEqual(400);
  expect(answer.body).not.toContain("treasure");
  expect(answer.json().error.code).toMatch(/not-found|input\.invalid|auth\.forbidden/);
});

test("programs that want JSON are not given a page", async () => {
  await using page = await app(true);
  expect((await page.get("/boards", { accept: "application/json" })).json().error.code).toBe("not-found");
  expect((await page.inject({ method: "POST", url: "/play", headers: { host: "localhost" } })).statusCode).toBe(404);
});

test("a head without a built page says what to do", async () => {
  await using page = await app(false);
  const answer = await page.get("/");
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toContain("npm run build");
});
