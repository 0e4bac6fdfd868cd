import type { Scope } from "../compile-expr.ts";
import type { Expr, Stmt } from "../tree.ts";
import { Body, type Home, wholePart } from "./body.ts";
import {
  block,
  type Code,
  call,
  constF64,
  constI32,
  constI64,
  encodeModule,
  f64,
  get,
  i32,
  i64,
  op,
  set,
  tee,
  type WasmFunction,
} from "./bytes.ts";
import { asKind, numberOf } from "./expressions.ts";
import { imported, imports } from "./imports.ts";
import { fits, type Kind } from "./kinds.ts";
import { calls, fuel, type Instance, odd, type Place, Plan, stack, Unsupported } from "./plan.ts";
import { type Loop, loopOf, statement, variableNow, withTag } from "./statements.ts";

/** A variable of the program that a module holds. */
export type Variable = { readonly name: string; readonly isShared: boolean; readonly slot: number };

/** A loop as a module. */
export type Emitted = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly variables: readonly Variable[];
  /** The kinds that variables may have at the head of the loop. */
  readonly head: readonly Kind[];
  /** The variables that it may change, in the order in which it gives them back. */
  readonly written: readonly number[];
  /** What it calls out to. */
  readonly outs: readonly (Expr | Stmt)[];
};

/** How a run of a module ended: see `hot.ts`. */
export const ended = { done: 0, odd: 1, spent: 2, returned: 3 } as const;

// The parameters of "run" before its variables.
const heads = { fuel: 0, calls: 1, stack: 2, count: 3 };

/**
 * Write the loop `stmt` as a module, for variables of these kinds at its head; null where closures must keep it.
 *
 * The module takes: steps that it may use, calls and stack left, then an f64 and a tag for each variable. It gives: how
 * it ended, steps left, a value with its tag (of a RETURN), then an f64 and a tag for each variable that it writes: as
 * they are now, or, when it gave up, as they were at the last head of the loop.
 */
export function emitLoop(
  stmt: Loop,
  scope: Scope,
  variables: readonly Variable[],
  kinds: readonly Kind[],
  written: readonly number[],
): Emitted | null {
  const plan = new Plan(scope);
  try {
    for (;;) {
      plan.begin();
      const { run, head } = emitRun(plan, stmt, variables, kinds, written);
      const functions: WasmFunction[] = [];
      for (let i = 0; i < plan.instances.length; i++) functions.push(emitFunction(plan, plan.instances[i]!));
      if (plan.isStale) continue;
      const bytes = encodeModule(imports, [...functions, run], [i64, i32, i32, i32]);
      return { bytes, variables, head, written, outs: [...plan.outs] };
    }
  } catch (thrown) {
    if (thrown instanceof Unsupported) return null;
    throw thrown;
  }
}

function emitRun(
  plan: Plan,
  stmt: Loop,
  variables: readonly Variable[],
  kinds: readonly Kind[],
  written: readonly number[],
): { readonly run: WasmFunction; readonly head: readonly Kind[] } {
  const { scope } = plan;
  const takes = [f64, i32, i32, ...variables.flatMap(() => [f64, i32])];
  const b = new Body(takes.length);
  const homes = variables.map(() => b.home());
  const saved = variables.map(() => b.home());
  const [left, leftAtHead, result] = [b.local(i64), b.local(i64), b.local(f64)];
  const giving = (code: number, kindsNow: readonly Kind[], from: readonly Home[], value: Code, steps: number): Code => {
    const now: Place = { ...p, kinds: [...kindsNow], homes: from };
    const status =
      code === ended.odd ? [...get(left), ...constI64(0), op.i64LtS, ...constI32(1), op.i32Add] : constI32(code);
    const vars = written.flatMap((variable) => variableNow(now, variable));
    return [...status, ...get(steps), op.f64ConvertI64S, ...value, ...vars, op.return];
  };
  const nothing = [...constF64(0), ...constI32(0)];
  const isCounted = scope.m.tier !== "uncounted";
  const p: Place = {
    plan,
    b,
    homes,
    kinds: [...kinds],
    find: (name, isShared = !scope.isFunction || !scope.slots.has(name)) => {
      const variable = variables.findIndex((each) => each.name === name && each.isShared === isShared);
      return variable < 0 ? null : variable;
    },
    pay: (steps) => (isCounted ? payLocal(b, left, steps) : []),
    refund: (steps) => (isCounted ? refundLocal(left, steps) : []),
    callOut: (what) => {
      if (plan.natives.isForbidden(what.kind === "expr" ? what.expr : (what as Expr))) throw new Unsupported();
      const number = plan.outs.push(what) - 1;
      const puts = written.flatMap((variable) =>
        p.kinds![variable] === "other"
          ? []
          : [...constI32(variable), ...variableNow(p, variable), ...call(imported("put"))],
      );
      const steps = (local: number): Code => [...get(local), op.f64ConvertI64S];
      const code = [
        ...puts,
        ...constI32(number),
        ...steps(left),
        ...steps(leftAtHead),
        ...call(imported("out")),
        ...set(result),
        ...call(imported("left")),
        op.i64TruncF64S,
        ...tee(left),
        ...constI64(0),
        op.i64LtS,
        ...get(result),
        ...get(result),
        op.f64Ne,
        op.i32Or,
        ...b.oddIf(),
      ];
      return { code, result };
    },
    lend: [
      ...[...get(left), op.globalSet, fuel],
      ...[...get(heads.calls), op.globalSet, calls],
      ...[...get(heads.stack), op.globalSet, stack],
      ...[...constI32(0), op.globalSet, odd],
    ],
    takeBack: [op.globalGet, fuel, ...set(left)],
    loops: [],
    giveBack: (part) => {
      const tag = b.local(i32);
      const first = [...withTag(p, part), ...set(tag), ...set(result)];
      return [...first, ...giving(ended.returned, p.kinds!, homes, [...get(result), ...get(tag)], left)];
    },
  };
  let head: readonly Kind[] = kinds;
  const turns = loopOf(p, stmt, () => {
    head = [...p.kinds!];
    const saves = written.flatMap((i) => copyHome(homes[i]!, saved[i]!, head[i]!));
    return [...saves, ...get(left), ...set(leftAtHead)];
  });
  const done = p.kinds === null ? [op.unreachable] : giving(ended.done, p.kinds, homes, nothing, left);
  const body = [
    ...get(heads.fuel),
    op.i64TruncF64S,
    ...set(left),
    ...head.flatMap((kind, i) => takeVariable(kind, heads.count + 2 * i, homes[i]!)),
    ...block([...turns, ...done]),
    ...giving(ended.odd, head, saved, nothing, leftAtHead),
    op.unreachable,
  ];
  const gives = [i32, f64, f64, i32, ...written.flatMap(() => [f64, i32])];
  return { run: { takes, gives, locals: b.locals, body }, head };
}

