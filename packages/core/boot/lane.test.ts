import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BootClient } from "./client.ts";
import type { BootEvent, FileNews } from "./events.ts";
import { filesAskedBy, pathFor } from "./firmware-files.ts";
import { bootTook, type Lane, laneTerms, newLane, orderOfStep, stepLane, stopLane, tookOf } from "./lane.ts";
import { dueAt, quietMs } from "./lane-deadlines.ts";
import type { BootStep } from "./steps.ts";
import { bootSteps } from "./steps.ts";

const rom: BootClient = { kind: "pi-rom", model: "3b+", serial: "0a1b2c3d" };
const os: BootClient = { kind: "os" };
const address = "172.20.1.5";
const on: BootEvent = { kind: "power", on: true };
const off: BootEvent = { kind: "power", on: false };
const discover: BootEvent = { kind: "discover", client: rom };
const offer: BootEvent = { kind: "offer", address, isBoot: true };
const registered: BootEvent = { kind: "registered" };
const file = (path: string, news: FileNews, by: "tftp" | "http" = "tftp"): BootEvent => ({
  kind: "file",
  path,
  by,
  ...news,
});
const begun = (path: string, sizeBytes = 1000): BootEvent => file(path, { news: "begun", sizeBytes });
const done = (path: string, sentBytes = 1000, resends = 0): BootEvent =>
  file(path, { news: "done", sentBytes, resends, tookMs: 5 });
const read = (path: string, size = 1000): BootEvent[] => [begun(path, size), done(path, size)];

/** Plays events, one each 100 ms from `at` on. */
function play(events: readonly BootEvent[], lane: Lane = newLane(), at = 1000): Lane {
  return events.reduce((now, event, i) => stepLane(now, event, at + i * 100), lane);
}

/** What a Pi 3B+ does from power to its agent, as the servers see it. */
const wholeBoot: readonly BootEvent[] = [
  ...[on, discover, offer],
  ...filesAskedBy("3b+", { kernel: "kernel8.img", initrd: "initrd.img" }).flatMap((each): BootEvent[] => {
    const path = pathFor(each.path, "0a1b2c3d/");
    if (each.isExpectedMissing) return [file(path, { news: "missing" })];
    const probe = [begun(path, each.sizeBytes), file(path, { news: "probed" })];
    if (each.asks === "probe") return probe;
    return [...(each.asks === "read" ? [] : probe), ...read(path, each.sizeBytes)];
  }),
  { kind: "discover", client: os },
  ...[0, 1].flatMap((): BootEvent[] => [
    file("/boot/0a1b2c3d/root.squashfs", { news: "begun", sizeBytes: 1000 }, "http"),
    file("/boot/0a1b2c3d/root.squashfs", { news: "done", sentBytes: 1000, resends: 0, tookMs: 9 }, "http"),
  ]),
  { kind: "told", step: "agent", failed: null },
  registered,
];

describe("a whole boot of a Pi 3B+", () => {
  const lane = play(wholeBoot);

  test("passes every step in order and ends up", () => {
    expect(lane).toMatchObject({ state: { kind: "up" }, at: "registered", attempt: 1, address, isKernelHeard: true });
    for (const step of bootSteps) expect(tookOf(lane.steps[step], 0), step).not.toBeNull();
    expect(bootTook(lane, 1e9)).toBe((wholeBoot.length - 1) * 100);
  });

  test("counts asks, octets and how much of the large files is there", () => {
    expect(lane.steps.kernel).toMatchObject({ percent: 100, bytes: 8_150_000, resends: 0 });
    expect(lane.steps.initrd).toMatchObject({ percent: 100, asks: 1 });
    expect(lane.steps.root).toMatchObject({ percent: 100, asks: 2, bytes: 2000 });
    expect(lane.steps.discover.asks).toBe(1);
    expect(lane.files.find(({ path }) => path.endsWith("kernel8.img"))).toMatchObject({ outcome: "done", asks: 2 });
  });

  test("is kept as what the next one is compared with", () => {
    const { previous } = play([off, on], lane, 1e6);
    expect(previous).toMatchObject({ outcome: "up", at: "registered", tookMs: bootTook(lane, 1e9) });
    expect(previous?.stepMs.kernel).toBeGreaterThan(0);
  });
});

