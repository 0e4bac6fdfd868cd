import { errorTable } from "@bramble/core/api";
import { ClusterError, type Mac } from "@bramble/core/base";
import { type Cluster, foldNodeSet, type OutletId, resolveNodeSet } from "@bramble/core/cluster";
import type { PowerRequest } from "@bramble/core/power";
import { isUp } from "../power/facts.ts";
import { PlanRefused } from "../power/refused.ts";
import type { Power } from "../power/room.ts";
import type { Roster } from "../register/roster.ts";
import type { PlanRecord } from "../store/power-plans.ts";
import type { DeskAnswer, DeskPdu, DeskPlan, PowerDesk, PowerState } from "./desk.ts";

/** What the desk stands on. */
export type DeskParts = {
  readonly cluster: Cluster;
  readonly power: Pick<Power, "outlets" | "sequencer" | "doubts" | "journal">;
  readonly roster: Roster;
  /** Ask a board's agent to halt, or to start anew; false when it has no link. */
  readonly halt: (board: Mac, how: { readonly reason: string; readonly restart: boolean }) => boolean;
};

/** The desk over the head's own sequencer: what strangers' tools ask is planned, refused and written down as an operator's wish is. */
export function sequencerDesk({ cluster, power, roster, halt }: DeskParts): PowerDesk {
  const { outlets, sequencer, doubts, journal } = power;
  const outletOf = new Map(
    cluster.groups.flatMap(({ outlet, boards }) => boards.map((board) => [board, outlet] as const)),
  );
  const byId = new Map(cluster.outlets.map((outlet) => [outlet.id, outlet]));
  const names = cluster.boards.map(({ name }) => name);

  /** By this outlet and all that it hangs behind. */
  const powerAt = (id: OutletId): PowerState => {
    const reads: (boolean | null)[] = [];
    for (let at = byId.get(id); at !== undefined && reads.length <= byId.size; at = byId.get(at.behind ?? ""))
      reads.push(outlets.canSwitch(at.id) && doubts.of(at.id) === null ? outlets.reads(at.id) : null);
    return reads.includes(false) ? "off" : reads.includes(null) ? "unknown" : "on";
  };
  const stateOf = (name: string): PowerState => {
    const outlet = outletOf.get(name);
    const state = outlet === undefined ? "unknown" : powerAt(outlet);
    // What answers has power, whoever gives it.
    return state === "unknown" && isUp(roster.byName(name)) ? "on" : state;
  };

  const tellAgents = (boards: readonly string[], restart: boolean, by: string): DeskAnswer => {
    const reason = `${by} asks for it`;
    const told = boards.filter((board) => {
      const { record, isLinked } = roster.byName(board) ?? { record: null, isLinked: false };
      return record !== null && isLinked && halt(record.mac, { reason, restart });
    });
    if (told.length > 0) return { kind: "told", boards: told };
    const reasons = [`no agent answers on ${foldNodeSet(boards)}`];
    return { kind: "refused", code: "power.refused", reasons, instead: [] };
  };

  const describe = (record: PlanRecord): DeskPlan => {
    const live = sequencer.live().find(({ id }) => id === record.id);
    const steps = live?.run?.steps ?? journal.steps(record.id);
    return {
      ...{ id: `p${record.id}`, state: record.state, at: record.at, endedAt: record.endedAt },
      message: live?.doing ?? record.message,
      stepsDone: [...steps.values()].filter(({ state }) => state !== "running").length,
      steps: record.plan?.steps.length ?? 0,
      missing: (live?.run?.missing ?? record.missing).filter(({ board }) => !isUp(roster.byName(board))),
    };
  };

  return {
    boards: () => names,
    boardsOf(set) {
      const found = resolveNodeSet(set, { cluster });
      if (found.kind === "ok") return found.boards;
      throw new ClusterError("input.node-set", found.message);
    },
    stateOf,
    board(name) {
      const slot = cluster.boards.find((each) => each.name === name);
      if (slot === undefined) return null;
      const entry = roster.byName(name);
      const outlet = outletOf.get(name) ?? null;
      return {
        ...{ name, power: stateOf(name), state: entry?.standing.state.kind ?? "off", outlet },
        ...{ model: entry?.record?.model ?? slot.model, serial: entry?.record?.serial ?? null },
        ...{ mac: entry?.record?.mac ?? slot.mac, cores: entry?.record?.cores ?? null },
        ...{
          memoryMb: entry?.record?.memoryMb ?? null,
          celsius: isUp(entry) ? (entry?.latest?.temperatureC ?? null) : null,
        },
        neighbours: (byId.get(outlet ?? "")?.boards ?? []).filter((other) => other !== name),
      };
    },
    pdus: () =>
      cluster.pdus.map(({ id, model, driver }): DeskPdu => {
        const views = outlets.all().filter(({ outlet }) => outlet.pdu === id);
        return {
          ...{ id, model, driver, error: views.find(({ error }) => error !== null)?.error ?? null },
          outlets: views.map(({ outlet: { id: outlet, number, circuit, boards }, reading }) => ({
            ...{ number, circuit, boards, power: powerAt(outlet), watts: reading.watts },
          })),
        };
      }),
    async ask(action, boards, by) {
      if (action === "halt" || action === "restart") return tellAgents(boards, action === "restart", by);
      const isOn = action === "on";
      // Nobody goes dark when boards come on, and their parents' limits are checked. To take neighbours along must be said, and here it cannot be.
      const request: PowerRequest = {
        action: action === "shutdown" ? "off" : action,
        ...{ boards, profile: null, withParents: isOn, allowCollateral: isOn },
        atOnce: action === "off" || action === "cycle",
      };
      try {
        const why = `asked for by ${by}`;
        const asked = await sequencer.ask({ request, set: foldNodeSet(boards), by: "operator", why, key: null });
        return asked.kind === "started" ? { kind: "started", plan: `p${asked.id}` } : asked;
      } catch (thrown) {
        return refusalOf(thrown);
      }
    },
    plan(id) {
      const number = /^p(\d{1,15})$/.exec(id)?.[1];
      const record = number === undefined ? null : journal.find(Number(number));
      return record === null ? null : describe(record);
    },
    plans: () => journal.list(mostPlans).map(describe),
  };
}

/** A refusal as a value; what nobody foresaw is thrown on. */
function refusalOf(thrown: unknown): DeskAnswer {
  if (thrown instanceof PlanRefused) {
    const { problems, alternatives } = thrown.planned;
    const reasons = problems.map(({ message, limit }) => (limit === null ? message : `${message} (${limit})`));
    return { kind: "refused", code: thrown.code, reasons, instead: alternatives.map(({ message }) => message) };
  }
  if (thrown instanceof ClusterError && Object.hasOwn(errorTable, thrown.code) && thrown.code !== "internal")
    return { kind: "refused", code: thrown.code, reasons: [thrown.message], instead: [] };
  throw thrown;
}

const mostPlans = 20;
