import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { type Logger, messageOf } from "@bramble/core/base";
import type { BootArch, ImageManifest } from "@bramble/core/boot";
import { readManifest } from "@bramble/core/boot";
import { UsageError } from "../../usage.ts";

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
type ImageCheck = {
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
  /** Look again. Boots under way keep the image that they began with. */
  readonly reload: () => Promise<void>;
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
  type Open = { readonly image: Image; readonly source: string; readonly check: Checking };
  let open: readonly Open[] = [];
  let problems: readonly { folder: string; problems: readonly string[] }[] = [];
  const stopping = new AbortController();
  let checking = Promise.resolve();

  const reload = async (): Promise<void> => {
    const found: Open[] = [];
    const wrong: { folder: string; problems: readonly string[] }[] = [];
    for (const folder of await foldersWithImage(dir)) {
      const read = await readImage(folder);
      if (read.kind === "invalid") wrong.push({ folder, problems: read.problems });
      else if (found.some(({ image }) => image.manifest.name === read.image.manifest.name))
        wrong.push({ folder, problems: [`another folder already holds an image named ${read.image.manifest.name}`] });
      else {
        for (const warning of read.warnings) log.warn({ folder, warning }, "image has a weakness");
        // The same manifest is the same image: what was compared need not be compared again.
        found.push(open.find(({ source }) => source === read.source) ?? read);
      }
    }
    for (const { folder, problems: all } of wrong)
      log.error({ folder, problems: all.slice(0, 10) }, "image not served");
    for (const { image } of found)
      if (!open.some((old) => old.image === image)) log.info(factsOf(image), "image ready to be served");
    open = found;
    problems = wrong;
    checking = checking.then(async () => {
      for (const { check } of found) await check.run(stopping.signal, log);
    });
  };

  await reload();
  return {
    all: () => open.map(({ image }) => image),
    named: (name) => open.find(({ image }) => image.manifest.name === name)?.image ?? null,
    problems: () => problems,
    checks: () => open.map(({ check }) => check.state()),
    reload,
    checked: () => checking,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await checking;
    },
  };
}

type Checking = { readonly run: (signal: AbortSignal, log: Logger) => Promise<void>; readonly state: () => ImageCheck };

async function foldersWithImage(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir);
    if (entries.includes("image.json")) return [dir];
    const folders: string[] = [];
    for (const name of entries.sort()) {
      const manifest = await stat(join(dir, name, "image.json")).catch(() => null);
      if (manifest?.isFile() === true) folders.push(join(dir, name));
    }
    return folders;
  } catch (thrown) {
    throw new UsageError(`the folder of images ${dir} cannot be read: ${messageOf(thrown)}`);
  }
}

type ReadImage =
  | { kind: "ok"; image: Image; source: string; check: Checking; warnings: readonly string[] }
  | { kind: "invalid"; problems: readonly string[] };

async function readImage(folder: string): Promise<ReadImage> {
  const path = join(folder, "image.json");
  const about = await stat(path).catch(() => null);
  if (about === null || about.size > 4 << 20) return { kind: "invalid", problems: ["image.json is larger than 4 MB"] };
  const source = await readFile(path, "utf8").catch(messageOf);
  const read = readManifest(source);
  if (read.kind === "invalid") return read;
  const { manifest } = read;
  const root = await realpath(folder);
  const files = new Map<string, ImageFile & { kind: "file" }>();
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
  const image: Image = {
    manifest,
    nfsRoot: hasRoot ? join(root, "root") : null,
    settings,
    file(name) {
      const why = bad.get(name);
      return why === undefined ? (files.get(name) ?? null) : { kind: "refused", why };
    },
  };
  return {
    kind: "ok",
    image,
    source: `${root}\n${source}`,
    check: checker(manifest, files, bad),
    warnings: read.warnings,
  };
}

/** The file, or what is wrong with it in words. */
async function locate(root: string, name: string, bytes: number): Promise<(ImageFile & { kind: "file" }) | string> {
  try {
    const path = await realpath(join(root, name));
    const inside = relative(root, path);
    if (inside === "" || inside.startsWith("..") || isAbsolute(inside)) return "is a link that leads out of the image";
    const about = await stat(path);
    if (!about.isFile()) return "is no file";
    if (about.size !== bytes) return `has ${about.size} octets, the manifest says ${bytes}`;
    return { kind: "file", path, sizeBytes: bytes };
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

function factsOf({ manifest }: Image) {
  const sizeBytes = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  const { name, arch, builtAt, files } = manifest;
  return { image: name, arch, builtAt, files: Object.keys(files).length, sizeBytes };
}
