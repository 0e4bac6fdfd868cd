import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Logger, silentLog } from "@bramble/core/base";
import { describe, expect, test } from "vitest";
import { chooseImage, openImages } from "./images.ts";
import { scratch, writeImage } from "./testing.ts";

const quiet = { log: silentLog };

/** A log that keeps what a person must act upon. */
function errors(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  return { log: { ...silentLog, error: (facts, event) => lines.push(`${event} ${JSON.stringify(facts)}`) }, lines };
}

test("images are read, their files found, their checksums compared in the background", async () => {
  using folder = scratch();
  writeImage(join(folder.path, "one"), "one");
  writeImage(join(folder.path, "two"), "two", { builtAt: "2026-10-02T00:00:00Z" });
  mkdirSync(join(folder.path, "no image"));
  await using images = await openImages(folder.path, quiet);
  expect(images.all().map(({ manifest }) => manifest.name)).toEqual(["one", "two"]);
  expect(images.named("two")?.file("tree/start.elf")).toMatchObject({ kind: "file", sizeBytes: 18 });
  expect(images.named("two")?.file("image.json")).toBeNull();
  expect(images.named("three")).toBeNull();
  await images.checked();
  expect(images.checks()).toEqual([
    { image: "one", state: "good", bad: [] },
    { image: "two", state: "good", bad: [] },
  ]);
});

test("a folder may be one image itself, with a root for NFS and settings of its own", async () => {
  using folder = scratch();
  const manifest = writeImage(folder.path, "one");
  mkdirSync(join(folder.path, "root"));
  const settings = "dtoverlay=disable-bt\n";
  writeFileSync(join(folder.path, "tree/config.txt"), settings);
  const sha256 = "0".repeat(64);
  const files = { ...manifest.files, "tree/config.txt": { bytes: settings.length, sha256 } };
  writeFileSync(join(folder.path, "image.json"), JSON.stringify({ ...manifest, files }));
  await using images = await openImages(folder.path, quiet);
  expect(images.named("one")).toMatchObject({ settings, nfsRoot: expect.stringMatching(/\/root$/) });
});

describe("an image is left out, and told of, when", () => {
  test.each<[string, (folder: string) => void, string]>([
    ["a file is missing", (at) => renameSync(join(at, "vmlinuz"), join(at, "gone")), "vmlinuz: ENOENT"],
    [
      "a file has another size",
      (at) => appendFileSync(join(at, "vmlinuz"), "!"),
      "vmlinuz: has 15 octets, the manifest says 14",
    ],
    [
      "a file is a folder",
      (at) => {
        renameSync(join(at, "vmlinuz"), join(at, "x"));
        mkdirSync(join(at, "vmlinuz"));
      },
      "is no file",
    ],
    [
      "a link leads out of it",
      (at) => {
        renameSync(join(at, "vmlinuz"), join(at, "../out"));
        symlinkSync("../out", join(at, "vmlinuz"));
      },
      "leads out of the image",
    ],
    [
      "a link leads to the folder itself",
      (at) => {
        renameSync(join(at, "vmlinuz"), join(at, "x"));
        symlinkSync(".", join(at, "vmlinuz"));
      },
      "leads out",
    ],
    ["the manifest is none", (at) => writeFileSync(join(at, "image.json"), "{"), "not JSON"],
    [
      "the manifest is huge",
      (at) => writeFileSync(join(at, "image.json"), " ".repeat((4 << 20) + 1)),
      "larger than 4 MB",
    ],
  ])("%s", async (_, spoil, says) => {
    using folder = scratch();
    writeImage(join(folder.path, "good"), "good");
    writeImage(join(folder.path, "spoilt"), "spoilt");
    spoil(join(folder.path, "spoilt"));
    const { log, lines } = errors();
    await using images = await openImages(folder.path, { log });
    expect(images.all().map(({ manifest }) => manifest.name)).toEqual(["good"]);
    expect(images.problems()).toEqual([
      { folder: join(folder.path, "spoilt"), problems: [expect.stringContaining(says)] },
    ]);
    expect(lines).toEqual([expect.stringContaining("image not served")]);
  });

  test("another has its name already", async () => {
    using folder = scratch();
    writeImage(join(folder.path, "a"), "same");
    writeImage(join(folder.path, "b"), "same");
    await using images = await openImages(folder.path, quiet);
    expect(images.problems()).toMatchObject([{ problems: ["another folder already holds an image named same"] }]);
  });
});

test("a link inside the image is as good as a file", async () => {
  using folder = scratch();
  writeImage(folder.path, "one");
  renameSync(join(folder.path, "vmlinuz"), join(folder.path, "vmlinuz-6.12"));
  symlinkSync("vmlinuz-6.12", join(folder.path, "vmlinuz"));
  await using images = await openImages(folder.path, quiet);
  expect(images.named("one")?.file("vmlinuz")).toMatchObject({ path: expect.stringMatching(/vmlinuz-6\.12$/) });
});

test("a file that is not what the manifest says is refused once that is known", async () => {
  using folder = scratch();
  writeImage(folder.path, "one");
  writeFileSync(join(folder.path, "tree/start.elf"), "one:tree/start.eXe");
  writeFileSync(join(folder.path, "tree/start.elf"), "one:tree/start.ex!");
  const { log, lines } = errors();
  await using images = await openImages(folder.path, { log });
  await images.checked();
  expect(images.checks()).toEqual([{ image: "one", state: "bad", bad: ["tree/start.elf"] }]);
  expect(images.named("one")?.file("tree/start.elf")).toMatchObject({ kind: "refused" });
  expect(images.named("one")?.file("vmlinuz")).toMatchObject({ kind: "file" });
  expect(lines).toHaveLength(1);
});

