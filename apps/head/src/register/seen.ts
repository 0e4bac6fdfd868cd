import type { Mac, Millis } from "@bramble/core/base";
import type { BoardSlot } from "@bramble/core/cluster";
import type { BoardRecord } from "@bramble/core/register";
import { placeOf } from "@bramble/core/register";

/** What a first packet, a boot report or a hello told of a board. What it did not tell is left out and stays as known. */
export type Seen = {
  readonly mac: Mac;
  readonly address?: string | null;
  readonly serial?: string | null;
  readonly model?: string | null;
  readonly simulated?: boolean;
  readonly agent?: string;
  readonly cores?: number;
  readonly memoryMb?: number;
  readonly bootId?: string;
};

/** Where a board sits in the roster. */
export type Seat = { readonly index: number; readonly name: string; readonly slot: BoardSlot | null };

/** The record of a board after it was seen. */
export function recordAfter(known: BoardRecord | null, seen: Seen, seat: Seat, now: Millis): BoardRecord {
  return {
    mac: seen.mac,
    name: seat.name,
    index: seat.index,
    serial: serialAfter(known?.serial ?? null, seen.serial ?? null),
    model: seen.model ?? known?.model ?? null,
    address: seen.address ?? known?.address ?? null,
    place: seat.slot === null ? null : placeOf(seat.slot),
    isSimulated: seen.simulated ?? known?.isSimulated ?? false,
    agent: seen.agent ?? known?.agent ?? null,
    cores: seen.cores ?? known?.cores ?? null,
    memoryMb: seen.memoryMb ?? known?.memoryMb ?? null,
    bootId: seen.bootId ?? known?.bootId ?? null,
    firstSeen: known?.firstSeen ?? now,
    lastRegistered: now,
  };
}

/** Firmware tells the last eight digits of a serial in option 97, Linux all sixteen: the short form is no news of the long one. */
function serialAfter(known: string | null, seen: string | null): string | null {
  return known !== null && seen?.length === 8 && known.endsWith(seen) ? known : (seen ?? known);
}

/** Whether two records tell the same, but for when the board was last heard. */
export function isSame(a: BoardRecord | undefined, b: BoardRecord): boolean {
  return a !== undefined && compared.every((key) => a[key] === b[key]);
}

const compared = [
  ...(["mac", "name", "index", "serial", "model", "address", "isSimulated"] as const),
  ...(["agent", "cores", "memoryMb", "bootId"] as const),
];
