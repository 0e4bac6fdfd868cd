/** What the pretend head tells of booting: lanes made up from the states of its boards. */
import type { BootAnswer, LaneAnswer, LanesAnswer, LayoutAnswer } from "@bramble/core/api";
import type { BootPlanKind, BootStep } from "@bramble/core/boot";
import { bootSteps, laneStates } from "@bramble/core/boot";
import type { BoardRow } from "@bramble/core/show";

/** What the answers are made of. */
export type FakeBootParts = {
  readonly layout: LayoutAnswer;
  readonly rows: readonly BoardRow[];
  /** When each board came into its state, ms UTC. */
  readonly since: readonly number[];
  readonly hasServers: boolean;
};

type Made = {
  readonly state: (typeof laneStates)[number];
  readonly at: number;
  readonly percent: number;
  readonly stepMs: readonly number[];
  readonly fault: keyof typeof faults | "";
};

/** Usual times of each step. */
const usualMs = [420, 90, 1300, 2900, 700, 5200, 3600, 6100, 1900, 60] as const;
const usualBytes = [0, 0, 52_476, 2_980_000, 31_000, 8_400_000, 11_200_000, 0, 0, 0] as const;

const faults = {
  "never-asked": {
    step: "power",
    cause: "It has power and never asked to boot: it starts from something else, or its network cable does nothing.",
    advice:
      "Take out the SD card and USB stick: they come first. Do the lights of its network port come on some five seconds after power? If not: cable, then the port of the switch, then the board.",
    source: "Raspberry Pi documentation, boot sequence",
  },
  "bootsig-stuck": {
    step: "bootcode",
    cause: "It has bootcode.bin and asked for nothing more: it hangs between the ROM and bootcode.bin.",
    advice:
      "Cycle its power; when many are powered within half a second this is common. If it is always the same board: cable, port, supply.",
    source: "raspberrypi/firmware issues 764, 937, 1124",
  },
  "kernel-cut": {
    step: "kernel",
    cause: "It stopped amid the kernel: 3.1 MB of 8.4 MB arrived, the rest was sent five times and never acknowledged.",
    advice:
      "Change its cable, then its port on the switch. If others behind the same switch stop here too: its uplink.",
    source: "what the servers saw",
  },
} as const;
const faultOfTurn = ["never-asked", "kernel-cut", "bootsig-stuck"] as const;

/** Answers under /boot; null for any other path. */
export type FakeBoot = (
  method: string,
  path: string,
  query: URLSearchParams,
  body: () => Promise<unknown>,
) => Promise<{ status: number; body: unknown } | null>;

