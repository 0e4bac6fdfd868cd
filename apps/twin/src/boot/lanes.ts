import type { BootStep, LaneBrief } from "@bramble/core/boot";
import { bootSteps } from "@bramble/core/boot";
import { bytesInWords, time } from "./words.ts";

/** A column of the chart: before its first sign, each step, and up at last. */
export type Column = BootStep | "power";

/** The columns in order, as they are headed, and what a board does there. */
export const columns: readonly { readonly id: Column; readonly label: string; readonly does: string }[] = [
  { id: "power", label: "power", does: "has power, was not heard yet" },
  { id: "discover", label: "discover", does: "asks for an address" },
  { id: "offer", label: "offer", does: "was offered an address" },
  { id: "bootcode", label: "bootcode", does: "loads its first loader" },
  { id: "start", label: "start.elf", does: "loads the firmware" },
  { id: "config", label: "config", does: "reads its settings" },
  { id: "kernel", label: "kernel", does: "loads the kernel" },
  { id: "initrd", label: "initrd", does: "loads its RAM disk" },
  { id: "root", label: "root", does: "fetches its root, starts the system" },
  { id: "agent", label: "agent", does: "starts its agent" },
  { id: "registered", label: "up", does: "is registered: up" },
];

/** How rows are ordered. */
export const orders = [
  { id: "place", label: "Place" },
  { id: "slowest", label: "Slowest" },
  { id: "stopped", label: "Stopped first" },
] as const;

/** One of `orders`. */
export type LaneOrder = (typeof orders)[number]["id"];

/** One cell of a row. `share` (0 to 1) is its time beside the longest of this column, or how much of a file is there. */
export type Cell =
  | { readonly kind: "ahead" }
  /** Passed without a sign. */
  | { readonly kind: "unseen" }
  | { readonly kind: "passed"; readonly share: number; readonly text: string }
  | { readonly kind: "now"; readonly share: number; readonly text: string }
  | { readonly kind: "stopped"; readonly text: string };

/** The longest time of each step, and of a whole boot under `registered`. */
export type Longest = Readonly<Partial<Record<Column, number>>>;

/** The longest of these lanes by column, rounded up so that it changes seldom. */
export function longestOf(lanes: readonly LaneBrief[]): Longest {
  const longest: Partial<Record<Column, number>> = {};
  for (const lane of lanes) {
    for (const step of bootSteps) {
      const ms = step === "registered" ? (lane.state === "up" ? lane.tookMs : null) : lane.stepMs[step];
      if (ms != null && ms > (longest[step] ?? 0)) longest[step] = ms;
    }
  }
  return Object.fromEntries(Object.entries(longest).map(([step, ms]) => [step, roundUp(ms)]));
}

/** The cells of a lane, one for each column. */
export function cellsOf(lane: LaneBrief, longest: Longest): Cell[] {
  const stands = lane.state === "idle" && lane.at === null ? -1 : columnOf(lane);
  return columns.map(({ id }, index): Cell => {
    if (index > stands) return { kind: "ahead" };
    const ms = id === "power" ? undefined : id === "registered" ? (lane.tookMs ?? undefined) : lane.stepMs[id];
    const share = ms === undefined ? 0 : Math.min(1, ms / Math.max(1, longest[id] ?? ms));
    // How long it had power before it asked is not told.
    if (id === "power" && index < stands) return { kind: "passed", share: 0, text: "" };
    if (index < stands || lane.state === "up" || lane.state === "idle")
      return ms === undefined ? { kind: "unseen" } : { kind: "passed", share, text: time(ms) };
    if (lane.state === "stopped") return { kind: "stopped", text: ms === undefined ? "" : time(ms) };
    if (lane.percent !== null && hasPercent(lane))
      return { kind: "now", share: lane.percent / 100, text: `${lane.percent} %` };
    return { kind: "now", share, text: ms === undefined ? "waits" : time(ms) };
  });
}

/** Index of the column in which a lane stands. */
export function columnOf({ at, state }: LaneBrief): number {
  return state === "up" ? columns.length - 1 : columns.findIndex(({ id }) => id === (at ?? "power"));
}

/** The lanes as wanted; `place` is the order in which the head gave them. */
export function sortLanes(lanes: readonly LaneBrief[], order: LaneOrder): readonly LaneBrief[] {
  switch (order) {
    case "place":
      return lanes;
    case "slowest":
      return lanes.toSorted((a, b) => (b.tookMs ?? -1) - (a.tookMs ?? -1));
    case "stopped":
      return lanes.toSorted((a, b) => rank(a) - rank(b) || columnOf(a) - columnOf(b));
  }
}

/** A fault's id as words: `kernel cut`. */
export function faultWords(fault: string): string {
  return fault.replaceAll("-", " ");
}

/** Where a board stands, in few words: `kernel 43 %`, `stopped at kernel: kernel cut`, `up in 22 s`. */
export function standing(lane: LaneBrief): string {
  const { state, at, tookMs, fault } = lane;
  const where = columns[columnOf(lane)]?.label ?? "power";
  switch (state) {
    case "idle":
      return at === null ? "not booting" : `no power; was at ${where}`;
    case "waiting":
      return fault === null ? "has power, not heard yet" : `not heard yet: ${faultWords(fault)}`;
    case "up":
      return `${tookMs === null || lane.attempt === 0 ? "up, its boot was not seen" : `up in ${time(tookMs)}`}${fault === null ? "" : `; ${faultWords(fault)}`}`;
    case "stopped":
      return `stopped at ${where}${fault === null ? "" : `: ${faultWords(fault)}`}`;
    case "booting":
      return `${where}${hasPercent(lane) ? ` ${lane.percent} %` : ""}${fault === null ? "" : `, ${faultWords(fault)}`}`;
  }
}

/** What was sent and sent again, and how often it began: `1.2 MB ↻ 3`, as words for a reader's ear with `isSpoken`. */
export function extras({ bytes, resends, attempt, state }: LaneBrief, isSpoken = false): string {
  if (state === "idle") return "";
  return [
    bytes === 0 ? null : bytesInWords(bytes),
    resends === 0 ? null : isSpoken ? `${resends} sent again` : `↻ ${resends}`,
    attempt > 1 ? `boot ${attempt}` : null,
  ]
    .filter((word) => word !== null)
    .join(isSpoken ? ", " : "  ");
}

/** A lane in one sentence, for a reader's ear. */
export function sentence(lane: LaneBrief): string {
  const { tookMs, state } = lane;
  const so = (state === "booting" || state === "stopped") && tookMs !== null ? `after ${time(tookMs)}` : "";
  return [lane.board, standing(lane), so, extras(lane, true)].filter((word) => word !== "").join(", ");
}

/** Kernel and RAM disk are large enough that their percents mean something. */
function hasPercent({ at, percent, state }: LaneBrief): boolean {
  return state === "booting" && percent !== null && (at === "kernel" || at === "initrd" || at === "root");
}

function rank({ state, fault }: LaneBrief): number {
  return state === "stopped" ? 0 : fault !== null ? 1 : state === "up" ? 4 : state === "idle" ? 5 : 2;
}

/** 1, 2 or 5 times a power of ten: a scale that does not jump with each answer. */
function roundUp(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, ms)));
  return ([1, 1.5, 2, 3, 5, 7, 10].find((times) => times * power >= ms) ?? 10) * power;
}
