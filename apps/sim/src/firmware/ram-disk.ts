import type { Ipv4 } from "@bramble/core/boot";
import { toldToStop } from "./files.ts";
import { type FirmwareAct, type Script, type Self, stopped, type Verdict, work } from "./script.ts";

/** What came of the initial RAM disk: the root is there, the board stopped, or it starts again from its firmware. */
export type RamDisk = Verdict | { readonly kind: "rooted" } | { readonly kind: "restart" };

/**
 * What the initial RAM disk does: with plan `live` it fetches the root that the command line names, in parts; with
 * `discovery` it tells the head what the board is and does what it is answered; with `rescue` it waits at a shell.
 */
export function* runRamDisk(self: Self, cmdline: string, address: Ipv4): Script<RamDisk> {
  const plan = /\bbramble\.plan=(\w+)/.exec(cmdline)?.[1] ?? "live";
  if (plan === "discovery") return yield* discover(self, address);
  if (plan === "rescue") return stopped("initrd", null, "plan rescue: it waits at a shell");
  self.say({ kind: "step", step: "root" });
  if (cmdline === "") return stopped("root", null, "no command line, so no root");
  const path = rootIn(cmdline);
  // No URL: the root is an NFS export, which is not fetched.
  return path === null ? { kind: "rooted" } : yield* fetchRoot(self, path);
}

/** The path of the root, where the command line gives a URL of one. */
function rootIn(cmdline: string): string | null {
  return /\bhttps?:\/\/[^\s/]+(\/[^\s"']+\.squashfs)/.exec(cmdline)?.[1] ?? null;
}

function* fetchRoot(self: Self, path: string): Script<RamDisk> {
  let got = 0;
  let total: number | null = null;
  while (total === null || got < total) {
    // Told to stop here: it asks for a little of it and no more.
    const part = self.stopAt === "root" ? littlePart : got === 0 ? firstPart : laterPart;
    const last: number = Math.min(got + part, total ?? Number.MAX_SAFE_INTEGER) - 1;
    const answer: Answer | null = yield* ask(self, { kind: "get", path, first: got, last });
    if (answer === null) return yield* fail(self, path, "nobody answers");
    if (answer.status !== 206 || answer.total === null)
      return yield* fail(self, path, `answered with ${answer.status}`);
    const due: number = Math.min(last, answer.total - 1) - got + 1;
    if (answer.bytes !== due || (total !== null && answer.total !== total))
      return yield* fail(self, path, `${answer.bytes} octets where ${due} were due`);
    [got, total] = [got + due, answer.total];
    if (self.stopAt === "root") return stopped("root", path, toldToStop);
  }
  return { kind: "rooted" };
}

function* discover(self: Self, address: Ipv4): Script<RamDisk> {
  const { mac, serial, model } = self.facts;
  const body = JSON.stringify({
    mac,
    serial: `00000000${serial}`,
    model: `Raspberry Pi ${model.toUpperCase()}`,
    revision: null,
    memoryMb: 877,
    address,
    linkPartner: null,
  });
  for (let missed = 0; missed < mostMissed; ) {
    const answer = yield* ask(self, { kind: "post", path: "/discovery", body });
    if (answer?.status !== 200) {
      missed++;
      yield* work(self, pauseMs);
      continue;
    }
    missed = 0;
    const [, seconds] = /"seconds":\s*(\d{1,5})/.exec(answer.text) ?? [];
    yield* work(self, seconds === undefined ? rebootMs : Math.max(1, Number(seconds)) * 1000);
    if (seconds === undefined) return { kind: "restart" };
  }
  return stopped("initrd", "/discovery", "nobody answers");
}

/** Linux runs: it can say what is wrong, as firmware cannot. Best effort. */
function* fail(self: Self, path: string, why: string): Script<Verdict> {
  self.say({ kind: "post", path: `/boot/${self.facts.mac}/step`, body: JSON.stringify({ step: "root", failed: why }) });
  self.say({ kind: "timer", ms: patienceMs, waits: "answer" });
  for (;;) {
    const { kind } = yield;
    if (kind === "http" || kind === "time") return stopped("root", path, why);
  }
}

type Answer = {
  readonly status: number;
  readonly bytes: number;
  readonly total: number | null;
  readonly text: string;
};

/** One request, made again a few times when nobody answers. */
function* ask(self: Self, request: FirmwareAct & { readonly kind: "get" | "post" }): Script<Answer | null> {
  for (let tries = 0; tries < mostTries; tries++) {
    self.say(request);
    self.say({ kind: "timer", ms: patienceMs, waits: "answer" });
    for (;;) {
      const event = yield;
      if (event.kind === "time") break;
      if (event.kind !== "http") continue;
      if (event.status !== 0 && event.status !== 503) return event;
      // The server is away or overloaded: it asks again in a while.
      self.say({ kind: "timer", ms: pauseMs, waits: "answer" });
    }
  }
  return null;
}

const littlePart = 512;
const firstPart = 65_536;
const laterPart = 1_048_576;
const mostTries = 5;
const patienceMs = 10_000;
const pauseMs = 2_000;
const mostMissed = 40;
const rebootMs = 3_000;
