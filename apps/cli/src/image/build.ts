import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ImageManifest } from "@bramble/core/boot";
import { bramblePath } from "../programs.ts";
import { buildRoot } from "./debian.ts";
import { createExecute, type Environment } from "./execute.ts";
import { buildInitrd, kernelVersion } from "./initrd.ts";
import { describeImage, imageFiles, writeManifest } from "./manifest.ts";
import { buildPiTree } from "./pi-tree.ts";
import type { ImageRequest } from "./request.ts";
import { checkSpace, ensureTools, type Machine, thisMachine } from "./tools.ts";

/** What a build needs besides its request. */
export type BuildParts = {
  /** Progress, a line for each step. */
  readonly note: (line: string) => void;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly env: Environment;
  /** This machine and an agent bundled now, unless a test says otherwise. */
  readonly machine?: Machine;
  readonly agentFile?: string;
};

/**
 * Builds an image in a folder of its own beside `request.out` and puts it there when it is whole. What stood there stays
 * until then, and for good when the build fails or is killed.
 *
 * @throws CommandError in one sentence, with the end of the log where the reason is not known.
 */
export async function buildImage(request: ImageRequest, parts: BuildParts): Promise<ImageManifest> {
  const { note, now, signal, env, machine = thisMachine() } = parts;
  const home = dirname(request.out);
  mkdirSync(home, { recursive: true });
  sweepLeftovers(home, basename(request.out));
  checkSpace(home);
  const work = join(home, `.${basename(request.out)}.building-${process.pid}`);
  const image = join(work, "image");
  mkdirSync(image, { recursive: true });
  const execute = createExecute(join(work, "build.log"), signal, env);
  const startedAt = now();
  const step = async (title: string, act: () => Promise<void> | void): Promise<void> => {
    const from = now();
    note(`· ${title} …`);
    await act();
    note(`  ${((now() - from) / 1000).toFixed(1)} s`);
  };
  try {
    const atSeconds = sourceDate(env) ?? Math.floor(startedAt / 1000);
    const data = bramblePath("images");
    const folder = (name: string): string => {
      mkdirSync(join(work, name));
      return join(work, name);
    };
    const overlay = folder("overlay");
    const scratch = folder("scratch");
    const unpacked = folder("parts");
    // apt drops its rights while it downloads and must still be able to write here.
    chmodSync(scratch, 0o1777);
    const tar = join(work, "root.tar");

    await ensureTools(request.arch, machine, execute, { env, note: (line) => note(`· ${line} …`) });
    await step("the agent", async () => {
      layOver(overlay, data, request.roles);
      const agent = join(overlay, "usr/lib/bramble/bramble-agent.mjs");
      if (parts.agentFile !== undefined) return copyFileSync(parts.agentFile, agent);
      const script = bramblePath("apps/agent/build.ts");
      await execute.run("bundling the agent", process.execPath, [script, agent]);
    });
    await step(`Debian ${request.suite} for ${request.arch} (mmdebstrap)`, () =>
      buildRoot({ request, data, overlay, tar, scratch, isRoot: machine.isRoot }, execute),
    );
    await step("the read-only root (squashfs)", async () => {
      await execute.run("unpacking kernel and firmware", "tar", [
        ...["-xf", tar, "-C", unpacked, "--strip-components=2", "--no-same-owner", "./.bramble"],
      ]);
      await execute.run("packing the root", "sqfstar", [...squashing, join(image, imageFiles.root), ".bramble"], {
        input: tar,
        env: { SOURCE_DATE_EPOCH: String(atSeconds) },
      });
      rmSync(tar);
    });
    await step("the RAM disk", async () => {
      const version = kernelVersion(unpacked);
      copyFileSync(join(unpacked, "kernel/boot", `vmlinuz-${version}`), join(image, imageFiles.kernel));
      const from = { request, data, parts: unpacked, work: join(work, "initrd"), atSeconds };
      await buildInitrd(from, join(image, imageFiles.initrd), execute);
    });
    if (request.arch === "arm64")
      await step("the Raspberry Pi's files", () => buildPiTree(unpacked, join(image, imageFiles.tree)));
    const builtAt = new Date(atSeconds * 1000).toISOString();
    const manifest = await describeImage(image, { name: request.name, arch: request.arch, builtAt });
    writeManifest(image, manifest);
    signal.throwIfAborted();
    putInPlace(image, request.out);
    return manifest;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

// Read in small pieces by boards with slow processors: zstd unpacks four times faster than xz and packs nearly as well.
// No -Xcompression-level: sqfstar 4.5 does not understand it; its own is 15.
const squashing = ["-comp", "zstd", "-b", "256K", "-no-progress", "-quiet"];

function layOver(overlay: string, data: string, roles: ImageRequest["roles"]): void {
  cpSync(join(data, "root"), overlay, { recursive: true });
  mkdirSync(join(overlay, "usr/lib/bramble"), { recursive: true });
  mkdirSync(join(overlay, "etc/systemd/system"), { recursive: true });
  const unit = "bramble-agent.service";
  copyFileSync(bramblePath("apps/agent/systemd", unit), join(overlay, "etc/systemd/system", unit));
  layRoles(overlay, roles);
}

/** What the agent's unit wants so that it takes roles (docs/roles.md), and the flag; the RAM disk adds where the head is. */
function layRoles(overlay: string, roles: ImageRequest["roles"]): void {
  mkdirSync(join(overlay, "etc/default"), { recursive: true });
  writeFileSync(join(overlay, "etc/default/bramble-agent"), `BRAMBLE_AGENT_FLAGS=--roles ${roles}\n`);
  if (roles === "none") return;
  const folder = join(overlay, "etc/systemd/system/bramble-agent.service.d");
  mkdirSync(folder);
  const settings = readFileSync(bramblePath("apps/agent/systemd/bramble-agent-roles.conf"), "utf8");
  const more = "# Roles as root.\nProtectSystem=no\nCapabilityBoundingSet=~\nSystemCallFilter=\n";
  writeFileSync(join(folder, "roles.conf"), roles === "root" ? settings + more : settings);
}

/** Renames are the only moments in which there is no image, and each is whole. */
function putInPlace(image: string, out: string): void {
  // Hidden: a head that looks meanwhile sees one image of this name, never two.
  const old = join(dirname(out), `.${basename(out)}.old-${process.pid}`);
  if (existsSync(out)) renameSync(out, old);
  renameSync(image, out);
  rmSync(old, { recursive: true, force: true });
}

/** What builds that were killed left behind. */
function sweepLeftovers(home: string, name: string): void {
  for (const entry of readdirSync(home)) {
    const [, pid] = new RegExp(`^\\.?${name.replaceAll(".", "\\.")}\\.(?:building|old)-(\\d+)$`).exec(entry) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(home, entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  return spawnSync("kill", ["-0", String(pid)], { stdio: "ignore" }).status === 0;
}

/** The time that everything in a reproducible build carries (reproducible-builds.org/specs/source-date-epoch). */
function sourceDate({ SOURCE_DATE_EPOCH: said = "" }: Environment): number | null {
  return /^\d{1,11}$/.test(said) ? Number(said) : null;
}
