import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programArguments } from "../../apps/cli/src/programs.ts";
import { repository } from "../support/demo-process.ts";
import { peakMb } from "./watch.ts";

/** A program of ours as a process that strangers meet. */
export type Program = AsyncDisposable & {
  /** What its ready line gave. */
  readonly ready: string;
  readonly pid: number;
  /** Everything it wrote so far. */
  said(): string;
  isRunning(): boolean;
  /** The most memory that it ever had, in megabytes. */
  peakMb(): number;
};

/** Start `bramble <name>` with the flags that the command gives to Node; resolves at its ready line. */
export async function startProgram(
  name: "head" | "agent" | "sim",
  args: readonly string[],
  ready: RegExp,
): Promise<Program> {
  const child = spawn(process.execPath, [...programArguments(name), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  const found = await readyOf(child, said, ready);
  return {
    ready: found,
    pid: child.pid!,
    said: () => said.join(""),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    peakMb: () => peakMb(child.pid!),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(patience);
    },
  };
}

/** A head of the police box, without power or beacon. */
export async function startHead(): Promise<
  Program & { readonly port: number; wellAfter(what: string): Promise<void> }
> {
  const data = mkdtempSync(join(tmpdir(), "bramble-strangers-"));
  const program = await startProgram(
    "head",
    [
      ...["--cluster", join(repository, "examples/police-box.yaml"), "--port", "0", "--data", data],
      ...["--power", "none", "--beacon", "off", "--log-level", "warn"],
    ],
    /^ready (http:\S+)$/m,
  );
  return {
    ...program,
    port: Number(new URL(program.ready).port),
    /** It lives, it answers soon, it is small, and it found no mistake of its own. */
    async wellAfter(what) {
      const failed = (why: string): Error => new Error(`after ${what}: ${why}\n${program.said().slice(-2000)}`);
      if (!program.isRunning()) throw failed("the head is gone");
      const health = await fetch(`${program.ready}/healthz`, { signal: AbortSignal.timeout(10_000) });
      if (!health.ok) throw failed(`/healthz says ${health.status}`);
      const mistake = program
        .said()
        .split("\n")
        .find((line) => /"level":[56]0|unhandled|Error:/i.test(line));
      if (mistake !== undefined) throw failed(mistake);
      if (program.peakMb() > 400) throw failed(`${Math.round(program.peakMb())} MB`);
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** What comes back for octets on a connection of their own, until it is closed or nothing more comes for `quietMs`. */
export function exchange(
  port: number,
  sent: string | Uint8Array,
  quietMs = 1500,
): Promise<{ text: string; isClosed: boolean }> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(sent));
    const end = (isClosed: boolean): void => {
      socket.destroy();
      resolve({ text, isClosed });
    };
    socket.setEncoding("latin1").setTimeout(quietMs, () => end(false));
    socket.on("data", (piece) => (text += piece));
    socket.on("error", () => end(true));
    socket.on("close", () => end(true));
  });
}

/** The upgrade that opens a WebSocket on `path`. */
export function upgradeOf(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
}

function readyOf(child: ChildProcess, said: string[], ready: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready: ${said.join("")}`)), 60_000);
    const hear = (text: unknown): void => {
      said.push(String(text));
      const match = ready.exec(said.join(""));
      if (match === null) return;
      clearTimeout(timer);
      resolve(match[1] ?? "");
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${said.join("")}`)));
  });
}
