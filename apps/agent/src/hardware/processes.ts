import { readdirSync } from "node:fs";
import type { Process } from "@bramble/core/observe";
import type { KernelFiles } from "./files.ts";
import { parsePasswd, parseProgram, parseStatus } from "./proc.ts";

/** What /proc/PID/stat tells of the time that a process took, in ticks; a number is used again, `started` tells whose it is. */
export type ProcessTicks = { readonly ticks: number; readonly started: number };

/**
 * /proc/PID/stat, read from its bytes: a thousand of these are read a minute. The name stands in brackets and may
 * itself contain brackets and spaces, so fields are counted from the last one.
 */
export function parseProcessStat(bytes: Uint8Array): ProcessTicks | null {
  const close = bytes.lastIndexOf(41);
  if (close < 0) return null;
  let field = 2;
  let ticks = 0;
  let value = 0;
  for (let at = close + 1; at < bytes.length; at++) {
    const octet = bytes[at]!;
    if (octet === 32) {
      if (field === 14 || field === 15) ticks += value;
      if (field === 22) return { ticks, started: value };
      field += 1;
      value = 0;
    } else {
      value = octet >= 48 && octet <= 57 ? value * 10 + octet - 48 : 0;
    }
  }
  return null;
}

/** Keeps the ticks of every process between two samples, to tell which five were busiest. */
export class ProcessWatch {
  readonly #files: KernelFiles;
  #seen = new Map<number, Seen>();
  #round = 0;
  #users: ReadonlyMap<number, string> = new Map();
  #usersReadAt = Number.NEGATIVE_INFINITY;

  constructor(files: KernelFiles) {
    this.#files = files;
  }

  /**
   * The five that took the most time since the last call.
   *
   * @param elapsedTicks ticks of all cores since the last call; null when unknown (all shares are then 0).
   * @param totalMb of memory, for the percentage; null gives 0.
   */
  busiest(elapsedTicks: number | null, totalMb: number | null): Process[] {
    this.#round += 1;
    const best: Seen[] = [];
    for (const pid of this.#pids()) {
      const seen = this.#read(pid);
      if (seen === null) continue;
      let place = best.length;
      while (place > 0 && isBusier(seen, best[place - 1]!)) place -= 1;
      if (place < count) best.splice(place, 0, seen);
      if (best.length > count) best.pop();
    }
    for (const [pid, seen] of this.#seen) if (seen.round !== this.#round) this.#seen.delete(pid);
    const processes: Process[] = [];
    for (const seen of best) {
      const process = this.#describe(seen, elapsedTicks, totalMb);
      if (process !== null) processes.push(process);
    }
    return processes;
  }

  #pids(): number[] {
    try {
      const pids: number[] = [];
      for (const name of readdirSync(this.#files.path("/proc"))) {
        const first = name.charCodeAt(0);
        if (first >= 49 && first <= 57) pids.push(Number(name));
      }
      return pids;
    } catch {
      return [];
    }
  }

  #read(pid: number): Seen | null {
    const bytes = this.#files.bytes(`/proc/${pid}/stat`);
    const now = bytes === null ? null : parseProcessStat(bytes);
    if (now === null) return null;
    const before = this.#seen.get(pid);
    if (before === undefined || before.started !== now.started) {
      // A process that began since the last look took all its time since then.
      const seen = { pid, ...now, delta: this.#round > 1 ? now.ticks : 0, round: this.#round };
      this.#seen.set(pid, seen);
      return seen;
    }
    before.delta = Math.max(0, now.ticks - before.ticks);
    before.ticks = now.ticks;
    before.round = this.#round;
    return before;
  }

  #describe(seen: Seen, elapsedTicks: number | null, totalMb: number | null): Process | null {
    const text = this.#files.text(`/proc/${seen.pid}/status`);
    const status = text === null ? null : parseStatus(text);
    if (status === null) return null;
    const cpu = elapsedTicks === null || elapsedTicks <= 0 ? 0 : Math.min(100, (seen.delta / elapsedTicks) * 100);
    const memory = totalMb === null || totalMb <= 0 ? 0 : (status.residentKb / 1024 / totalMb) * 100;
    return {
      pid: seen.pid,
      name: this.#nameOf(seen.pid, status.name),
      user: this.#userName(status.uid),
      cpu,
      memory: Math.min(100, memory),
    };
  }

  /** Node 23 and later name their first thread, and with it the process, "MainThread": then the program is told. */
  #nameOf(pid: number, name: string): string {
    if (name !== "MainThread") return name;
    return parseProgram(this.#files.text(`/proc/${pid}/cmdline`) ?? "") ?? name;
  }

  /** Names are read again when an unknown number turns up, once in a hundred samples at the most. */
  #userName(uid: number): string {
    if (!this.#users.has(uid) && this.#round - this.#usersReadAt > 100) {
      this.#users = parsePasswd(this.#files.text("/etc/passwd") ?? "");
      this.#usersReadAt = this.#round;
    }
    return this.#users.get(uid) ?? String(uid);
  }
}

type Seen = { readonly pid: number; readonly started: number; ticks: number; delta: number; round: number };

const count = 5;

/** More time since the last look; if equal, more time in all. */
function isBusier(a: Seen, b: Seen): boolean {
  return a.delta > b.delta || (a.delta === b.delta && a.ticks > b.ticks);
}
