import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterAnswer } from "@bramble/core/api";

export const repository = join(import.meta.dirname, "..", "..");

/** A demo run as a person runs it: by its command, watched by its lines and its API. */
export type DemoProcess = AsyncDisposable & {
  readonly url: string;
  readonly control: number;
  /** Milliseconds from the start of the command to its ready line. */
  readonly readyAfterMs: number;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown, token?: string): Promise<{ status: number; body: T }>;
  /** Polls the API until `isTrue`, and gives how long that took. @throws with what it saw last. */
  until(isTrue: (cluster: ClusterAnswer) => boolean, withinMs: number): Promise<number>;
  /** What it wrote, for a failure. */
  output(): string;
  /** Ctrl+C; gives the exit code. */
  interrupt(): Promise<number | null>;
};

export type DemoCommand = {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
};

/** The demo of this checkout, on ports of its own. */
export function demoOf(cluster: string, ...more: string[]): DemoCommand {
  return {
    command: process.execPath,
    args: ["bin/bramble.mjs", "demo", "--cluster", join("examples", cluster), ...more],
    cwd: repository,
  };
}

/** Starts a demo and waits for its ready line. */
export async function startDemoProcess(
  { command, args, cwd, env }: DemoCommand,
  withinMs = 60_000,
): Promise<DemoProcess> {
  const data = mkdtempSync(join(tmpdir(), "bramble-demo-"));
  const control = await freePort();
  const pdus = await freePort();
  const startedAt = performance.now();
  const child = spawn(
    command,
    [...args, "--port", "0", "--control", String(control), "--pdu-port", String(pdus), "--data", data],
    {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    },
  );
  const said: string[] = [];
  const url = await readyLine(child, said, withinMs);
  const readyAfterMs = performance.now() - startedAt;
  const get = async <T>(path: string): Promise<T> => (await (await fetch(new URL(`/api/v1${path}`, url))).json()) as T;
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null) return Promise.resolve(child.exitCode);
    return new Promise((resolve) => {
      child.once("exit", (code) => resolve(code));
      // As a terminal does: the signal goes to the whole process group that we made.
      process.kill(-child.pid!, signal);
    });
  };
  return {
    url,
    control,
    readyAfterMs,
    get,
    async post<T>(path: string, body: unknown, token?: string) {
      const headers = {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const response = await fetch(new URL(`/api/v1${path}`, url), {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return { status: response.status, body: (await response.json()) as T };
    },
    async until(isTrue, ms) {
      const from = performance.now();
      for (;;) {
        const cluster = await get<ClusterAnswer>("/cluster");
        const took = performance.now() - from;
        if (isTrue(cluster)) return took;
        if (took > ms) throw new Error(`not so after ${ms} ms: ${JSON.stringify(cluster)}\n${said.join("")}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    output: () => said.join(""),
    interrupt: () => end("SIGINT"),
    async [Symbol.asyncDispose]() {
      await end("SIGINT");
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Sends one command to the demo's simulator through the command line, as a person would. */
export function bramble(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(repository, "bin/bramble.mjs"), ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (err += text));
    child.on("exit", (code) => resolve({ code, out, err }));
  });
}

function readyLine(child: ChildProcess, said: string[], withinMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(new Error(`no ready line within ${withinMs} ms:\n${said.join("")}`));
    const timer = setTimeout(give, withinMs);
    child.stderr!.on("data", (text) => said.push(String(text)));
    child.stdout!.on("data", (text) => {
      said.push(String(text));
      const found = /^ready (http:\S+)$/m.exec(said.join(""));
      if (found === null) return;
      clearTimeout(timer);
      resolve(found[1]!);
    });
    child.once("exit", (code) => reject(new Error(`the demo ended with ${code}:\n${said.join("")}`)));
  });
}

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
