import type { PowerAnswer, PowerLimitsAnswer } from "@bramble/core/api";
import { foldNodeSet } from "@bramble/core/cluster";
import { namesOf } from "../parts/names.ts";

type Meter = PowerAnswer["meters"][number];

/** One limit with what is on it now, or several that are alike in all: `supply u[01-25]`. */
export type Load = PowerAnswer["limits"][number] & {
  /** How many limits these are. */
  readonly count: number;
  /** Watts of this moment, of one or from the least to the most of several; null where it is no limit in watts. */
  readonly now: { readonly least: number; readonly most: number; readonly isMeasured: boolean } | null;
  /** How far its cut-out has gone. */
  readonly stage: Meter["stage"];
  /** Used at full work, as a part of what is allowed for long. */
  readonly share: number;
  /** What it is and what it follows from; null before the head has told. */
  readonly why: PowerLimitsAnswer["limits"][number] | null;
};

/** So many supplies and breakers are shown at once. */
const mostShown = 6;

/** Every limit with its reason: the site, then profiles, then the others by how much of them is used; alike ones once. */
export function loadsOf(
  { limits, meters }: Pick<PowerAnswer, "limits" | "meters">,
  reasons: PowerLimitsAnswer["limits"],
): readonly Load[] {
  const meterOf = new Map(meters.map((meter) => [meter.limit, meter]));
  const byName = new Map(reasons.flatMap((reason) => spelt(reason.limit).map((name) => [name, reason] as const)));
  const alike = Map.groupBy(limits, ({ limit, used, allowed, peak }) => {
    const meter = meterOf.get(limit);
    const kind = limit.split(" ")[0];
    return [kind, used, allowed, peak, meter?.isMeasured, meter?.stage, byName.get(limit)?.value].join(" ");
  });
  const loads = [...alike.values()].map((same): Load => {
    const [first] = same;
    const told = same.flatMap(({ limit }) => meterOf.get(limit) ?? []);
    return {
      ...first!,
      ...{ limit: nameOf(same.map(({ limit }) => limit)), count: same.length },
      ...{ now: nowOf(told), stage: told[0]?.stage ?? "kept" },
      ...{ share: shareOf(first!), why: byName.get(first!.limit) ?? null },
    };
  });
  return loads.sort((a, b) => rank(a) - rank(b) || b.share - a.share);
}

/** Those to be seen at once, and those behind a fold. What is over its limit, or was cut, is always seen. */
export function shownLoads(loads: readonly Load[]): {
  readonly shown: readonly Load[];
  readonly rest: readonly Load[];
} {
  const first = loads.filter(({ share, stage }, at) => at < mostShown || share > 1 || stage !== "kept");
  return { shown: first, rest: loads.filter((load) => !first.includes(load)) };
}

/** Reasons that stand for no load: waves, stagger, rules of the owners. */
export function otherReasons(
  limits: PowerAnswer["limits"],
  reasons: PowerLimitsAnswer["limits"],
): PowerLimitsAnswer["limits"] {
  const known = new Set(limits.map(({ limit }) => limit));
  return reasons.filter(({ limit }) => spelt(limit).every((name) => !known.has(name)));
}

/** A limit's use as a part of what it allows. */
export function shareOf({ used, allowed }: { readonly used: number; readonly allowed: number }): number {
  return allowed > 0 ? used / allowed : used > 0 ? Number.POSITIVE_INFINITY : 0;
}

/** `supply u[01-25]` is 25 limits, told once. */
function spelt(limit: string): readonly string[] {
  const at = limit.indexOf(" ");
  if (at < 0) return [limit];
  return namesOf(limit.slice(at + 1)).map((name) => `${limit.slice(0, at)} ${name}`);
}

function nowOf(meters: readonly Meter[]): Load["now"] {
  const [first] = meters;
  if (first === undefined) return null;
  const figures = meters.map(({ watts }) => watts);
  return { least: Math.min(...figures), most: Math.max(...figures), isMeasured: first.isMeasured };
}

function nameOf(limits: readonly string[]): string {
  const [first = ""] = limits;
  const at = first.indexOf(" ");
  return limits.length === 1 ? first : `${first.slice(0, at)} ${foldNodeSet(limits.map((each) => each.slice(at + 1)))}`;
}

function rank({ limit }: Load): number {
  return limit === "site" ? 0 : limit.startsWith("profile ") ? 1 : 2;
}