describe("a new attempt", () => {
  test("is begun by power, by a DISCOVER of the firmware when it was up, and by one after silence", () => {
    const up = play(wholeBoot);
    expect(play([on], up, 1e6)).toMatchObject({ state: { kind: "waiting" }, at: null, attemptsSincePower: 0 });
    expect(play([off, discover], up, 1e6)).toMatchObject({ at: "discover", attempt: 2, attemptsSincePower: 1 });
    expect(play([discover], up, 1e6)).toMatchObject({ at: "discover", attempt: 2, attemptsSincePower: 2 });
    const asking = play([on, discover, offer]);
    expect(play([discover], asking, 1200 + laneTerms.silenceMs)).toMatchObject({ at: "offer", attempt: 1 });
    expect(play([discover], asking, 1201 + laneTerms.silenceMs)).toMatchObject({ at: "discover", attempt: 2 });
  });

  test("is not begun by bootcode.bin's own DISCOVER, nor by the kernel's, nor by a running system's", () => {
    const loading = play([on, discover, offer, ...read("bootcode.bin")]);
    expect(play([discover, offer], loading, 2000)).toMatchObject({ at: "bootcode", attempt: 1 });
    const started = play([...read("0a1b2c3d/start.elf")], loading, 2000);
    expect(play([discover], started, 3000)).toMatchObject({ at: "discover", attempt: 2 });
    expect(play([{ kind: "discover", client: os }], started, 3000)).toMatchObject({ at: "start", attempt: 1 });
    const up = play(wholeBoot);
    expect(play([{ kind: "discover", client: os }, offer], up, 1e6)).toMatchObject({ attempt: 1, at: "registered" });
  });

  test.each(["ipxe", "u-boot"] as const)(
    "is begun by the %s that is a board's first stage, when it asks again",
    (kind) => {
      const loader: BootEvent = { kind: "discover", client: { kind, arch: "amd64" } };
      const booting = play([
        loader,
        offer,
        ...read("/m/boot.ipxe"),
        ...read("/m/kernel"),
        ...read("/m/initrd-discovery"),
      ]);
      expect(booting).toMatchObject({ attempt: 1, at: "initrd" });
      expect(stepLane(booting, { kind: "discover", client: os }, 3000).attempt).toBe(1);
      expect(stepLane(booting, loader, 3000)).toMatchObject({ attempt: 2, at: "discover", files: [] });
      expect(stepLane(play([registered], booting, 3000), loader, 4000)).toMatchObject({ attempt: 2, at: "discover" });
      const stuck = play([loader, offer]);
      expect(stepLane(stuck, loader, 1100 + laneTerms.silenceMs).attempt).toBe(1);
      expect(stepLane(stuck, loader, 1101 + laneTerms.silenceMs).attempt).toBe(2);
      // Loaded by another firmware it asks in the middle of the boot, before anything of the system is there.
      expect(stepLane(play([discover, offer, ...read("undionly.kpxe")]), loader, 3000).attempt).toBe(1);
    },
  );

  test("is seen by its first files where another server gives the addresses", () => {
    const up = play(wholeBoot);
    expect(play([begun("bootcode.bin")], up, 1e6)).toMatchObject({ at: "bootcode", attempt: 2 });
    expect(play([begun("0a1b2c3d/notes.txt")], up, 1e6)).toMatchObject({ at: "registered", attempt: 1 });
    const kernel = play([begun("bootcode.bin"), begun("0a1b2c3d/kernel8.img")]);
    expect(play([begun("bootcode.bin")], kernel, 4000)).toMatchObject({ at: "bootcode", attempt: 2 });
  });

  test("is told by boards whose boot nobody serves", () => {
    const tell = (step: BootStep, failed: string | null = null): BootEvent => ({ kind: "told", step, failed });
    const lane = play([tell("offer"), tell("kernel"), tell("config"), tell("registered")]);
    expect(lane).toMatchObject({ state: { kind: "up" }, at: "registered", attempt: 1 });
    expect(play([tell("offer")], lane, 2000)).toMatchObject({ at: "offer", attempt: 2 });
    const failed = play([tell("offer"), tell("kernel", "no such file")]);
    expect(failed.state).toEqual({ kind: "stopped", why: "no such file" });
    expect(play([tell("kernel", "no such file")], failed, 2000).state).toEqual(failed.state);
    expect(play([tell("agent", "late")], lane, 2000).state).toEqual({ kind: "up" });
  });
});

