import { describe, expect, test } from "vitest";
import type { BootClient } from "./client.ts";
import { type Circumstances, diagnose } from "./diagnose.ts";
import type { BootEvent, FileNews } from "./events.ts";
import { faults } from "./faults.ts";
import { newLane, stepLane, stopLane } from "./lane.ts";

const plus: BootClient = { kind: "pi-rom", model: "3b+", serial: null };
const three: BootClient = { kind: "pi-rom", model: "3b", serial: null };
const four: BootClient = { kind: "pi-eeprom", model: "4", serial: null };
const os: BootClient = { kind: "os" };
const on: BootEvent = { kind: "power", on: true };
const asks = (client: BootClient): BootEvent => ({ kind: "discover", client });
const offer: BootEvent = { kind: "offer", address: "172.20.1.5", isBoot: true };
const file = (path: string, news: FileNews): BootEvent => ({ kind: "file", path, by: "tftp", ...news });
const begun = (path: string): BootEvent => file(path, { news: "begun", sizeBytes: 1000 });
const lacks = (path: string): BootEvent => file(path, { news: "missing" });
const probed = (path: string): BootEvent[] => [begun(path), file(path, { news: "probed" })];
const part = (path: string): BootEvent[] => [
  begun(path),
  file(path, { news: "moving", sentBytes: 400, sizeBytes: 1000 }),
];
const read = (path: string, resends = 0): BootEvent[] => [
  begun(path),
  file(path, { news: "done", sentBytes: 1000, resends, tookMs: 5 }),
];
const rom = [on, asks(plus), offer];
const bootcode = [...rom, ...read("bootcode.bin"), lacks("bootsig.bin")];
const start = [...bootcode, ...read("s/start.elf"), ...read("s/fixup.dat")];
const config = [...start, ...read("s/config.txt")];
const kernel = [...config, ...read("s/kernel8.img")];
const initrd = [...kernel, ...read("s/initrd.img")];
const root = [...initrd, asks(os), ...read("s/root.squashfs")];
const agent: BootEvent = { kind: "told", step: "agent", failed: null };

const around: Circumstances = {
  neighbours: { boards: 20, powered: 20, asked: 20, up: 18, stepMs: { kernel: 3000 } },
  model: "pi3b+",
  rogue: null,
  goneSince: null,
  pace: { speed: 1, leastMs: 1000 },
};

/** What happened, 10 ms apart; then a silence; and what is known beside it. */
type Case = readonly [fault: string, events: readonly BootEvent[], more?: Partial<Circumstances>];
const cases: readonly Case[] = [
  ["told", [...kernel, { kind: "told", step: "initrd", failed: "no space left" }]],
  ["boot-loop", [...bootcode, ...read("s/start.elf"), asks(plus), begun("s/start.elf"), asks(plus)]],
  ["duplicate-address", [...rom, { kind: "decline", address: "172.20.1.5" }]],
  ["group-dark", [on], { neighbours: { boards: 20, powered: 20, asked: 0, up: 0, stepMs: {} } }],
  ["no-otp-bit", [on], { model: "pi3b" }],
  ["never-asked", [on]],
  ["never-asked", [...root, { kind: "registered" }, { kind: "power", on: false }, on], { model: null }],
  ["own-disk", [on, asks(os), offer]],
  ["local-silent", [on, asks(plus), { kind: "offer", address: "172.20.1.5", isBoot: false }]],
  ["unanswered", [on, asks(plus), asks(plus)]],
  ["rogue-dhcp", rom, { rogue: "172.20.0.99" }],
  ["rom-gave-up", [on, ...[1, 2, 3, 4, 5].flatMap(() => [asks(plus), offer])]],
  ["deaf-3b", [on, asks(three), offer]],
  ["eeprom-skips", [on, asks(four), offer]],
  ["offer-not-taken", rom],
  ["arp-lost", [...rom, ...part("bootcode.bin")]],
  ["bootcode-missing", [...rom, lacks("bootcode.bin")]],
  ["bootsig-stuck", bootcode],
  ["loader-stopped", [on, asks({ kind: "bios" }), offer, ...read("undionly.kpxe")]],
  ["start-missing", [...bootcode, lacks("s/start.elf"), lacks("start.elf")]],
  ["fixup-lost", [...bootcode, ...read("s/start.elf"), lacks("s/fixup.dat")]],
  ["rainbow", start],
  ["start-broken", [...bootcode, ...part("s/start.elf")]],
  ["config-missing", [...config, lacks("s/bcm2710-rpi-3-b-plus.dtb")]],
  ["config-stopped", config],
  ["kernel-missing", [...config, lacks("s/kernel8-32.img"), lacks("s/kernel8.img")]],
  ["kernel-probed", [...config, ...probed("s/kernel8.img"), lacks("s/armstub8.bin")]],
  ["kernel-cut", [...config, ...part("s/kernel8.img")]],
  ["kernel-cut", [...config, ...probed("s/kernel8.img"), begun("s/kernel8.img")]],
  ["kernel-dead", kernel],
  ["initrd-missing", [...kernel, lacks("s/initrd.img")]],
  ["initrd-cut", [...kernel, ...part("s/initrd.img")]],
  ["root-not-sought", [...initrd, asks(os)]],
  ["kernel-silent", initrd],
  ["root-missing", [...initrd, lacks("s/root.squashfs")]],
  ["root-cut", [...initrd, ...part("s/root.squashfs")]],
  ["agent-not-started", root],
  ["agent-refused", [...root, agent]],
];

