import { mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClock } from "@bramble/core/base";
import { decodeTftp } from "@bramble/core/boot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentOf } from "./fake-desk.ts";
import { createFrameCache } from "./frame-cache.ts";
import type { Framed } from "./frames.ts";

let folder: string;
let path: string;
const content = contentOf(2_500_000);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bramble-frames-"));
  path = join(folder, "initrd");
});

afterAll(() => rm(folder, { recursive: true }));

/** All blocks, one after the other, and their content put together. */
async function readAll(framed: Framed): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for (let block = 1; block <= framed.blocks; block++) {
    if (framed.frame(block) === null) await framed.load(block);
    const packet = decodeTftp(framed.frame(block)!);
    if (packet.kind !== "data" || packet.block !== (block & 0xffff)) throw new Error(`block ${block} is wrong`);
    all.push(packet.bytes);
  }
  return Buffer.concat(all);
}

test.each([8, 512, 1468])(
  "a file that is larger than the memory is served whole, in blocks of %i",
  async (blockBytes) => {
    await writeFile(path, content);
    const cache = createFrameCache({ clock: fakeClock(), boundBytes: 1.5 * 2 ** 20 });
    const framed = (await cache.file(path, content.length)).framed(blockBytes);
    expect(Buffer.compare(await readAll(framed), content)).toBe(0);
    expect(cache.heldBytes()).toBeLessThan(1.5 * 2 ** 20);
    // What was forgotten is read again.
    await framed.load(1);
    expect(decodeTftp(framed.frame(1)!)).toMatchObject({ block: 1, bytes: content.slice(0, blockBytes) });
  },
);

test.each([0, 1, 511, 512, 513, 65_535, 65_536, 70_000])(
  "octets in memory are served whole: %i of them",
  async (size) => {
    const cache = createFrameCache({ clock: fakeClock(), boundBytes: 2 ** 20 });
    const bytes = contentOf(size);
    expect(Buffer.compare(await readAll(cache.bytes(bytes).framed(512)), bytes)).toBe(0);
  },
);

test("many who ask for one file at once share one reading and one memory", async () => {
  await writeFile(path, content);
  const cache = createFrameCache({ clock: fakeClock(), boundBytes: 2 ** 23 });
  const sources = await Promise.all(Array.from({ length: 42 }, () => cache.file(path, content.length)));
  const framed = sources.map((source) => source.framed(512));
  expect(new Set(framed).size).toBe(1);
  await Promise.all(framed.map((one) => one.load(1)));
  expect(cache.heldBytes()).toBeLessThan(1.1 * 2 ** 20);
  const shared = contentOf(100_000);
  expect(cache.bytes(shared).framed(512)).toBe(cache.bytes(shared).framed(512));
});

test("a file that is written anew is served anew, and never mixed with what it was", async () => {
  await writeFile(path, content);
  const clock = fakeClock();
  const cache = createFrameCache({ clock, boundBytes: 2 ** 23 });
  const before = (await cache.file(path, content.length)).framed(512);
  await before.load(1);
  const after = content.toReversed();
  await writeFile(path, after);
  // Written within the same tick of the file system's clock, it would look the same.
  await utimes(path, 1, 1);
  await clock.advance(1500);
  await expect(before.load(4000)).rejects.toMatchObject({ code: "boot.file" });
  const again = (await cache.file(path, content.length)).framed(512);
  expect(Buffer.compare(await readAll(again), after)).toBe(0);
});

test("a file is refused that is not there, is a folder or has another size than the image says", async () => {
  await writeFile(path, content);
  const cache = createFrameCache({ clock: fakeClock(), boundBytes: 2 ** 20 });
  for (const [wrong, size] of [
    [join(folder, "none"), 1],
    [folder, 4096],
    [path, 7],
  ] as const) {
    await expect(Promise.resolve(cache.file(wrong, size))).rejects.toMatchObject({ code: "boot.file" });
  }
});

test("a link that was put in a file's place since the image was read is not followed", async () => {
  const link = join(folder, "link");
  await writeFile(path, content);
  await symlink(path, link);
  const cache = createFrameCache({ clock: fakeClock(), boundBytes: 2 ** 20 });
  const served = async (): Promise<Buffer> => readAll((await cache.file(link, content.length)).framed(512));
  await expect(served()).rejects.toThrow("cannot be read");
});
