import type { BootArch } from "./client.ts";

/** How a board is to boot. */
export const bootPlans = ["live", "discovery", "local", "rescue"] as const;

/**
 * `live`: the read-only root with a RAM overlay and the agent. `discovery`: a small RAM disk that tells what the board is.
 * `local`: its own disk; it gets an address and nothing to boot. `rescue`: a shell in a RAM disk, the root left alone.
 */
export type BootPlanKind = (typeof bootPlans)[number];

/**
 * What an image is made of: `image.json` in its folder, written by `bramble image build`, read by the head.
 * All paths are relative to the folder.
 */
export type ImageManifest = {
  readonly bramble: 1;
  /** `trixie-arm64`. */
  readonly name: string;
  readonly arch: Exclude<BootArch, "unknown">;
  /** UTC, ISO 8601. */
  readonly builtAt: string;
  /** The folder that a Raspberry Pi's firmware reads (bootcode.bin, start.elf, config.txt's parts …), else null. */
  readonly tree: string | null;
  /** The kernel as iPXE and U-Boot load it. */
  readonly kernel: string;
  /** The kernel as a Raspberry Pi loads it, in `tree`; null without a tree. */
  readonly piKernel: string | null;
  readonly plans: Readonly<Record<Exclude<BootPlanKind, "local">, ImagePlan>>;
  /** Every file that may be served, with what is checked at the head's start. */
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
};

/** One plan of an image. */
export type ImagePlan = {
  readonly initrd: string;
  /**
   * The kernel's command line. `${name}`, `${mac}`, `${serial}`, `${address}`, `${head}` (URL of the API), `${boot}` (URL of
   * the HTTP boot server, without a slash at its end), `${root}` (URL of the root) and `${nfs}` are filled in per board.
   */
  readonly cmdline: string;
  /** The root: a squashfs fetched over HTTP (a file of the image), an NFS export, or none (all is in the RAM disk). */
  readonly root:
    | { readonly kind: "http"; readonly file: string }
    | { readonly kind: "nfs"; readonly export: string }
    | { readonly kind: "none" };
};
