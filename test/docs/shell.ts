import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository } from "../support/demo-process.ts";

/** Where a reader's commands find their head and their simulator. */
export type Place = { readonly url: string; readonly control: number };

/** The folder where one person keeps the tokens of the names that they post under. */
export type Person = { readonly folder: string };

/** A reader at a terminal: an empty folder with the examples in it, `npx bramble` of this clone, one document to follow. */
export type Reader = AsyncDisposable & {
  /** Types a whole block; it ends at the first command that fails. */
  type(block: string): Promise<{ readonly code: number | null; readonly printed: string }>;
  /** Starts the one command of a block, waits for its line that says ready and leaves it running until the document ends. */
  start(command: string): Promise<void>;
};

/** Seat a reader before a running demo; the first head that the document starts itself takes the demo's place. */
export async function seatReader(demo: Place, person: Person): Promise<Reader> {
  const folder = mkdtempSync(join(tmpdir(), "bramble-reader-"));
  const home = join(folder, "clone");
  mkdirSync(home);
  symlinkSync(join(repository, "examples"), join(home, "examples"));
  writeShim(join(folder, "npx"));
  const own = { head: await freePort(), control: await freePort(), pdus: await freePort() };
  let place = demo;
  const running: { readonly end: () => Promise<void> }[] = [];
  const spawned = (block: string) =>
    spawn("bash", ["-e", "-o", "pipefail", "-c", localised(block, place.url)], {
      cwd: home,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        PATH: `${folder}:${process.env.PATH ?? ""}`,
        HOME: folder,
        XDG_CONFIG_HOME: person.folder,
        NODE_COMPILE_CACHE: join(tmpdir(), "bramble-compile-cache"),
        BRAMBLE_HEAD: place.url,
        SHIM_NODE: process.execPath,
        SHIM_BRAMBLE: join(repository, "bin/bramble.mjs"),
        SHIM_CONTROL: String(place.control),
        SHIM_HEAD_FLAGS: `--port ${own.head} --pdu-port ${own.pdus} --data ${join(folder, "data")} --beacon off`,
        SHIM_SIM_FLAGS: `--head http://127.0.0.1:${own.head} --control ${own.control} --pdu-port ${own.pdus}`,
      },
    });
  return {
    async type(block) {
      const child = spawned(block);
      let printed = "";
      child.stdout.on("data", (text) => (printed += text));
      child.stderr.on("data", (text) => (printed += text));
      const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
      return { code, printed };
    },
    async start(command) {
      const child = spawned(`exec ${command.trim()}`);
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      running.push({
        async end() {
          if (child.exitCode === null) process.kill(-child.pid!, "SIGINT");
          await ended;
        },
      });
      let said = "";
      await new Promise<void>((resolve, reject) => {
        const listen = (text: unknown): void => {
          said += String(text);
          if (/^ready /m.test(said)) resolve();
        };
        child.stdout.on("data", listen);
        child.stderr.on("data", listen);
        void ended.then((code) => reject(new Error(`\`${command}\` ended with ${code}: ${said}`)));
      });
      place = { url: `http://127.0.0.1:${own.head}`, control: own.control };
    },
    async [Symbol.asyncDispose]() {
      for (const each of running.reverse()) await each.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The documents speak of the police box and of port 8880; the test runs 84 boards on a port of its own. */
function localised(block: string, url: string): string {
  return block
    .replaceAll("127.0.0.1:8880", new URL(url).host)
    .replaceAll("@g03", "@c-u01")
    .replaceAll(/\bb0?412\b/g, "b12")
    .replaceAll(/\bpdu3\.2\b/g, "p1.3")
    .replaceAll(/\bpdu3\b/g, "p1");
}

/** `npx bramble …`, with the ports of this test: what a person leaves out because the usual ones are free. */
function writeShim(file: string): void {
  writeFileSync(
    file,
    `#!/bin/sh
[ "$1" = bramble ] || { echo "only npx bramble is known here" >&2; exit 64; }
shift
case "$1 $2" in
  *" --help") ;;
  "sim --"*) set -- "$@" $SHIM_SIM_FLAGS ;;
  "sim "*) set -- "$@" --control "$SHIM_CONTROL" ;;
  "head --"*) set -- "$@" $SHIM_HEAD_FLAGS ;;
esac
exec "$SHIM_NODE" "$SHIM_BRAMBLE" "$@"
`,
  );
  chmodSync(file, 0o755);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