function payLocal(b: Body, left: number, steps: Code): Code {
  return [...get(left), ...steps, op.i64Sub, ...tee(left), ...constI64(0), op.i64LtS, ...b.oddIf()];
}

function refundLocal(left: number, steps: number): Code {
  return [...get(left), ...constI64(steps), op.i64Add, ...set(left)];
}

function copyHome(from: Home, to: Home, kind: Kind): Code {
  if (kind === "whole") return [...get(from.whole), ...set(to.whole)];
  if (kind === "float") return [...get(from.float), ...set(to.float)];
  if (kind === "other") return [];
  return [...get(from.float), ...set(to.float), ...get(from.tag), ...set(to.tag)];
}

function takeVariable(kind: Kind, at: number, home: Home): Code {
  if (kind === "whole") return [...get(at), op.i64TruncF64S, ...set(home.whole)];
  if (kind === "float") return [...get(at), ...set(home.float)];
  return kind === "other" ? [] : [...get(at), ...set(home.float), ...get(at + 1), ...set(home.tag)];
}

/** A function of the program for arguments of certain kinds. */
function emitFunction(plan: Plan, instance: Instance): WasmFunction {
  const { facts, reads, gives } = instance;
  const takes = instance.takes.flatMap((kind) => (kind === "whole" ? [i64] : kind === "float" ? [f64] : [f64, i32]));
  const b = new Body(takes.length);
  const left = b.local(i64);
  const params = facts.tree.params.length;
  const names = [...facts.locals.keys(), ...reads];
  const homes = names.map(() => b.home());
  // What is taken: parameters, then shared variables; in between stand the names of its own, which start at 0.
  const kinds = names.map((_, i): Kind => {
    if (i < params) return instance.takes[i]!;
    return i < facts.locals.size ? "whole" : instance.takes[i - facts.locals.size + params]!;
  });
  const back = (by: Code, what: number): Code => [op.globalGet, what, ...by, op.i32Add, op.globalSet, what];
  const leaveCall = [...back(constI32(1), calls), ...back(constI32(facts.levels), stack)];
  const lend = [...get(left), op.globalSet, fuel];
  const p: Place = {
    plan,
    b,
    homes,
    kinds,
    find: (name, isShared = !facts.locals.has(name)) => {
      const found = isShared ? reads.indexOf(name) : names.indexOf(name);
      return found < 0 ? null : isShared ? facts.locals.size + found : found;
    },
    pay: (steps) => payLocal(b, left, steps),
    refund: (steps) => refundLocal(left, steps),
    callOut: null,
    lend,
    takeBack: [op.globalGet, fuel, ...set(left)],
    loops: [],
    giveBack: (part) => {
      if (!fits(part.kind, gives)) {
        plan.revise(instance);
        return [op.unreachable];
      }
      const result = asKind(b, part, gives);
      const tag = gives === "mixed" ? get(result.tag) : [];
      return [...result.code, ...leaveCall, ...lend, ...tag, op.return];
    },
  };
  const enter = (by: number, what: number): Code => {
    const rest = b.local(i32);
    const taken = [op.globalGet, what, ...constI32(by), op.i32Sub, ...tee(rest), op.globalSet, what];
    return [...taken, ...get(rest), ...constI32(0), op.i32LtS, ...b.oddIf()];
  };
  let at = 0;
  const taken = names.flatMap((_, i) => {
    if (i >= params && i < facts.locals.size) return [];
    const kind = kinds[i]!;
    const from = at;
    at += kind === "mixed" ? 2 : 1;
    if (kind === "whole") return [...get(from), ...set(homes[i]!.whole)];
    return [
      ...get(from),
      ...set(homes[i]!.float),
      ...(kind === "mixed" ? [...get(from + 1), ...set(homes[i]!.tag)] : []),
    ];
  });
  const entered = [...enter(1, calls), ...enter(facts.levels, stack)];
  const { expr, body } = facts.tree;
  const inner = expr === null ? statement(p, body!) : p.giveBack(numberOf(p, expr));
  const end = expr === null && p.kinds !== null ? p.giveBack(wholePart(constI64(0), 0, 0)) : [];
  const nothing = gives === "whole" ? constI64(0) : [...constF64(0), ...(gives === "mixed" ? constI32(0) : [])];
  return {
    takes,
    gives: gives === "whole" ? [i64] : gives === "float" ? [f64] : [f64, i32],
    locals: b.locals,
    body: [
      ...taken,
      ...[op.globalGet, fuel, ...set(left)],
      ...block([...entered, ...inner, ...end, op.unreachable]),
      ...[...constI32(1), op.globalSet, odd, ...nothing],
    ],
  };
}
