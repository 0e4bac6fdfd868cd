import { connectWebSocket, pretendApplier, type Runner, roleKeeping, startAgent } from "@bramble/agent";
import { type Clock, type Logger, seededRandom, silentLog } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { createReports } from "./boards/reports.ts";
import { openControl } from "./control/server.ts";
import { createHeadClient } from "./head-client.ts";
import type { HeadFinder } from "./head-finder.ts";
import { createBootNetwork } from "./network/network.ts";
import type { SimOptions } from "./options.ts";
import { openPdus } from "./pdus.ts";
import { seedOf } from "./physics/chance.ts";
import { openServers } from "./servers.ts";
import { createWorld } from "./world.ts";

/** A running simulator. */
export type Simulator = AsyncDisposable & {
  readonly controlPort: number;
  readonly boards: number;
  /** `127.30.0.1:10023` and so on, in the order of the file. */
  readonly pdus: readonly string[];
};

/** What a simulator stands on; the caller closes head and runner after it. */
export type SimulatorParts = {
  readonly options: SimOptions;
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** The same time at the simulator's speed. */
  readonly paced: Clock;
  readonly head: HeadFinder;
  readonly runner: Runner;
  readonly token: string | null;
  readonly version: string;
  readonly log: Logger;
};

/** Start all boards, PDUs and the control port. @throws StartError for a busy port, naming its flag. */
export async function startSimulator(parts: SimulatorParts): Promise<Simulator> {
  const { options, cluster, clock, paced, head, runner, log, token, version } = parts;
  await using stack = new AsyncDisposableStack();
  const client = stack.use(createHeadClient(() => head.url, token, reportLanes));
  const reports = stack.use(createReports({ post: client.post, clock, log, lanes: reportLanes }));
  const { speed } = options;
  const switches = cluster.switches.map(({ id }) => id);
  const network = stack.use(createBootNetwork({ get: client.get, switches, clock, paced, speed, log }));
  const ending = new AbortController();
  // Roles are fetched and looked at as on a real board, and applied to nothing.
  const roles = roleKeeping(pretendApplier);
  // A thousand agents that say "linked" are one line of the world's summary.
  const agentLog: Logger = { ...silentLog, error: log.error, warn: log.debug };
  const world = stack.use(
    createWorld({
      cluster,
      clock,
      paced,
      seed: seedOf(options.seed),
      random: seededRandom(options.seed),
      speed,
      failPart: options.fail,
      allOn: options.power === "on",
      network,
      reports,
      runner,
      connect: connectWebSocket,
      log,
      startAgent: (board) =>
        startAgent(
          { ...board, clock, token, version, roles, findHead: (signal) => head.find(signal), log: agentLog },
          ending.signal,
        ),
    }),
  );
  head.onReturn = () => world.wake();
  const pdus = stack.use(await openPdus({ cluster, world, clock, port: options.pduPort }));
  const { pduPort: port } = options;
  stack.use(await openServers({ cluster, world, clock, paced, port, allOn: options.power === "on", log }));
  const control = stack.use(
    await openControl({
      port: options.control,
      log,
      controlled: {
        command: (command) => world.command(command),
        status: () => ({
          cluster: cluster.name,
          seed: options.seed,
          speed: options.speed,
          head: head.url,
          ...world.states(),
          pdus: pdus.status(),
        }),
      },
    }),
  );
  const opened = stack.move();
  return {
    controlPort: control.port,
    boards: cluster.boards.length,
    pdus: pdus.status().map(({ address }) => address),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Requests for boot reports at the same time. */
const reportLanes = 16;