const play = (events: readonly BootEvent[]) =>
  events.reduce((lane, event, i) => stepLane(lane, event, 1000 + 10 * i), newLane());
const hour = 3_600_000;

describe("a board that stopped is told its likely cause", () => {
  test.each(cases.map(([fault, events, more = {}]) => ({ fault, events, more })))(
    "$fault",
    ({ fault, events, more }) => {
      const found = diagnose(play(events), hour, { ...around, ...more });
      expect(found?.fault).toBe(fault);
      expect(found?.cause).toMatch(/^[A-Z].*\.$/);
      expect(found?.advice).toMatch(/^[A-Z].*[.?]$/);
      expect(diagnose(stopLane(play(events), 2000, null), 2000, { ...around, ...more })?.fault).toBe(fault);
    },
  );

  test("every fault of the table is reached by a case, and each step has one that always fits", () => {
    const reached = new Set(cases.map(([fault]) => fault));
    const stopped = faults.filter(({ when }) => when === "stopped").map(({ id }) => id);
    expect(stopped.filter((id) => !reached.has(id))).toEqual([]);
    expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
  });

  test("the words name what was seen", () => {
    const resent = [...config, begun("s/kernel8.img"), ...read("s/kernel8.img", 7), ...part("s/kernel8.img")];
    expect(diagnose(play(resent), hour, around)?.cause).toBe(
      "It has 40 % of the kernel, and 7 blocks had to be sent again; then it stopped taking blocks.",
    );
    expect(diagnose(play(resent), hour, around)?.advice).toMatch(/^Blocks are lost/);
    const refused = file("s/cmdline.txt", { news: "failed", sentBytes: 0, why: "it fell silent" });
    const broken = [...config, begun("s/cmdline.txt"), refused];
    expect(diagnose(play(broken), hour, around)?.cause).toContain("s/cmdline.txt (failed: it fell silent)");
    expect(diagnose(play([on, { kind: "told", step: "config", failed: null }]), hour, around)?.cause).toBe(
      "It stopped while it read its settings.",
    );
    expect(diagnose(play([on, asks(plus), offer, offer]), hour, around)?.cause).toMatch(/answered twice/);
  });
});

describe("a board on its way", () => {
  const loading = play([...config, ...part("s/kernel8.img")]);
  const heardAt = loading.heardAt!;

  test("has nothing wrong while it is no slower than its neighbours", () => {
    expect(diagnose(newLane(), hour, around)).toBeNull();
    expect(diagnose(play([on]), 2000, around)).toBeNull();
    expect(diagnose(loading, heardAt + 13_500, around)).toBeNull();
    const alone = { ...around, neighbours: { ...around.neighbours, stepMs: {} } };
    expect(diagnose(loading, heardAt + 15_000, alone)).toBeNull();
  });

  test("is named when it takes much longer than they did", () => {
    const found = diagnose(loading, heardAt + 15_000, around);
    expect(found).toMatchObject({ fault: "slow", step: "kernel" });
    expect(found?.cause).toBe("It has been at this step for 15 s, its neighbours passed it in 3.0 s.");
    const resent = play([...config, ...read("s/kernel8.img", 7)]);
    expect(diagnose(resent, heardAt + 15_000, around)?.cause).toMatch(/; 7 blocks had to be sent again\.$/);
  });

  test("is named when it starts anew again and again", () => {
    const again = [...config, asks(plus), begun("s/start.elf"), asks(plus)];
    expect(diagnose(play(again), 2000, around)).toMatchObject({ fault: "loop-begins", step: "discover" });
  });
});

test("a board that was up, went away with its power on and does not ask again is named", () => {
  const up = play([...root, agent, { kind: "registered" }]);
  expect(diagnose(up, hour, around)).toBeNull();
  expect(diagnose(up, hour, { ...around, goneSince: hour - 1000 })).toBeNull();
  expect(diagnose(up, hour, { ...around, goneSince: hour - 60_000 })).toMatchObject({
    fault: "warm-reboot",
    step: "power",
  });
});
