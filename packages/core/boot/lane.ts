import type { Millis } from "../base/index.ts";
import { unreachable } from "../base/index.ts";
import type { BootClient } from "./client.ts";
import type { BootEvent } from "./events.ts";
import { stepOfFile } from "./firmware-files.ts";
import type { FileEvent, LaneFile } from "./lane-files.ts";
import { isStarted, noteFile } from "./lane-files.ts";
import type { BootStep } from "./steps.ts";
import { bootSteps } from "./steps.ts";

/** What became of one step of a boot. A step that was passed without a sign has counts of 0 and no times. */
export type LaneStep = {
  readonly begunAt: Millis | null;
  readonly endedAt: Millis | null;
  /** Requests of the board: DISCOVERs, files. */
  readonly asks: number;
  /** Octets of files that arrived, and of the one on its way. */
  readonly bytes: number;
  readonly resends: number;
  /** How much of its largest file is there, 0 to 100; null while none is on its way. */
  readonly percent: number | null;
};

/**
 * `idle`: nothing is known to boot (no power, or it ran before the head did). `waiting`: it got power and has not asked yet.
 * `stopped`: it goes no further; `why` is what the board said itself, null when only its silence tells.
 */
export type LaneState =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting" }
  | { readonly kind: "booting" }
  | { readonly kind: "up" }
  | { readonly kind: "stopped"; readonly why: string | null };

/** How an earlier boot went, to compare with. */
export type PastBoot = {
  readonly outcome: "up" | "stopped" | "cut";
  readonly at: BootStep | null;
  readonly tookMs: Millis;
  /** Time of each step that was seen to its end. */
  readonly stepMs: Readonly<Partial<Record<BootStep, Millis>>>;
};

/** One board's current boot, made of what the servers see. All times are those of one monotonic clock. */
export type Lane = {
  readonly state: LaneState;
  /** The furthest step that this attempt has begun. */
  readonly at: BootStep | null;
  /** Boots begun since the head started; 0 before the first. */
  readonly attempt: number;
  /** Boots begun since the power came: more than one means that it started anew by itself. */
  readonly attemptsSincePower: number;
  readonly poweredAt: Millis | null;
  /** First and last sign of the board in this attempt. */
  readonly begunAt: Millis | null;
  readonly heardAt: Millis | null;
  /** Who asked first in this attempt: its firmware. */
  readonly client: BootClient | null;
  readonly address: string | null;
  /** What the plan says about it; null before an answer. */
  readonly isBoot: boolean | null;
  readonly offers: number;
  /** The address that it found in use by another, until it has one that is its own. */
  readonly declined: string | null;
  /** Its kernel has asked for an address: the kernel runs and has a driver for the network. */
  readonly isKernelHeard: boolean;
  readonly steps: Readonly<Record<BootStep, LaneStep>>;
  readonly files: readonly LaneFile[];
  readonly previous: PastBoot | null;
};

/** How long a silence makes the next DISCOVER a new boot; at the pace of the board's own clock. */
export type LaneTerms = { readonly silenceMs: Millis };

/** A Raspberry Pi's ROM asks every five seconds. */
export const laneTerms: LaneTerms = { silenceMs: 20_000 };

/** The lane of a board of which nothing is known. */
export function newLane(): Lane {
  return { ...freshBoot, state: { kind: "idle" }, attempt: 0, attemptsSincePower: 0, poweredAt: null, previous: null };
}

/**
 * The lane after `event`, at `now`. Pure; the very same object when nothing changed.
 *
 * Whatever the order of events: times never go back, at most one step is open, `registered` ends the boot, power and a
 * DISCOVER after silence begin a new one.
 */
export function stepLane(lane: Lane, event: BootEvent, at: Millis, terms: LaneTerms = laneTerms): Lane {
  const now = Math.max(at, lane.heardAt ?? at, lane.poweredAt ?? at);
  switch (event.kind) {
    case "power":
      return event.on ? powered(lane, now) : unpowered(lane, now);
    case "discover":
      return discovered(lane, event.client, now, terms);
    case "offer": {
      const { address, isBoot } = event;
      const heard = advance(begun(lane, now), "offer", now);
      return { ...heard, address, isBoot, offers: heard.offers + 1 };
    }
    case "request":
      return isBooting(lane) ? { ...lane, heardAt: now } : lane;
    case "ack":
      return isBooting(lane) ? { ...lane, heardAt: now, address: event.address } : lane;
    case "nak":
      return isBooting(lane) ? { ...lane, heardAt: now, address: null } : lane;
    case "decline":
      return { ...advance(begun(lane, now), "offer", now), address: null, declined: event.address };
    case "file":
      return fileNews(lane, event, now, terms);
    case "told":
      return told(lane, event, now);
    case "registered":
      return registered(lane, now);
    default:
      return unreachable(event);
  }
}

/** The lane of a board that goes no further: it said so (`why`), or was silent for too long (null). One that is up stays so. */
export function stopLane(lane: Lane, at: Millis, why: string | null): Lane {
  const { state } = lane;
  if (state.kind === "idle" || state.kind === "up") return lane;
  // What the board said itself stays; silence adds nothing to it.
  if (state.kind === "stopped" && (why === null || state.why === why)) return lane;
  return { ...lane, state: { kind: "stopped", why }, steps: closed(lane, Math.max(at, lane.heardAt ?? at)) };
}

