import { execFile } from "node:child_process";
import type { Clock } from "@bramble/core/base";
import type { RunResult } from "@bramble/core/power";
import { PowerError } from "@bramble/core/power";

/**
 * Run one program with a fixed list of arguments: no shell, no input, an environment of PATH and language alone.
 * It is killed after 10 seconds, at more than 64 KB of output, and when the signal ends.
 */
export async function runProgram(
  { pdu, clock }: { readonly pdu: string; readonly clock: Clock },
  command: readonly string[],
  signal: AbortSignal,
): Promise<RunResult> {
  const [program, ...given] = command;
  if (program === undefined || program === "") throw new PowerError("power.config", pdu, "no program to run");
  signal.throwIfAborted();
  const late = new AbortController();
  const timer = clock.after(maxWaitMs, () => late.abort());
  const options = {
    signal: AbortSignal.any([signal, late.signal]),
    killSignal: "SIGKILL",
    maxBuffer: maxBytes,
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C" },
  } as const;
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  const child = execFile(program, given, options, (error, out, err) => {
    const code = error === null ? 0 : error.code;
    if (typeof code === "number") resolve({ code, out, err });
    else reject(error);
  });
  child.stdin?.end();
  try {
    return await promise;
  } catch (thrown) {
    signal.throwIfAborted();
    const { code, signal: killed } = thrown as { readonly code?: unknown; readonly signal?: unknown };
    const told = (kind: "power.connection" | "power.timeout" | "power.answer", why: string): PowerError =>
      new PowerError(kind, pdu, `${program.slice(0, 100)} ${why}`, { cause: thrown });
    if (late.signal.aborted) throw told("power.timeout", `did not end within ${maxWaitMs} ms`);
    if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
      throw told("power.answer", `said more than ${maxBytes / 1024} KB`);
    throw told("power.connection", `cannot be run (${String(code ?? killed ?? thrown)})`);
  } finally {
    timer.cancel();
  }
}

const maxBytes = 65_536;
const maxWaitMs = 10_000;
