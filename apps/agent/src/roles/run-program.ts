import { spawn } from "node:child_process";
import type { Clock, Millis } from "@bramble/core/base";

/** How to run a program. */
export type RunTerms = {
  readonly env: Readonly<Record<string, string>>;
  /** Absent: as the agent itself. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  readonly timeoutMs: Millis;
  readonly signal: AbortSignal;
};

/** How it ended: null code when it was killed. */
export type ProgramEnd = {
  readonly code: number | null;
  readonly isTimedOut: boolean;
  /** The last of what it printed, as one line. */
  readonly output: string;
};

/** Runs a program by its words, never a shell. @throws when it cannot be started. */
export type RunProgram = (words: readonly string[], terms: RunTerms) => Promise<ProgramEnd>;

/** Programs as processes of this machine, in a group of their own so that nothing of them outlives a timeout. */
export function processRunner(clock: Clock): RunProgram {
  return (words, { env, user, timeoutMs, signal }) =>
    new Promise((resolve, reject) => {
      const [program = "", ...args] = words;
      const child = spawn(program, args, {
        ...{ cwd: "/", env, detached: true, stdio: ["ignore", "pipe", "pipe"], shell: false },
        ...(user === undefined ? {} : user),
      });
      let isTimedOut = false;
      const tail = createTail();
      const kill = (): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        } catch {
          // It has just ended.
        }
      };
      const timer = clock.after(timeoutMs, () => {
        isTimedOut = true;
        kill();
      });
      const done = (): void => {
        timer.cancel();
        signal.removeEventListener("abort", kill);
        // What it left in the background may hold these open for ever.
        child.stdout.destroy();
        child.stderr.destroy();
      };
      signal.addEventListener("abort", kill, { once: true });
      if (signal.aborted) kill();
      child.stdout.on("data", (piece: Uint8Array) => tail.add(piece));
      child.stderr.on("data", (piece: Uint8Array) => tail.add(piece));
      child.once("error", (error) => {
        done();
        reject(error);
      });
      child.once("exit", (code) => {
        // Its last words are in the pipes still.
        setImmediate(() => {
          done();
          resolve({ code, isTimedOut, output: tail.text() });
        });
      });
    });
}

/** The last octets of a stream that may have no end. */
function createTail() {
  let kept = Buffer.alloc(0);
  return {
    add(piece: Uint8Array): void {
      const joined = Buffer.concat([kept, piece.subarray(-tailOctets)]);
      kept = joined.subarray(-tailOctets);
    },
    text: (): string =>
      kept
        .toString("utf8")
        .replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ")
        .trim(),
  };
}

const tailOctets = 600;
