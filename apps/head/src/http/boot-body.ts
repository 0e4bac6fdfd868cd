import type { BootAnswer, LaneAnswer } from "@bramble/core/api";
import type { Clock } from "@bramble/core/base";
import type { BootStep, Diagnosis, LaneState } from "@bramble/core/boot";
import { bootSteps, bootTook, clientInWords, eventInWords, tookOf } from "@bramble/core/boot";
import type { Cluster } from "@bramble/core/cluster";
import { foldNodeSet } from "@bramble/core/cluster";
import type { BootRoom } from "../boot/room.ts";
import type { Entry, Roster } from "../register/roster.ts";

/** What the answers about booting are made of. */
export type BootView = {
  readonly room: BootRoom;
  readonly roster: Roster;
  readonly cluster: Cluster;
  readonly clock: Clock;
};

/** How booting stands in all: `GET /boot`. */
export function bootBody({ room, roster, cluster, clock }: BootView): BootAnswer {
  const now = clock.monotonic();
  const judge = room.lanes.judge();
  const states = noStates();
  const steps: Record<string, number> = Object.fromEntries(["power", ...bootSteps].map((step) => [step, 0]));
  const groups = new Map<string, ReturnType<typeof noStates>>();
  const troubles = new Map<string, { found: Diagnosis; names: string[]; isStopped: boolean }>();
  const times: number[] = [];
  for (const entry of roster.all()) {
    if (entry.slot === null && entry.record === null) continue;
    const { lane } = room.lanes.of(entry);
    const { kind } = lane.state;
    states[kind]++;
    const group = entry.slot?.group ?? null;
    if (group !== null) groups.set(group, { ...(groups.get(group) ?? noStates()) });
    if (group !== null) groups.get(group)![kind]++;
    if (kind === "waiting" || kind === "booting") steps[lane.at ?? "power"]! += 1;
    if (kind === "up" && lane.attempt > 0) times.push(bootTook(lane, now) ?? 0);
    const found = judge(entry);
    if (found === null) continue;
    const isStopped = kind === "stopped";
    const key = `${found.step}/${found.fault}/${isStopped}`;
    const trouble = troubles.get(key) ?? { found, names: [], isStopped };
    trouble.names.push(entry.name);
    troubles.set(key, trouble);
  }
  times.sort((a, b) => a - b);
  return {
    now: clock.now(),
    kind: room.kind,
    servers: serversBody(room, cluster, clock.now()),
    images: imagesBody(room),
    problems: (room.images?.problems() ?? []).map(({ folder, problems }) => ({
      folder,
      problems: problems.slice(0, 20),
    })),
    states,
    steps,
    groups: [...groups]
      .filter(([, { waiting, booting, stopped }]) => waiting + booting + stopped > 0)
      .map(([group, { idle, waiting, booting, up, stopped }]) => ({
        ...{ group, boards: idle + waiting + booting + up + stopped, waiting, booting, up, stopped },
      })),
    troubles: [...troubles.values()]
      .toSorted((a, b) => b.names.length - a.names.length)
      .map(({ found, names, isStopped }) => ({
        ...{ ...found, boards: names.length, set: foldNodeSet(names), stopped: isStopped },
      })),
    alarms: room.alarms.now().map((alarm) => ({ ...alarm })),
    took: { boards: times.length, medianMs: times[times.length >> 1] ?? null, slowestMs: times.at(-1) ?? null },
  };
}

/** One board's lane in full: `GET /boot/lanes/:board`. */
export function laneBody(entry: Entry, { room, clock }: BootView): LaneAnswer {
  const { lane, events } = room.lanes.of(entry);
  const now = clock.monotonic();
  const start = clock.now() - now;
  const utc = <T extends number | null>(at: T) => (at === null ? null : Math.round(start + at)) as T;
  const { plan, from } = room.plans.planOf(entry.name);
  const { previous } = lane;
  return {
    board: entry.name,
    mac: entry.record?.mac ?? entry.slot?.mac ?? null,
    state: lane.state.kind,
    ...{ at: lane.at, attempt: lane.attempt, attemptsSincePower: lane.attemptsSincePower },
    ...{ poweredAt: utc(lane.poweredAt), begunAt: utc(lane.begunAt), heardAt: utc(lane.heardAt) },
    tookMs: whole(bootTook(lane, now)),
    client: lane.client === null ? null : clientInWords(lane.client),
    address: lane.address ?? entry.record?.address ?? null,
    plan: { plan, from },
    diagnosis: room.lanes.judge()(entry),
    steps: bootSteps.map((step: BootStep) => {
      const { begunAt, asks, bytes, resends, percent } = lane.steps[step];
      const previousMs = whole(previous?.stepMs[step] ?? null);
      return {
        step,
        begunAt: utc(begunAt),
        tookMs: whole(tookOf(lane.steps[step], now)),
        previousMs,
        asks,
        bytes,
        resends,
        percent,
      };
    }),
    files: lane.files.map(({ isRead: _, requestBytes: __, begunAt, heardAt, ...file }) => ({
      ...{ ...file, begunAt: utc(begunAt), heardAt: utc(heardAt) },
    })),
    events: events.map(({ at, event }) => ({ at: utc(at), what: eventInWords(event) })),
    previous:
      previous === null ? null : { outcome: previous.outcome, at: previous.at, tookMs: Math.round(previous.tookMs) },
  };
}

/** Addresses of the pool, and how many of them nobody has now. */
export function poolOf({ servers }: BootRoom, { network }: Cluster, now: number): { pool: number; poolFree: number } {
  const pool = new Set(network.pool);
  for (const { address, until } of servers?.leases() ?? []) if (until > now) pool.delete(address);
  return { pool: network.pool.length, poolFree: pool.size };
}

function serversBody(room: BootRoom, cluster: Cluster, now: number): BootAnswer["servers"] {
  if (room.servers === null) return { dhcp: null, tftp: null, http: null };
  const { dhcp, tftp, http } = room.servers;
  const at = ({ address, port }: { readonly address: string; readonly port: number }) => ({ address, port });
  return {
    dhcp:
      dhcp === null
        ? null
        : {
            ...at(dhcp),
            mode: dhcp.proxyPort === null ? "authoritative" : "proxy",
            leases: dhcp.counters().leases,
            ...poolOf(room, cluster, now),
            rogues: [...dhcp.rogues()],
            counts: { ...dhcp.counters() },
          },
    tftp: { ...at(tftp), counts: { ...tftp.counters() } },
    http: { ...at(http), counts: { ...http.counters() } },
  };
}

function imagesBody({ images }: BootRoom): BootAnswer["images"] {
  const checks = new Map(images?.checks().map((check) => [check.image, check]));
  return (images?.all() ?? []).map(({ manifest: { name, arch, builtAt } }) => {
    const { state = "checking", bad = [] } = checks.get(name) ?? {};
    return { name, arch, builtAt, check: state, bad: [...bad] };
  });
}

function noStates(): Record<LaneState["kind"], number> {
  return { idle: 0, waiting: 0, booting: 0, up: 0, stopped: 0 };
}

function whole(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
