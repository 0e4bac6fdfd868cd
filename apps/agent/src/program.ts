import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { clockFrom, messageOf, seededRandom } from "@bramble/core/base";
import { type Agent, startAgent } from "./agent.ts";
import { type HeadFinder, listenForHead } from "./discover/beacon.ts";
import { type Flags, readFlags, usage } from "./flags.ts";
import { linuxHardware } from "./hardware/linux.ts";
import { jsonLog } from "./log.ts";
import type { RoleKeeping } from "./roles/role-keeping.ts";
import { createWorkerPool } from "./runner/pool.ts";
import { version } from "./version.ts";
import { startWeb, type WebService } from "./web/server.ts";

/** The agent's program, from its flags to its end. `entry` is the module that a Warble thread runs. */
export async function main(entry: URL): Promise<void> {
  let flags: Flags;
  try {
    flags = readFlags(process.argv.slice(2));
  } catch (error) {
    exitWith(2, messageOf(error));
  }
  switch (flags.kind) {
    case "help":
      process.stdout.write(usage);
      return;
    case "version":
      process.stdout.write(`${version}\n`);
      return;
    case "run":
      await run(flags, entry);
  }
}

async function run(flags: Extract<Flags, { kind: "run" }>, entry: URL): Promise<void> {
  const token = flags.tokenFile === null ? null : readToken(flags.tokenFile);
  const stop = new AbortController();
  const clock = clockFrom({
    now: Date.now,
    monotonic: () => performance.now(),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
  });
  const log = jsonLog(flags.logLevel, Date.now, (line) => process.stderr.write(line));
  const random = seededRandom(randomBytes(16).toString("hex"));
  const hardware = linuxHardware({ clock });

  let agent: Agent | null = null;
  const finder: HeadFinder = await (flags.head === null
    ? listenForHead({ clock, random, log, onReturn: () => agent?.wake() })
    : named(flags.head)
  ).catch((error: unknown) =>
    exitWith(1, `the beacon's port cannot be opened: ${messageOf(error)}; name the head with --head`),
  );
  const runner = createWorkerPool({ clock, workers: availableParallelism(), entry });
  const roles = flags.roles === "none" ? null : await keepRoles(flags.roles === "root", flags.state);
  const halt = flags.mayHalt ? powerOff : null;
  const parts = { hardware, runner, findHead: finder.find, clock, random, log, token, version, roles, halt };
  agent = startAgent(parts, stop.signal);
  const web = flags.web === null ? null : await openWeb(flags.web);

  // A supervisor (`bramble demo`) hears that we run, and we end when it is gone.
  process.send?.({ type: "ready" });
  const reason = await new Promise<string>((resolve) => {
    if (process.send !== undefined) process.once("disconnect", () => resolve("disconnect"));
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      // A second signal ends at once.
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
  });
  log.info({ reason }, "stopping");
  await web?.[Symbol.asyncDispose]();
  await agent.stop(reason);
  await runner[Symbol.asyncDispose]();
  await finder[Symbol.asyncDispose]();
  // A disk question to a dead file server may hang for ever; it must not keep the process.
  process.exit(0);

  /** systemd ends everything in order; with root, or a rule of polkit that allows it. */
  function powerOff(_reason: string, restart: boolean): void {
    const verb = restart ? "reboot" : "poweroff";
    const child = spawn("systemctl", [verb], { stdio: "ignore" });
    child.on("error", (error) => log.error({ why: messageOf(error) }, `systemctl ${verb} cannot be run`));
    child.on("exit", (code) => {
      if (code !== 0) log.error({ code }, `systemctl ${verb} was refused`);
    });
  }

  async function keepRoles(allowsRoot: boolean, state: string): Promise<RoleKeeping> {
    // Loaded only here: a board without roles pays nothing for them.
    const { boardRoles } = await import("./roles/board-roles.ts");
    const { bootId } = await hardware.identity();
    return boardRoles({ clock, log, state, allowsRoot, bootId });
  }

  async function openWeb(place: { host: string; port: number }): Promise<WebService> {
    const { identity } = hardware;
    try {
      const service = await startWeb({ ...place, facts: () => agent!.facts(), identity, version, log });
      log.info({ host: place.host, port: service.port }, "web service open");
      return service;
    } catch (error) {
      const isTaken = (error as { code?: string }).code === "EADDRINUSE";
      exitWith(1, isTaken ? `port ${place.port} is taken: choose another with --port, or --no-web` : messageOf(error));
    }
  }
}

async function named(url: string): Promise<HeadFinder> {
  return { find: async () => ({ url }), [Symbol.asyncDispose]: async () => {} };
}

function readToken(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    exitWith(1, `--token-file: ${messageOf(error)}`);
  }
}

function exitWith(code: number, message: string): never {
  process.stderr.write(`bramble-agent: ${message}\n`);
  process.exit(code);
}
