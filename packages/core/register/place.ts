import type { Mac } from "../base/index.ts";
import { nameOfStranger } from "../base/index.ts";
import type { BoardSlot, Cluster } from "../cluster/index.ts";
import type { Place } from "./board.ts";

/** Who sits at a place now. `isLive`: it was heard lately, so that nobody may take its place. */
export type Holder = { readonly mac: Mac; readonly isLive: boolean };

/** Where a board belongs, by what its packet says. */
export type Resolution =
  | { readonly kind: "slot"; readonly slot: BoardSlot; readonly by: "mac" | "address" | "before" }
  | {
      readonly kind: "stranger";
      /** Two boards claim one place: which, and who has it. */
      readonly conflict: { readonly slot: string; readonly holder: Mac } | null;
    };

/** Finds places by MAC and by address. */
export type Places = {
  /**
   * The place of a board: the one whose MAC the file names; else the one whose address the file's rule gives, when the file
   * names no other MAC there and no other live board sits there; else the one it had before; else none.
   *
   * @param before the place it was given earlier, null for a board not seen yet.
   * @param holderOf who sits at a place now.
   */
  resolve(
    packet: { readonly mac: Mac; readonly address: string | null },
    before: BoardSlot | null,
    holderOf: (index: number) => Holder | null,
  ): Resolution;
};

/** The places of a cluster file, ready to be looked up. */
export function placesOf(cluster: Cluster): Places {
  const byMac = new Map<Mac, BoardSlot>();
  const byAddress = new Map<string, BoardSlot>();
  for (const slot of cluster.boards) {
    if (slot.mac !== null) byMac.set(slot.mac, slot);
    if (slot.address !== null) byAddress.set(slot.address, slot);
  }
  return {
    resolve({ mac, address }, before, holderOf) {
      const named = byMac.get(mac);
      if (named !== undefined) return { kind: "slot", slot: named, by: "mac" };
      const keep: Resolution =
        before !== null && before.mac === null ? { kind: "slot", slot: before, by: "before" } : nowhere;
      const addressed = address === null ? undefined : byAddress.get(address);
      if (addressed === undefined || addressed === before) return keep;
      const rival = addressed.mac ?? holderOf(addressed.index);
      if (rival === null) return { kind: "slot", slot: addressed, by: "address" };
      const holder = typeof rival === "string" ? { mac: rival, isLive: true } : rival;
      if (holder.mac === mac || !holder.isLive) return { kind: "slot", slot: addressed, by: "address" };
      return keep.kind === "slot" ? keep : { kind: "stranger", conflict: { slot: addressed.name, holder: holder.mac } };
    },
  };
}

/** The place that a record keeps, from the file's slot. */
export function placeOf(slot: BoardSlot): Place {
  const { rack, bank, switch: through, port, group } = slot;
  return { rack, bank, slot: slot.slot, switch: through, port, group };
}

/** The name of a stranger: `x-` and six digits, or all twelve when those are another board's. */
export function strangerName(board: Mac, isTaken: (name: string) => boolean): string {
  const short = nameOfStranger(board);
  return isTaken(short) ? `x-${board.replaceAll(":", "")}` : short;
}

const nowhere: Resolution = { kind: "stranger", conflict: null };
