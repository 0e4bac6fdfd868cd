import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ImageManifest } from "@bramble/core/boot";
import { CommandError, exitCodes } from "../problem.ts";
import type { Execute } from "./execute.ts";
import { imageFiles, loadManifest, writeManifest } from "./manifest.ts";

/** How a root is exported. */
export type ExportRequest = {
  /** Folder of the image. */
  readonly image: string;
  /** Folder that the root is unpacked into. */
  readonly to: string;
  /** Who may mount it: a network like `172.20.0.0/16`, or `*`. */
  readonly clients: string;
};

/** What was written: settings for either server of NFS. */
export type Exported = { readonly exports: string; readonly ganesha: string };

/**
 * Unpacks an image's root once for all boards, writes what an NFS server needs to export it, and, unless the folder is the
 * image's own `root`, makes the image's plan `live` use it. What stood in the folder is replaced when the new one is whole. Takes root: files keep their owners.
 */
export async function exportRoot(request: ExportRequest, execute: Execute): Promise<Exported> {
  const { image, clients } = request;
  const to = resolve(request.to);
  if (!/^\/[A-Za-z0-9._/@+-]+$/.test(to))
    throw new CommandError(`--nfs ${to}: an export's path is of letters, digits and ._@+-/ only`, {
      exitCode: exitCodes.usage,
    });
  if (!/^(\*|\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?)$/.test(clients))
    throw new CommandError(`--clients ${clients}: a network like 172.20.0.0/16 or * was expected`, {
      exitCode: exitCodes.usage,
    });
  if (process.getuid?.() !== 0) throw new CommandError("unpacking a root takes root: its files keep their owners");
  if (existsSync(to) && readdirSync(to).length > 0 && !looksLikeRoot(to))
    throw new CommandError(`${to} holds something that is no root; choose another folder`, {
      exitCode: exitCodes.usage,
    });
  const manifest = loadManifest(image);
  mkdirSync(dirname(to), { recursive: true });
  const fresh = `${to}.unpacking-${process.pid}`;
  try {
    await execute.run("unpacking the root", "unsquashfs", ["-no-progress", "-d", fresh, join(image, imageFiles.root)]);
    if (!looksLikeRoot(fresh)) throw new CommandError(`${image} has a root without systemd`);
    rmSync(to, { recursive: true, force: true });
    renameSync(fresh, to);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  const written = { exports: `${to}.exports`, ganesha: `${to}.ganesha.conf` };
  writeFileSync(written.exports, exportsFile(to, clients));
  writeFileSync(written.ganesha, ganeshaFile(to, clients));
  // A root in the image's own folder is there besides the squashfs; the cluster file says which of the two.
  if (to !== join(resolve(image), "root")) writeManifest(image, withNfsRoot(manifest, to));
  return written;
}

/** Does a folder hold the root of a system? */
export function looksLikeRoot(folder: string): boolean {
  return (
    existsSync(join(folder, "usr/lib/systemd/systemd")) && existsSync(join(folder, "usr/lib/bramble/bramble-agent.mjs"))
  );
}

/** One line for /etc/exports.d (exports(5)): read-only, root stays root so that every file can be read. */
export function exportsFile(to: string, clients: string): string {
  return `# Written by \`bramble image build --nfs\`. Copy to /etc/exports.d/bramble.exports, then: exportfs -ra
${to} ${clients}(ro,no_root_squash,no_subtree_check,async)
`;
}

/** The same for nfs-ganesha (ganesha-config(8), ganesha-vfs-config(8)), which needs nothing of the kernel. */
export function ganeshaFile(to: string, clients: string): string {
  return `# Written by \`bramble image build --nfs\`. Start: ganesha.nfsd -f THIS-FILE
# Version 4 alone needs no rpcbind.
NFS_CORE_PARAM { Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false; }
# Nothing is ever written, so nothing is to be reclaimed. Owners as numbers: no board asks a directory for names.
NFSv4 { Graceless = true; Only_Numeric_Owners = true; }
EXPORT {
  Export_Id = 77;
  Path = ${to};
  Pseudo = ${to};
  Access_Type = NONE;
  Squash = No_Root_Squash;
  SecType = sys;
  Transports = TCP;
  FSAL { Name = VFS; }
  CLIENT { Clients = ${clients}; Access_Type = RO; }
}
`;
}

function withNfsRoot(manifest: ImageManifest, to: string): ImageManifest {
  const live = { ...manifest.plans.live, root: { kind: "nfs" as const, export: to } };
  return { ...manifest, plans: { ...manifest.plans, live } };
}
