import type { SimAnswer, SimCommand, SimStatus } from "@bramble/core/api";
import { ClusterError, type Millis, nearest, unreachable } from "@bramble/core/base";
import { type Cluster, type OutletId, resolveNodeSet } from "@bramble/core/cluster";
import { Board, type BoardWorld, phases } from "./boards/board.ts";
import { throttleBits, type Vitals } from "./boards/machine.ts";
import { activityAt, warbleCpu } from "./physics/activity.ts";
import { powerGrid } from "./physics/grid.ts";
import { type HeatInput, heatOf } from "./physics/heat.ts";

/** The pretend cluster: all boards, what feeds them and how warm they are. */
export type World = AsyncDisposable & {
  /** What a PDU says to its relay. A lying PDU has none. */
  turn(pdu: string, outlet: OutletId, on: boolean): void;
  isOn(outlet: OutletId): boolean;
  /** What an outlet gives now. */
  watts(outlet: OutletId): number;
  isLying(pdu: string): boolean;
  command(command: SimCommand): SimAnswer;
  /** A head has come back: no agent sits out a long wait. */
  wake(): void;
  states(): Pick<SimStatus, "boards" | "states" | "linked" | "faults" | "watts">;
};

/** What the world stands on. */
export type WorldParts = BoardWorld & {
  readonly cluster: Cluster;
  readonly speed: number;
  /** All outlets are on at the start. */
  readonly allOn: boolean;
};

/** Make the world and let it run: boards that have power start to boot at once. */
export function createWorld(parts: WorldParts): World {
  const { cluster, clock, seed, speed, log } = parts;
  const count = cluster.boards.length;
  const grid = powerGrid(cluster, parts.allOn);
  const heat = heatOf(cluster, seed);
  const cpu = new Float64Array(count);
  const load = new Float64Array(count);
  const throttledOnce = new Uint32Array(count);
  const liars = new Map<string, Map<OutletId, boolean>>();

  const vitalsOf = (index: number) => (): Vitals => {
    const now = throttleBits(heat.of(index));
    throttledOnce[index]! |= now;
    const { burst } = activityAt(seed, index, clock.monotonic());
    return {
      cpu: cpu[index]!,
      load: load[index]!,
      temperatureC: heat.of(index),
      burst,
      throttled: (now | (throttledOnce[index]! << 16)) >>> 0,
    };
  };
  const boards = cluster.boards.map((slot) => new Board(slot, parts, vitalsOf(slot.index)));
  const byName = new Map(boards.map((board) => [board.slot.name, board]));

  const cpuOf = (board: Board, at: Millis): number => {
    if (board.phase === "booting") return bootCpu;
    if (board.phase !== "running") return 0;
    return Math.min(100, activityAt(seed, board.slot.index, at).cpu + board.warbles * warbleCpu);
  };
  const fanOutlets = cluster.outlets.filter((outlet) => outlet.feeds.includes("fans"));
  const input: HeatInput = {
    get hasFans() {
      return fanOutlets.every((outlet) => grid.isOn(outlet.id));
    },
    hasPower: (index: number) => boards[index]!.hasPower,
    load: (index: number) => cpu[index]! / 100,
    forced: (index: number) => boards[index]!.forcedC,
  };
  let tickedAt = clock.monotonic();
  const tick = (): void => {
    const now = clock.monotonic();
    const passed = now - tickedAt;
    tickedAt = now;
    const settled = 1 - Math.exp(-passed / 60_000);
    for (const board of boards) {
      const { index } = board.slot;
      cpu[index] = cpuOf(board, now);
      load[index]! += ((cpu[index]! / 100) * 4 - load[index]!) * settled;
      if (!board.hasPower) throttledOnce[index] = 0;
    }
    heat.step(passed * speed, input);
  };

  const relay = (outlet: OutletId, on: boolean): void => {
    if (grid.isOn(outlet) === on) return;
    const changed = grid.turn(outlet, on);
    log.info({ outlet, on, boards: changed.length }, "outlet switched");
    for (const index of changed) boards[index]!.setOutlet(on);
  };
  const wattsOf = (board: Board): number => {
    const { idle, max, inrush } = board.slot.watts;
    if (!board.hasPower) return 0;
    const { usbWatts } = board;
    if (board.phase === "halted") return haltedWatts + usbWatts;
    if (board.poweredMs * speed < inrushMs) return inrush + usbWatts;
    return idle + ((max - idle) * cpu[board.slot.index]!) / 100 + usbWatts;
  };
  const pduOf = (id: string): string => {
    const ids = cluster.pdus.map((pdu) => pdu.id);
    if (ids.includes(id)) return id;
    const near = nearest(id, ids);
    throw new ClusterError(
      "outlet.unknown",
      `there is no PDU "${id}"${near === null ? `; there are ${ids.slice(0, 20).join(", ")}` : `; did you mean "${near}"?`}`,
    );
  };
  const boardsOf = (set: string): Board[] => {
    const found = resolveNodeSet(set, { cluster });
    if (found.kind === "ok") return found.boards.flatMap((name) => byName.get(name) ?? []);
    const ask = found.nearest === null ? "" : `; did you mean "${found.nearest}"?`;
    throw new ClusterError("input.node-set", `${found.message}${ask}`);
  };

  const summary = createSummary(boards, parts);
  const timers = [clock.every(1_000, tick), clock.every(5_000, summary)];
  for (const board of boards) board.setOutlet(grid.hasPower(board.slot.index));

  return {
    turn(pdu, outlet, on) {
      const claims = liars.get(pdu);
      if (claims === undefined) relay(outlet, on);
      else claims.set(outlet, on);
    },
    isOn: grid.isOn,
    watts(outlet) {
      if (!grid.isOn(outlet)) return 0;
      const found = cluster.outlets.find((one) => one.id === outlet);
      let sum = 0;
      for (const name of found?.boards ?? []) sum += wattsOf(byName.get(name)!);
      const switches = cluster.switches.filter((one) => found?.feeds.includes(one.id));
      return switches.reduce((all, one) => all + one.watts, sum);
    },
    isLying: (pdu) => liars.has(pdu),
    command(command) {
      const answer = obey(command);
      log.info({ ...command, boards: answer.boards }, "command");
      return answer;
    },
    wake() {
      for (const board of boards) board.wake();
    },
    states() {
      const states: Record<string, number> = Object.fromEntries(phases.map((phase) => [phase, 0]));
      const faults: Record<string, number> = {};
      for (const board of boards) {
        states[board.phase]!++;
        for (const fault of board.faults()) faults[fault] = (faults[fault] ?? 0) + 1;
      }
      return {
        boards: count,
        states,
        linked: boards.filter((board) => board.isLinked).length,
        faults,
        watts: Math.round(boards.reduce((sum, board) => sum + wattsOf(board), 0)),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const timer of timers) timer.cancel();
      await Promise.all(boards.map((board) => board.end()));
    },
  };

  function obey(command: SimCommand): SimAnswer {
    if (command.verb === "rogue") return obeyForNetwork(command.state === "on");
    if (command.verb === "lie" || command.verb === "honest") return obeyForPdu(command.verb, pduOf(command.pdu));
    const touched = boardsOf(command.set);
    const [act, sentence] = actOf(command);
    for (const board of touched) act(board);
    const names = touched.slice(0, 50).map((board) => board.slot.name);
    const who = touched.length === 1 ? names[0] : `${touched.length} boards`;
    return { boards: touched.length, names, message: `${who}: ${sentence}` };
  }

  function obeyForNetwork(isOn: boolean): SimAnswer {
    parts.network.setRogue(isOn);
    const sentence = isOn ? "a second DHCP server answers every board that asks" : "the second DHCP server is gone";
    return { boards: count, names: [], message: sentence };
  }

  function obeyForPdu(verb: "lie" | "honest", pdu: string): SimAnswer {
    const outlets = cluster.outlets.filter((outlet) => outlet.pdu === pdu);
    const affected = new Set(outlets.flatMap((outlet) => outlet.boards)).size;
    if (verb === "lie" && !liars.has(pdu)) liars.set(pdu, new Map());
    if (verb === "honest") {
      const claims = liars.get(pdu);
      liars.delete(pdu);
      for (const [outlet, on] of claims ?? []) relay(outlet, on);
    }
    const sentence = verb === "lie" ? "says what it is told and switches nothing" : "is what it says again";
    return { boards: affected, names: [], message: `${pdu}: ${sentence}` };
  }
}

