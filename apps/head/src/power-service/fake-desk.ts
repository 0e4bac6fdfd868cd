import { ClusterError } from "@bramble/core/base";
import { type Cluster, resolveNodeSet } from "@bramble/core/cluster";
import { fakeCluster } from "@bramble/core/power";
import type { DeskAnswer, DeskPlan, PowerDesk, PowerState } from "./desk.ts";

/** A desk in memory: plans end when the test says so, or at once. */
export type FakeDesk = PowerDesk & {
  /** What was asked: `off b0001 by powerman`. */
  readonly asked: readonly string[];
  readonly states: Map<string, PowerState>;
  /** The answer to the next question; without one a plan begins. */
  answer: DeskAnswer | null;
  /** Does a plan end as soon as it is asked for? */
  isQuick: boolean;
  /** Put words of a plan in place of what they were. */
  set(id: string, news: Partial<DeskPlan>): void;
};

/** Ten boards that share `pdu0.1`, and one, b0011, with `pdu0.2` for itself. */
const deskCluster = fakeCluster([{ id: "g01", boards: 10 }, { id: "g02", boards: 1 }, { id: "fans" }]);

/** A desk over the boards of this cluster, all off. */
export function fakeDesk(cluster: Cluster = deskCluster): FakeDesk {
  const asked: string[] = [];
  const plans = new Map<string, DeskPlan>();
  const groupOf = (name: string) => cluster.groups.find(({ boards }) => boards.includes(name));
  const names = cluster.boards.map(({ name }) => name);
  const desk: FakeDesk = {
    asked,
    states: new Map(names.map((name) => [name, "off"])),
    answer: null,
    isQuick: true,
    boards: () => names,
    boardsOf(set) {
      const found = resolveNodeSet(set, { cluster });
      if (found.kind === "ok") return found.boards;
      throw new ClusterError("input.node-set", found.message);
    },
    stateOf: (name) => desk.states.get(name) ?? "unknown",
    board(name) {
      const slot = cluster.boards.find((each) => each.name === name);
      if (slot === undefined) return null;
      const group = groupOf(name);
      return {
        ...{ name, power: desk.stateOf(name), state: desk.stateOf(name) === "on" ? "up" : "off" },
        ...{ model: slot.model, serial: null, mac: null, cores: 4, memoryMb: 1024, celsius: 41.25 },
        ...{ outlet: group?.outlet ?? null, neighbours: group?.boards.filter((each) => each !== name) ?? [] },
      };
    },
    pdus: () =>
      cluster.pdus.map(({ id, model, driver }) => ({
        ...{ id, model, driver, error: null },
        outlets: cluster.outlets
          .filter(({ pdu }) => pdu === id)
          .map(({ number, circuit, boards }) => ({
            ...{ number, circuit, boards, watts: 12.5 },
            power: desk.stateOf(boards[0] ?? ""),
          })),
      })),
    async ask(action, boards, by) {
      asked.push(`${action} ${boards.join(",")} by ${by}`);
      if (desk.answer !== null) return desk.answer;
      if (action === "restart" || action === "halt") return { kind: "told", boards };
      const id = String(plans.size + 1);
      plans.set(id, {
        ...{ id, state: "running", message: "it begins", at: 1_800_000_000_000, endedAt: null },
        ...{ stepsDone: 0, steps: 2, missing: [] },
      });
      if (desk.isQuick) {
        for (const board of boards) desk.states.set(board, action === "off" || action === "shutdown" ? "off" : "on");
        desk.set(id, { state: "done", message: "all boards are up", stepsDone: 2, endedAt: 1_800_000_060_000 });
      }
      return { kind: "started", plan: id };
    },
    plan: (id) => plans.get(id) ?? null,
    plans: () => [...plans.values()],
    set(id, news) {
      const plan = plans.get(id);
      if (plan !== undefined) plans.set(id, { ...plan, ...news });
    },
  };
  return desk;
}
