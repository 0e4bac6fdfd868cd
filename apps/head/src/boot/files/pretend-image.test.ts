import { createHash } from "node:crypto";
import { readManifest } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { pretendImage, pretendImages } from "./pretend-image.ts";

test.each([
  [false, 60_000],
  [true, 70_000_000],
])("a pretended image has a true manifest and the same bytes each time (full: %s)", (full, most) => {
  const image = pretendImage({ full });
  expect(readManifest(JSON.stringify(image.manifest))).toEqual({ kind: "ok", manifest: image.manifest, warnings: [] });
  let total = 0;
  for (const [name, { bytes, sha256 }] of Object.entries(image.manifest.files)) {
    const file = image.file(name);
    if (file?.kind !== "bytes") throw new Error(`${name} has no bytes`);
    expect(file.bytes.length).toBe(bytes);
    expect(file.bytes.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(createHash("sha256").update(file.bytes).digest("hex")).toBe(sha256);
    total += bytes;
  }
  expect(total).toBeLessThan(most);
  expect(pretendImage({ full }).manifest).toEqual(image.manifest);
});

test("every block of a file differs, so that one sent twice or out of order is found", () => {
  const kernel = pretendImage({ full: true }).file("firmware/kernel8.img");
  if (kernel?.kind !== "bytes") throw new Error("no kernel");
  const blocks = new Set<string>();
  for (let at = 0; at < 2_000_000; at += 4096)
    blocks.add(Buffer.from(kernel.bytes.subarray(at, at + 4096)).toString("latin1"));
  expect(blocks.size).toBe(Math.ceil(2_000_000 / 4096));
});

test("as images it is always the one, and good", async () => {
  await using images = pretendImages({ full: false });
  expect(await images.look()).toEqual([]);
  await images.checked();
  expect(images.named("pretend")).toBe(images.all()[0]);
  expect([images.named("other"), images.problems(), images.checks()]).toEqual([
    null,
    [],
    [{ image: "pretend", state: "good", bad: [] }],
  ]);
});
