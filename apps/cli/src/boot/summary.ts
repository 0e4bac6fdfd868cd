import type { BootAnswer, LaneAnswer, LeasesAnswer, PlansAnswer } from "@bramble/core/api";
import { ago, table } from "../terminal.ts";
import { troublesInWords } from "./picture.ts";

/** How booting stands in all, as text. */
export function describeBoot(boot: BootAnswer): string {
  const { states, steps, took, groups, alarms } = boot;
  const onWay = Object.entries(steps).filter(([, count]) => count > 0);
  const facts: [string, string][] = [
    ["servers", serversInWords(boot)],
    ...boot.images.map(({ name, arch, builtAt, check, bad }): [string, string] => [
      "image",
      `${name} (${arch}, built ${builtAt.slice(0, 10)}): ${{ checking: "its files are being checked", good: "whole", bad: `damaged: ${bad.join(", ")}` }[check]}`,
    ]),
    ...boot.problems.map(({ folder, problems }): [string, string] => ["no image", `${folder}: ${problems.join("; ")}`]),
    [
      "boards",
      `${states.up} up, ${states.waiting + states.booting} on their way, ${states.stopped} stopped, ${states.idle} not booting`,
    ],
    ...(onWay.length > 0
      ? ([["at", onWay.map(([step, count]) => `${step} ${count}`).join(", ")]] as [string, string][])
      : []),
    ["took", tookInWords(took)],
  ];
  const lines = facts.map(([name, value]) => `  ${name.padEnd(10)}${value}`);
  if (groups.length > 0) {
    const rows = groups.map(({ group, boards, up, waiting, booting, stopped }) => [
      group,
      boards,
      up,
      waiting,
      booting,
      stopped,
    ]);
    lines.push("", table(["GROUP", "BOARDS", "UP", "SILENT YET", "BOOTING", "STOPPED"], rows));
  }
  lines.push(
    ...alarms.map(
      ({ at, level, message }) => `${level === "error" ? "ALARM" : "note"} (${ago(boot.now - at)} ago): ${message}`,
    ),
  );
  return [...lines, ...troublesInWords(boot, null)].join("\n");
}

/** One board's boot in full, as text. */
export function describeLane(lane: LaneAnswer, now: number): string {
  const { state, at, previous, diagnosis } = lane;
  const facts: [string, string][] = [
    ["state", at === null || state === "up" ? state : `${state}, at ${at}`],
    [
      "boot",
      lane.attempt === 0
        ? "none was seen"
        : `number ${lane.attempt} since the head started${lane.attemptsSincePower > 1 ? `, number ${lane.attemptsSincePower} since its power came` : ""}`,
    ],
    [
      "took",
      lane.tookMs === null
        ? "-"
        : `${(lane.tookMs / 1000).toFixed(1)} s${previous === null ? "" : `; the boot before: ${previous.outcome} after ${(previous.tookMs / 1000).toFixed(1)} s`}`,
    ],
    ["heard", lane.heardAt === null ? "not in this boot" : `${ago(now - lane.heardAt)} ago`],
    ["firmware", lane.client ?? "-"],
    ["address", lane.address ?? "-"],
    ["mac", lane.mac ?? "not seen yet"],
    [
      "plan",
      `${lane.plan.plan} (said by ${lane.plan.from === "file" ? "the cluster file" : lane.plan.from === "stranger" ? "nobody: no slot holds it" : "an operator"})`,
    ],
  ];
  const lines = [lane.board, ...facts.map(([name, value]) => `  ${name.padEnd(10)}${value}`)];
  if (diagnosis !== null)
    lines.push(
      "",
      `Wrong (${diagnosis.fault}): ${diagnosis.cause}`,
      `What to do: ${diagnosis.advice}`,
      `Known from: ${diagnosis.source}`,
    );
  const ms = (value: number | null): string => (value === null ? "-" : `${(value / 1000).toFixed(2)} s`);
  const steps = lane.steps.map(({ step, begunAt, tookMs, previousMs, asks, bytes, resends, percent }) => [
    step,
    begunAt === null ? "-" : clockTime(begunAt),
    ms(tookMs),
    ms(previousMs),
    asks,
    size(bytes),
    resends,
    percent === null ? "-" : `${percent} %`,
  ]);
  lines.push("", table(["STEP", "BEGAN", "TOOK", "BEFORE", "ASKS", "SIZE", "RESENT", "FILE"], steps));
  if (lane.files.length > 0) {
    const files = lane.files.map(({ path, by, outcome, asks, bytes, sizeBytes, resends, why }) => [
      path,
      by,
      outcome === "probed" ? "looked for" : outcome,
      asks,
      size(bytes),
      sizeBytes === null ? "-" : size(sizeBytes),
      resends,
      why ?? "",
    ]);
    lines.push("", table(["FILE", "BY", "OUTCOME", "ASKS", "SENT", "SIZE", "RESENT", ""], files));
  }
  return lines.join("\n");
}

/** Everything that the servers saw of a board, one line each. */
export function describeEvents({ events }: LaneAnswer): string {
  return events.map(({ at, what }) => `${clockTime(at)}  ${what}`).join("\n");
}

/** The leases as a table. */
export function leaseTable({ leases, pool, poolFree }: LeasesAnswer, now: number): string {
  const rows = leases.map(({ address, mac, board, state, until, pinned }) => [
    ...[address, mac, board, until <= now ? `${state}, over` : state],
    until <= now ? "-" : ago(until - now),
    pinned ? "its own" : "pool",
  ]);
  return `${table(["ADDRESS", "MAC", "BOARD", "STATE", "FOR", "FROM"], rows)}\n\n${leases.length} leases; ${poolFree} of ${pool} addresses of the pool are free`;
}

/** Who said what boards boot, the last word last. */
export function planTable({ plans }: PlansAnswer, now: number): string {
  return table(
    ["SET", "PLAN", "HOLDS FOR", "SAID BY", "AGO"],
    plans.map(({ set, plan, by, at, boards }) => [
      set,
      plan,
      boards,
      by ?? "the cluster file",
      at === null ? "-" : ago(now - at),
    ]),
  );
}

function serversInWords({ kind, servers: { dhcp, tftp, http } }: BootAnswer): string {
  if (kind === "none") return "none: boards boot from another machine (start the head with --boot)";
  const parts = [
    dhcp === null
      ? "no DHCP (another server gives the addresses)"
      : `DHCP ${dhcp.address}:${dhcp.port} (${dhcp.mode}, ${dhcp.leases} leases, ${dhcp.poolFree} of ${dhcp.pool} free in the pool)`,
    ...(tftp === null ? [] : [`TFTP ${tftp.address}:${tftp.port}`]),
    ...(http === null ? [] : [`HTTP ${http.address}:${http.port}`]),
  ];
  return parts.join(", ");
}

function tookInWords({ boards, medianMs, slowestMs }: BootAnswer["took"]): string {
  if (medianMs === null || slowestMs === null) return "-";
  return `${(medianMs / 1000).toFixed(1)} s in the middle, ${(slowestMs / 1000).toFixed(1)} s at most (${boards} boards)`;
}

function size(bytes: number): string {
  if (bytes < 10_000) return `${bytes} B`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `14:03:07.250`, of this computer's own zone. */
function clockTime(at: number): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}
