import type { PowerAnswer, PowerLimitsAnswer, PowerPlanReply, PowerPlanSummary } from "@bramble/core/api";
import { ago, reading, table } from "../terminal.ts";

/** Node sets in short form; passed in, for the room that knows it takes long to load. */
export type Fold = (names: readonly string[]) => string;

/** What both forms of a plan tell. */
export type PlanFacts = Omit<PowerPlanSummary, "steps" | "stepsDone">;

type Planned = NonNullable<PowerPlanReply["plan"]>;
type Use = Planned["loads"][number];

/** What a plan would do, in a few lines; with `isLong` each step with its reason. */
export function describePlanned(plan: Planned, fold: Fold, isLong: boolean): string {
  const { boards, outlets, moves, waves, loads, collateral, notes } = plan;
  const lines = [
    `${count(boards.length, "board")} (${short(fold(boards))}), ${count(outlets.length, "outlet")} in ${count(moves, "move")}${waves > 0 ? `, ${count(waves, "wave")}` : ""}`,
  ];
  for (const { outlet, boards: along, working } of collateral) {
    const work = working.length === 0 ? "" : `; ${count(working.length, "board")} of them at work`;
    lines.push(`  along with ${outlet}: ${short(fold(along))}${work}`);
  }
  // An outlet that feeds more boards than a wave may have is no broken limit: a note of the plan tells why.
  const tight = tightest(loads.filter(({ limit, used, allowed }) => limit !== "wave" || used <= allowed));
  if (tight !== null) lines.push(`  nearest to its limit: ${useInWords(tight)}`);
  lines.push(...notes.map((note) => `  note: ${note}`));
  if (!isLong) return lines.join("\n");
  for (const { title, from, to } of plan.phases) {
    lines.push("", title);
    for (const step of plan.steps.slice(from, to)) lines.push(`  ${step.what}\n      why: ${step.why}`);
  }
  return lines.join("\n");
}

/** Why there is no plan, and what can be done instead. */
export function describeRefusal({ problems, alternatives }: PowerPlanReply): string {
  return [
    ...problems.map(({ message, limit, hint }) => `${message}${limit === null ? "" : ` (${limit})`}\n  ${hint}`),
    ...alternatives.map(({ message }) => `  instead: ${message}`),
  ].join("\n");
}

/** How a plan ended, with what is missing by the step at which it stopped. */
export function describeEnd(plan: PlanFacts, fold: Fold): string {
  const took = plan.endedAt === null ? "" : `, after ${ago(plan.endedAt - plan.at)}`;
  const lines = [`plan ${plan.id} ${plan.state}${took}: ${plan.message}`];
  const steps = Map.groupBy(plan.missing, ({ step }) => step);
  for (const [step, boards] of steps)
    lines.push(`  stopped at ${step}: ${fold(boards.map(({ board }) => board))} (${boards.length})`);
  return lines.join("\n");
}

/** Outlets, limits, plans and schedules, as text. `groups`: only outlets of these; null: all. */
export function describePower(power: PowerAnswer, groups: ReadonlySet<string> | null): string {
  const rows = outletsOf(power, groups).map(
    ({ id, on, feeds, circuit, boards, up, watts, most, doubted, error, alwaysOn }) => [
      id,
      on === null ? "?" : on ? "on" : "off",
      circuit,
      boards === 0 ? "-" : `${up} of ${boards}`,
      reading(watts, " W"),
      `${Math.round(most)} W`,
      [
        ...(alwaysOn ? ["always on"] : []),
        ...(doubted === null ? [] : [`NOT BELIEVED: ${doubted}`]),
        ...(error === null ? [] : [error]),
        ...(boards === 0 && feeds.length > 0 ? [feeds.join(", ")] : []),
      ].join("; "),
    ],
  );
  const parts = [table(["OUTLET", "IS", "CIRCUIT", "UP", "DRAWS", "AT MOST", "REMARK"], rows)];
  if (groups !== null) return parts.join("\n");
  const away = power.pdus.filter(({ error }) => error !== null);
  if (away.length > 0) parts.push(away.map(({ id, error }) => `${id} cannot be used: ${error}`).join("\n"));
  parts.push(limitTable(power));
  for (const plan of power.running) parts.push(`${planInWords(plan)}`);
  if (power.running.length === 0 && power.recent[0] !== undefined) parts.push(`last ${planInWords(power.recent[0])}`);
  for (const { what, at, zone, enabled, next } of power.schedules) {
    if (!enabled) continue;
    const when = next === null ? "" : `, next in ${ago(next - power.now)}`;
    parts.push(`${what}: ${at === null ? "when an operator says so" : `at ${at} ${zone}${when}`}`);
  }
  if (power.energy.length > 0) parts.push(energyInWords(power));
  return parts.join("\n\n");
}

/** Those of these groups; null: all. */
export function outletsOf({ outlets }: PowerAnswer, groups: ReadonlySet<string> | null) {
  return outlets.filter(({ group }) => groups === null || (group !== null && groups.has(group)));
}

