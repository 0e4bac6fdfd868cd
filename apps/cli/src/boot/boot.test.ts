import type { BootAnswer, LaneAnswer } from "@bramble/core/api";
import type { BootEvent, LaneBrief } from "@bramble/core/boot";
import { newLane, packLane, stepLane, stopLane, unpackLane } from "@bramble/core/boot";
import { describe, expect, test } from "vitest";
import { drawLanes, tally, whereInWords } from "./picture.ts";
import { describeBoot, describeEvents, describeLane, leaseTable, planTable } from "./summary.ts";

const trouble: BootAnswer["troubles"][number] = {
  ...{ step: "kernel", fault: "kernel-cut", cause: "It has 40 % of the kernel.", advice: "Change its cable." },
  ...{ source: "RFC 1350", boards: 2, set: "b[0001-0002]", stopped: true },
};
const boot: BootAnswer = {
  ...{ now: 1_800_000_000_000, kind: "simulated" },
  servers: {
    dhcp: {
      ...{ address: "127.0.0.1", port: 6767, mode: "authoritative", leases: 42, pool: 100, poolFree: 97 },
      ...{ rogues: [], counts: {} },
    },
    tftp: { address: "127.0.0.1", port: 6969, counts: {} },
    http: null,
  },
  images: [{ name: "trixie-arm64", arch: "arm64", builtAt: "2026-01-01T00:00:00Z", check: "bad", bad: ["kernel"] }],
  problems: [{ folder: "/srv/images/old", problems: ["no image.json"] }],
  states: { idle: 3, waiting: 1, booting: 2, up: 37, stopped: 2 },
  steps: { power: 1, kernel: 2, root: 0 },
  groups: [{ group: "g03", boards: 42, waiting: 1, booting: 2, up: 37, stopped: 2 }],
  troubles: [trouble, { ...trouble, step: "power", fault: "never-asked", boards: 1, set: "b0009", stopped: false }],
  alarms: [{ at: 1_799_999_990_000, kind: "dhcp.rogue", level: "error", board: null, message: "another DHCP server" }],
  took: { boards: 37, medianMs: 12_340, slowestMs: 19_000 },
};

const at = (events: readonly BootEvent[], fault: string | null = null, stops = false): LaneBrief => {
  const lane = events.reduce((now, event, i) => stepLane(now, event, 1000 + i * 500), newLane());
  return unpackLane(packLane("b0001", stops ? stopLane(lane, 9000, null) : lane, fault, 9000));
};
const on: BootEvent = { kind: "power", on: true };
const discover: BootEvent = { kind: "discover", client: { kind: "bios" } };
const begun: BootEvent = { kind: "file", path: "kernel8.img", by: "tftp", news: "begun", sizeBytes: 1000 };
const moving: BootEvent = {
  ...({ kind: "file", path: "kernel8.img", by: "tftp", news: "moving" } as const),
  ...{ sentBytes: 420, sizeBytes: 1000 },
};
const idle = at([]);
const waiting = at([on]);
const loading = at([on, discover, begun, moving]);
const stopped = at([on, discover, begun, moving], "kernel-cut", true);
const up = at([on, discover, begun, { kind: "registered" }]);

