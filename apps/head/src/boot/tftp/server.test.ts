import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clockFrom, seededRandom, silentLog } from "@bramble/core/base";
import type { FileClaim, FileNews } from "@bramble/core/boot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchFile } from "./fake-client.ts";
import { contentOf } from "./fake-desk.ts";
import type { TftpServer } from "./server.ts";
import { startTftp } from "./server.ts";

const clock = clockFrom({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});
const kernel = contentOf(1_200_000);
const told: FileNews["news"][] = [];
let folder: string;
let server: TftpServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bramble-tftp-"));
  const path = join(folder, "kernel8.img");
  await writeFile(path, kernel);
  const resolve = (request: { readonly path: string; readonly from: { readonly address: string } }): FileClaim => {
    if (request.path === "kernel8.img") return { kind: "file", path, sizeBytes: kernel.length, board: null };
    if (request.path === "gone.img") return { kind: "file", path: join(folder, "gone"), sizeBytes: 1, board: null };
    if (request.path !== "cmdline.txt") return { kind: "missing", board: null };
    return { kind: "bytes", bytes: new TextEncoder().encode(`ip=${request.from.address}`), board: null };
  };
  server = await startTftp({
    bind: { address: "127.0.0.1", port: 0 },
    resolve,
    tell: (_, __, ___, news) => told.push(news.news),
    clock,
    random: seededRandom(1),
    log: silentLog,
  });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test.each([
  ["in lockstep, as a Pi 3's start.elf does", { tsize: "0" }, { tsize: "1200000" }],
  ["as a Pi 4's bootloader does", { tsize: "0", blksize: "1024" }, { tsize: "1200000", blksize: "1024" }],
  ["in windows of 16", { blksize: "1468", windowsize: "16" }, { blksize: "1468", windowsize: "16" }],
])("a client takes a file from disk %s", async (_, options, agreed) => {
  const got = await fetchFile({ server, path: "kernel8.img", options });
  if (got.kind === "error") throw new Error(got.message);
  expect(got.options).toEqual(new Map(Object.entries(agreed)));
  expect(Buffer.compare(got.bytes, kernel)).toBe(0);
});

test("forty-two boards take a file at once, each from its own address, and each has it whole", async () => {
  const boards = Array.from({ length: 42 }, (_, n) => `127.20.1.${n + 1}`);
  const all = await Promise.all(
    boards.map((from) => fetchFile({ server, path: "kernel8.img", from, options: { tsize: "0", blksize: "1468" } })),
  );
  expect(all.filter((got) => got.kind === "file" && Buffer.compare(got.bytes, kernel) === 0)).toHaveLength(42);
});

test("content made for a board goes to that board", async () => {
  const got = await fetchFile({ server, path: "cmdline.txt", from: "127.20.9.9" });
  expect(got).toMatchObject({ kind: "file", bytes: Buffer.from("ip=127.20.9.9") });
});

test("what is not there, or no longer there, is an error", async () => {
  expect(await fetchFile({ server, path: "bootsig.bin" })).toMatchObject({ kind: "error", code: 1 });
  expect(await fetchFile({ server, path: "gone.img" })).toMatchObject({ kind: "error", code: 0 });
});

test("curl takes a file, where it is installed and knows TFTP", async () => {
  const url = `tftp://127.0.0.1:${server.port}/cmdline.txt`;
  const got = await outputOf("curl", ["-s", "-S", "--tftp-blksize", "1024", "--max-time", "10", url]);
  if (got === null) return;
  expect(got).toBe("ip=127.0.0.1");
});

test("a port that is taken is said at the start", async () => {
  const second = startTftp({
    bind: { address: "127.0.0.1", port: server.port },
    resolve: () => ({ kind: "missing", board: null }),
    tell: () => {},
    clock,
    random: seededRandom(1),
    log: silentLog,
  });
  await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("all that was begun has ended, and was told", () => {
  expect(server.counters()).toMatchObject({ live: 0, failed: 1, missing: 1, probed: 0 });
  expect(told.filter((news) => news === "done")).toHaveLength(server.counters().done);
});

/** What a program wrote; null when it is not installed or was built without TFTP. */
function outputOf(command: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.on("data", (text) => {
      output += String(text);
    });
    child.stderr.on("data", (text) => {
      errors += String(text);
    });
    child.on("error", () => resolve(null));
    child.on("close", () => resolve(/not supported|Unsupported protocol/i.test(errors) ? null : output));
  });
}
