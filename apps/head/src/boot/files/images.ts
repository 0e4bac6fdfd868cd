import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Logger, messageOf } from "@bramble/core/base";
import type { BootArch, ImageManifest } from "@bramble/core/boot";
import { UsageError } from "../../usage.ts";
import { type OpenImage, readImage } from "./read-image.ts";

/** One file of an image, ready to be claimed. */
export type ImageFile =
  /** `path` is absolute, without links, and inside the image's folder. */
  | { readonly kind: "file"; readonly path: string; readonly sizeBytes: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** It is not what the manifest says. */
  | { readonly kind: "refused"; readonly why: string };

/** One image that boards may boot from. */
export type Image = {
  readonly manifest: ImageManifest;
  /** The folder that an NFS server could give as the root, absolute; null where the image has none. */
  readonly nfsRoot: string | null;
  /** Its own config.txt for Raspberry Pis, which the rendered one takes lines from; empty without. */
  readonly settings: string;
  /** A file of the manifest by its path; null when the manifest has none of this name. */
  readonly file: (path: string) => ImageFile | null;
};

/** How far the comparison of an image's files with their checksums has come. */
export type ImageCheck = {
  readonly image: string;
  readonly state: "checking" | "good" | "bad";
  /** Files that are not what the manifest says. They are not served. */
  readonly bad: readonly string[];
};

/** The images that the head serves, shared and read-only. */
export type Images = AsyncDisposable & {
  readonly all: () => readonly Image[];
  readonly named: (name: string) => Image | null;
  /** What was found that cannot be served, and why. */
  readonly problems: () => readonly { readonly folder: string; readonly problems: readonly string[] }[];
  readonly checks: () => readonly ImageCheck[];
  /**
   * Look whether there is another image than before, or another in a folder of before, and serve it. Boots under way keep
   * the image that they began with.
   *
   * @returns what is served from now on and was not before.
   */
  readonly look: () => Promise<readonly Image[]>;
  /** Resolves once every checksum has been compared. */
  readonly checked: () => Promise<void>;
};

/**
 * The image that a board is to boot: the one that is named, when it suits the board's processor; else the newest that does.
 *
 * @param arch `unknown` suits every image.
 */
export function chooseImage(images: Images, wanted: string | null, arch: BootArch): Image | null {
  const suits = (image: Image): boolean => arch === "unknown" || image.manifest.arch === arch;
  const named = wanted === null ? null : images.named(wanted);
  if (named !== null && suits(named)) return named;
  const suitable = images.all().filter(suits);
  return suitable.toSorted((a, b) => a.manifest.builtAt.localeCompare(b.manifest.builtAt)).at(-1) ?? null;
}

/**
 * Read the images in `dir`: `image.json` in it or in each of its folders. Every file's size is compared at once, its checksum
 * once in the background. An image with anything missing is left out, logged, and named by `problems`.
 *
 * @throws UsageError when `dir` itself cannot be read.
 */
export async function openImages(dir: string, { log }: { readonly log: Logger }): Promise<Images> {
  let open: readonly OpenImage[] = [];
  let marks = "";
  let problems: readonly { folder: string; problems: readonly string[] }[] = [];
  const stopping = new AbortController();
  let checking = Promise.resolve();

  const read = async (folders: readonly Found[]): Promise<readonly Image[]> => {
    const found: OpenImage[] = [];
    const wrong: { folder: string; problems: readonly string[] }[] = [];
    for (const { folder } of folders) {
      const one = await readImage(folder);
      if (one.kind === "invalid") wrong.push({ folder, problems: one.problems });
      else if (found.some(({ image }) => image.manifest.name === one.image.manifest.name))
        wrong.push({ folder, problems: [`another folder already holds an image named ${one.image.manifest.name}`] });
      else {
        for (const warning of one.warnings) log.warn({ folder, warning }, "image has a weakness");
        // The same manifest is the same image: what was compared need not be compared again.
        found.push(open.find((old) => old.source === one.source && !old.isStale()) ?? one);
      }
    }
    // A copy that is under way is wrong in another way each time one looks: one line is enough.
    for (const { folder, problems: all } of wrong)
      if (!problems.some((old) => old.folder === folder))
        log.error({ folder, problems: all.slice(0, 10) }, "image not served");
    const fresh = found.filter(({ image }) => !open.some((old) => old.image === image)).map(({ image }) => image);
    for (const image of fresh) log.info(factsOf(image), "image ready to be served");
    open = found;
    problems = wrong;
    checking = checking.then(async () => {
      for (const { check } of found) await check.run(stopping.signal, log);
    });
    return fresh;
  };

  const look = async (): Promise<readonly Image[]> => {
    const folders = await foldersWithImage(dir);
    const now = folders.map(({ folder, mark }) => `${folder} ${mark}`).join("\n");
    // What could not be served may have become whole without its manifest being touched: a copy that was under way.
    if (now === marks && problems.length === 0 && !open.some(({ isStale }) => isStale())) return [];
    marks = now;
    return read(folders);
  };

  await look();
  return {
    all: () => open.map(({ image }) => image),
    named: (name) => open.find(({ image }) => image.manifest.name === name)?.image ?? null,
    problems: () => problems,
    checks: () => open.map(({ check }) => check.state()),
    look,
    checked: () => checking,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await checking;
    },
  };
}

type Found = { readonly folder: string; readonly mark: string };

/** Folders with an image, and by what one sees that it is another. Hidden ones are being built, or on their way out. */
async function foldersWithImage(dir: string): Promise<Found[]> {
  const markOf = async (folder: string): Promise<string | null> => {
    const manifest = await stat(join(folder, "image.json")).catch(() => null);
    if (manifest?.isFile() !== true) return null;
    const root = await stat(join(folder, "root")).catch(() => null);
    return `${manifest.ino} ${manifest.mtimeMs} ${manifest.size} ${root?.ino}`;
  };
  try {
    const entries = await readdir(dir);
    const own = entries.includes("image.json") ? await markOf(dir) : null;
    if (own !== null) return [{ folder: dir, mark: own }];
    const folders: Found[] = [];
    for (const name of entries.filter((entry) => !entry.startsWith(".")).sort()) {
      const mark = await markOf(join(dir, name));
      if (mark !== null) folders.push({ folder: join(dir, name), mark });
    }
    return folders;
  } catch (thrown) {
    throw new UsageError(`the folder of images ${dir} cannot be read: ${messageOf(thrown)}`);
  }
}

function factsOf({ manifest }: Image) {
  const sizeBytes = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  const { name, arch, builtAt, files } = manifest;
  return { image: name, arch, builtAt, files: Object.keys(files).length, sizeBytes };
}
