import { createSocket } from "node:dgram";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "@bramble/core/base";
import { clockFrom, mac, silentLog } from "@bramble/core/base";
import type { FileClaim, FileNews } from "@bramble/core/boot";
import { encodeTftp } from "@bramble/core/boot";
import { describe, expect, test } from "vitest";
import { fetchFile } from "../tftp/fake-client.ts";
import { contentOf } from "../tftp/fake-desk.ts";
import { type FileThreadParts, startFileThreads } from "./file-threads.ts";
import type { Bind } from "./messages.ts";

const board = mac("b8:27:eb:00:00:01");
const clock = clockFrom({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});

type News = { readonly by: string; readonly path: string; readonly board: string | null; readonly news: FileNews };
type Rig = Partial<Pick<FileThreadParts, "threads" | "entry" | "log" | "post" | "binds">>;

/** Servers whose tree is `resolve`, and what they told. */
async function rig(resolve: FileThreadParts["resolve"], more: Rig = {}) {
  const news: News[] = [];
  const files = await startFileThreads({
    binds: { tftp: { address: "127.0.0.1", port: 0 }, http: { address: "127.0.0.1", port: 0 } },
    resolve,
    tell: (by, _, who, path, told) => news.push({ by, path, board: who, news: told }),
    post: async () => ({ status: 404, body: null }),
    clock,
    log: silentLog,
    threads: 1,
    ...more,
  });
  return { files, server: files.tftp, url: `http://127.0.0.1:${files.http.port}`, news };
}

test("the thread serves rendered content, large content and files, and tells of them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bramble-thread-"));
  const file = contentOf(300_000);
  const path = join(folder, "kernel8.img");
  await writeFile(path, file);
  const large = contentOf(200_000);
  const { files, server, news } = await rig((request) => {
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
  await files[Symbol.asyncDispose]();
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
  const { files, server } = await rig(() => ({ kind: "bytes", bytes: contentOf(1000), board }), { entry, log });
  const socket = createSocket("udp4");
  socket.send(
    encodeTftp({ kind: "read", path: "die", mode: "octet", options: new Map() }),
    server.port,
    server.address,
  );
  await untilTrue(() => files.deaths() === 1);
  socket.close();
  expect(errors).toEqual([expect.stringMatching(/started again/)]);
  // The client asks again until the new thread is there.
  expect(await fetchFile({ server, path: "after" })).toMatchObject({ kind: "file" });
  await files[Symbol.asyncDispose]();
  expect(server.counters()).toMatchObject({ done: 1, live: 0 });
});

test("an error in the thread ends one request, not the thread", async () => {
  const entry = new URL("./rude-worker.ts", import.meta.url);
  const { files, server } = await rig(() => ({ kind: "missing", board }), { entry });
  expect(await fetchFile({ server, path: "throw" })).toMatchObject({ kind: "error", code: 0 });
  expect(await fetchFile({ server, path: "x" })).toMatchObject({ kind: "error", code: 1 });
  expect(files.deaths()).toBe(0);
  await files[Symbol.asyncDispose]();
});

test("several threads share one port, and each client has its file whole", async () => {
  const content = contentOf(20_000);
  const { files, server } = await rig(() => ({ kind: "bytes", bytes: content, board }), { threads: 2 });
  const all = await Promise.all(
    Array.from({ length: 30 }, (_, n) =>
      fetchFile({ server, path: "x", from: `127.20.0.${n + 1}`, options: { tsize: "0" } }),
    ),
  );
  expect(all.filter((got) => got.kind === "file" && Buffer.compare(got.bytes, content) === 0)).toHaveLength(30);
  await files[Symbol.asyncDispose]();
  expect(server.counters().done).toBe(30);
});

