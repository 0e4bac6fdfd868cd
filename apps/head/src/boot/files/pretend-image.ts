import { createHash } from "node:crypto";
import { seededRandom } from "@bramble/core/base";
import { filesAskedBy, type ImageManifest, pretendNames } from "@bramble/core/boot";
import type { Image, ImageFile, Images } from "./images.ts";

/**
 * Images for boards that are pretended: the same bytes each time, laid out as the firmware of each model asks. About 32 KB a
 * board when small, true sizes when full. Nothing is on disk; the bytes are shared between threads, so that a claim that is
 * sent to another thread copies nothing.
 */
export function pretendImages({ full }: { readonly full: boolean }): Images {
  const image = pretendImage({ full });
  const check = { image: image.manifest.name, state: "good", bad: [] } as const;
  return {
    all: () => [image],
    named: (name) => (name === image.manifest.name ? image : null),
    problems: () => [],
    checks: () => [check],
    look: async () => [],
    checked: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The one image of `pretendImages`. */
export function pretendImage({ full }: { readonly full: boolean }): Image {
  const sizes = new Map<string, number>([
    [`${tree}/${pretendNames.kernel}`, full ? 8_150_000 : 12_288],
    ["initrd.img", full ? 12_000_000 : 8192],
    ["root.squashfs", full ? 32_000_000 : 4096],
  ]);
  for (const model of ["3b", "3b+", "4", "5"] as const)
    for (const file of filesAskedBy(model, pretendNames)) {
      const name = file.path.replace("<serial>/", "");
      const isMade = name === "config.txt" || name === "cmdline.txt" || name === pretendNames.initrd;
      if (!file.isExpectedMissing && !isMade) sizes.set(`${tree}/${name}`, full ? file.sizeBytes : file.smallBytes);
    }
  const contents = new Map([...sizes].map(([name, size], i) => [name, seededBytes(size, i + 1)]));
  const plan = (root: ImageManifest["plans"]["live"]["root"]) => ({ initrd: "initrd.img", cmdline, root });
  const manifest: ImageManifest = {
    bramble: 1,
    name: "pretend",
    arch: "arm64",
    builtAt: "2026-01-01T00:00:00Z",
    tree,
    kernel: `${tree}/${pretendNames.kernel}`,
    piKernel: pretendNames.kernel,
    plans: {
      live: plan({ kind: "http", file: "root.squashfs" }),
      discovery: plan({ kind: "none" }),
      rescue: plan({ kind: "none" }),
    },
    files: Object.fromEntries(
      [...contents].map(([name, bytes]) => [
        name,
        { bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") },
      ]),
    ),
  };
  const files = new Map<string, ImageFile>([...contents].map(([name, bytes]) => [name, { kind: "bytes", bytes }]));
  return { manifest, nfsRoot: null, settings: "", file: (path) => files.get(path) ?? null };
}

const tree = "firmware";
const cmdline = `console=ttyS1,115200 bramble.plan=\${plan} bramble.name=\${name} bramble.mac=\${mac} bramble.head=\${head} bramble.boot=\${boot} bramble.root=\${root}`;

function seededBytes(size: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const bytes = new Uint8Array(new SharedArrayBuffer(size));
  // One block of chance, told apart by its place: quick, and every block of the file still differs from the others.
  const block = Uint8Array.from({ length: Math.min(size, 4096) }, () => Math.floor(random.next() * 256));
  for (let at = 0; at < size; at += block.length) {
    bytes.set(block.subarray(0, size - at), at);
    new DataView(bytes.buffer).setUint32(Math.min(at, size - 4), at);
  }
  return bytes;
}
