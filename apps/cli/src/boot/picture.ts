import type { BootAnswer } from "@bramble/core/api";
import type { BootStep, LaneBrief } from "@bramble/core/boot";
import { table } from "../terminal.ts";

/** The steps of a boot as columns, each with a heading of at most five letters. */
const columns: readonly (readonly [BootStep, string])[] = [
  ["discover", "disc"],
  ["offer", "offer"],
  ["bootcode", "bootc"],
  ["start", "start"],
  ["config", "conf"],
  ["kernel", "kern"],
  ["initrd", "initr"],
  ["root", "root"],
  ["agent", "agent"],
  ["registered", "reg"],
];
/** Room for a group and some; more boards than this are counted, not drawn. */
const mostRows = 60;

/**
 * The picture of a wave: one row a board, one column a step. What a sign means is said by words beside it, and where a board
 * stands by the column NOW: nothing hangs on colour.
 */
export function drawLanes(lanes: readonly LaneBrief[], boot: BootAnswer, width: number): string {
  const shown = lanes.slice(0, mostRows);
  const isWide = width >= 100;
  const rows = shown.map((lane) => [
    lane.board,
    whereInWords(lane),
    ...columns.map(([step]) => cell(lane, step, isWide)),
    lane.tookMs === null ? "-" : seconds(lane.tookMs),
    lane.resends === 0 ? "" : String(lane.resends),
  ]);
  const head = columns.map(([, word]) => (isWide ? word : word.slice(0, 2)));
  const more = lanes.length - shown.length;
  return [
    tally(lanes),
    "",
    table(["BOARD", "NOW", ...head, "TOOK", "RESENT"], rows),
    ...(more > 0 ? [`… and ${more} boards more: name fewer, as in bramble boot watch @g03`] : []),
    isWide
      ? "✓ and seconds: done   ▶ seconds or percent: there now   ✗ stopped   – passed without a sign   · not yet"
      : "✓ done  ▶ there now  ✗ stopped  – passed without a sign  · not yet",
    ...troublesInWords(boot, new Set(lanes.flatMap(({ fault }) => fault ?? []))),
  ].join("\n");
}

/** `42 boards: 37 up, 3 on their way (2 at kernel, 1 at root), 2 stopped`. */
export function tally(lanes: readonly LaneBrief[]): string {
  const count = (state: LaneBrief["state"]): number => lanes.filter((lane) => lane.state === state).length;
  const at = Map.groupBy(
    lanes.filter(({ state }) => state === "booting" || state === "waiting"),
    (lane) => lane.at ?? "power",
  );
  const places = ["power", ...columns.map(([step]) => step)].flatMap((step) => {
    const here = at.get(step as BootStep)?.length ?? 0;
    return here === 0 ? [] : [step === "power" ? `${here} not heard yet` : `${here} at ${step}`];
  });
  const onWay = count("booting") + count("waiting");
  const words = [
    `${count("up")} up`,
    ...(onWay > 0 ? [`${onWay} on their way (${places.join(", ")})`] : []),
    ...(count("stopped") > 0 ? [`${count("stopped")} stopped`] : []),
    ...(count("idle") > 0 ? [`${count("idle")} not booting`] : []),
  ];
  return `${lanes.length} ${lanes.length === 1 ? "board" : "boards"}: ${words.join(", ")}`;
}

/** Where a board stands: `kernel 42 %`, `stopped: kernel-cut`, `up`. */
export function whereInWords({ state, at, percent, fault, attempt }: LaneBrief): string {
  const again = attempt > 1 && state === "booting" ? ` (boot ${attempt})` : "";
  switch (state) {
    case "idle":
      return "not booting";
    case "waiting":
      return "has power, silent";
    case "up":
      return fault === null ? "up" : `up, ${fault}`;
    case "stopped":
      return `stopped: ${fault ?? at ?? "power"}`;
    case "booting":
      return `${at ?? "begins"}${percent === null ? "" : ` ${percent} %`}${fault === null ? "" : `, ${fault}`}${again}`;
  }
}

/** What is wrong and what to do, each fault once; of those in `faults` only. */
export function troublesInWords({ troubles }: BootAnswer, faults: ReadonlySet<string> | null): string[] {
  return troubles
    .filter(({ fault }) => faults?.has(fault) ?? true)
    .flatMap(({ step, fault, cause, advice, boards, set, stopped }) => {
      const at = step === "power" ? "before its first sign" : `at ${step}`;
      const who = boards === 1 ? set : `${boards} boards`;
      return [
        "",
        `${who} ${stopped ? "stopped" : "in trouble"} ${at} (${fault})${boards === 1 ? "" : `: ${set}`}`,
        `  ${cause}`,
        `  What to do: ${advice}`,
      ];
    });
}

function cell(lane: LaneBrief, step: BootStep, isWide: boolean): string {
  const tookMs = lane.stepMs[step];
  const place = columns.findIndex(([each]) => each === step);
  const stands = columns.findIndex(([each]) => each === lane.at);
  if (place > stands) return "·";
  if (tookMs === undefined) return "–";
  const time = isWide ? seconds(tookMs) : "";
  if (place < stands || lane.state === "up") return `✓${time}`;
  if (lane.state === "stopped") return `✗${time}`;
  if (lane.state === "idle") return `–${time}`;
  return lane.percent === null || !isWide ? `▶${time}` : `▶${lane.percent}%`;
}

function seconds(ms: number): string {
  return ms < 9950 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000));
}
