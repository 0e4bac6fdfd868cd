import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../problem.ts";
import type { AptSource, Mirrors } from "./apt-sources.ts";
import { aptOptions, mirrorsAmong, parseListFile, parseSourcesFile, sourceLines } from "./apt-sources.ts";
import type { Execute } from "./execute.ts";
import type { ImageRequest } from "./request.ts";

/** Where the parts of a root come from and where it goes. */
export type RootPlan = {
  readonly request: ImageRequest;
  /** `images/` of the repository. */
  readonly data: string;
  /** Folder whose content is laid over the root. */
  readonly overlay: string;
  /** The archive that is written. */
  readonly tar: string;
  /** Folder for temporary files; apt's own user must be able to write there. */
  readonly scratch: string;
  readonly isRoot: boolean;
};

/** Builds the root from Debian packages into one archive, with kernel, busybox and firmware in its folder `.bramble`. */
export async function buildRoot(plan: RootPlan, execute: Execute): Promise<void> {
  const { request, scratch, isRoot } = plan;
  const dump = await execute.read("reading apt's settings", "apt-config", ["dump"]);
  const mirrors =
    request.mirror === null ? machineMirrors() : { main: { uri: request.mirror, signedBy: null }, security: null };
  const args = mmdebstrapArguments(plan, mirrors, aptOptions(dump));
  // A mount namespace of its own: whatever happens to mmdebstrap, none of its mounts stay.
  const [command, ...before] = isRoot
    ? ["unshare", "--mount", "--propagation", "private", "mmdebstrap"]
    : ["mmdebstrap"];
  await execute.run("Debian packages", command!, [...before, ...args], {
    env: { TMPDIR: scratch },
    explain: (log) => explainFailure(log, request, mirrors.main.uri),
  });
}

/** The command line of mmdebstrap(1). */
export function mmdebstrapArguments(plan: RootPlan, mirrors: Mirrors, options: readonly string[]): string[] {
  const { request, data, overlay, tar, isRoot } = plan;
  const hook = (name: string, ...more: string[]): string =>
    `--customize-hook=${quoted(join(data, "hooks", name))} "$1"${more.map((each) => ` ${each}`).join("")}`;
  const packages = readFileSync(join(data, "root-packages"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return [
    `--mode=${isRoot ? "root" : "unshare"}`,
    "--variant=essential",
    "--format=tar",
    `--architectures=${request.arch}`,
    "--components=main,non-free-firmware",
    `--include=${[...packages, ...request.include].join(",")}`,
    ...leftOut.map((path) => `--dpkgopt=path-exclude=${path}`),
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    '--aptopt=APT::Install-Recommends "false"',
    ...options.map((line) => `--aptopt=${line}`),
    `--customize-hook=sync-in ${quoted(overlay)} /`,
    hook("parts", request.arch),
    hook("finish"),
    request.suite,
    tar,
    ...sourceLines(mirrors, request.suite),
  ];
}

/** What went wrong, in a sentence, where the log of apt and mmdebstrap tells. */
export function explainFailure(log: string, { suite, arch }: ImageRequest, mirror: string): string | null {
  const where = withoutPassword(mirror);
  const lacking = /Unable to locate package (\S+)|Package '?([\w.+-]+)'? has no installation candidate/.exec(log);
  if (lacking !== null) return `${suite} has no package ${lacking[1] ?? lacking[2]} for ${arch}`;
  if (/NO_PUBKEY|is not signed|The following signatures (couldn't|were invalid)/i.test(log))
    return `the signature of ${suite} at ${where} cannot be checked: is debian-archive-keyring older than ${suite}?`;
  if (
    /Could not (resolve|connect)|Connection (refused|timed out|failed)|Temporary failure resolving|Network is unreachable|No route to host/i.test(
      log,
    )
  )
    return `the mirror ${where} cannot be reached`;
  if (/does not have a Release file|404 +Not Found|File not found/i.test(log))
    return `the mirror ${where} has no suite "${suite}" for ${arch}`;
  if (/No space left on device/i.test(log)) return "the disk is full";
  if (/cannot run .* programs|arch-test|Exec format error/i.test(log))
    return `this machine cannot run programs of ${arch}: is qemu-user-static installed, and binfmt_misc mounted?`;
  if (/newuidmap|setup_mounts|unshare.*(not permitted|failed)|Operation not permitted.*unshare/i.test(log))
    return "this machine lets nobody but root make a new root; run it with sudo";
  return null;
}

// Nobody reads them on a board, and each megabyte is fetched a thousand times.
const leftOut = [
  "/usr/share/man/*",
  "/usr/share/doc/*",
  "/usr/share/locale/*",
  "/usr/share/info/*",
  "/usr/share/lintian/*",
  "/usr/share/bash-completion/*",
  "/usr/include/*",
  "/usr/lib/*/gconv/*",
  "/usr/share/nodejs/corepack/*",
  "/usr/share/nodejs/@types/*",
];

function machineMirrors(): Mirrors {
  const found = mirrorsAmong(machineSources());
  if (found === null)
    throw new CommandError("this machine's apt sources name no Debian mirror", { hint: "Give one with --mirror URL." });
  return found;
}

function machineSources(): AptSource[] {
  const folder = "/etc/apt/sources.list.d";
  const names = tried(() => readdirSync(folder), []).sort();
  const read = (file: string): string => tried(() => readFileSync(file, "utf8"), "");
  return [
    ...parseListFile(read("/etc/apt/sources.list")),
    ...names.filter((name) => name.endsWith(".list")).flatMap((name) => parseListFile(read(join(folder, name)))),
    ...names.filter((name) => name.endsWith(".sources")).flatMap((name) => parseSourcesFile(read(join(folder, name)))),
  ];
}

function tried<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

// mmdebstrap gives hooks to a shell.
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//");
}
