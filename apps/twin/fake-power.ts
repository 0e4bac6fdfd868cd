/** What the pretend head tells of power: a small graph that is switched, plans that step on, a journal. */
import type { LayoutAnswer, PostPowerPlanBody, PowerAnswer, PowerOutletBody } from "@bramble/core/api";
import { expandNames, foldNodeSet } from "@bramble/core/cluster";
import type { StateKind } from "@bramble/core/observe";
import type { BoardRow } from "@bramble/core/show";
import { createFakePlans } from "./fake-power-plans.ts";

/** What the answers are made of. */
export type FakePowerParts = {
  readonly layout: LayoutAnswer;
  readonly rows: readonly BoardRow[];
  /** Put boards into a state. */
  readonly set: (state: StateKind, indexes: readonly number[]) => void;
};

/** Answers under /power; null for any other path. */
export type FakePower = Disposable & {
  answer(
    method: string,
    path: string,
    query: URLSearchParams,
    body: () => Promise<unknown>,
  ): Promise<{ status: number; body: unknown } | null>;
  /** Plans stand still until they are let go. */
  hold(isHeld: boolean): void;
  /** The nightly shutdown comes so soon. */
  dueIn(minutes: number): void;
};

const dayMs = 86_400_000;
const limitReasons = [
  {
    limit: "site",
    value: "19200 W (80 % of 200 A at 120 V) steady, 24000 W for less than a second",
    from: "steady load counts all boards at full work; the second after a start counts their inrush",
    open: "the file gives no watts for fans, sound: no sum counts them",
  },
  {
    limit: "breaker pdu[0-7]",
    value: "1440 W (80 % of 1800 W) steady, 1800 W for less than a second",
    from: "steady load counts all boards at full work; the second after a start counts their inrush",
    open: null,
  },
  {
    limit: "supply u[01-25]",
    value: "240 W (80 % of 300 W) steady, 360 W for less than a second",
    from: "steady load counts all boards at full work; the second after a start counts their inrush",
    open: null,
  },
  { limit: "profile venue", value: "1050 boards", from: "every board of the file", open: null },
  { limit: "wave", value: "42 boards start at once", from: "the file's wave; 37 of 42 are enough", open: null },
  {
    limit: "rule back-switch",
    value: "the back switch is needed for banks 2 and 4",
    from: "the owners' documents",
    open: "pdu2 outlet 1 feeds banks 3 and 4 by the list of outlets; until it is answered every group of r2, r3, r4 waits for pdu0.2, so a plan is safe under both readings",
  },
] as const;

