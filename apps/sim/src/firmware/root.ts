import { toldToStop } from "./files.ts";
import type { Script, Self, Verdict } from "./script.ts";
import { stopped } from "./script.ts";

/**
 * What the initial RAM disk does: fetches the root that the kernel's command line names, in parts.
 *
 * @returns how the boot ended, or null: it goes on.
 */
export function* fetchRoot(self: Self, cmdline: string): Script<Verdict | null> {
  self.say({ kind: "step", step: "root" });
  const path = rootIn(cmdline);
  if (path === null) return cmdline === "" ? stopped("root", null, "no command line, so no root") : null;
  let got = 0;
  let total: number | null = null;
  while (total === null || got < total) {
    // Told to stop here: it asks for a little of it and no more.
    const part = self.stopAt === "root" ? littlePart : got === 0 ? firstPart : laterPart;
    const last: number = Math.min(got + part, total ?? Number.MAX_SAFE_INTEGER) - 1;
    const answer: Answer | null = yield* get(self, path, got, last);
    if (answer === null) return fail(self, path, "nobody answers");
    if (answer.status !== 206 || answer.total === null) return fail(self, path, `answered with ${answer.status}`);
    const due: number = Math.min(last, answer.total - 1) - got + 1;
    if (answer.bytes !== due || (total !== null && answer.total !== total))
      return fail(self, path, `${answer.bytes} octets where ${due} were due`);
    [got, total] = [got + due, answer.total];
    if (self.stopAt === "root") return stopped("root", path, toldToStop);
  }
  return null;
}

/** The path of the root, where the command line gives a URL of one. */
export function rootIn(cmdline: string): string | null {
  return /\bhttps?:\/\/[^\s/]+(\/[^\s"']+\.squashfs)/.exec(cmdline)?.[1] ?? null;
}

/** Linux runs: it can say what is wrong, as firmware cannot. */
function fail(self: Self, path: string, why: string): Verdict {
  self.say({ kind: "post", path: `/boot/${self.facts.mac}/step`, body: JSON.stringify({ step: "root", failed: why }) });
  return stopped("root", path, why);
}

type Answer = { readonly status: number; readonly bytes: number; readonly total: number | null };

/** One part, asked again a few times when nobody answers. */
function* get(self: Self, path: string, first: number, last: number): Script<Answer | null> {
  for (let tries = 0; tries < mostTries; tries++) {
    self.say({ kind: "get", path, first, last });
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
