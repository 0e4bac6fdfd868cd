import { createSocket } from "node:dgram";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "@bramble/core/base";
import { clockFrom, mac, seededRandom, silentLog } from "@bramble/core/base";
import type { FileClaim, FileNews, FileRequest } from "@bramble/core/boot";
import { encodeTftp } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { fetchFile } from "../tftp/fake-client.ts";
import { contentOf } from "../tftp/fake-desk.ts";
import { startTftpThread } from "./file-threads.ts";

const board = mac("b8:27:eb:00:00:01");
const clock = clockFrom({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});

type News = { readonly path: string; readonly board: string | null; readonly news: FileNews };

/** A thread whose tree is `resolve`, and what it told. */
async function rig(
  resolve: (request: FileRequest) => FileClaim | Promise<FileClaim>,
  more: { readonly threads?: number; readonly entry?: URL; readonly log?: Logger } = {},
) {
  const news: News[] = [];
  const server = await startTftpThread({
    bind: { address: "127.0.0.1", port: 0 },
    resolve,
    tell: (_, who, path, told) => news.push({ path, board: who, news: told }),
    clock,
    random: seededRandom(1),
    log: silentLog,
    threads: 1,
    ...more,
  });
  return { server, news };
}

test("the thread serves rendered content, large content and files, and tells of them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bramble-thread-"));
  const file = contentOf(300_000);
  const path = join(folder, "kernel8.img");
  await writeFile(path, file);
  const large = contentOf(200_000);
  const { server, news } = await rig((request) => {
    if (request.path === "kernel8.img") return { kind: "file", path, sizeBytes: file.length, board };
    if (request.path === "initrd") return Promise.resolve({ kind: "bytes", bytes: large, board });
    if (request.path === "who") return { kind: "bytes", bytes: new TextEncoder().encode(request.from.address), board };
    if (request.path === "broken") throw new Error("no plan");
    return { kind: "missing", board };
  });
  const options = { blksize: "1468", windowsize: "8", tsize: "0" };
  const get = (name: string, from = "127.0.0.1") => fetchFile({ server, path: name, options, from });
  expect(await get("kernel8.img")).toMatchObject({ kind: "file", bytes: Buffer.from(file) });
  // The same octets twice: they crossed once.
  for (const from of ["127.20.0.1", "127.20.0.2"]) {
    expect(await get("initrd", from)).toMatchObject({ kind: "file", bytes: Buffer.from(large) });
  }
  expect(await get("who", "127.20.0.3")).toMatchObject({ kind: "file", bytes: Buffer.from("127.20.0.3") });
  expect(await get("none")).toMatchObject({ kind: "error", code: 1 });
  expect(await get("broken")).toMatchObject({ kind: "error", code: 0 });
  await server[Symbol.asyncDispose]();
  // The last news come before the end.
  expect(news.filter(({ news: told }) => told.news === "done").map((told) => told.path)).toEqual([
    "kernel8.img",
    "initrd",
    "initrd",
    "who",
  ]);
  expect(news.every((told) => told.path === "broken" || told.board === board)).toBe(true);
  expect(server.counters()).toMatchObject({ requests: 6, done: 4, missing: 1, failed: 1, live: 0 });
  await rm(folder, { recursive: true });
});

test("a thread that dies is reported, and another takes the same port", async () => {
  const errors: string[] = [];
  const log: Logger = { ...silentLog, error: (_, event) => errors.push(event) };
  const entry = new URL("./rude-worker.ts", import.meta.url);
  const { server } = await rig(() => ({ kind: "bytes", bytes: contentOf(1000), board }), { entry, log });
  const socket = createSocket("udp4");
  socket.send(
    encodeTftp({ kind: "read", path: "die", mode: "octet", options: new Map() }),
    server.port,
    server.address,
  );
  await untilTrue(() => server.deaths() === 1);
  socket.close();
  expect(errors).toEqual([expect.stringMatching(/started again/)]);
  // The client asks again until the new thread is there.
  expect(await fetchFile({ server, path: "after" })).toMatchObject({ kind: "file" });
  await server[Symbol.asyncDispose]();
  expect(server.counters()).toMatchObject({ done: 1, live: 0 });
});

test("an error in the thread ends one request, not the thread", async () => {
  const entry = new URL("./rude-worker.ts", import.meta.url);
  const { server } = await rig(() => ({ kind: "missing", board }), { entry });
  expect(await fetchFile({ server, path: "throw" })).toMatchObject({ kind: "error", code: 0 });
  expect(await fetchFile({ server, path: "x" })).toMatchObject({ kind: "error", code: 1 });
  expect(server.deaths()).toBe(0);
  await server[Symbol.asyncDispose]();
});

test("several threads share one port, and each client has its file whole", async () => {
  const content = contentOf(20_000);
  const { server } = await rig(() => ({ kind: "bytes", bytes: content, board }), { threads: 2 });
  const all = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      fetchFile({ server, path: "x", from: `127.20.0.${n + 1}`, options: { tsize: "0" } }),
    ),
  );
  expect(all.filter((got) => got.kind === "file" && Buffer.compare(got.bytes, content) === 0)).toHaveLength(30);
  await server[Symbol.asyncDispose]();
  expect(server.counters().done).toBe(30);
});

test.each([1, 2])(
  "a port that is taken is said at the start, also to threads that would share it: %i",
  async (threads) => {
    const { server } = await rig(() => ({ kind: "missing", board: null }), { threads });
    const second = startTftpThread({
      bind: server,
      resolve: () => ({ kind: "missing", board: null }),
      tell: () => {},
      clock,
      random: seededRandom(1),
      log: silentLog,
      threads,
    });
    await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
    await server[Symbol.asyncDispose]();
  },
);

/** Looks until it is so. */
async function untilTrue(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}