/** Boots that are made up. */
export function createFakeBoot({ layout, rows, since, hasServers }: FakeBootParts): FakeBoot {
  const plans = new Map<string, BootPlanKind>();
  const groupOf = (index: number): string => `g${String(1 + Math.floor(index / 42)).padStart(2, "0")}`;
  const madeOf = (index: number): Made => make(rows[index]!, index, Date.now() - since[index]!);

  const answer = (): BootAnswer => {
    const states = { idle: 0, waiting: 0, booting: 0, up: 0, stopped: 0 };
    const steps: Record<string, number> = Object.fromEntries(["power", ...bootSteps].map((step) => [step, 0]));
    const groups = new Map<string, typeof states>();
    const names = new Map<keyof typeof faults, string[]>();
    for (const { index, name, bank } of layout.boards) {
      const { state, at, fault } = madeOf(index);
      const group = groups.get(groupOf(index)) ?? { idle: 0, waiting: 0, booting: 0, up: 0, stopped: 0 };
      states[state]++;
      if (bank !== null) groups.set(groupOf(index), group);
      group[state]++;
      if (state === "waiting" || state === "booting") steps[bootSteps[at] ?? "power"]! += 1;
      if (fault !== "") names.set(fault, [...(names.get(fault) ?? []), name]);
    }
    const where = (port: number) => ({ address: "172.20.10.1", port });
    return {
      now: Date.now(),
      kind: hasServers ? "simulated" : "none",
      servers: hasServers
        ? {
            dhcp: {
              ...where(67),
              ...{ mode: "authoritative", leases: 1051, pool: 64, poolFree: 63, rogues: [] },
              counts: { discovers: 2144, offers: 2139, requests: 1051, acks: 1051, naks: 0, declines: 0 },
            },
            tftp: {
              ...where(69),
              counts: {
                done: 9450,
                sentBytes: 23_800_000_000,
                resends: 214,
                probed: 5250,
                missing: 14_700,
                failed: 17,
              },
            },
            http: { ...where(8882), counts: { requests: 1051, sent: 1051 } },
          }
        : { dhcp: null, tftp: null, http: null },
      images: hasServers
        ? [{ name: "trixie-arm64", arch: "arm64", builtAt: "2026-11-20T10:00:00Z", check: "good", bad: [] }]
        : [],
      problems: [],
      states,
      steps,
      groups: [...groups].flatMap(([group, { idle, waiting, booting, up, stopped }]) =>
        waiting + booting + stopped === 0
          ? []
          : [{ group, boards: idle + waiting + booting + up + stopped, waiting, booting, up, stopped }],
      ),
      troubles: [...names].map(([fault, boards]) => ({
        ...{ ...faults[fault], fault, boards: boards.length, set: setOf(boards), stopped: true },
      })),
      alarms: [],
      took: { boards: states.up, medianMs: 22_300, slowestMs: 41_700 },
    };
  };

  const lanes = (query: URLSearchParams): LanesAnswer => {
    const set = query.get("set")?.split(",") ?? null;
    const wanted = query.get("state")?.split(",") ?? null;
    const isIn = (name: string, index: number, bank: string | null): boolean =>
      set === null || set.some((each) => each === name || each === `@${bank}` || each === `@${groupOf(index)}`);
    return {
      ...{ now: Date.now(), version: 1, states: [...laneStates], steps: [...bootSteps] },
      lanes: layout.boards.flatMap(({ name, index, bank }): LanesAnswer["lanes"] => {
        const { state, at, percent, stepMs, fault } = madeOf(index);
        if (!isIn(name, index, bank) || wanted?.includes(state) === false) return [];
        const took = stepMs.reduce((sum, ms) => sum + Math.max(0, ms), 0);
        const sent = usualBytes.slice(0, at + 1).reduce<number>((sum, bytes) => sum + bytes, 0);
        const resends = index % 13 === 4 ? 1 + (index % 5) : 0;
        const hundredths = stepMs.map((ms) => (ms < 0 ? -1 : Math.round(ms / 10)));
        return [
          [
            ...([name, laneStates.indexOf(state), at, at < 0 ? 0 : 1 + +(index % 29 === 7), percent] as const),
            ...([Math.ceil(sent / 1024), resends, at < 0 ? -1 : Math.round(took / 10), hundredths, fault] as const),
          ],
        ];
      }),
    };
  };

  const lane = (name: string): LaneAnswer | null => {
    const board = layout.boards.find((each) => each.name === name);
    if (board === undefined) return null;
    const { state, at, percent, stepMs, fault } = madeOf(board.index);
    const tookMs = stepMs.reduce((sum, ms) => sum + Math.max(0, ms), 0);
    const begunAt = Date.now() - tookMs;
    const files = at < 2 ? [] : filesOf(at, begunAt, fault !== "");
    const plan = plans.get(name);
    return {
      board: name,
      ...{ mac: "b8:27:eb:00:01:9b", state, at: bootSteps[at] ?? null, attempt: at < 0 ? 0 : 2 },
      ...{ attemptsSincePower: 1, poweredAt: begunAt - 2300, begunAt: at < 0 ? null : begunAt, heardAt: Date.now() },
      ...{ tookMs: at < 0 ? null : tookMs, client: at < 0 ? null : "Raspberry Pi 3b+ (ROM)", address: "172.20.20.35" },
      plan: plan === undefined ? { plan: "live", from: "file" } : { plan, from: "operator" },
      diagnosis: fault === "" ? null : { ...faults[fault], fault },
      steps: bootSteps.map((step, index) => ({
        step,
        begunAt: index > at ? null : begunAt,
        tookMs: index > at ? null : (stepMs[index] ?? null),
        previousMs: usualMs[index]! * 1.1,
        ...{ asks: index > at ? 0 : 1, bytes: index > at ? 0 : usualBytes[index]!, resends: index === 5 ? 3 : 0 },
        percent: index === at && percent >= 0 ? percent : null,
      })),
      files,
      events:
        at < 0
          ? []
          : [
              { at: begunAt, what: "DISCOVER of Raspberry Pi 3b+ (ROM)" },
              { at: begunAt + 4, what: "OFFER of 172.20.20.35" },
              ...files.map((file) => ({
                at: file.begunAt,
                what: `TFTP ${file.path}: ${file.outcome === "missing" ? "there is none" : `asked for, ${file.sizeBytes} octets`}`,
              })),
            ],
      previous: { outcome: "up", at: "registered", tookMs: 24_000 },
    };
  };

  return async (method, path, query, body) => {
    if (path === "/boot" && method === "GET") return { status: 200, body: answer() };
    if (path === "/boot/lanes") {
      if (!query.get("set")?.includes("nonsense")) return { status: 200, body: lanes(query) };
      return wrong(400, "input.node-set", '"@nonsense" is no node set', "There are @k01 to @k50.");
    }
    if (path === "/boot/plans" && method === "PUT") {
      const { set, plan } = (await body()) as { set: string; plan: BootPlanKind | null };
      if (set.startsWith("x-")) return wrong(409, "boot.stranger", `${set} is in no slot of the cluster file`, "");
      if (plan === null) plans.delete(set);
      else plans.set(set, plan);
      return { status: 200, body: { boards: 1 } };
    }
    const name = /^\/boot\/lanes\/(.+)$/.exec(path)?.[1];
    if (name === undefined) return null;
    const found = lane(decodeURIComponent(name));
    return found === null ? wrong(404, "board.unknown", `There is no board ${name}`, "") : { status: 200, body: found };
  };
}