/** Power that is made up. One outlet lies, one PDU does not answer. */
export function createFakePower({ layout, rows, set }: FakePowerParts): FakePower {
  const boards = layout.boards.filter(({ bank }) => bank !== null);
  const groups = Array.from({ length: Math.ceil(boards.length / 42) }, (_, at) => ({
    id: `g${pad(at + 1)}`,
    outlet: `pdu${1 + Math.floor(at / 4)}.${1 + (at % 4)}`,
    names: boards.slice(at * 42, at * 42 + 42).map(({ name }) => name),
  }));
  const others = [
    { id: "pdu0.1", circuit: "c-server", feeds: ["server"], watts: 112 },
    { id: "pdu0.2", circuit: "c-core", feeds: ["core-front"], watts: 56 },
    { id: "pdu0.4", circuit: "c-fans", feeds: ["fans"], watts: 31 },
    { id: "pdu0.5", circuit: "c-misc", feeds: ["netlight", "sound"], watts: 4 },
  ];
  const on = new Set([...others.map(({ id }) => id), ...groups.map(({ outlet }) => outlet)]);
  const indexOf = new Map(layout.boards.map(({ name, index }) => [name, index]));
  const isUp = (name: string): boolean => rows[indexOf.get(name)!]?.state === "up";
  let dueAt = Date.now() + 7.4 * 3_600_000;
  let snoozedUntil: number | null = null;

  /** Boards of a node set of the kinds that tests use; null where it is none. */
  const boardsOf = (text: string): string[] | null => {
    const found = text.split(/,(?![^[]*\])/).map((part) => {
      if (part === "all") return boards.map(({ name }) => name);
      const group = groups.find(({ id }) => part === `@${id}`);
      if (group !== undefined) return group.names;
      if (part.startsWith("@")) {
        const bank = boards.filter((board) => part === `@${board.bank}`).map(({ name }) => name);
        return bank.length === 0 ? null : bank;
      }
      const names = expandNames(part, 5000);
      if (names.kind !== "ok") return null;
      const zeros = names.names.map((name) => name.replace(/^b(\d+)$/, (_, digits) => `b${digits.padStart(4, "0")}`));
      return zeros.every((name) => indexOf.has(name)) ? zeros : null;
    });
    return found.includes(null) ? null : [...new Set(found.flatMap((each) => each ?? []))];
  };
  const turn = (outlet: string, want: boolean): void => {
    if (want) on.add(outlet);
    else on.delete(outlet);
    const names = groups.find((group) => group.outlet === outlet)?.names ?? [];
    set(
      want ? "up" : "off",
      names.map((name) => indexOf.get(name)!),
    );
  };
  const watts = (): number => outlets().reduce((sum, outlet) => sum + (outlet.watts ?? 0), 0);
  const plans = createFakePlans({ groups, others, on, isUp, turn, boardsOf, watts });

  const outlets = (): PowerOutletBody[] => [
    ...others.map(({ id, circuit, feeds, watts }) =>
      outletOf(id, circuit, { feeds, watts: on.has(id) ? watts : 0, most: watts, alwaysOn: id === "pdu0.5" }),
    ),
    ...groups.map(({ id, outlet, names }, at) => {
      const up = names.filter(isUp).length;
      const isAway = at >= 24;
      return outletOf(outlet, id, {
        ...{
          feeds: [`u${pad(at + 1)}`, `s${pad(at + 1)}`],
          group: id,
          set: foldNodeSet(names),
          boards: names.length,
          up,
        },
        ...{ watts: isAway ? null : on.has(outlet) ? 56 + up * 2.1 : 0, most: 56 + names.length * 5 },
        ...(isAway ? { on: null, error: "pdu7: no route to 10.0.0.17" } : {}),
        needs: ["pdu0.2", "pdu0.4"],
        doubted: at === 9 ? "reads on for 72 s, but none of its 42 boards shows life while 966 elsewhere are up" : null,
      });
    }),
  ];
  const outletOf = (id: string, circuit: string, news: Partial<PowerOutletBody>): PowerOutletBody => ({
    ...{ id, circuit, pdu: id.split(".")[0]!, feeds: [], group: null, set: null, boards: 0, up: 0, on: on.has(id) },
    ...{ watts: 0, most: 0, behind: null, needs: [], alwaysOn: false, error: null, doubted: null },
    ...news,
  });

  const answer = (): PowerAnswer => {
    const all = outlets();
    const pdus = [...new Set(all.map(({ pdu }) => pdu))];
    const ofPdu = (pdu: string) => all.filter((outlet) => outlet.pdu === pdu);
    const sum = (some: readonly PowerOutletBody[], of: "watts" | "most"): number =>
      Math.round(some.reduce((total, outlet) => total + (outlet.on === false ? 0 : (outlet[of] ?? 0)), 0) * 10) / 10;
    const measured = new Map([
      ["site", sum(all, "watts")],
      ...pdus.filter((id) => id !== "pdu7").map((id) => [`breaker ${id}`, sum(ofPdu(id), "watts")] as const),
    ]);
    const limit = (name: string, used: number, allowed: number, peak: number) =>
      ({ limit: name, unit: "W", kind: "steady", used, allowed, peak }) as const;
    const limits: PowerAnswer["limits"] = [
      limit("site", sum(all, "most"), 19_200, 24_000),
      ...pdus.map((id) => limit(`breaker ${id}`, sum(ofPdu(id), "most"), 1440, 1800)),
      ...groups.map(({ outlet }, at) => limit(`supply u${pad(at + 1)}`, on.has(outlet) ? 210 : 0, 240, 360)),
      {
        ...({ limit: "profile venue", unit: "boards", kind: "steady", peak: null } as const),
        ...{
          used: groups.filter(({ outlet }) => on.has(outlet)).flatMap(({ names }) => names).length,
          allowed: 1050,
        },
      },
    ];
    return {
      ...{ now: Date.now(), speed: 1, outlets: all, watts: sum(all, "watts"), volts: 120, loadMax: 0.8 },
      pdus: pdus.map((id) => ({
        ...{ id, driver: "synaccess-telnet", watts: id === "pdu7" ? null : sum(ofPdu(id), "watts") },
        error: id === "pdu7" ? "pdu7: no route to 10.0.0.17" : null,
      })),
      limits,
      meters: limits.flatMap(({ limit, unit, used, allowed, peak }) =>
        unit === "W"
          ? {
              limit,
              watts: measured.get(limit) ?? used,
              isMeasured: measured.has(limit),
              allowed,
              rating: peak ?? allowed,
              stage: "kept",
            }
          : [],
      ),
      things: [
        ...groups.flatMap((_, at) => [
          { id: `u${pad(at + 1)}`, kind: "supply" },
          { id: `s${pad(at + 1)}`, kind: "switch" },
        ]),
        ...["server", "fans"].map((id) => ({ id, kind: id })),
        ...[
          { id: "core-front", kind: "switch" },
          { id: "netlight", kind: "pixels" },
          { id: "sound", kind: "speaker" },
        ],
      ],
      running: plans.running(),
      recent: plans.list(20, null).plans,
      schedules: [
        {
          ...{ id: "nightly", what: "shutdown all", at: "00:00", zone: "America/Los_Angeles", enabled: true },
          ...{ warnMinutes: [30, 10, 1], reason: "power bill", next: dueAt, snoozedUntil },
        },
      ],
      energy: Array.from({ length: 9 }, (_, at) => {
        const kWh = at === 0 ? 31.2 : 74 + 9 * Math.sin(at * 2.2);
        const day = new Date(Date.now() - at * dayMs).toISOString().slice(0, 10);
        return { day, kWh: Math.round(kWh * 1000) / 1000, cost: Math.round(kWh * 31) / 100, isMeasured: true };
      }),
      pricePerKwh: 0.31,
      profiles: [{ name: "venue", boards: boards.length, onlyIn: null }],
    };
  };

  return {
    async answer(method, path, query, body) {
      if (!path.startsWith("/power")) return null;
      const ok = (body: unknown, status = 200) => ({ status, body });
      if (path === "/power") return ok(answer());
      if (path === "/power/limits") return ok({ limits: limitReasons });
      if (path === "/power/trace") return ok({ speed: 1, trace: plans.trace() });
      if (path === "/power/set") {
        const names = boardsOf(query.get("set") ?? "");
        if (names === null)
          return wrong(400, "input.node-set", `"${query.get("set")}" is no node set: there is none so`);
        const own = groups.filter((group) => group.names.some((name) => names.includes(name)));
        const up = names.filter(isUp).length;
        return ok({ set: foldNodeSet(names), boards: names.length, up, groups: own.map(({ id }) => id) });
      }
      if (path.endsWith("/snooze")) {
        dueAt += ((await body()) as { minutes: number }).minutes * 60_000;
        snoozedUntil = dueAt;
        return ok(answer().schedules[0]);
      }
      if (path === "/power/plans" && method === "POST") return plans.post((await body()) as PostPowerPlanBody);
      if (path === "/power/plans") return ok(plans.list(Number(query.get("limit") ?? 50), query.get("cursor")));
      const [, id = "", what] = /^\/power\/plans\/(p\d+)(\/cancel)?$/.exec(path) ?? [];
      if (what === "/cancel") return ok(plans.cancel(id, ((await body()) as { undo?: boolean }).undo === true));
      const plan = plans.find(id);
      return plan === null ? wrong(404, "power.plan-unknown", `there is no plan ${id}`) : ok(plan);
    },
    hold: (isHeld) => plans.hold(isHeld),
    dueIn: (minutes) => {
      dueAt = Date.now() + minutes * 60_000;
    },
    [Symbol.dispose]: () => plans[Symbol.dispose](),
  };
}

/** An error as the head tells it. */
export function wrong(status: number, code: string, message: string) {
  return { status, body: { error: { code, message, hint: "" } } };
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