describe("by HTTP", () => {
  test("the thread serves the same, whole and in parts, and tells of it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bramble-thread-"));
    const file = contentOf(3_000_000);
    const path = join(folder, "root.squashfs");
    await writeFile(path, file);
    const large = contentOf(200_000);
    const { files, url, news } = await rig((request) => {
      if (request.path === "root.squashfs") return { kind: "file", path, sizeBytes: file.length, board };
      if (request.path === "initrd") return Promise.resolve({ kind: "bytes", bytes: large, board });
      if (request.path === "who")
        return { kind: "bytes", bytes: new TextEncoder().encode(`${request.by} ${request.from.address}`), board };
      if (request.path === "broken") throw new Error("no plan");
      return { kind: "missing", board };
    });
    const get = async (name: string, range?: string) => {
      const answer = await fetch(`${url}/boot/${name}`, { headers: range === undefined ? {} : { range } });
      return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
    };
    expect(await get("root.squashfs")).toEqual({ status: 200, bytes: Buffer.from(file) });
    const part = await get("root.squashfs", "bytes=1000000-1999999");
    expect(part).toEqual({ status: 206, bytes: Buffer.from(file.subarray(1_000_000, 2_000_000)) });
    for (const _ of ["once", "and with the octets that have crossed"])
      expect(await get("initrd")).toEqual({ status: 200, bytes: Buffer.from(large) });
    expect((await get("who")).bytes.toString()).toBe("http 127.0.0.1");
    expect((await get("none")).status).toBe(404);
    expect((await get("broken")).status).toBe(500);
    await files[Symbol.asyncDispose]();
    expect(news.filter((told) => told.news.news === "done").map((told) => `${told.by} ${told.path}`)).toEqual([
      ...["http root.squashfs", "http root.squashfs", "http initrd", "http initrd", "http who"],
    ]);
    expect(files.http.counters()).toMatchObject({ requests: 7, sent: 5, missing: 1, open: 0 });
    await rm(folder, { recursive: true });
  });

  test.each([1, 2])("a report comes after the news that are older than it, with %i threads", async (threads) => {
    const before: string[][] = [];
    const { files, url, news } = await rig(() => ({ kind: "bytes", bytes: contentOf(1000), board }), {
      threads,
      async post({ path, body }, { address }) {
        before.push([path, body ?? "", address, ...news.map((told) => `${told.path} ${told.news.news}`)]);
        return { status: 202, body: { stored: 1 } };
      },
    });
    const own = { connection: "close" };
    await (await fetch(`${url}/boot/root`, { headers: own })).arrayBuffer();
    const answer = await fetch(`${url}/boot/x/step`, { method: "POST", body: "{}", headers: own });
    expect([answer.status, await answer.json()]).toEqual([202, { stored: 1 }]);
    expect(before).toEqual([["/boot/x/step", "{}", "127.0.0.1", "root begun", "root done"]]);
    await files[Symbol.asyncDispose]();
  });

  test("a thread that dies comes back at the same port", async () => {
    const entry = new URL("./rude-worker.ts", import.meta.url);
    const { files, url } = await rig(() => ({ kind: "bytes", bytes: contentOf(1000), board }), { entry });
    await expect(fetch(`${url}/boot/die`)).rejects.toThrow();
    await untilTrue(() => files.deaths() === 1);
    const again = async (): Promise<number> => {
      const answer = await fetch(`${url}/boot/after`).catch(() => null);
      return answer?.status ?? again();
    };
    expect(await again()).toBe(200);
    await files[Symbol.asyncDispose]();
  });
});

test.each([1, 2])(
  "a port that is taken is said at the start, also to threads that would share it: %i",
  async (threads) => {
    const none = (): FileClaim => ({ kind: "missing", board: null });
    const { files } = await rig(none, { threads });
    const free = { address: "127.0.0.1", port: 0 };
    const [tftp, http] = [files.tftp, files.http].map(({ port }) => ({ ...free, port })) as [Bind, Bind];
    for (const [taken, binds] of [
      ["tftp", { tftp, http: free }],
      ["http", { tftp: free, http }],
    ] as const)
      await expect(rig(none, { threads, binds })).rejects.toMatchObject({ code: "EADDRINUSE", server: taken });
    await files[Symbol.asyncDispose]();
  },
);

/** Looks until it is so. */
async function untilTrue(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}
