import type { Cluster, Rule } from "../cluster/index.ts";
import { deriveTruths, foldNodeSet } from "../cluster/index.ts";
import { type PowerGraph, powerGraph } from "./graph.ts";
import { loadBook } from "./load.ts";

/** One limit of a cluster, where it comes from, and what about it nobody knows yet. */
export type LimitReason = {
  /** `site`, `profile garage`, `breaker pdu1`, `wave`, `rule back-switch`, … */
  readonly limit: string;
  readonly value: string;
  /** What it follows from. */
  readonly from: string;
  /** An open question to the owners, with what plans do until it is answered; null where nothing is open. */
  readonly open: string | null;
};

/** Every limit that plans keep, and why it is what it is. Limits that are alike are told once. */
export function explainLimits(cluster: Cluster): readonly LimitReason[] {
  const graph = powerGraph(cluster);
  return [
    ...profileReasons(cluster),
    ...wattReasons(graph),
    ...waveReasons(cluster),
    ...staggerReasons(cluster),
    ...cluster.rules.flatMap((rule) => conflictReason(graph, rule)),
  ];
}

function profileReasons(cluster: Cluster): readonly LimitReason[] {
  const truths = deriveTruths(cluster);
  const halves = truths.halves.filter(({ boards }) => boards > 0);
  return truths.profiles.map((profile): LimitReason => {
    const { onlyIn } = cluster.limits.profiles.find(({ name }) => name === profile.name)!;
    const same = halves.filter(({ boards }) => boards === profile.boards);
    const wiring = same.map(({ circuit, sum, outlet }) => `${circuit} on ${outlet} (${sum})`);
    const parts = [
      profile.from ?? (profile.boards === truths.boards.total ? "every board of the file" : "a number of the file"),
      ...(wiring.length === 0 ? [] : [`it is one outlet's worth: ${wiring.join(", ")}`]),
      ...(onlyIn === null ? [] : [`only in ${onlyIn}`]),
      ...profile.against.map((why) => `against it: ${why}, so a plan for all of them is cut down or refused`),
    ];
    return { limit: `profile ${profile.name}`, value: `${profile.boards} boards`, from: parts.join("; "), open: null };
  });
}

function wattReasons(graph: PowerGraph): readonly LimitReason[] {
  const book = loadBook(graph);
  const inUse = book.limits.filter(
    (limit) =>
      limit.name === "site" ||
      limit.baseWatts > 0 ||
      graph.cluster.outlets.some(({ id }) => book.shares(id).some((share) => share.limit === limit)),
  );
  const alike = Map.groupBy(inUse, (limit) => `${limit.name.split(" ")[0]} ${limit.steadyText} ${limit.peakText}`);
  const { uncounted } = deriveTruths(graph.cluster).power;
  return [...alike.values()].map((limits): LimitReason => {
    const [first] = limits;
    const [kind, ...rest] = first!.name.split(" ");
    const ids = limits.map(({ name }) => name.slice(kind!.length + 1));
    return {
      limit: rest.length === 0 ? kind! : `${kind} ${foldNodeSet(ids)}`,
      value: `${first!.steadyText} steady, ${first!.peakText}`,
      from: "steady load counts all boards at full work; the second after a start counts their inrush",
      open:
        kind === "site" && uncounted.length > 0
          ? `the file gives no watts for ${uncounted.join(", ")}: no sum counts them`
          : null,
    };
  });
}

function waveReasons(cluster: Cluster): readonly LimitReason[] {
  const { waveBoards, boot } = cluster.limits;
  const large = cluster.groups.filter(({ boards }) => boards.length > waveBoards);
  const leads = cluster.outlets.filter(({ replug, boards }) => replug && boards.length > 0);
  const found: LimitReason[] = [
    {
      limit: "wave",
      value: `${waveBoards} boards start at once`,
      from: `the file's wave; ${boot.accept} of ${boot.expect} are enough, a shared outlet is cycled below that, ${boot.retries} times at most`,
      open: null,
    },
  ];
  if (large.length > 0)
    found.push({
      limit: "wave",
      value: `${large.map(({ id, boards }) => `${id} ${boards.length}`).join(", ")}: these start whole`,
      from: `one outlet feeds them, and an outlet cannot be divided${leads.length === 0 ? "" : `; only the leads ${leads.map(({ id }) => id).join(", ")} make waves of ${Math.max(...leads.map(({ boards }) => boards.length))}, of the half rack that they are plugged into`}`,
      open: null,
    });
  return found;
}

function staggerReasons(cluster: Cluster): readonly LimitReason[] {
  const { outletsMs, wattsPerSecond } = cluster.limits.stagger;
  return [
    {
      limit: "stagger",
      value: `${outletsMs / 1000} s between two outlets, at most ${wattsPerSecond} W more a second`,
      from: "the inrush of one start is over before the next begins",
      open: null,
    },
  ];
}

/** A rule that contradicts the file: what is open, and whether plans hold under both readings. */
function conflictReason(graph: PowerGraph, rule: Rule): readonly LimitReason[] {
  if (rule.conflict === null) return [];
  const { cluster } = graph;
  const words = `${rule.text ?? ""} ${rule.conflict}`;
  const [, pdu, number] = /\b(pdu\d+) outlet (\d+)\b/i.exec(words) ?? [];
  const outlet = graph.outlets.get(`${pdu?.toLowerCase()}.${number}`);
  const said = [...words.matchAll(/\bbanks? (\d+)(?:(?:,| or| and) (\d+))*/gi)].flatMap(
    ([text]) => text.match(/\d+/g)!,
  );
  const racks = [...new Set(said)]
    .map((digits) => `r${digits}`)
    .filter((id) => cluster.racks.some((rack) => rack.id === id));
  const groups = cluster.groups.filter(({ boards }) => racks.includes(graph.boards.get(boards[0]!)!.rack));
  const loose = groups.filter((group) => outlet === undefined || !graph.before(group.outlet).has(outlet.id));
  let verdict = "plans follow the file's `depends`; check that they hold whichever is right";
  if (outlet !== undefined && groups.length > 0)
    verdict =
      loose.length === 0
        ? `until it is answered every group of ${racks.sort().join(", ")} waits for ${outlet.id}, so a plan is safe under both readings`
        : `a plan is not safe under both readings: ${loose.map(({ id }) => id).join(", ")} do not wait for ${outlet.id}`;
  return [
    {
      limit: `rule ${rule.id}`,
      value: rule.text ?? "",
      from: "the owners' documents",
      open: `${rule.conflict}; ${verdict}`,
    },
  ];
}
