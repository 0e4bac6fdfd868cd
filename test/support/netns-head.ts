import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EventBody } from "@bramble/core/api";
import { programArguments } from "../../apps/cli/src/programs.ts";
import { writeImage } from "../../apps/head/src/boot/files/testing.ts";
import { type Program, runIn, startIn, until } from "./netns.ts";

/** A real head in a network namespace, that serves boots on ports 67, 69 and 8882 of its address. */
export type NetnsHead = AsyncDisposable & {
  readonly program: Program;
  /** GET of the API, from inside. @throws with the answer when it is an error. */
  get<T>(path: string): Promise<T>;
  /** Every event so far whose kind begins so. */
  events(kind: string): Promise<EventBody[]>;
  log(): string;
};

/** Start one, wait until it is ready. `folder` takes what it needs; `flags` come last. */
export async function startNetnsHead(
  netns: string,
  parts: {
    readonly folder: string;
    readonly address: string;
    readonly cluster: string;
    readonly images: string;
    readonly flags?: readonly string[];
    readonly data?: string;
  },
): Promise<NetnsHead> {
  const { folder, address, cluster, images, flags = [], data = join(folder, "data") } = parts;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "cluster.yaml");
  writeFileSync(file, cluster);
  const program = startIn(netns, process.execPath, [
    ...[...programArguments("head"), "--cluster", file, "--data", data, "--power", "none", "--beacon", "off"],
    // The API stays on loopback, where it wants no token; the boot servers are on the wire.
    ...["--boot", images, "--boot-listen", address, "--page", folder, ...flags],
  ]);
  await program.says(/^ready http/m);
  const get = async <T>(path: string): Promise<T> => {
    const asked = await runIn(netns, "curl", ["-sS", "--fail-with-body", `http://127.0.0.1:8880/api/v1${path}`]);
    if (asked.code !== 0) throw new Error(`${path}: ${asked.out}${asked.error}\n${program.said().slice(-3000)}`);
    return JSON.parse(asked.out) as T;
  };
  return {
    program,
    get,
    events: async (kind) =>
      (await get<{ events: EventBody[] }>("/events?limit=500")).events.filter((event) => event.kind.startsWith(kind)),
    log: program.said,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

/** Sizes that are told apart: a whole number of blocks, one octet, more blocks than two octets count. */
const sizes = { "kernel8.img": 3_000_320, "fixup.dat": 7_168, "bootcode.bin": 52_460, "start.elf": 1 } as const;

/** An image with files of some size in `folder`/story. Gives the bytes of its boot tree, by name. */
export function writeStoryImage(folder: string): ReadonlyMap<keyof typeof sizes, Buffer> {
  const home = join(folder, "story");
  mkdirSync(home, { recursive: true });
  const manifest = writeImage(home, "story");
  const contents = new Map<keyof typeof sizes, Buffer>();
  const files = { ...manifest.files };
  for (const [name, size] of Object.entries(sizes) as [keyof typeof sizes, number][]) {
    const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 7 + (at >> 9)) & 255));
    writeFileSync(join(home, "tree", name), bytes);
    files[`tree/${name}`] = { bytes: size, sha256: createHash("sha256").update(bytes).digest("hex") };
    contents.set(name, bytes);
  }
  writeFileSync(join(home, "image.json"), JSON.stringify({ ...manifest, files }));
  return contents;
}

/** Waits for an event. @throws with the head's log when it does not come. */
export function untilEvent(head: NetnsHead, kind: string, withinMs: number): Promise<number> {
  return until(
    `event ${kind}`,
    withinMs,
    async () => (await head.events(kind)).length > 0,
    () => head.log().slice(-4000),
  );
}
