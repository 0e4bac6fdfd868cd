import { existsSync } from "node:fs";
import { messageOf } from "@bramble/core/base";
import type { BurstRun, RateRun } from "./dhcp-load.ts";
import { runAtRate, runBurst } from "./dhcp-load.ts";
import type { Cable } from "./dhcp-net.ts";
import { layCable, plan } from "./dhcp-net.ts";
import type { Contender, Started } from "./dhcp-servers.ts";
import { contenders } from "./dhcp-servers.ts";
import { pause } from "./process.ts";
import type { Row } from "./row.ts";
import { notMeasured, reachedOrNot } from "./row.ts";

/**
 * DHCP against dnsmasq and Kea (memfile, persistent, one thread), each with 1050 pinned boards behind a relay, in namespaces
 * of their own; ours with its database. The order is rotated from round to round; ratios are medians of those of a round.
 */
export async function dhcp(rounds = 3): Promise<readonly Row[]> {
  const laid = layCable();
  if (typeof laid === "string") return [notMeasured("DHCP", "see DESIGN", laid)];
  using cable = laid;
  const { all, missing } = contenders();
  const found = new Map<Contender["name"], Found[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = all.map((_, n) => all[(n + round) % all.length]!);
    for (const contender of order) {
      const own = found.get(contender.name)!;
      own.push(await measure(contender, cable, own.at(-1) ?? null));
    }
  }
  return [burstRow(found, missing), rateRow(found, missing), cpuRow(found, missing)];
}

/** What one server gave in one round; a rate of null where perfdhcp is not installed. */
type Found = { readonly burst: BurstRun; readonly best: RateRun | null };
type AllFound = ReadonlyMap<Contender["name"], readonly Found[]>;

async function measure(contender: Contender, cable: Cable, before: Found | null): Promise<Found> {
  await using server = await contender.start(cable);
  const burst = await runBurst(cable);
  if (!existsSync("/usr/sbin/perfdhcp")) return { burst, best: null };
  return { burst, best: await highestRate(cable, server, before?.best?.askedPerSecond ?? null) };
}

/** The highest rate of which less than 1 % is lost, to a seventh; a rate has failed when it failed twice. */
async function highestRate(cable: Cable, server: Started, before: number | null): Promise<RateRun | null> {
  const near = before === null ? null : Math.round(Math.log(before / leastRate) / Math.log(step));
  // Warm, as a server is that runs for weeks.
  await runAtRate(cable, server, leastRate, 2);
  let best: RateRun | null = null;
  let low = near === null ? 0 : Math.max(0, near - 3);
  let high = near === null ? steps : near + 4;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const run = await passes(cable, server, Math.round(leastRate * step ** middle));
    if (run === null) high = middle;
    else {
      best = run;
      low = middle + 1;
    }
  }
  return best;
}

async function passes(cable: Cable, server: Started, rate: number): Promise<RateRun | null> {
  for (let times = 0; times < 2; times++) {
    const run = await runAtRate(cable, server, rate).catch((thrown) => {
      process.stderr.write(`${messageOf(thrown)}\n`);
      return null;
    });
    // What an overloaded server still has in its buffer is not the next run's.
    await pause(500);
    if (run !== null && run.lost < 0.01) return run;
  }
  return null;
}

const leastRate = 100;
const step = 1.15;
const steps = 40;

function burstRow(found: AllFound, missing: readonly string[]): Row {
  const bursts = (name: Contender["name"]): readonly BurstRun[] => (found.get(name) ?? []).map(({ burst }) => burst);
  const tell = (name: Contender["name"]): string => {
    const runs = bursts(name);
    const answered = runs.map((run) => run.answered).join(" / ");
    return `${answered} of ${plan.boards}, worst ${runs.map(({ worst }) => worst.toFixed(0)).join(" / ")} ms`;
  };
  const ours = bursts("bramble");
  const isReached = ours.every(
    ({ answered, worst, doubled }) => answered === plan.boards && worst < 100 && doubled === 0,
  );
  return {
    what: `DHCP, ${plan.boards} boards ask in one instant, cold server`,
    measured: tell("bramble"),
    peer: peers(found, missing, tell),
    budget: "all on the first try, worst < 100 ms",
    ...reachedOrNot(isReached, "the bench plays all boards on the other core, and its own time counts"),
  };
}

function rateRow(found: AllFound, missing: readonly string[]): Row {
  const rates = (name: Contender["name"]): readonly number[] =>
    (found.get(name) ?? []).map(({ best }) => best?.askedPerSecond ?? Number.NaN);
  const what = "DHCP, conversations a second, < 1 % lost";
  const budget = ">= 25 x dnsmasq, >= 1.2 x Kea";
  if (found.get("bramble")!.some(({ best }) => best === null))
    return notMeasured(
      what,
      budget,
      "perfdhcp is not installed (Debian: apt-get install kea-common), or nothing got through",
    );
  const over = (name: Contender["name"]): number => ratio(rates("bramble"), rates(name));
  return {
    what,
    measured: rates("bramble").join(" / "),
    peer: peers(found, missing, (name) => `${rates(name).join(" / ")}, ${over(name).toFixed(1)} times`),
    budget,
    ...reachedOrNot(over("dnsmasq") >= 25 && over("kea") >= 1.2, "what a profile said stands in docs/bench.md"),
  };
}

function cpuRow(found: AllFound, missing: readonly string[]): Row {
  const costs = (name: Contender["name"]): readonly number[] =>
    (found.get(name) ?? []).map(({ best }) => best?.cpuSecondsPerThousand ?? Number.NaN);
  const tell = (name: Contender["name"]): string =>
    costs(name)
      .map((cost) => cost.toFixed(3))
      .join(" / ");
  const over = ratio(costs("bramble"), costs("kea"));
  return {
    what: "DHCP, CPU seconds a thousand conversations, at that rate",
    measured: tell("bramble"),
    peer: peers(found, missing, tell),
    budget: "<= 0.6 x Kea",
    ...reachedOrNot(over <= 0.6, `${over.toFixed(2)} times`),
  };
}

function peers(found: AllFound, missing: readonly string[], tell: (name: Contender["name"]) => string): string {
  const names = [...found.keys()].filter((name) => name !== "bramble");
  return [...names.map((name) => `${name} ${tell(name)}`), ...missing].join("; ");
}

/** The median of the ratios of each round; NaN, which reaches nothing, without a peer. */
function ratio(ours: readonly number[], theirs: readonly number[]): number {
  const ratios = ours.map((value, round) => value / (theirs[round] ?? Number.NaN)).sort((a, b) => a - b);
  return ratios[Math.floor(ratios.length / 2)] ?? Number.NaN;
}
