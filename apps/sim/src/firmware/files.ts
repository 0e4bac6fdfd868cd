import { type BootStep, bootSteps, type FirmwareFile, filesAskedBy, type Ipv4, pathFor } from "@bramble/core/boot";
import { readConfig } from "./config.ts";
import { leaseByRom } from "./lease.ts";
import { type Script, type Self, stopped, type Verdict, work } from "./script.ts";
import { type Fetched, transfer } from "./transfer.ts";

/** What the firmware has once the kernel can start. */
export type Loaded = { readonly kind: "loaded"; readonly hasFixup: boolean; readonly cmdline: string };

/** A boot that went no further. */
export type Stopped = Verdict & { readonly kind: "stopped" };

/**
 * Asks for all files of this model in their order. The first one below `<serial>/` tells whether the prefix holds; where it
 * is answered with ERROR all later ones are asked in the root (boot-net documentation page).
 *
 * @param offered where the OFFER sent it; the second DISCOVER, of bootcode.bin, may send it elsewhere.
 */
export function* loadFiles(self: Self, offered: Ipv4): Script<Loaded | Stopped> {
  const { facts, stopAt } = self;
  let server = offered;
  let prefix: "serial" | "root" | "unknown" = "unknown";
  let config = readConfig("", facts.model);
  let list = listOf(self, config);
  let step: BootStep | null = null;
  let hasFixup = true;
  let cmdline = "";

  for (let at = 0; at < list.length; at++) {
    const file = list[at]!;
    if (stopAt !== null && isBefore(stopAt, file.step)) return stopped(stopAt, null, toldToStop);
    if (file.step !== step) {
      step = file.step;
      if (step === "start" && isThree(self)) {
        const again = yield* askAgain(self);
        if (again.kind === "stopped") return again;
        server = again.server;
      }
      self.say({ kind: "step", step });
    }
    const name = nameOf(file);
    const path = prefix === "root" ? pathFor(file.path, "").replace(/^\//, "") : pathFor(file.path, facts.serial);
    const fetched = yield* fetchFile(self, server, path, file);
    switch (fetched.kind) {
      case "broken":
        return stopped(step, path, fetched.why);
      case "cut":
        return stopped(step, path, toldToStop);
      case "missing":
        if (prefix === "unknown" && path !== file.path) {
          // A Pi 4 looks for start.elf too before it lets its prefix go (bootloader configuration documentation page).
          prefix = facts.model === "4" && (yield* hasStarter(self, server)) ? "serial" : "root";
          continue;
        }
        if (!file.isExpectedMissing && !canDoWithout.test(name)) return stopped(step, path, "there is no such file");
        if (name.startsWith("fixup")) hasFixup = false;
        continue;
      case "probed":
        break;
      case "read":
        if (name === "config.txt") {
          config = readConfig(fetched.text, facts.model);
          // It names what comes later, never what came before: the place in the list holds.
          list = listOf(self, config);
        }
        if (name === "cmdline.txt") cmdline = fetched.text.trim();
        if (stopAt === step && lastWords[step]?.test(name) === true) return stopped(step, path, toldToStop);
        yield* work(self, Math.max(0, file.sizeBytes - fetched.bytes) / octetsPerMs(file));
    }
    if (prefix === "unknown" && path !== file.path) prefix = "serial";
  }
  return { kind: "loaded", hasFixup, cmdline };
}

/** True when `one` comes before `other` in a boot. */
export function isBefore(one: BootStep, other: BootStep): boolean {
  return bootSteps.indexOf(one) < bootSteps.indexOf(other);
}

/** True for boards whose mask ROM boots them: Pi 3. */
export function isThree({ facts }: Self): boolean {
  return facts.model === "3b" || facts.model === "3b+";
}

/** Why a board stopped that was told to. */
export const toldToStop = "told to stop";

function listOf(self: Self, config: ReturnType<typeof readConfig>): readonly FirmwareFile[] {
  const { model } = self.facts;
  if (config.initrd !== null) return filesAskedBy(model, { ...config, initrd: config.initrd });
  return filesAskedBy(model, { ...config, initrd: "" }).filter(({ step }) => step !== "initrd");
}

function* fetchFile(self: Self, server: Ipv4, path: string, file: FirmwareFile): Script<Fetched> {
  const { options, asks, step } = file;
  const isCut = self.stopAt === step && (step === "kernel" || step === "initrd");
  if (asks !== "read") {
    const probed = yield* transfer(self, { server, path, options, isProbe: true, isCut: false });
    if (asks === "probe" || probed.kind !== "probed") return probed;
  }
  return yield* transfer(self, { server, path, options, isProbe: false, isCut });
}

/** bootcode.bin begins from nothing: it asks for a lease once more (raspberrypi/firmware issues 1124, 1605). */
function* askAgain(self: Self): Script<Stopped | { readonly kind: "again"; readonly server: Ipv4 }> {
  yield* work(self, bootcodeMs);
  const leasing = yield* leaseByRom(self, "bootcode");
  if (leasing.kind !== "leased") return stopped("bootcode", null, leasing.kind === "none" ? leasing.why : "locked up");
  self.say({ kind: "configured", address: leasing.offer.address });
  return { kind: "again", server: leasing.offer.tftp };
}

function* hasStarter(self: Self, server: Ipv4): Script<boolean> {
  const options = { tsize: true, blockSize: 1024 } as const;
  const path = `${self.facts.serial}/start.elf`;
  return (yield* transfer(self, { server, path, options, isProbe: true, isCut: false })).kind === "probed";
}

function nameOf({ path }: FirmwareFile): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * What a real board loads in a millisecond: a block each 0.45 ms in a dump of raspberrypi/firmware issue 859, each 0.14 ms
 * in a log that has a whole boot in 3 s; we take what lies between.
 */
function octetsPerMs({ options }: FirmwareFile): number {
  return (options.blockSize ?? 512) / 0.25;
}

const canDoWithout = /^(config\.txt|cmdline\.txt|fixup.*\.dat|.*\.dtbo)$/;
/** A board that is to stop at one of these steps stops after this file of it; at kernel and initrd it stops in the middle. */
const lastWords: Partial<Record<BootStep, RegExp>> = {
  bootcode: /^bootcode\.bin$/,
  start: /^start.*\.elf$/,
  config: /^config\.txt$/,
};
const bootcodeMs = 700;