/** What a command does to one board, and how that is said. */
function actOf(command: Extract<SimCommand, { set: string }>): [act: (board: Board) => void, sentence: string] {
  switch (command.verb) {
    case "kill":
      return [(board) => board.kill(), "silent, nothing closed"];
    case "revive":
      return [(board) => board.revive(), "well again"];
    case "halt":
      return [(board) => board.halt(), "halted"];
    case "cut":
      return [(board) => board.cut(), "without power"];
    case "restore":
      return [(board) => board.restore(), "power restored"];
    case "hang":
      return [(board) => board.hang(), "hung: heartbeats, no samples"];
    case "hot": {
      const celsius = command.celsius ?? 86;
      return [(board) => board.heat(celsius), `heated to ${celsius} °C`];
    }
    case "draw": {
      const { watts } = command;
      return [(board) => board.draw(watts), `${watts} W go to what is plugged into each`];
    }
    case "slow": {
      const delayMs = command.delayMs ?? 1_500;
      return [(board) => board.slow(delayMs), `${delayMs} ms late`];
    }
    case "loss":
      return [(board) => board.lose(command.part), `${Math.round(command.part * 100)} % of packets lost`];
    case "noboot":
      return [(board) => board.stopAt(command.step), `stops at ${command.step} from its next boot on`];
    default:
      return unreachable(command);
  }
}

/** One line when something changed since the last, however many boards it was. */
function createSummary(boards: readonly Board[], { log, clock }: WorldParts): () => void {
  const startedAt = clock.monotonic();
  let last = "";
  return () => {
    const counts: Record<string, number> = { linked: 0 };
    for (const board of boards) {
      counts[board.phase] = (counts[board.phase] ?? 0) + 1;
      if (board.isLinked) counts.linked!++;
    }
    const now = JSON.stringify(counts);
    if (now === last) return;
    last = now;
    log.info({ ...counts, atS: Math.round((clock.monotonic() - startedAt) / 1000) }, "boards");
  };
}

const bootCpu = 45;
/** A halted board still feeds its Ethernet chip. */
const haltedWatts = 0.5;
const inrushMs = 1_000;