describe("looking again", () => {
  test("finds a new image; one that has not changed stays what it was", async () => {
    using folder = scratch();
    writeImage(join(folder.path, "one"), "one");
    await using images = await openImages(folder.path, quiet);
    const before = images.named("one");
    expect(await images.look()).toEqual([]);
    writeImage(join(folder.path, "two"), "two", { arch: "amd64" });
    expect((await images.look()).map(({ manifest }) => manifest.name)).toEqual(["two"]);
    expect(images.named("one")).toBe(before);
    writeImage(join(folder.path, "one"), "one", { builtAt: "2026-11-01T00:00:00Z" });
    expect((await images.look()).map(({ manifest }) => manifest.builtAt)).toEqual(["2026-11-01T00:00:00Z"]);
    expect(images.named("one")).not.toBe(before);
    expect(images.named("two")?.manifest.arch).toBe("amd64");
    rmSync(join(folder.path, "two"), { recursive: true });
    expect(await images.look()).toEqual([]);
    expect(images.named("two")).toBeNull();
  });

  test("a boot that began before its image was replaced is refused what is left of it, and the next one boots", async () => {
    using folder = scratch();
    writeImage(join(folder.path, "one"), "one");
    await using images = await openImages(folder.path, quiet);
    const before = images.named("one");
    expect(before?.file("vmlinuz")).toMatchObject({ kind: "file" });
    writeImage(join(folder.path, ".one.building"), "one", { builtAt: "2026-11-01T00:00:00Z" });
    renameSync(join(folder.path, "one"), join(folder.path, ".one.old"));
    renameSync(join(folder.path, ".one.building"), join(folder.path, "one"));
    // The same name and the same size, and yet another file.
    expect(before?.file("vmlinuz")).toMatchObject({ kind: "refused", why: expect.stringContaining("replaced") });
    expect(await images.look()).toHaveLength(1);
    expect(images.problems()).toEqual([]);
    expect(images.named("one")?.file("vmlinuz")).toMatchObject({ kind: "file" });
    expect(before?.file("vmlinuz")).toMatchObject({ kind: "refused" });
  });

  test("takes an image that was copied bit by bit once it is whole, with one line of the log", async () => {
    using folder = scratch();
    const { log, lines } = errors();
    writeImage(join(folder.path, "one"), "one");
    truncateSync(join(folder.path, "one/vmlinuz"), 3);
    await using images = await openImages(folder.path, { log });
    truncateSync(join(folder.path, "one/vmlinuz"), 5);
    expect(await images.look()).toEqual([]);
    expect(lines).toHaveLength(1);
    writeFileSync(join(folder.path, "one/vmlinuz"), "one:vmlinuz");
    writeImage(join(folder.path, "one"), "one");
    expect(await images.look()).toHaveLength(1);
    expect(images.problems()).toEqual([]);
  });

  test("compares a damaged file again once it was put right", async () => {
    using folder = scratch();
    writeImage(folder.path, "one");
    writeFileSync(join(folder.path, "vmlinuz"), "one:vmlinux");
    await using images = await openImages(folder.path, quiet);
    await images.checked();
    expect(images.checks()).toMatchObject([{ state: "bad" }]);
    const whole = join(folder.path, "vmlinuz.whole");
    writeFileSync(whole, "one:vmlinuz");
    renameSync(whole, join(folder.path, "vmlinuz"));
    expect(images.named("one")?.file("vmlinuz")).toMatchObject({ kind: "refused" });
    expect(await images.look()).toHaveLength(1);
    await images.checked();
    expect(images.checks()).toMatchObject([{ state: "good" }]);
    expect(images.named("one")?.file("vmlinuz")).toMatchObject({ kind: "file" });
  });

  test("sees that a root for NFS was unpacked", async () => {
    using folder = scratch();
    writeImage(folder.path, "one");
    await using images = await openImages(folder.path, quiet);
    mkdirSync(join(folder.path, "root"));
    await images.look();
    expect(images.named("one")?.nfsRoot).toMatch(/\/root$/);
  });
});

test("a folder that is not there is the operator's mistake", async () => {
  await expect(openImages("/nowhere/at/all", quiet)).rejects.toThrow(
    "the folder of images /nowhere/at/all cannot be read",
  );
});

test("a board gets the image that is named when it suits, else the newest that does", async () => {
  using folder = scratch();
  writeImage(join(folder.path, "old"), "old", { builtAt: "2025-01-01T00:00:00Z" });
  writeImage(join(folder.path, "new"), "new");
  writeImage(join(folder.path, "pc"), "pc", { arch: "amd64" });
  await using images = await openImages(folder.path, quiet);
  const name = (...args: [string | null, "arm64" | "amd64" | "x86" | "unknown"]) =>
    chooseImage(images, ...args)?.manifest.name;
  expect([name(null, "arm64"), name("old", "arm64"), name("old", "amd64"), name("nothing", "arm64")]).toEqual([
    ...["new", "old", "pc", "new"],
  ]);
  expect([name("pc", "unknown"), name(null, "x86")]).toEqual(["pc", undefined]);
});