/** The newest days: energy, what it cost where the head knows a price, and whether meters say so. */
function energyInWords({ energy, pricePerKwh }: PowerAnswer): string {
  const isPriced = pricePerKwh !== null;
  const rows = energy
    .slice(0, mostDays)
    .map(({ day, kWh, cost, isMeasured }) => [
      day,
      `${kWh.toFixed(1)} kWh`,
      ...(isPriced ? [cost === null ? "-" : cost.toFixed(2)] : []),
      isMeasured ? "" : "by the file's figures",
    ]);
  const known = isPriced ? "" : "\nWhat it costs: `bramble head --price-per-kwh 0.31` tells it.";
  return `${table(["DAY", "ENERGY", ...(isPriced ? ["COST"] : []), ""], rows)}${known}`;
}

/** Each limit, what it follows from, and what nobody knows yet. */
export function describeLimits({ limits }: PowerLimitsAnswer): string {
  return limits
    .map(({ limit, value, from, open }) => {
      const question = open === null ? "" : `\n  OPEN: ${open}`;
      return `${limit}: ${value}\n  why: ${from}${question}`;
    })
    .join("\n");
}

/** The limit that is used most, or null where there is none. */
function tightest(loads: readonly Use[]): Use | null {
  const share = ({ used, allowed }: Use): number => (allowed > 0 ? used / allowed : Number.POSITIVE_INFINITY);
  return loads.reduce<Use | null>((worst, use) => (worst === null || share(use) > share(worst) ? use : worst), null);
}

/** `breaker pdu1: 1320 of 1440 W (92 %)`. */
function useInWords({ limit, unit, kind, used, allowed }: Use): string {
  const part = allowed > 0 ? ` (${Math.round((used / allowed) * 100)} %)` : "";
  return `${limit}${kind === "peak" ? ", for a second" : ""}: ${Math.round(used)} of ${Math.round(allowed)} ${unit}${part}`;
}

/** `380 W of 19200 W; at full work supply u03: 210 of 240 W (88 %)`: what is measured, and the limit that is used most. */
export function loadInWords({ watts, limits }: Pick<PowerAnswer, "watts" | "limits">): string | null {
  const steady = limits.filter(({ kind, unit }) => kind === "steady" && unit === "W");
  const use = tightest(steady);
  const site = steady.find(({ limit }) => limit === "site");
  const parts = [
    ...(watts === null
      ? []
      : [`${Math.round(watts)} W${site === undefined ? "" : ` of ${Math.round(site.allowed)} W`}`]),
    ...(use === null ? [] : [`at full work ${useInWords(use)}`]),
  ];
  return parts.length === 0 ? null : parts.join("; ");
}

/** `plan 7, up @k01, running: wave 1 of 1, 12 of 21 boards up; it waits …`. */
function planInWords(plan: PowerPlanSummary): string {
  const { id, action, set, state, message } = plan;
  return `plan ${id}, ${verbs[action]} ${set}, ${state}: ${progressInWords(plan)}; ${message}`;
}

/** `wave 3 of 25, 84 of 1050 boards up, about 6 min left`. */
export function progressInWords({ action, wave, waves, up, boards, leftMs, endedAt }: PlanFacts): string {
  return [
    ...(waves > 0 && wave > 0 ? [`wave ${wave} of ${waves}`] : []),
    action === "off" ? `${boards - up} of ${count(boards, "board")} dark` : `${up} of ${count(boards, "board")} up`,
    ...(leftMs === null || leftMs < 1000 || endedAt !== null ? [] : [`about ${ago(leftMs)} left`]),
  ].join(", ");
}

/** What a person says for an action. */
export const verbs = { on: "up", off: "down", cycle: "cycle" } as const;

/** Limits that are alike stand in one row, under the name of the first. */
function limitTable({ limits, watts }: PowerAnswer): string {
  const alike = Map.groupBy(limits, ({ limit, kind, unit, used, allowed }) =>
    [limit.split(" ")[0], kind, unit, Math.round(used), Math.round(allowed)].join("/"),
  );
  const uses = [...alike.values()]
    .map((some) => ({ ...some[0]!, others: some.length - 1 }))
    .sort((a, b) => b.used / b.allowed - a.used / a.allowed);
  const rows = uses
    .slice(0, mostLimits)
    .map((use) => [
      use.others === 0 ? use.limit : `${use.limit} and ${use.others} alike`,
      use.kind === "peak" ? "a second" : "steady",
      `${Math.round(use.used)} ${use.unit}`,
      `${Math.round(use.allowed)} ${use.unit}`,
      bar(use.used / use.allowed, 20),
    ]);
  const more = uses.slice(mostLimits).reduce((sum, { others }) => sum + 1 + others, 0);
  const rest = more > 0 ? `\n… and ${more} limits that are used less (--json)` : "";
  const measured = watts === null ? "" : `\nmeasured now: ${Math.round(watts)} W`;
  return `${table(["LIMIT", "FOR", "USED", "ALLOWED", ""], rows)}${rest}${measured}`;
}

/** `█████░░░░░  48 %`. */
export function bar(part: number, width: number): string {
  const share = Number.isFinite(part) ? Math.min(1, Math.max(0, part)) : 0;
  const full = Math.round(share * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${Math.round((Number.isFinite(part) ? part : 0) * 100)} %`;
}

/** `1 board`, `42 boards`. */
export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

const mostLimits = 12;
const mostDays = 7;