describe("what comes late", () => {
  test("of a transfer of an earlier boot says nothing of this one", () => {
    const cut = play([on, discover, offer, begun("kernel8.img"), off, on]);
    const failed = file("kernel8.img", { news: "failed", sentBytes: 300, why: "it fell silent" });
    expect(play([failed], cut, 2000)).toBe(cut);
    expect(play([discover, failed], cut, 2000)).toMatchObject({ at: "discover", attempt: 2 });
    expect(play([done("kernel8.img")], cut, 2000)).toBe(cut);
  });

  test("of a request is no new boot: a board needs a moment to restart", () => {
    const up = play([on, discover, offer, begun("kernel8.img"), registered]);
    expect(play([begun("s/initrd.img")], up, 2000)).toMatchObject({ state: { kind: "up" }, attempt: 1 });
    const far = play([on, discover, offer, begun("boot.ipxe")]);
    expect(play([begun("undionly.kpxe")], far, 2000)).toMatchObject({ at: "config", attempt: 1 });
  });

  test("after the power went counts, and brings nothing to life", () => {
    const dark = play([on, discover, offer, begun("kernel8.img"), off]);
    expect(play([done("kernel8.img")], dark, 2000)).toMatchObject({ state: { kind: "idle" }, attempt: 1 });
    expect(play([off], play([off]), 2000)).toEqual(newLane());
  });

  test("opens a step again that was thought to have stopped", () => {
    const stopped = stopLane(play([on, discover, offer, begun("kernel8.img")]), 9000, null);
    expect(stopped.steps.kernel.endedAt).toBe(9000);
    expect(stopLane(stopped, 9500, null)).toBe(stopped);
    const goesOn = play([begun("kernel8.img")], stopped, 10_000);
    expect(goesOn).toMatchObject({ state: { kind: "booting" }, attempt: 1 });
    expect(goesOn.steps.kernel.endedAt).toBeNull();
  });
});

test("a board that the head finds running is up, and no boot is made up for it", () => {
  const lane = play([registered]);
  expect(lane).toMatchObject({ state: { kind: "up" }, attempt: 0, at: null });
  expect(bootTook(lane, 5000)).toBeNull();
  expect(play([registered], lane, 2000)).toBe(lane);
  expect(stopLane(lane, 2000, null)).toBe(lane);
  expect(play([on, registered])).toMatchObject({ state: { kind: "up" }, attempt: 1, at: "registered" });
});

test("a board that refuses its address is remembered with it until it loads something", () => {
  const lane = play([on, discover, offer, { kind: "decline", address }]);
  expect(lane).toMatchObject({ declined: address, address: null, at: "offer" });
  expect(play([{ kind: "nak", why: "gone" }], lane, 2000).address).toBeNull();
  const again = play([{ kind: "request" }, { kind: "ack", address: "172.20.1.6" }], lane, 2000);
  expect(again).toMatchObject({ address: "172.20.1.6", declined: address });
  expect(play([begun("bootcode.bin")], again, 3000).declined).toBeNull();
  for (const event of [{ kind: "request" }, { kind: "ack", address }, { kind: "nak", why: "" }] as BootEvent[])
    expect(play([event], newLane())).toEqual(newLane());
});

test("a system that asks without a firmware before it is a boot of its own, but not one of ours", () => {
  const lane = play([on, { kind: "discover", client: os }, offer]);
  expect(lane).toMatchObject({ client: os, at: "offer", attempt: 1 });
  expect(play([off, { kind: "discover", client: os }], lane, 3000)).toMatchObject({ attempt: 2, at: "discover" });
});

test("files that belong to no step count where the board stands, and their number is bounded", () => {
  const odd = play([begun("notes.txt")]);
  expect(odd).toMatchObject({ at: null, attempt: 1 });
  const many = play([discover, ...Array.from({ length: 300 }, (_, i) => begun(`notes-${i}.txt`))]);
  expect(many.files).toHaveLength(120);
  expect(many.steps.discover.asks).toBe(301);
  expect(play([file("x.bin", { news: "failed", sentBytes: 0, why: "refused" })], many, 1e5).files.at(-1)).toMatchObject(
    {
      outcome: "failed",
      why: "refused",
    },
  );
});

test("the kernel's percent follows its transfer and starts anew with it", () => {
  const moving = (sentBytes: number): BootEvent => file("kernel8.img", { news: "moving", sentBytes, sizeBytes: 1000 });
  const lane = play([discover, offer, begun("kernel8.img"), moving(250), moving(500)]);
  expect(lane.steps.kernel).toMatchObject({ percent: 50, bytes: 500 });
  const again = play([begun("kernel8.img"), moving(100)], lane, 3000);
  expect(again.steps.kernel).toMatchObject({ percent: 10, bytes: 600, asks: 2 });
  expect(play([done("kernel8.img", 1000, 3)], again, 4000).steps.kernel).toMatchObject({ percent: 100, resends: 3 });
  const other = play([file("armstub8.bin", { news: "missing" })], again, 4000);
  expect(other.steps.kernel.percent).toBe(10);
});

