import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Mac, silentLog } from "@bramble/core/base";
import type { BootPlanKind, FileClaim, ImageManifest } from "@bramble/core/boot";
import type { Image, Images } from "./images.ts";
import { chooseImage } from "./images.ts";
import { noLoaders } from "./loaders.ts";
import { pretendImages } from "./pretend-image.ts";
import type { Tree, TreeParts } from "./tree.ts";
import { createTree } from "./tree.ts";

/** A folder that is gone with the test. */
export function scratch(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "bramble-boot-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Write a small image into `folder`: each file's content is its name. Gives its manifest. */
export function writeImage(folder: string, name: string, change: Partial<ImageManifest> = {}): ImageManifest {
  const names = ["vmlinuz", "root.squashfs", "small.img", "tree/bootcode.bin", "tree/start.elf", "tree/fixup.dat"];
  names.push("tree/kernel8.img", "tree/initrd.img", "tree/overlays/disable-bt.dtbo");
  const files: Record<string, ImageManifest["files"][string]> = {};
  for (const file of names) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    const content = `${name}:${file}`;
    writeFileSync(join(folder, file), content);
    files[file] = { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  }
  const manifest: ImageManifest = {
    bramble: 1,
    name,
    arch: "arm64",
    builtAt: "2026-10-01T12:00:00Z",
    tree: "tree",
    kernel: "vmlinuz",
    piKernel: "kernel8.img",
    plans: {
      live: {
        initrd: "tree/initrd.img",
        cmdline: `plan=\${plan} serial=\${serial} at=\${address}`,
        root: { kind: "http", file: "root.squashfs" },
      },
      discovery: { initrd: "small.img", cmdline: `plan=\${plan}`, root: { kind: "none" } },
      rescue: { initrd: "small.img", cmdline: `plan=\${plan}`, root: { kind: "none" } },
    },
    files,
    ...change,
  };
  writeFileSync(join(folder, "image.json"), JSON.stringify(manifest));
  return manifest;
}

/** A tree over pretended boards, whose plans and addresses a test changes as it likes. */
export type FakeTree = {
  readonly tree: Tree;
  readonly plans: Map<Mac, BootPlanKind>;
  readonly addresses: Map<string, Mac>;
  readonly serials: Map<string, Mac>;
  readonly state: { image: Image | null; isStranger: boolean };
  /** What a board at `address` gets for a path. */
  readonly get: (path: string, address?: string) => FileClaim;
  /** The same as text; `missing`, `refused: why` for what is not served. */
  readonly text: (path: string, address?: string) => string;
};

/** Make a `FakeTree`. */
export function fakeTree(images: Images = pretendImages({ full: false }), change: Partial<TreeParts> = {}): FakeTree {
  const plans = new Map<Mac, BootPlanKind>();
  const addresses = new Map<string, Mac>();
  const serials = new Map<string, Mac>();
  const state = { image: chooseImage(images, null, "arm64"), isStranger: false };
  const tree = createTree({
    images,
    loaders: noLoaders,
    boot: "http://10.0.0.1:8882",
    image: null,
    log: silentLog,
    boardAt: (address) => addresses.get(address) ?? null,
    boardBySerial: (serial) => serials.get(serial) ?? null,
    learned: (board, serial) => serials.set(serial, board),
    bootOf(board) {
      const plan = plans.get(board);
      if (plan === undefined) return null;
      const address = [...addresses].find(([, holder]) => holder === board)?.[0] ?? null;
      const serial = [...serials].find(([, owner]) => owner === board)?.[0] ?? null;
      const facts = {
        name: "b1",
        mac: board,
        serial,
        address,
        head: "http://10.0.0.1:8880",
        boot: "http://10.0.0.1:8882",
      };
      return { plan, image: state.image, nfs: null, isStranger: state.isStranger, facts };
    },
    ...change,
  });
  const get = (path: string, address = "10.0.0.9"): FileClaim =>
    tree.resolve({ by: "tftp", from: { address, port: 49_152 }, path }) ?? { kind: "missing", board: null };
  return { tree, plans, addresses, serials, state, get, text: (path, address) => textOf(get(path, address)) };
}

function textOf(claim: FileClaim): string {
  if (claim.kind === "bytes") return new TextDecoder().decode(Uint8Array.from(claim.bytes));
  if (claim.kind === "refused") return `refused: ${claim.why}`;
  return claim.kind === "file" ? `file: ${claim.path}` : "missing";
}
