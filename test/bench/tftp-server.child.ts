import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { silentLog } from "@bramble/core/base";
import type { FileClaim } from "@bramble/core/boot";
import { startFileThreads } from "../../apps/head/src/boot/threads/file-threads.ts";
import { trueClock } from "./clock.ts";

/** Our TFTP server as the head runs it, before a folder: `node tftp-server.child.ts FOLDER [THREADS]`. */
const folder = process.argv[2]!;
const sizes = new Map<string, number | null>();
const sizeOf = (path: string): number | null => {
  const known = sizes.get(path);
  if (known !== undefined) return known;
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? null;
  sizes.set(path, size);
  return size;
};
let told = 0;
const server = await startFileThreads({
  binds: { tftp: { address: "127.0.0.1", port: 0 }, http: { address: "127.0.0.1", port: 0 } },
  resolve({ path }): FileClaim {
    const file = join(folder, path);
    const sizeBytes = sizeOf(file);
    // As in the head, what differs from board to board is made for each request.
    if (/(cmdline|config)\.txt$/.test(path)) return { kind: "bytes", bytes: readFileSync(file), board: null };
    return sizeBytes === null ? { kind: "missing", board: null } : { kind: "file", path: file, sizeBytes, board: null };
  },
  tell: () => {
    told++;
  },
  post: async () => ({ status: 404, body: null }),
  clock: trueClock,
  log: silentLog,
  ...(process.argv[3] === undefined ? {} : { threads: Number(process.argv[3]) }),
});
process.stdout.write(`listening ${server.tftp.port}\n`);
process.on("SIGTERM", () => {
  void server[Symbol.asyncDispose]().then(() => {
    process.stdout.write(`${JSON.stringify({ told, ...server.tftp.counters() })}\n`);
  });
});