function make({ state }: BoardRow, index: number, ageMs: number): Made {
  const jitter = (step: number): number =>
    Math.round(usualMs[step]! * (0.7 + (((index * 7919 + step * 104_729) % 97) / 97) * (index % 17 === 3 ? 2.2 : 0.7)));
  const through = (last: number): number[] => usualMs.slice(0, last + 1).map((_, step) => jitter(step));
  const onWay = (at: number, percent = -1): Made => ({
    ...{ state: "booting", at, percent, fault: "" },
    stepMs: [...through(at - 1), Math.min(ageMs, 60_000)],
  });
  switch (state) {
    case "off":
      return { state: "idle", at: -1, percent: -1, stepMs: [], fault: "" };
    case "powering":
      return { state: "waiting", at: -1, percent: -1, stepMs: [], fault: "" };
    case "leasing":
      return onWay(index % 2);
    case "loading": {
      const at = 2 + (index % 5);
      return onWay(at, at === 5 || at === 6 ? (index * 37 + Math.floor(ageMs / 50)) % 100 : -1);
    }
    case "starting":
      return onWay(7 + (index % 2));
    case "failed": {
      const fault = faultOfTurn[index % 5 === 0 ? 0 : index % 2 === 0 ? 1 : 2]!;
      const at = bootSteps.indexOf(faults[fault].step as BootStep);
      return { state: "stopped", at, percent: -1, fault, stepMs: through(at) };
    }
    default:
      return { state: "up", at: 9, percent: -1, fault: "", stepMs: through(9) };
  }
}

function filesOf(at: number, begunAt: number, isStopped: boolean): LaneAnswer["files"] {
  const asked = [
    ["bootcode.bin", 2, 52_476],
    ["bootsig.bin", 2, null],
    ["7f3c9a11/start.elf", 3, 2_980_000],
    ["7f3c9a11/fixup.dat", 3, 7266],
    ["7f3c9a11/config.txt", 4, 412],
    ["7f3c9a11/recovery.elf", 4, null],
    ["7f3c9a11/bcm2710-rpi-3-b-plus.dtb", 4, 31_000],
    ["7f3c9a11/kernel8.img", 5, 8_400_000],
    ["7f3c9a11/initrd.img", 6, 11_200_000],
  ] as const;
  const known = asked.filter(([, step]) => step <= at);
  return known.map(([path, step, sizeBytes], index) => {
    const isLast = index === known.length - 1 && at < 7;
    const outcome = sizeBytes === null ? "missing" : isLast ? (isStopped ? "failed" : "moving") : "done";
    return {
      ...{ path, by: "tftp", step: bootSteps[step]!, outcome, asks: index % 4 === 2 ? 2 : 1 },
      ...{ bytes: isLast ? Math.round((sizeBytes ?? 0) * 0.37) : (sizeBytes ?? 0), sizeBytes },
      ...{ resends: step === 5 ? 3 : 0, begunAt: begunAt + index * 900, heardAt: begunAt + index * 900 + 640 },
      why: outcome === "failed" ? "it acknowledged nothing for 20 s" : null,
    } as LaneAnswer["files"][number];
  });
}

function setOf(names: readonly string[]): string {
  return names.length === 1
    ? names[0]!
    : `b[${names
        .filter((name) => name.startsWith("b"))
        .map((name) => name.slice(1))
        .join(",")}]`;
}

function wrong(status: number, code: string, message: string, hint: string) {
  return { status, body: { error: { code, message, hint } } };
}
