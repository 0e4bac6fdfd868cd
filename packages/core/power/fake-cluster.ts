import type { BoardSlot, Cluster, Group, Need, Outlet, Supply } from "../cluster/index.ts";

/** One circuit of a cluster made up for a test: an outlet, what it feeds and how many boards of its own it has. */
export type FakeCircuit = {
  readonly id: string;
  readonly feeds?: readonly string[];
  readonly boards?: number;
  readonly alwaysOn?: boolean;
  /** The id of an earlier circuit whose outlet feeds this one. */
  readonly behind?: string;
  readonly replug?: boolean;
  /** What its boards hang on; without it they need none. */
  readonly supply?: { readonly watts: number; readonly peakWatts: number };
};

/** What else a cluster for tests may have. */
export type FakeTerms = {
  readonly needs?: readonly (Pick<Need, "what" | "needs"> & Partial<Need>)[];
  readonly waveBoards?: number;
  readonly profiles?: Cluster["limits"]["profiles"];
  readonly siteAmps?: number;
  /** The breaker of every PDU. */
  readonly breakerAmps?: number | null;
  readonly stagger?: Cluster["limits"]["stagger"];
  readonly devices?: Cluster["devices"];
};

/** A resolved cluster for tests: eight outlets a PDU, boards in the order of the circuits. */
export function fakeCluster(
  circuits: readonly FakeCircuit[],
  {
    needs = [],
    waveBoards = 42,
    profiles,
    siteAmps = 200,
    breakerAmps = null,
    stagger = { outletsMs: 5000, wattsPerSecond: 250 },
    devices = [],
  }: FakeTerms = {},
): Cluster {
  const boards: BoardSlot[] = [];
  const outlets: Outlet[] = [];
  const groups: Group[] = [];
  const supplies: Supply[] = [];
  const outletOf = new Map<string, string>();
  for (const [at, circuit] of circuits.entries()) {
    const pdu = `pdu${Math.floor(at / 8)}`;
    const id = `${pdu}.${(at % 8) + 1}`;
    const names: string[] = [];
    for (let n = 0; n < (circuit.boards ?? 0); n++) {
      const name = `b${String(boards.length + 1).padStart(4, "0")}`;
      boards.push({
        index: boards.length,
        name,
        model: "pi3b+",
        rack: "r1",
        bank: "k01",
        slot: boards.length + 1,
        switch: null,
        port: null,
        address: null,
        addressKnown: false,
        mac: null,
        supply: circuit.supply === undefined ? null : `u-${circuit.id}`,
        group: circuit.id,
        watts: { max: 5, idle: 1.9, inrush: 7.5 },
      });
      names.push(name);
    }
    outlets.push({
      id,
      pdu,
      number: (at % 8) + 1,
      circuit: circuit.id,
      feeds: circuit.feeds ?? [],
      boards: names,
      alwaysOn: circuit.alwaysOn ?? false,
      behind: circuit.behind === undefined ? null : outletOf.get(circuit.behind)!,
      replug: circuit.replug ?? false,
    });
    outletOf.set(circuit.id, id);
    if (circuit.supply !== undefined)
      supplies.push({ id: `u-${circuit.id}`, ports: 60, ...circuit.supply, circuit: circuit.id, boards: names });
    if (names.length > 0) groups.push({ id: circuit.id, outlet: id, boards: names });
  }
  const withInner = (outlet: Outlet): readonly string[] => [
    ...outlet.boards,
    ...outlets.filter(({ behind }) => behind === outlet.id).flatMap(withInner),
  ];
  const pdus = [...new Set(outlets.map(({ pdu }) => pdu))].map((id) => ({
    id,
    model: "test",
    driver: "simulated",
    address: null,
    outlets: 8,
    watts: null,
    breakerAmps,
    settings: {},
  }));
  return {
    name: "test",
    description: "",
    timezone: "UTC",
    network: { cidr: "10.0.0.0/16", gateway: null, head: "10.0.0.10", pool: [] },
    boot: { plan: "live", image: null, root: null, plans: [] },
    limits: {
      waveBoards,
      profiles: profiles ?? [{ name: "default", boards: boards.length, onlyIn: null, from: null }],
      boot: { expect: 42, accept: 37, retries: 3, settleMs: 90_000 },
      stagger,
      thermal: { warnC: 70, alarmC: 80, cutC: 85, sustainMs: 60_000 },
      supply: { amps: siteAmps, volts: 120 },
      loadMax: 0.8,
    },
    racks: [],
    banks: [],
    switches: [],
    supplies,
    pdus,
    outlets: outlets.map((outlet) => ({ ...outlet, boards: withInner(outlet) })),
    groups,
    boards,
    devices,
    needs: needs.map((need) => ({ start: null, ready: null, timeoutMs: null, ...need })),
    rules: [],
    roles: [],
    strays: [],
  };
}
