import type { Millis } from "@bramble/core/base";
import type { BootStep } from "@bramble/core/boot";
import { isBefore, isThree, loadFiles, toldToStop } from "./files.ts";
import { leaseByEeprom, leaseByRom } from "./lease.ts";
import { runRamDisk } from "./ram-disk.ts";
import type { FirmwareAct, FirmwareEvent, FirmwareParts, Script, Self, Verdict } from "./script.ts";
import { stopped, work } from "./script.ts";

/** The firmware of one board from one power-on. Pure: events in, acts out. */
export type Firmware = {
  /** What it does about `event`, in order. After its end it does nothing. */
  feed(event: FirmwareEvent): readonly FirmwareAct[];
};

/**
 * The firmware of a board that waits for its power: mask ROM, bootcode.bin and start.elf of a Pi 3, or the EEPROM
 * bootloader of a Pi 4 or 5, then kernel and initial RAM disk up to the start of the agent.
 */
export function createFirmware(parts: FirmwareParts): Firmware {
  let acts: FirmwareAct[] = [];
  let port = firstPort;
  const script = boot({
    ...parts,
    say: (act) => acts.push(act),
    freshPort: () => {
      const fresh = port;
      port = port === lastPort ? firstPort : port + 1;
      return fresh;
    },
  });
  let isOver = false;
  script.next();
  return {
    feed(event) {
      if (isOver) return nothing;
      const got = script.next(event);
      if (got.done === true) {
        isOver = true;
        acts.push({ kind: "end", verdict: got.value });
      }
      const done = acts;
      acts = [];
      return done;
    },
  };
}

function* boot(self: Self): Script<Verdict> {
  while ((yield).kind !== "power");
  yield* work(self, untilFirstDiscover(self));
  if (self.stopAt === "discover") return stopped("discover", null, toldToStop);
  // The RAM disk of a discovery ends in a restart: as often as the head says so.
  for (;;) {
    const verdict = yield* bootTillEnd(self);
    if (verdict.kind !== "restart") return verdict;
    yield* work(self, between(self, [5_000, 9_000]));
  }
}

type Restart = { readonly kind: "restart" };

function* bootTillEnd(self: Self): Script<Verdict | Restart> {
  if (isThree(self)) return yield* bootOnce(self);
  // BOOT_ORDER ends in "restart": what fails is tried again from its DISCOVER. A real one never gives up; we do.
  let verdict: Verdict | Restart;
  let round = 0;
  do verdict = yield* bootOnce(self);
  while (verdict.kind === "stopped" && verdict.why !== toldToStop && ++round < eepromRounds);
  return verdict;
}

function* bootOnce(self: Self): Script<Verdict | Restart> {
  const { stopAt } = self;
  const at = (step: BootStep): void => self.say({ kind: "step", step });
  at("discover");
  const leasing = yield* isThree(self) ? leaseByRom(self, "rom") : leaseByEeprom(self);
  if (leasing.kind === "locked") return stopped("offer", null, "locked up by an OFFER that came in haste");
  if (leasing.kind === "none") return stopped(stopAt === "offer" ? "offer" : "discover", null, leasing.why);
  const { address, tftp } = leasing.offer;
  self.say({ kind: "configured", address });
  at("offer");
  const loaded = yield* loadFiles(self, tftp);
  if (loaded.kind === "stopped") return loaded;
  yield* work(self, between(self, kernelMs));
  const disk = yield* runRamDisk(self, loaded.cmdline, address);
  if (disk.kind !== "rooted") return disk;
  yield* work(self, between(self, servicesMs));
  if (stopAt !== null && !isBefore(stopAt, "agent")) return stopped(stopAt, null, toldToStop);
  return { kind: "up", address, hasFixup: loaded.hasFixup, cmdline: loaded.cmdline };
}

/**
 * The Ethernet chip is ready some five seconds after power. Of 48 boards that were powered together the last asked 15 s
 * after the first (raspberrypi/firmware issue 1081): every eighth of ours is late.
 */
function untilFirstDiscover(self: Self): Millis {
  return between(self, self.random.chance(lateriser) ? [9_000, 18_000] : [5_000, 9_000]);
}

function between({ random }: Self, [least, most]: readonly [Millis, Millis]): Millis {
  return least + (most - least) * random.next();
}

const nothing: readonly FirmwareAct[] = [];
const lateriser = 1 / 8;
const kernelMs = [2_000, 4_000] as const;
const servicesMs = [4_000, 7_000] as const;
const eepromRounds = 3;
/** The ports of a real board's requests begin here (raspberrypi/firmware issue 745). */
const firstPort = 49_152;
const lastPort = 65_535;