/** Where a step stands in the order of a boot, from 0. */
export function orderOfStep(step: BootStep): number {
  return bootSteps.indexOf(step);
}

/** How long a step took, or has taken until `now`; null when it was not seen. */
export function tookOf({ begunAt, endedAt }: LaneStep, now: Millis): Millis | null {
  return begunAt === null ? null : Math.max(0, (endedAt ?? now) - begunAt);
}

/** How long this boot took, or has taken until `now`: from power or the first sign to the last. */
export function bootTook(lane: Lane, now: Millis): Millis | null {
  const from = lane.poweredAt !== null && lane.attemptsSincePower <= 1 ? lane.poweredAt : lane.begunAt;
  if (from === null || lane.state.kind === "idle") return null;
  const { kind } = lane.state;
  const last = lane.at === null ? null : lane.steps[lane.at].endedAt;
  const until = kind === "up" ? last : kind === "stopped" ? lane.heardAt : now;
  return Math.max(0, (until ?? from) - from);
}

const unseen: LaneStep = { begunAt: null, endedAt: null, asks: 0, bytes: 0, resends: 0, percent: null };
const noSteps = Object.fromEntries(bootSteps.map((step) => [step, unseen])) as Readonly<Record<BootStep, LaneStep>>;
const freshBoot = {
  ...{ at: null, begunAt: null, heardAt: null, client: null, address: null, isBoot: null, offers: 0, declined: null },
  ...{ isKernelHeard: false, steps: noSteps, files: [] },
} as const satisfies Partial<Lane>;

function powered(lane: Lane, now: Millis): Lane {
  const kept = { attempt: lane.attempt, attemptsSincePower: 0, poweredAt: now, previous: pastOf(lane, now) };
  return { ...freshBoot, ...kept, state: { kind: "waiting" } };
}

/** Where it stood stays to be seen until it starts anew. */
function unpowered(lane: Lane, now: Millis): Lane {
  if (lane.state.kind === "idle" && lane.poweredAt === null) return lane;
  const previous = pastOf(lane, now);
  return {
    ...lane,
    state: { kind: "idle" },
    attemptsSincePower: 0,
    poweredAt: null,
    previous,
    steps: closed(lane, now),
  };
}

function discovered(lane: Lane, client: BootClient, now: Millis, terms: LaneTerms): Lane {
  const isQuiet = lane.heardAt !== null && now - lane.heardAt > terms.silenceMs;
  if (isFirmware(client)) {
    // bootcode.bin asks once more with the words of the ROM; from start.elf on nothing of the firmware does.
    const isAnew = lane.state.kind === "up" || isQuiet || isPast(lane, "bootcode");
    return heardDiscover(isAnew ? anew(lane, now) : begun(lane, now), client, now);
  }
  if (isLoaderAgain(lane, client, isQuiet)) return heardDiscover(anew(lane, now), client, now);
  // The next stage (iPXE, the kernel, a running system that renews): never a boot of its own once one is under way.
  if (lane.state.kind === "up") return lane;
  // A system that asks for an address with no firmware before it started from a disk of its own.
  if (lane.state.kind === "idle" || lane.at === null) return heardDiscover(begun(lane, now), client, now);
  const isKernel = client.kind === "os" && isPast(lane, "config");
  return { ...begun(lane, now), isKernelHeard: lane.isKernelHeard || isKernel };
}

function heardDiscover(lane: Lane, client: BootClient, now: Millis): Lane {
  const heard = advance(lane, "discover", now);
  const { discover } = heard.steps;
  const steps = { ...heard.steps, discover: { ...discover, asks: discover.asks + 1 } };
  return { ...heard, client: heard.client ?? client, steps };
}

function fileNews(lane: Lane, event: FileEvent, now: Millis, terms: LaneTerms): Lane {
  if (event.news === "begun" || event.news === "missing") return asked(lane, event, now, terms);
  // News of a transfer that an earlier boot began, told late, says nothing of this one.
  const isKnown = lane.files.some(({ path }) => path === event.path);
  if (!isKnown && !(event.news === "failed" && lane.state.kind === "booting")) return lane;
  return counted(lane.state.kind === "idle" ? lane : begun(lane, now), event, lane.at, now);
}

function asked(lane: Lane, event: FileEvent, now: Millis, terms: LaneTerms): Lane {
  const step = stepOfFile(event.path, isStarted(lane.files));
  const isQuiet = lane.heardAt === null || now - lane.heardAt > terms.silenceMs / 10;
  const there = isQuiet && beginsAnew(lane, step) ? anew(lane, now) : begun(lane, now);
  return counted({ ...(step === null ? there : advance(there, step, now)), declined: null }, event, step, now);
}

/**
 * Where another server gives the addresses, the first files are all that is seen of a new boot. They come after a pause, in
 * which a board restarts: news without one are of the boot that is over, told late.
 */
