/** Plans of the pretend head: made for whole groups, carried out a step at a time, kept in a journal. */
import type {
  PostPowerPlanBody,
  PowerPlanAnswer,
  PowerPlanReply,
  PowerStepBody,
  PowerTraceAnswer,
} from "@bramble/core/api";
import { foldNodeSet } from "@bramble/core/cluster";
import { wrong } from "./fake-power.ts";

/** What plans are made of. */
export type FakePlanParts = {
  readonly groups: readonly { readonly id: string; readonly outlet: string; readonly names: readonly string[] }[];
  readonly others: readonly { readonly id: string; readonly feeds: readonly string[] }[];
  readonly on: ReadonlySet<string>;
  readonly isUp: (board: string) => boolean;
  readonly turn: (outlet: string, on: boolean) => void;
  readonly boardsOf: (set: string) => string[] | null;
  readonly watts: () => number;
};

type Answer = { readonly status: number; readonly body: unknown };

const everyMs = 120;

/** Plans that are made up, with thirty old ones in the journal. */
export function createFakePlans({ groups, others, on, isUp, turn, boardsOf, watts }: FakePlanParts) {
  const records = Array.from({ length: 30 }, (_, at) => oldPlan(30 - at));
  const trace: PowerTraceAnswer["trace"] = [];
  let isHeld = false;

  const planOf = ({ action, set, withParents }: PostPowerPlanBody, names: readonly string[]) => {
    const own = groups.filter((group) => group.names.some((name) => names.includes(name)));
    const moved = own.filter(({ outlet }) => action === "cycle" || on.has(outlet) !== (action === "on"));
    const parents = action === "on" && withParents ? others.filter(({ id }) => !on.has(id)) : [];
    const steps: PowerStepBody[] = parents.map(({ id, feeds }) =>
      stepOf(`on:${id}`, "switch", `${id} on`, `${feeds.join(", ")} is needed first`, { outlet: id, on: true }),
    );
    const phases = steps.length === 0 ? [] : [{ title: "what the boards need", from: 0, to: steps.length }];
    const begin = (title: string, made: readonly PowerStepBody[]): void => {
      phases.push({ title, from: steps.length, to: steps.length + made.length });
      steps.push(...made);
    };
    const boards = moved.flatMap(({ names }) => names);
    if (action !== "on")
      begin("boards halt", [
        stepOf("drain:all", "drain", `${boards.length} boards end their work`, "work ends before power goes"),
        stepOf("halt:all", "halt", `${boards.length} boards halt`, "boards halt before power goes"),
      ]);
    if (action !== "on")
      begin(
        "groups off",
        moved.map(({ id, outlet, names }) =>
          stepOf(`off:${outlet}`, "switch", `${outlet} off`, `power off for ${foldNodeSet(names)}`, {
            ...{ outlet, on: false, groups: [id] },
          }),
        ),
      );
    if (action !== "off")
      for (const [at, { id, outlet, names }] of moved.entries())
        begin(`wave ${at + 1} of ${moved.length}: ${id}, ${names.length} boards`, [
          stepOf(`on:${outlet}`, "switch", `${outlet} on`, `${id} starts, ${names.length} boards in this wave`, {
            ...{ outlet, on: true, groups: [id] },
          }),
          stepOf(`wave:${id}`, "bring-up", `wait for ${names.length} boards of ${id}`, "37 of 42 boards are enough", {
            ...{ groups: [id], boards: names.length },
          }),
        ]);
    const starting = action === "off" ? 0 : moved.length * 210;
    return {
      ...{ steps, phases, boards, outlets: [...parents.map(({ id }) => id), ...moved.map(({ outlet }) => outlet)] },
      ...{ moves: steps.filter(({ kind }) => kind === "switch").length, waves: action === "off" ? 0 : moved.length },
      loads: [
        { limit: "site", unit: "W", kind: "steady", used: Math.round(watts() + starting), allowed: 19_200 },
        { limit: "breaker pdu1", unit: "W", kind: "peak", used: 1169, allowed: 1800 },
        { limit: "supply u01", unit: "W", kind: "peak", used: 315, allowed: 360 },
        { limit: "supply u01", unit: "W", kind: "steady", used: 210, allowed: 240 },
        { limit: "wave", unit: "boards", kind: "peak", used: Math.min(42, boards.length), allowed: 42 },
      ] as PowerPlanAnswer["loads"],
      collateral: moved.flatMap(({ outlet, names: all }) => {
        const along = action === "on" ? [] : all.filter((name) => !names.includes(name));
        return along.length === 0 ? [] : [{ outlet, boards: along, working: along.slice(0, 3) }];
      }),
      notes: set === "all" ? ["pdu7 cannot be asked: g25 is left out"] : [],
    };
  };

  const post = (wish: PostPowerPlanBody): Answer => {
    const { action, set, withParents = false, allowCollateral = false, dryRun = false, why = null } = wish;
    const names = boardsOf(set);
    if (names === null) return wrong(400, "input.node-set", `"${set}" is no node set: there is none so`);
    const off = others.filter(({ id }) => !on.has(id));
    const plan = planOf(wish, names);
    const reply: PowerPlanReply = {
      ...{ kind: "plan", id: null, why: null, plan, problems: [], alternatives: [] },
      confirm: action !== "on" && plan.boards.length > 50 ? plan.boards.length : null,
    };
    const refuse = (problem: PowerPlanReply["problems"][number], ways: PowerPlanReply["alternatives"]): Answer => ({
      status: 200,
      body: { ...reply, kind: "refused", plan: null, confirm: null, problems: [problem], alternatives: ways },
    });
    if (action === "on" && off.length > 0 && !withParents)
      return refuse(
        {
          ...{ rule: "parent-off", thing: off[0]!.id, limit: null, hint: "--with-parents switches it on first" },
          message: `${off[0]!.id} (${off[0]!.feeds.join(", ")}) is off, and what was asked for needs it`,
        },
        [{ kind: "with-parents", boards: names, thing: off[0]!.id, message: `switch on ${off[0]!.id} first` }],
      );
    const [first] = plan.collateral;
    if (first !== undefined && !allowCollateral) {
      const all = groups.find(({ outlet }) => outlet === first.outlet)!;
      return refuse(
        {
          ...{ rule: "collateral", thing: first.outlet, limit: null },
          message: `${first.outlet} takes ${first.boards.length} boards along that were not named: ${foldNodeSet(first.boards)}`,
          hint: "ask for them too, or take them along; their work is drained first",
        },
        [
          ...[{ kind: "agent-halt", boards: names, thing: null, message: `halt ${foldNodeSet(names)} by its agent` }],
          {
            ...{ kind: "group", boards: [...all.names], thing: first.outlet },
            message: `${action} all ${all.names.length} boards of ${all.id} together: ${foldNodeSet(all.names)}`,
          },
        ],
      );
    }
    if (plan.boards.length === 0)
      return { status: 200, body: { ...reply, kind: "nothing", plan: null, why: "all is as asked" } };
    if (dryRun) return { status: 200, body: reply };
    if (reply.confirm !== null && wish.confirm !== reply.confirm)
      return wrong(
        409,
        "power.confirm",
        `${reply.confirm} boards lose power: confirm with the number ${reply.confirm}`,
      );
    const id = `p${records.length + 1}`;
    records.push({
      ...{ id, action, set, profile: null, by: "operator", why, state: "running", message: "it begins" },
      ...{ at: Date.now(), endedAt: null, boards: plan.boards.length, up: 0, outlets: plan.outlets, moves: plan.moves },
      ...{ waves: plan.waves, wave: 0, leftMs: plan.steps.length * 1000, missing: [], phases: plan.phases },
      ...{ steps: plan.steps, loads: plan.loads, collateral: plan.collateral, notes: plan.notes },
    });
    return { status: 202, body: { ...reply, kind: "started", id } };
  };

  /** The first step that is not over goes on: from to come to under way, from there to done. */
  const step = (): void => {
    for (const [index, record] of records.entries()) {
      if (record.state !== "running" || isHeld) continue;
      const at = record.steps.findIndex(({ state }) => state === "planned" || state === "running");
      const now = record.steps[at];
      const put = (news: Partial<PowerPlanAnswer>): void => {
        records[index] = { ...record, ...news };
      };
      if (now === undefined) {
        put({ state: "done", message: "all is as asked", endedAt: Date.now(), leftMs: null });
        continue;
      }
      const isBegin = now.state === "planned";
      if (!isBegin && now.kind === "switch") {
        turn(now.outlet!, now.on!);
        trace.push({ at: Date.now(), outlet: now.outlet!, on: now.on!, plan: record.id });
      }
      const next: PowerStepBody = isBegin
        ? { ...now, state: "running", startedAt: Date.now() }
        : { ...now, state: "done", endedAt: Date.now(), watts: watts(), note: noteOf(now) };
      const steps = record.steps.with(at, next);
      put({
        ...{ steps, message: next.what, leftMs: (steps.length - at) * 1000 },
        wave: steps.filter(({ kind, state }) => kind === "bring-up" && state !== "planned").length,
      });
    }
  };
  const timer = setInterval(step, everyMs);

  const told = (record: PowerPlanAnswer): PowerPlanAnswer => ({
    ...record,
    up: record.outlets.flatMap((outlet) => groups.find((group) => group.outlet === outlet)?.names ?? []).filter(isUp)
      .length,
  });
  const short = (record: PowerPlanAnswer) => {
    const { phases: _, loads: __, collateral: ___, notes: ____, steps, ...facts } = told(record);
    const over = steps.filter(({ state }) => state === "done").length;
    return { ...facts, steps: steps.length, stepsDone: over };
  };
  return {
    post,
    hold(held: boolean) {
      isHeld = held;
    },
    trace: () => trace,
    running: () => records.filter(({ endedAt }) => endedAt === null).map(short),
    find: (id: string) => records.filter((each) => each.id === id).map(told)[0] ?? null,
    list(limit: number, cursor: string | null) {
      const newest = records.toReversed().filter(({ id }) => cursor === null || number(id) < number(cursor));
      const plans = newest.slice(0, limit).map(short);
      return { plans, next: newest.length > limit ? plans.at(-1)!.id : null };
    },
    cancel(id: string, undo: boolean) {
      const index = records.findIndex((each) => each.id === id);
      const record = records[index];
      if (record === undefined || record.endedAt !== null) return { cancelled: false, undo: null };
      const message = "cancelled where it stood";
      records[index] = { ...record, state: "cancelled", message, endedAt: Date.now(), leftMs: null };
      if (!undo) return { cancelled: true, undo: null };
      const action = record.action === "on" ? "off" : "on";
      const answer = post({
        action,
        set: record.set,
        withParents: true,
        allowCollateral: true,
        confirm: record.boards,
      });
      return { cancelled: true, undo: (answer.body as { id: string | null }).id };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function stepOf(
  id: string,
  kind: PowerStepBody["kind"],
  what: string,
  why: string,
  news: Partial<PowerStepBody> = {},
): PowerStepBody {
  return {
    ...{ id, kind, what, why, state: "planned", startedAt: null, endedAt: null, note: null, watts: null },
    ...{ outlet: null, on: null, groups: [], boards: 0, ...news },
  };
}

function noteOf({ kind, outlet, on, boards }: PowerStepBody): string | null {
  if (kind === "switch") return `${outlet} reads ${on ? "on" : "off"}`;
  return kind === "bring-up" ? `${boards} of ${boards} up` : null;
}

function oldPlan(n: number): PowerPlanAnswer {
  const at = Date.now() - n * 7_300_000;
  const isBad = n % 9 === 4;
  return {
    ...{ id: `p${31 - n}`, action: n % 2 === 0 ? "on" : "off", set: n % 3 === 0 ? "all" : "@g05", profile: null },
    ...{ by: n % 4 === 0 ? "schedule" : "operator", why: n % 4 === 0 ? "schedule nightly: power bill" : null },
    ...{
      state: isBad ? "failed" : "done",
      message: isBad ? "pdu2.1 reads off after it was switched on" : "all is as asked",
    },
    ...{ at, endedAt: at + 95_000, boards: 42, up: 42, outlets: ["pdu2.1"], moves: 1, waves: 1, wave: 1, leftMs: null },
    missing: isBad
      ? [
          { board: "b0170", step: "dhcp" },
          { board: "b0171", step: "kernel" },
        ]
      : [],
    ...{ phases: [{ title: "wave 1 of 1: g05, 42 boards", from: 0, to: 1 }], loads: [], collateral: [], notes: [] },
    steps: [
      stepOf("on:pdu2.1", "switch", "pdu2.1 on", "g05 starts, 42 boards in this wave", {
        ...{
          state: isBad ? "failed" : "done",
          startedAt: at,
          endedAt: at + 4000,
          watts: 2450,
          outlet: "pdu2.1",
          on: true,
        },
        note: isBad ? "it reads off" : "pdu2.1 reads on",
      }),
    ],
  };
}

function number(id: string): number {
  return Number(id.slice(1));
}