test("the deadline counts from the last sign, at the board's pace, and never below the servers' own", () => {
  const pace = { speed: 1, leastMs: 100 };
  expect(dueAt(newLane(), pace)).toBeNull();
  expect(dueAt(play(wholeBoot), pace)).toBeNull();
  expect(dueAt(play([on]), pace)).toBe(1000 + quietMs.power);
  expect(dueAt(play([on, discover]), { ...pace, speed: 10 })).toBe(1100 + quietMs.discover / 10);
  expect(dueAt(play([on, discover]), { speed: 1000, leastMs: 5000 })).toBe(6100);
  const local = play([on, discover, { kind: "offer", address, isBoot: false }]);
  expect(dueAt(local, pace)).toBe(1200 + quietMs.root);
  expect(bootTook(stopLane(play([on, discover]), 9000, null), 1e6)).toBe(100);
  expect(bootTook(play([on]), 4000)).toBe(3000);
});

const paths = [
  ...["bootcode.bin", "bootsig.bin", "s/start.elf", "s/fixup.dat", "s/config.txt", "s/recovery.elf"],
  ...["s/kernel8.img", "s/initrd.img", "s/root.squashfs", "odd"],
];
const news: fc.Arbitrary<FileNews> = fc.oneof(
  fc.record({ news: fc.constant("begun" as const), sizeBytes: fc.nat(5000) }),
  fc.record({ news: fc.constant("moving" as const), sentBytes: fc.nat(5000), sizeBytes: fc.nat(5000) }),
  fc.record({
    ...{ news: fc.constant("done" as const), sentBytes: fc.nat(5000), resends: fc.nat(9), tookMs: fc.nat(99) },
  }),
  fc.constantFrom({ news: "missing" as const }, { news: "probed" as const }),
  fc.record({ news: fc.constant("failed" as const), sentBytes: fc.nat(5000), why: fc.constant("silent") }),
);
const anyEvent: fc.Arbitrary<BootEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...paths), news).map(([path, told]) => file(path, told)) },
  fc.constantFrom<BootEvent>(on, off, discover, { kind: "discover", client: os }, offer, registered),
  fc.constantFrom<BootEvent>({ kind: "request" }, { kind: "ack", address }, { kind: "nak", why: "x" }),
  fc.constantFrom<BootEvent>({ kind: "decline", address }, { kind: "offer", address, isBoot: false }),
  fc.record({
    kind: fc.constant("told" as const),
    step: fc.constantFrom(...bootSteps),
    failed: fc.constantFrom(null, "broken"),
  }),
);
const story = fc.array(fc.tuple(anyEvent, fc.integer({ min: -50, max: 30_000 })), { maxLength: 60 });

test("in any order of events the invariants hold", () => {
  fc.assert(
    fc.property(story, (told) => {
      let lane = newLane();
      let now = 1_000_000;
      for (const [event, wait] of told) {
        now += wait;
        const before = lane;
        lane = stepLane(before, event, now);
        check(lane);
        expect(lane.attempt).toBeGreaterThanOrEqual(before.attempt);
        if (lane.attempt === before.attempt && before.heardAt !== null && lane.heardAt !== null)
          expect(lane.heardAt).toBeGreaterThanOrEqual(before.heardAt);
        if (event.kind === "registered") expect(lane.state.kind).toBe("up");
        if (event.kind === "power" && event.on) expect([lane.state.kind, lane.at]).toEqual(["waiting", null]);
        const isSilent = before.heardAt !== null && now - before.heardAt > laneTerms.silenceMs;
        if (event === discover && (isSilent || before.state.kind === "up"))
          expect(lane.attempt).toBe(before.attempt + 1);
      }
    }),
    { numRuns: 400 },
  );
});

function check(lane: Lane): void {
  const seen = bootSteps.filter((step) => lane.steps[step].begunAt !== null);
  const open = seen.filter((step) => lane.steps[step].endedAt === null);
  expect(open.length).toBeLessThanOrEqual(1);
  if (lane.state.kind !== "booting") expect(open).toEqual([]);
  else if (lane.at !== null) expect(open).toEqual([lane.at]);
  expect(lane.at).toBe(seen.at(-1) ?? null);
  let last = lane.begunAt ?? 0;
  for (const step of seen) {
    const { begunAt, endedAt } = lane.steps[step];
    expect(begunAt).toBeGreaterThanOrEqual(last);
    expect(endedAt ?? begunAt).toBeGreaterThanOrEqual(begunAt!);
    last = begunAt!;
  }
  for (const step of bootSteps) {
    const { asks, bytes, resends, percent } = lane.steps[step];
    expect(Math.min(asks, bytes, resends, percent ?? 0)).toBeGreaterThanOrEqual(0);
    expect(percent ?? 0).toBeLessThanOrEqual(100);
  }
  if (lane.at !== null) expect(orderOfStep(lane.at)).toBeLessThan(bootSteps.length);
  expect(lane.files.length).toBeLessThanOrEqual(120);
}
