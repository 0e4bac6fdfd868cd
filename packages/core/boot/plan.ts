import type { Millis } from "../base/index.ts";
import type { Boot, FilePlan } from "../cluster/index.ts";
import type { BootArch } from "./client.ts";

/** How a board is to boot. */
export const bootPlans = ["live", "discovery", "local", "rescue"] as const satisfies readonly FilePlan[];

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

/** One board's plan as an operator last set it. */
export type PlanAssignment = {
  /** The board's name: that of its slot, or `x-` and six digits. */
  readonly board: string;
  readonly plan: BootPlanKind;
  /** The node set that was asked for, as it was written. */
  readonly set: string;
  /** `cli:anna`. */
  readonly by: string;
  readonly at: Millis;
};

/** The plan of a board and who chose it. */
export type ChosenPlan =
  | { readonly plan: BootPlanKind; readonly from: "operator"; readonly by: string; readonly at: Millis }
  /** `set` is the node set of the file, null for the plan of all boards. */
  | { readonly plan: BootPlanKind; readonly from: "file"; readonly set: string | null }
  /** A board that no slot of the file holds. */
  | { readonly plan: "discovery"; readonly from: "stranger" };

/**
 * The plan of a board, the simplest rule that is still what one means: what was said last wins. An operator's word is later
 * than the file's, a later entry of the file than one before it, any entry than the file's default; and a board without a
 * slot is to be discovered.
 *
 * @param file null for a board that has no slot.
 */
export function planOf(board: string, file: Boot | null, assigned: ReadonlyMap<string, PlanAssignment>): ChosenPlan {
  const said = assigned.get(board);
  if (said !== undefined) return { plan: said.plan, from: "operator", by: said.by, at: said.at };
  if (file === null) return { plan: "discovery", from: "stranger" };
  const entry = file.plans.findLast(({ boards }) => boards.includes(board));
  return { plan: entry?.plan ?? file.plan, from: "file", set: entry?.set ?? null };
}
