import { createHash } from "node:crypto";
import { createReadStream, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageManifest, ImagePlan } from "@bramble/core/boot";
import { readManifest } from "@bramble/core/boot";
import { CommandError } from "../problem.ts";
import type { ImageArch } from "./request.ts";

/** The names of an image's parts in its folder. */
export const imageFiles = {
  manifest: "image.json",
  kernel: "vmlinuz",
  initrd: "initrd.img",
  root: "root.squashfs",
  tree: "pi",
  piKernel: "kernel8.img",
} as const;

/** The manifest of a finished folder: what is in it is what it says. */
export async function describeImage(
  folder: string,
  what: { readonly name: string; readonly arch: ImageArch; readonly builtAt: string },
): Promise<ImageManifest> {
  const hasTree = statSync(join(folder, imageFiles.tree), { throwIfNoEntry: false }) !== undefined;
  const { initrd } = imageFiles;
  const plan = (name: string, root: ImagePlan["root"], more = ""): ImagePlan => ({
    initrd,
    cmdline: `${consoles[what.arch]} panic=30 net.ifnames=0 bramble.plan=${name} ${common}${more}`,
    root,
  });
  const files: Record<string, { bytes: number; sha256: string }> = {};
  for (const path of filesBelow(folder))
    files[path] = { bytes: statSync(join(folder, path)).size, sha256: await sha256Of(join(folder, path)) };
  return {
    bramble: 1,
    ...what,
    tree: hasTree ? imageFiles.tree : null,
    kernel: imageFiles.kernel,
    piKernel: hasTree ? imageFiles.piKernel : null,
    plans: {
      // Of the two one is empty: the root comes by HTTP or by NFS.
      live: plan("live", { kind: "http", file: imageFiles.root }, ` bramble.root=\${root} bramble.nfs=\${nfs}`),
      discovery: plan("discovery", { kind: "none" }),
      rescue: plan("rescue", { kind: "none" }),
    },
    files,
  };
}

/** Writes `image.json`. */
export function writeManifest(folder: string, manifest: ImageManifest): void {
  writeFileSync(join(folder, imageFiles.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Reads `image.json` of a folder. @throws CommandError that says what is wrong with it. */
export function loadManifest(folder: string): ImageManifest {
  const file = join(folder, imageFiles.manifest);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new CommandError(`${folder} holds no image: there is no ${imageFiles.manifest}`);
  }
  const read = readManifest(text);
  if (read.kind === "ok") return read.manifest;
  throw new CommandError(`${file}: ${read.problems.join("; ")}`);
}

/** Compares an image's files with its manifest. @returns a sentence for each difference. */
export async function checkImage(folder: string, manifest: ImageManifest): Promise<string[]> {
  const wrong: string[] = [];
  for (const [path, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const found = statSync(join(folder, path), { throwIfNoEntry: false });
    if (found === undefined) wrong.push(`${path} is missing`);
    else if (found.size !== bytes) wrong.push(`${path} has ${found.size} octets, ${bytes} were built`);
    else if ((await sha256Of(join(folder, path))) !== sha256)
      wrong.push(`${path} is not what was built (sha256 differs)`);
  }
  return wrong;
}

const common = `bramble.name=\${name} bramble.mac=\${mac} bramble.head=\${head} bramble.boot=\${boot}`;

// The last that is there becomes /dev/console. The UART of a Pi 3 and 4 is ttyS1, of QEMU's `virt` ttyAMA0.
const consoles: Readonly<Record<ImageArch, string>> = {
  amd64: "console=tty0 console=ttyS0,115200",
  arm64: "console=tty0 console=ttyAMA0,115200 console=ttyS1,115200",
};

function filesBelow(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(folder, path);
      return path === imageFiles.manifest || path === "build.log" ? [] : [path];
    });
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
