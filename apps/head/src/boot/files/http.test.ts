import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { clockFrom, fakeClock, type Logger, mac, silentLog } from "@bramble/core/base";
import type { BootReport, FileNews } from "@bramble/core/boot";
import { describe, expect, test } from "vitest";
import type { BootHttp, BootHttpParts } from "./http.ts";
import { startBootHttp } from "./http.ts";
import { openImages } from "./images.ts";
import { pretendImages } from "./pretend-image.ts";
import type { DiscoveryReport, ReportParts } from "./reports.ts";
import { takeReports } from "./reports.ts";
import { fakeTree, scratch, writeImage } from "./testing.ts";

const pi = mac("b8:27:eb:ef:56:44");
const realClock = clockFrom({
  now: Date.now,
  monotonic: () => performance.now(),
  setTimeout,
  clearTimeout: (h) => clearTimeout(h as never),
});

/** A server over a tree with one board, and what it told. */
async function serve(change: Partial<BootHttpParts & ReportParts> = {}, images = pretendImages({ full: false })) {
  const fake = fakeTree(images);
  fake.plans.set(pi, "live");
  fake.addresses.set("127.0.0.1", pi);
  const news: { path: string; news: FileNews }[] = [];
  const reports: DiscoveryReport[] = [];
  const steps: { board: string; report: BootReport }[] = [];
  const log = change.log ?? silentLog;
  const told = async (board: string, report: BootReport) => void steps.push({ board, report });
  const server = await startBootHttp({
    bind: { address: "127.0.0.1", port: 0 },
    resolve: fake.tree.resolve,
    tell: (_, __, path, one) => news.push({ path, news: one }),
    post: takeReports({
      async discovered(report) {
        reports.push(report);
        return reports.length > 1 ? { plan: "live", reboot: true } : { plan: "discovery", seconds: 30 };
      },
      told: change.told ?? told,
      log,
    }),
    clock: fakeClock(),
    log: silentLog,
    ...change,
  });
  return { ...fake, server, news, reports, steps, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

async function ask(
  server: BootHttp,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
) {
  const answer = await new Promise<Answer>((resolve, reject) => {
    const { method = "GET", headers = {}, body } = options;
    const sent = request({ host: "127.0.0.1", port: server.port, path, method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
  // A client has the last octet before the server knows that it has.
  while (server.counters().open > 0) await new Promise(setImmediate);
  return answer;
}

describe("files", () => {
  test("are served by serial, by MAC and by the board's address, as over TFTP", async () => {
    await using all = await serve();
    const { server, get, news } = all;
    const kernel = get("kernel", "127.0.0.1");
    for (const path of ["/boot/a2ef5644/kernel8.img", "/boot/b8-27-eb-ef-56-44/kernel", "/boot/kernel", "/kernel"]) {
      const { status, body, headers } = await ask(server, path);
      expect([status, headers["content-length"]]).toEqual([200, "12288"]);
      expect(kernel.kind === "bytes" && Buffer.from(kernel.bytes).equals(body)).toBe(true);
    }
    expect(news.slice(0, 2)).toEqual([
      { path: "a2ef5644/kernel8.img", news: { news: "begun", sizeBytes: 12_288 } },
      { path: "a2ef5644/kernel8.img", news: { news: "done", sentBytes: 12_288, resends: 0, tookMs: 0 } },
    ]);
    await expect.poll(() => server.counters()).toMatchObject({ requests: 4, sent: 4, open: 0 });
  });

  test("from disk come whole, in parts, and by their tag not again", async () => {
    using folder = scratch();
    writeImage(folder.path, "one");
    await using images = await openImages(folder.path, { log: silentLog });
    await using all = await serve({}, images);
    const { server, news } = all;
    const path = "/images/one/root.squashfs";
    const content = readFileSync(join(folder.path, "root.squashfs"), "utf8");
    const whole = await ask(server, path);
    expect([whole.status, whole.body.toString()]).toEqual([200, content]);
    const etag = String(whole.headers.etag);
    const part = await ask(server, path, { headers: { range: "bytes=4-7" } });
    expect([part.status, part.body.toString(), part.headers["content-range"]]).toEqual([
      206,
      content.slice(4, 8),
      "bytes 4-7/17",
    ]);
    const behind = await ask(server, path, { headers: { range: "bytes=17-" } });
    expect([behind.status, behind.headers["content-range"]]).toEqual([416, "bytes */17"]);
    expect((await ask(server, path, { headers: { "if-none-match": `W/${etag}, "x"` } })).status).toBe(304);
    expect((await ask(server, path, { headers: { range: "bytes=0-1", "if-range": etag } })).status).toBe(206);
    expect((await ask(server, path, { headers: { range: "bytes=0-1", "if-range": '"old"' } })).status).toBe(200);
    const head = await ask(server, path, { method: "HEAD" });
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "17", 0]);
    expect(news.map((one) => one.news.news)).toEqual([
      ...["begun", "done", "begun", "done", "failed", "probed", "begun", "done", "begun", "done", "probed"],
    ]);
  });

  test("that are large are told of on their way and arrive as they are", async () => {
    await using all = await serve({}, pretendImages({ full: true }));
    const { server, news, get } = all;
    const { body } = await ask(server, "/boot/b8-27-eb-ef-56-44/root.squashfs");
    const root = get("root.squashfs", "127.0.0.1");
    expect(root.kind === "bytes" && Buffer.compare(body, root.bytes)).toBe(0);
    expect(news.at(-1)).toMatchObject({ news: { news: "done", sentBytes: 32_000_000 } });
  });

  test("on disk that are large move in steps", async () => {
    using folder = scratch();
    const manifest = writeImage(folder.path, "one");
    const bytes = 5 << 20;
    writeFileSync(join(folder.path, "root.squashfs"), Buffer.alloc(bytes, 7));
    const files = { ...manifest.files, "root.squashfs": { bytes, sha256: "0".repeat(64) } };
    writeFileSync(join(folder.path, "image.json"), JSON.stringify({ ...manifest, files }));
    await using images = await openImages(folder.path, { log: silentLog });
    await using all = await serve({}, images);
    const answer = ask(all.server, "/boot/a2ef5644/root.squashfs");
    expect((await answer).body.length).toBe(bytes);
    expect(all.news.filter(({ news }) => news.news === "moving").length).toBeGreaterThanOrEqual(3);
  });

  test("that have changed on disk, or are gone, are not sent as if nothing were", async () => {
    using folder = scratch();
    writeImage(folder.path, "one");
    await using images = await openImages(folder.path, { log: silentLog });
    await using all = await serve({}, images);
    truncateSync(join(folder.path, "vmlinuz"), 3);
    expect((await ask(all.server, "/images/one/vmlinuz")).status).toBe(403);
    expect(all.news.at(-1)).toMatchObject({ news: { news: "failed", why: expect.stringContaining("was replaced") } });
    // In the moment between the look and the opening.
    const path = join(folder.path, "root.squashfs");
    await using late = await serve({ resolve: () => ({ kind: "file", path, sizeBytes: 3, board: pi }) });
    expect((await ask(late.server, "/boot/root.squashfs")).status).toBe(500);
    expect(late.news.at(-1)).toMatchObject({
      news: { news: "failed", why: expect.stringContaining("changed on disk") },
    });
    await expect.poll(() => late.server.counters()).toMatchObject({ failed: 1, open: 0 });
  });

  test("that are empty are served empty", async () => {
    using folder = scratch();
    const manifest = writeImage(folder.path, "one");
    writeFileSync(join(folder.path, "empty"), "");
    const files = { ...manifest.files, empty: { bytes: 0, sha256: "0".repeat(64) } };
    writeFileSync(join(folder.path, "image.json"), JSON.stringify({ ...manifest, files }));
    await using images = await openImages(folder.path, { log: silentLog });
    await using all = await serve({}, images);
    const { status, body } = await ask(all.server, "/images/one/empty");
    expect([status, body.length]).toEqual([200, 0]);
  });

  test("scripts are there for iPXE, and a date for clocks", async () => {
    await using all = await serve();
    expect((await ask(all.server, "/ipxe/b8-27-eb-ef-56-44")).body.toString()).toMatch(/^#!ipxe\n/);
    const health = await ask(all.server, "/healthz");
    expect([health.status, typeof health.headers.date]).toEqual([200, "string"]);
  });
});

describe("what is refused", () => {
  test.each([
    ["/boot/../../../etc/passwd", 403],
    ["/boot/%2e%2e/%2e%2e/etc/passwd", 403],
    ["/images/pretend/..%2f..%2fetc/passwd", 403],
    ["/boot/a%00b", 403],
    ["/boot/a%5cb", 403],
    [`/boot/${"a".repeat(1000)}`, 403],
    ["/etc/passwd", 404],
    ["//etc/passwd", 404],
    ["/boot//etc/passwd", 404],
    ["/boot/%252e%252e/etc/passwd", 404],
    ["/boot/%zz", 400],
    ["/", 404],
  ])("%s gives %i", async (path, status) => {
    const lines: string[] = [];
    const log: Logger = { ...silentLog, warn: (_, event) => lines.push(event) };
    await using all = await serve({ log });
    expect((await ask(all.server, path)).status).toBe(status);
    // One line, however often somebody tries.
    await ask(all.server, path);
    expect(lines).toEqual(status === 403 ? ["file refused"] : []);
  });

  test.each(["PUT", "DELETE", "PATCH", "OPTIONS"])("%s changes nothing", async (method) => {
    await using all = await serve();
    expect((await ask(all.server, "/boot/kernel", { method })).status).toBe(405);
  });

  test("an address that is no path, a header as large as a book, and no HTTP at all end the connection", async () => {
    await using all = await serve();
    const say = (text: string) =>
      new Promise<string>((resolve) => {
        let heard = "";
        const socket = connect(all.server.port, "127.0.0.1", () => socket.write(text));
        socket.on("data", (chunk) => (heard += chunk));
        socket.on("close", () => resolve(heard.split("\r\n")[0] ?? ""));
        socket.on("error", () => {});
      });
    expect(await say("GET http://other/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).toContain("400");
    expect(await say(`GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(20_000)}\r\n\r\n`)).toContain("431");
    expect(await say("\0\x01\x02 nonsense\r\n\r\n")).toContain("400");
    expect((await ask(all.server, "/healthz")).status).toBe(200);
  });
});

describe("slow clients", () => {
  test("one that stops reading is left when its time is over, and the file is told as failed", async () => {
    const clock = fakeClock();
    await using all = await serve({ clock }, pretendImages({ full: true }));
    const socket = connect(all.server.port, "127.0.0.1");
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.write("GET /boot/a2ef5644/root.squashfs HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => socket.once("readable", resolve));
    await clock.advance(60_000 + (32_000_000 / 8192) * 1000);
    socket.resume();
    await closed;
    await expect.poll(() => all.news.at(-1)?.news).toMatchObject({ news: "failed", why: "not done after 3966 s" });
    expect(clock.pending()).toBe(0);
  });

  test("one that leaves in the middle is told as failed", async () => {
    await using all = await serve({}, pretendImages({ full: true }));
    const socket = connect(all.server.port, "127.0.0.1");
    socket.write("GET /boot/a2ef5644/root.squashfs HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise((resolve) => socket.once("readable", resolve));
    socket.destroy();
    await expect.poll(() => all.news.at(-1)?.news).toMatchObject({ news: "failed" });
    await expect.poll(() => all.server.counters()).toMatchObject({ failed: 1, open: 0 });
  });

  test("one that says nothing is closed", async () => {
    await using all = await serve({ terms: { idleMs: 30 } });
    const socket = connect(all.server.port, "127.0.0.1");
    socket.on("error", () => {});
    await new Promise((resolve) => socket.on("close", resolve));
    expect(all.server.counters().requests).toBe(0);
  });
});

describe("reports", () => {
  const facts = {
    mac: "52-54-00-AA-BB-CC",
    serial: " A2EF5644 ",
    model: "Raspberry Pi 3",
    revision: "a020d3",
    memoryMb: 1024,
  };
  const post = (server: BootHttp, path: string, body: unknown) =>
    ask(server, path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });

  test("of a discovery image are read, and answered with what to do next", async () => {
    await using all = await serve();
    const first = await post(all.server, "/discovery", {
      ...facts,
      cores: 4,
      linkPartner: { switch: "s01", port: 13 },
    });
    expect([first.status, JSON.parse(first.body.toString())]).toEqual([200, { plan: "discovery", seconds: 30 }]);
    expect(all.reports[0]).toEqual({
      ...{ mac: "52:54:00:aa:bb:cc", serial: "a2ef5644", model: "Raspberry Pi 3", revision: "a020d3", memoryMb: 1024 },
      ...{ address: null, linkPartner: { switch: "s01", port: "13" } },
    });
    const second = await post(all.server, "/discovery", {
      mac: facts.mac,
      serial: null,
      model: "",
      linkPartner: null,
      address: "10.0.0.9",
    });
    expect(JSON.parse(second.body.toString())).toEqual({ plan: "live", reboot: true });
    expect(all.reports[1]).toMatchObject({ serial: null, model: null, address: "10.0.0.9", linkPartner: null });
  });

  test("of a RAM disk tell a step, or what failed", async () => {
    await using all = await serve();
    const answer = await post(all.server, "/boot/b8-27-eb-ef-56-44/step", { step: "root", failed: "no squashfs" });
    expect(answer.status).toBe(202);
    await post(all.server, "/boot/b8:27:eb:ef:56:44/step", { step: "agent" });
    expect(all.steps).toEqual([
      { board: pi, report: { step: "root", failed: "no squashfs" } },
      { board: pi, report: { step: "agent", failed: null } },
    ]);
  });

  test.each([
    ["/discovery", "no JSON", 400],
    ["/discovery", "[]", 400],
    ["/discovery", "null", 400],
    ["/discovery", { ...facts, mac: "ff:ff:ff:ff:ff:ff" }, 400],
    ["/discovery", { ...facts, model: "a\u0007b" }, 400],
    ["/discovery", { ...facts, model: "m".repeat(129) }, 400],
    ["/discovery", { ...facts, memoryMb: -1 }, 400],
    ["/discovery", { ...facts, linkPartner: { switch: "s01" } }, 400],
    ["/discovery", { ...facts, more: "x".repeat(20_000) }, 413],
    ["/boot/b8-27-eb-ef-56-44/step", { step: "breakfast" }, 400],
    ["/boot/x/step", { step: "root" }, 400],
    ["/boot/kernel", "{}", 404],
    ["/elsewhere", "{}", 404],
  ])("to %s that are not as they must be: case %#", async (path, body, status) => {
    await using all = await serve();
    expect((await post(all.server, path, body)).status).toBe(status);
    expect([all.reports, all.steps]).toEqual([[], []]);
    expect((await ask(all.server, "/healthz")).status).toBe(200);
  });

  test("are bounded in number, and what goes wrong behind them is no secret of theirs", async () => {
    const lines: string[] = [];
    const log: Logger = { ...silentLog, error: (_, event) => lines.push(event) };
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const told = async (): Promise<void> => {
      await held;
      throw new Error("the disk is full");
    };
    await using all = await serve({ told, log, terms: { maxReports: 1 } });
    const path = "/boot/b8-27-eb-ef-56-44/step";
    const first = post(all.server, path, { step: "root" });
    await expect.poll(() => all.server.counters().requests).toBe(1);
    const second = await post(all.server, path, { step: "root" });
    expect([second.status, second.headers["retry-after"]]).toEqual([503, "5"]);
    release();
    const answer = await first;
    expect([answer.status, answer.body.includes("disk")]).toEqual([500, false]);
    expect(lines).toEqual(["request to the boot server failed"]);
  });
});

test("a port that is taken is told", async () => {
  await using all = await serve();
  await expect(serve({ bind: { address: "127.0.0.1", port: all.server.port } })).rejects.toThrow("EADDRINUSE");
});

test("a hundred boards fetch their root at once, each whole, by a real clock", async () => {
  await using all = await serve({ clock: realClock });
  const root = all.get("root.squashfs", "127.0.0.1");
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask(all.server, "/boot/a2ef5644/root.squashfs")));
  for (const { body } of answers) expect(root.kind === "bytes" && Buffer.compare(body, root.bytes)).toBe(0);
});