function beginsAnew(lane: Lane, step: BootStep | null): boolean {
  if (step === null) return false;
  if (lane.state.kind === "up") return orderOfStep(step) < orderOfStep("root");
  return step === "bootcode" && isPast(lane, "start");
}

function counted(lane: Lane, event: FileEvent, step: BootStep | null, now: Millis): Lane {
  const { files, file, change } = noteFile(lane.files, event, step, now);
  const at = file.step ?? lane.at;
  if (at === null) return { ...lane, files };
  const before = lane.steps[at];
  const after: LaneStep = {
    ...before,
    asks: before.asks + change.asks,
    bytes: before.bytes + change.bytes,
    resends: before.resends + change.resends,
    percent: change.percent === undefined ? before.percent : change.percent,
  };
  return { ...lane, files, steps: { ...lane.steps, [at]: after } };
}

function told(lane: Lane, { step, failed }: BootEvent & { readonly kind: "told" }, now: Millis): Lane {
  const isAnew = orderOfStep(step) <= orderOfStep("bootcode") && isPast(lane, step);
  const there = advance(isAnew ? anew(lane, now) : begun(lane, now), step, now);
  if (failed !== null) return stopLane(there, now, failed);
  return step === "registered" ? registered(there, now) : there;
}

function registered(lane: Lane, now: Millis): Lane {
  if (lane.state.kind === "up") return lane;
  // It ran before the head did, or its link broke and is back: no boot was seen, none is made up.
  if (lane.state.kind === "idle") return { ...lane, state: { kind: "up" } };
  const there = advance(begun(lane, now), "registered", now);
  return { ...there, state: { kind: "up" }, steps: closed(there, now) };
}

/** The lane of a board that gave a sign: booting, in a first attempt if there was none. */
function begun(lane: Lane, now: Millis): Lane {
  if (lane.begunAt === null || lane.state.kind === "idle") return anew(lane, now);
  if (lane.state.kind !== "stopped") return { ...lane, heardAt: now };
  // It was thought to have stopped, and goes on.
  const { at, steps } = lane;
  const reopened = at === null ? steps : { ...steps, [at]: { ...steps[at], endedAt: null } };
  return { ...lane, state: { kind: "booting" }, heardAt: now, steps: reopened };
}

function anew(lane: Lane, now: Millis): Lane {
  return {
    ...freshBoot,
    state: { kind: "booting" },
    attempt: lane.attempt + 1,
    attemptsSincePower: lane.attemptsSincePower + 1,
    poweredAt: lane.poweredAt,
    begunAt: now,
    heardAt: now,
    previous: pastOf(lane, now),
  };
}

/** Begins `step`, ending the one before. A step that was passed already is not begun again. */
function advance(lane: Lane, step: BootStep, now: Millis): Lane {
  if (lane.state.kind === "up") return lane;
  if (lane.at !== null && orderOfStep(step) <= orderOfStep(lane.at)) return lane;
  const steps = { ...closed(lane, now), [step]: { ...lane.steps[step], begunAt: now, endedAt: null } };
  return { ...lane, at: step, steps };
}

function closed(lane: Lane, now: Millis): Lane["steps"] {
  if (lane.at === null || lane.steps[lane.at].endedAt !== null) return lane.steps;
  return { ...lane.steps, [lane.at]: { ...lane.steps[lane.at], endedAt: now } };
}

/** The boot that ends here, or the one before when none was begun. */
function pastOf(lane: Lane, now: Millis): PastBoot | null {
  if (lane.begunAt === null || lane.state.kind === "idle") return lane.previous;
  const { kind } = lane.state;
  const stepMs: Partial<Record<BootStep, Millis>> = {};
  for (const step of bootSteps) {
    const { endedAt } = lane.steps[step];
    if (endedAt !== null) stepMs[step] = tookOf(lane.steps[step], now) ?? 0;
  }
  const outcome = kind === "up" || kind === "stopped" ? kind : "cut";
  return { outcome, at: lane.at, tookMs: bootTook(lane, now) ?? 0, stepMs };
}

function isBooting(lane: Lane): boolean {
  return lane.state.kind === "booting" || lane.state.kind === "stopped";
}

function isPast(lane: Lane, step: BootStep): boolean {
  return lane.state.kind === "up" || (lane.at !== null && orderOfStep(lane.at) > orderOfStep(step));
}

/**
 * A loader that asks when it has handed over already: the board restarted. Many cards have iPXE for a ROM and some boards
 * U-Boot for a firmware, so nothing asks before them.
 */
function isLoaderAgain(lane: Lane, { kind }: BootClient, isQuiet: boolean): boolean {
  if (lane.state.kind === "idle" || (kind !== "ipxe" && kind !== "u-boot")) return false;
  return isPast(lane, kind === "ipxe" ? "config" : "kernel") || (isQuiet && lane.client?.kind === kind);
}

/** What asks from a mask ROM, an EEPROM or a BIOS: the first stage of a boot. */
function isFirmware({ kind }: BootClient): boolean {
  return kind === "pi-rom" || kind === "pi-eeprom" || kind === "bios" || kind === "uefi" || kind === "uefi-http";
}