describe("the picture of a wave", () => {
  const all = [idle, waiting, loading, stopped, up];

  test("says in words where each board stands", () => {
    expect(all.map(whereInWords)).toEqual([
      ...["not booting", "has power, silent", "kernel 42 %", "stopped: kernel-cut", "up"],
    ]);
    expect(whereInWords(at([on, discover, begun, discover, discover], "loop-begins"))).toBe(
      "discover, loop-begins (boot 2)",
    );
    expect(whereInWords({ ...up, fault: "warm-reboot" })).toBe("up, warm-reboot");
    expect(whereInWords({ ...stopped, fault: null })).toBe("stopped: kernel");
    expect(tally(all)).toBe("5 boards: 1 up, 2 on their way (1 not heard yet, 1 at kernel), 1 stopped, 1 not booting");
  });

  test("has a row a board, a column a step, and what to do below", () => {
    const [, , head, ...rows] = drawLanes(all, boot, 120).split("\n");
    expect(head).toMatch(/^BOARD +NOW +disc +offer +bootc +start +conf +kern +initr +root +agent +reg +TOOK +RESENT$/);
    expect(rows[2]).toMatch(/^b0001 +kernel 42 % +✓0\.5 +– +– +– +– +▶42% +· +· +· +· +8\.0/);
    expect(rows[3]).toMatch(/^b0001 +stopped: kernel-cut +✓0\.5 +– +– +– +– +✗7\.0/);
    expect(rows[4]).toMatch(/^b0001 +up +✓0\.5 .* ✓0\.5 +– +– +– +✓0\.0/);
    expect(rows.join("\n")).toContain("What to do: Change its cable.");
    expect(rows.join("\n")).not.toContain("never-asked");
  });

  test("fits a narrow terminal, and counts what it does not draw", () => {
    const lines = drawLanes(
      Array.from({ length: 70 }, () => loading),
      boot,
      80,
    ).split("\n");
    expect(Math.max(...lines.slice(2, 64).map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(lines.join("\n")).toContain("and 10 boards more");
  });
});

describe("the summary", () => {
  test("names servers, images, boards by step, alarms and troubles", () => {
    const text = describeBoot(boot);
    expect(text).toContain(
      "DHCP 127.0.0.1:6767 (authoritative, 42 leases, 97 of 100 free in the pool), TFTP 127.0.0.1:6969",
    );
    expect(text).toContain("trixie-arm64 (arm64, built 2026-01-01): damaged: kernel");
    expect(text).toContain("/srv/images/old: no image.json");
    expect(text).toContain("37 up, 3 on their way, 2 stopped, 3 not booting");
    expect(text).toContain("power 1, kernel 2");
    expect(text).toContain("12.3 s in the middle, 19.0 s at most (37 boards)");
    expect(text).toMatch(/g03 +42 +37 +1 +2 +2/);
    expect(text).toContain("ALARM (10 s ago): another DHCP server");
    expect(text).toContain("2 boards stopped at kernel (kernel-cut): b[0001-0002]");
    expect(text).toContain("b0009 in trouble before its first sign (never-asked)");
  });

  test("says when this head boots nobody", () => {
    const servers = { dhcp: null, tftp: null, http: null };
    const took = { boards: 0, medianMs: null, slowestMs: null };
    const text = describeBoot({ ...boot, kind: "none", servers, images: [], groups: [], troubles: [], took });
    expect(text).toContain("boards boot from another machine");
    expect(describeBoot({ ...boot, servers })).toContain("another server gives the addresses");
  });
});

test("one board is told step by step, file by file, with what is wrong", () => {
  const lane: LaneAnswer = {
    ...{ board: "b0001", mac: null, state: "stopped", at: "kernel", attempt: 2, attemptsSincePower: 2 },
    ...{ poweredAt: 1, begunAt: 2, heardAt: 1_000, tookMs: 8000, client: null, address: null },
    plan: { plan: "live", from: "operator" },
    diagnosis: { step: "kernel", fault: "kernel-cut", cause: "It broke off.", advice: "Look.", source: "RFC 1350" },
    steps: [
      { step: "kernel", begunAt: 5, tookMs: 7000, previousMs: 900, asks: 2, bytes: 8_150_000, resends: 7, percent: 40 },
      { step: "initrd", begunAt: null, tookMs: null, previousMs: null, asks: 0, bytes: 0, resends: 0, percent: null },
    ],
    files: [
      {
        ...{ path: "a/kernel8.img", by: "tftp", step: "kernel", outcome: "failed", asks: 2, bytes: 8_150_000 },
        ...{ sizeBytes: 20_000_000, resends: 7, begunAt: 5, heardAt: 9, why: "it fell silent" },
      },
      {
        ...{ path: "a/recovery.img", by: "tftp", step: "kernel", outcome: "probed", asks: 1, bytes: 0 },
        ...{ sizeBytes: null, resends: 0, begunAt: 5, heardAt: 9, why: null },
      },
    ],
    events: [{ at: 0, what: "power on" }],
    previous: { outcome: "up", at: "registered", tookMs: 9000 },
  };
  const text = describeLane(lane, 5000);
  expect(text).toContain("number 2 since the head started, number 2 since its power came");
  expect(text).toContain("8.0 s; the boot before: up after 9.0 s");
  expect(text).toContain("live (said by an operator)");
  expect(text).toContain("Wrong (kernel-cut): It broke off.\nWhat to do: Look.");
  expect(text).toMatch(/kernel +\S+ +7\.00 s +0\.90 s +2 +8150 kB +7 +40 %/);
  expect(text).toMatch(/a\/kernel8\.img +tftp +failed +2 +8150 kB +20\.0 MB +7 +it fell silent/);
  expect(text).toMatch(/a\/recovery\.img +tftp +looked for/);
  expect(describeEvents(lane)).toMatch(/^\d\d:\d\d:\d\d\.000 {2}power on$/);
  const bare: LaneAnswer = {
    ...{ ...lane, attempt: 0, at: null, state: "idle", tookMs: null, heardAt: null, diagnosis: null, files: [] },
    plan: { plan: "discovery", from: "stranger" },
  };
  expect(describeLane(bare, 5000)).toContain("none was seen");
  expect(describeLane(bare, 5000)).toContain("nobody: no slot holds it");
});

test("leases and plans are tables", () => {
  const lease = { address: "10.0.0.5", mac: "b8:27:eb:00:00:01", board: null, state: "bound", until: 9000 } as const;
  const text = leaseTable(
    {
      leases: [
        { ...lease, pinned: true },
        { ...lease, pinned: false, until: 10 },
      ],
      pool: 9,
      poolFree: 8,
    },
    1000,
  );
  expect(text).toMatch(/10\.0\.0\.5 +b8:27:eb:00:00:01 +- +bound +8 s +its own/);
  expect(text).toMatch(/bound, over +- +pool/);
  expect(text).toContain("2 leases; 8 of 9 addresses of the pool are free");
  const plans = planTable(
    {
      plans: [
        { set: "all", plan: "live", by: null, at: null, boards: 63 },
        { set: "@k01", plan: "rescue", by: "cli:anna", at: 500, boards: 21 },
      ],
    },
    2500,
  );
  expect(plans).toMatch(/all +live +63 +the cluster file +-/);
  expect(plans).toMatch(/@k01 +rescue +21 +cli:anna +2 s/);
});
