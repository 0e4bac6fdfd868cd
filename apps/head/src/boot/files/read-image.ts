import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { type Logger, messageOf } from "@bramble/core/base";
import type { ImageManifest } from "@bramble/core/boot";
import { readManifest } from "@bramble/core/boot";
import type { Image, ImageCheck } from "./images.ts";

/** An image as its folder has it. */
export type OpenImage = {
  readonly image: Image;
  /** What it was read from: the same text is the same image. */
  readonly source: string;
  readonly check: Checking;
  /** A file of it is another than the one that was read: it has to be read anew. */
  readonly isStale: () => boolean;
  readonly warnings: readonly string[];
};

/** An image, or why it cannot be served. */
type ReadImage =
  | (OpenImage & { readonly kind: "ok" })
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** The comparison of an image's files with their checksums. */
type Checking = {
  readonly run: (signal: AbortSignal, log: Logger) => Promise<void>;
  readonly state: () => ImageCheck;
};

/** Read the image of a folder: its manifest, and the size of every file that it names. */
export async function readImage(folder: string): Promise<ReadImage> {
  const path = join(folder, "image.json");
  const about = await stat(path).catch(() => null);
  if (about === null || about.size > 4 << 20) return { kind: "invalid", problems: ["image.json is larger than 4 MB"] };
  const source = await readFile(path, "utf8").catch(messageOf);
  const read = readManifest(source);
  if (read.kind === "invalid") return read;
  const { manifest } = read;
  const root = await realpath(folder);
  const files = new Map<string, Located>();
  const problems: string[] = [];
  for (const [name, { bytes }] of Object.entries(manifest.files)) {
    const found = await locate(root, name, bytes);
    if (typeof found === "string") problems.push(`${name}: ${found}`);
    else files.set(name, found);
  }
  if (problems.length > 0) return { kind: "invalid", problems };
  const own = manifest.tree === null ? undefined : files.get(`${manifest.tree}/config.txt`);
  const settings = own === undefined || own.sizeBytes > 8192 ? "" : await readFile(own.path, "latin1").catch(() => "");
  const hasRoot = (await stat(join(root, "root")).catch(() => null))?.isDirectory() === true;
  const bad = new Map<string, string>();
  let isStale = false;
  const image: Image = {
    manifest,
    nfsRoot: hasRoot ? join(root, "root") : null,
    settings,
    file(name) {
      const found = files.get(name);
      if (found === undefined) return null;
      const { path, sizeBytes, identity } = found;
      // One look at the disk each time: a boot that began before an image was replaced must not get half of either.
      if (identityOf(statSync(path, { throwIfNoEntry: false })) !== identity) {
        isStale = true;
        return { kind: "refused", why: "its image was replaced since this boot began: start the board anew" };
      }
      const why = bad.get(name);
      return why === undefined ? { kind: "file", path, sizeBytes } : { kind: "refused", why };
    },
  };
  return {
    kind: "ok",
    image,
    source: `${root} ${hasRoot}\n${source}`,
    check: checker(manifest, files, bad),
    isStale: () => isStale,
    warnings: read.warnings,
  };
}

type Located = { readonly path: string; readonly sizeBytes: number; readonly identity: string };

function identityOf(
  about: { readonly ino: number; readonly mtimeMs: number; readonly size: number } | undefined,
): string {
  return about === undefined ? "" : `${about.ino} ${about.mtimeMs} ${about.size}`;
}

/** The file, or what is wrong with it in words. */
async function locate(root: string, name: string, bytes: number): Promise<Located | string> {
  try {
    const path = await realpath(join(root, name));
    const inside = relative(root, path);
    if (inside === "" || inside.startsWith("..") || isAbsolute(inside)) return "is a link that leads out of the image";
    const about = await stat(path);
    if (!about.isFile()) return "is no file";
    if (about.size !== bytes) return `has ${about.size} octets, the manifest says ${bytes}`;
    return { path, sizeBytes: bytes, identity: identityOf(about) };
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** Compares checksums, once for each image, and notes in `bad` which file may not be served. */
function checker(
  manifest: ImageManifest,
  files: ReadonlyMap<string, { readonly path: string }>,
  bad: Map<string, string>,
): Checking {
  let state: ImageCheck["state"] = "checking";
  return {
    state: () => ({ image: manifest.name, state, bad: [...bad.keys()] }),
    async run(signal, log) {
      if (state !== "checking") return;
      for (const [name, { path }] of files) {
        const found = await sha256Of(path, signal).catch(messageOf);
        if (signal.aborted) return;
        if (found === manifest.files[name]?.sha256) continue;
        bad.set(name, "its checksum is not the one of the manifest");
        log.error({ image: manifest.name, file: name, found }, "file of an image is damaged and no longer served");
      }
      state = bad.size === 0 ? "good" : "bad";
      if (state === "good") log.info({ image: manifest.name, files: files.size }, "image is whole");
    },
  };
}

async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
