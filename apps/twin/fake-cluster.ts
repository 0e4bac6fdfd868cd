/** What the pretend head tells: a pretend cluster's places, readings and answers. */
import type { LayoutAnswer } from "@bramble/core/api";
import type { StateKind } from "@bramble/core/observe";
import type { BoardRow } from "@bramble/core/show";

/** Four racks of 14, 12, 12 and 12 banks as in the box (fewer for fewer boards), and one stranger. */
export function policeBox(count: number): LayoutAnswer {
  const banks = Array.from({ length: Math.ceil(count / 21) }, (_, at) => `k${String(at + 1).padStart(2, "0")}`);
  const shapes = [
    { id: "r1", side: "front", label: "front left", from: 0, to: 14, bottom: 8 },
    { id: "r2", side: "front", label: "front right", from: 14, to: 26, bottom: 6 },
    { id: "r3", side: "back", label: "back left", from: 26, to: 38, bottom: 6 },
    { id: "r4", side: "back", label: "back right", from: 38, to: 50, bottom: 6 },
  ].filter(({ from }) => from < banks.length);
  const racks = shapes.map(({ id, side, label, from, to, bottom }) => {
    const own = banks.slice(from, to);
    return {
      id,
      side,
      label,
      banks: own,
      halves: own.map((_, at) => (at < bottom ? ("bottom" as const) : ("top" as const))),
    };
  });
  const rackOf = new Map(racks.flatMap((rack) => rack.banks.map((bank) => [bank, rack.id] as const)));
  const boards = Array.from({ length: count }, (_, index) => {
    const bank = banks[Math.floor(index / 21)]!;
    return {
      index,
      name: `b${String(index + 1).padStart(4, "0")}`,
      rack: rackOf.get(bank)!,
      bank,
      slot: (index % 21) + 1,
    } as LayoutAnswer["boards"][number];
  });
  boards.push({ index: count, name: "x-00beef", rack: null, bank: null, slot: null });
  return { cluster: "police-box", racks, boards, lights: 24 };
}

/** A plausible row of a board in a state; `turn` moves its readings a little. */
export function rowOf(state: StateKind, index: number, turn = 0): BoardRow {
  const bank = Math.floor(index / 21);
  const slot = index % 21;
  const warmth = 47 + 13 * Math.sin(bank * 0.9 + slot * 0.24) + 4 * Math.sin(index * 12.9898 + turn * 0.3);
  const isHot = index % 173 === 31;
  const isKnown = state === "up" || state === "silent" || state === "draining" || state === "maintenance";
  return {
    state,
    cpu: isKnown
      ? Math.round(Math.abs(34 + 30 * Math.sin(index * 3.7 + turn * 0.2) + 18 * Math.sin(bank + turn * 0.1))) % 101
      : null,
    memory: isKnown ? Math.round(32 + 22 * Math.sin(index * 1.9) ** 2 + 14 * Math.sin(bank * 2)) : null,
    temperatureC: isKnown ? Math.round((isHot ? 74 : warmth) * 2) / 2 : null,
    isSimulated: index < 1050,
    isWorking: state === "up" && index % 61 === (turn >> 3) % 61,
    isThrottled: isHot,
  };
}

/** The answers to a handful of programs; this head knows no Warble. */
export function pretend(text: string): {
  out: string[];
  effects: (string | number)[][];
  error: { class: string; pos: number; message: string } | null;
} {
  const bad = text.indexOf("yPRINT");
  if (bad >= 0)
    return {
      out: [],
      effects: [],
      error: { class: "NAME", pos: bad + 1, message: "there is no yPRINT: write y;PRINT" },
    };
  const effects = /LIGHTS/.test(text)
    ? Array.from({ length: 24 }, (_, at) => ["LIGHTS", at, 255 - at * 10, at * 10, 120])
    : [];
  const printed = /PRINT\(["“](.*?)["”]\)/.exec(text)?.[1];
  return { out: printed === undefined ? (effects.length > 0 ? [] : ["3.142"]) : [printed], effects, error: null };
}

/** A posted program as `GET /warbles/:id` tells it. */
export function warbleOf(
  warble: { id: string; text: string; user: string; board: string; out: string[]; at: number },
  state: "leased" | "done" | "failed",
) {
  const isDone = state === "done";
  const isSum = warble.text.includes("SUM(");
  const { id, text, user, board, at } = warble;
  return {
    id,
    user,
    text,
    state,
    board,
    place: null,
    attempts: 1,
    postedAt: at,
    endedAt: state === "leased" ? null : at + 300,
    out: isDone ? warble.out : [],
    effects: [],
    error: state === "failed" ? { class: "CANCELLED", pos: 1, message: "Its poster took it back." } : null,
    warnings: [],
    steps: 42,
    ms: isDone ? 3 : null,
    fold: isSum && state === "leased" ? { done: 61, total: 147, boards: 12 } : null,
  };
}

/** Two hex digits. */
export function hex(value: number): string {
  return value.toString(16).padStart(2, "0");
}
