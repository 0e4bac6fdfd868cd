import type { Expr, Stmt } from "../tree.ts";
import { eachStmt } from "../walk.ts";
import type { Part } from "./body.ts";
import { block, type Code, choose, constI32, constI64, get, loop, op, set } from "./bytes.ts";
import { asKind, binary, numberOf, tagOf, testOf } from "./expressions.ts";
import { fits, joinKinds, type Kind } from "./kinds.ts";
import { type Exit, type Place, Unsupported } from "./plan.ts";

// Counting a turn of a few instructions would cost a third of it; long ones only take longer to compile.
const mostTurnsAtOnce = 6;
const mostBytesAtOnce = 700;

/** A loop statement. */
export type Loop = Stmt & ({ readonly kind: "while" } | { readonly kind: "for" });

/** The code of a statement; what the variables are afterwards is in `p.kinds`. */
export function statement(p: Place, stmt: Stmt): Code {
  if (p.kinds === null) return [];
  p.plan.count();
  switch (stmt.kind) {
    case "block":
      return stmt.body.flatMap((inner) => statement(p, inner));
    case "expr":
      if (p.callOut === null) throw new Unsupported();
      return p.callOut(stmt).code;
    case "assign":
      return assign(p, stmt);
    case "set":
      throw new Unsupported();
    case "if":
      return choice(p, stmt);
    case "while":
      return loopOf(p, stmt, null);
    case "for":
      return [...stmt.first.flatMap((inner) => statement(p, inner)), ...loopOf(p, stmt, null)];
    case "break":
      return leave(p, p.loops.at(-1)!.exit);
    case "continue":
      return leave(p, p.loops.at(-1)!.next);
    case "return": {
      const code = p.giveBack(stmt.value === null ? numberOf(p, nothing) : numberOf(p, stmt.value));
      p.kinds = null;
      return code;
    }
  }
}

const nothing: Expr = { kind: "whole", value: 0, start: 0, end: 0 };

function assign(p: Place, stmt: Stmt & { kind: "assign" }): Code {
  const variable = p.find(stmt.name)!;
  const part = stmt.op === "" ? numberOf(p, stmt.value) : opAssign(p, stmt, stmt.op);
  if (p.kinds![variable] === "other") throw new Unsupported();
  return store(p, variable, p.b.checked(part));
}

function opAssign(p: Place, stmt: Stmt & { kind: "assign" }, sign: Exclude<typeof stmt.op, "">): Part {
  const { name, value, start, end } = stmt;
  const old: Expr = { kind: "name", name, upper: "", start, end };
  // Texts are joined by closures only.
  if (p.plan.natives.isText(value, (other) => p.kinds![p.find(other) ?? 0] === "other")) throw new Unsupported();
  return binary(p, sign, numberOf(p, old), numberOf(p, value));
}

function store(p: Place, variable: number, part: Part): Code {
  const home = p.homes[variable]!;
  p.kinds = p.kinds!.map((kind, i) => (i === variable ? part.kind : kind));
  if (part.kind === "whole") return [...part.code, ...set(home.whole)];
  if (part.kind === "float") return [...part.code, ...set(home.float)];
  return [...part.code, ...set(home.float), ...get(part.tag), ...set(home.tag)];
}

function choice(p: Place, stmt: Stmt & { kind: "if" }): Code {
  const test = testOf(p, stmt.test);
  const before = p.kinds;
  const [yes, afterYes] = p.b.deeper(() => [statement(p, stmt.yes), p.kinds] as const);
  p.kinds = before;
  const [no, afterNo] = p.b.deeper(() => [stmt.no === null ? [] : statement(p, stmt.no), p.kinds] as const);
  const after = joinKinds(afterYes, afterNo);
  p.kinds = after === null ? null : [...after];
  return [...test, ...choose(null, [...yes, ...convert(p, afterYes, after)], [...no, ...convert(p, afterNo, after)])];
}

/** Bring variables from one form to another, which they fit. */
function convert(p: Place, from: readonly Kind[] | null, to: readonly Kind[] | null): Code {
  if (from === null || to === null) return [];
  return from.flatMap((kind, i) => {
    if (kind === to[i] || kind === "other" || kind === "mixed") return [];
    const home = p.homes[i]!;
    const move = kind === "whole" ? [...get(home.whole), op.f64ConvertI64S, ...set(home.float)] : [];
    return [...move, ...constI32(kind === "float" ? 1 : 0), ...set(home.tag)];
  });
}

/** Come to an exit: what the variables are here and there becomes one. */
function reach(p: Place, exit: Exit): Code {
  const joined = joinKinds(exit.kinds, p.kinds)!;
  if (exit.kinds !== null && !joined.every((kind, i) => kind === exit.kinds![i])) exit.isStale = true;
  exit.kinds = [...joined];
  return convert(p, p.kinds, joined);
}

function leave(p: Place, exit: Exit): Code {
  const code = [...reach(p, exit), ...p.b.br(exit.level)];
  p.kinds = null;
  return code;
}

/**
 * The code of a loop from its head on. It is written again until what the variables are at its head and its exits is
 * settled. `onHead` gives what is done at the start of each turn.
 */
export function loopOf(p: Place, stmt: Loop, onHead: (() => Code) | null): Code {
  const { b } = p;
  const entry = p.kinds!;
  let head: Kind[] = entry;
  let exitKinds: Kind[] | null = null;
  let nextKinds: Kind[] | null = null;
  for (;;) {
    p.plan.count();
    p.kinds = [...head];
    let isStale = false;
    const code = b.deeper((exitLevel) => {
      const exit: Exit = { level: exitLevel, kinds: exitKinds, isStale: false };
      const turn = b.deeper((headLevel) => {
        const start = onHead?.() ?? [];
        const outs = p.plan.outs.length;
        const test = stmt.test === null ? null : [...testOf(p, stmt.test), op.i32Eqz];
        const stop = test === null ? [] : [...test, ...stopIf(p, exit, [])];
        const { code: body, next } = b.deeper((nextLevel) => {
          const next: Exit = { level: nextLevel, kinds: nextKinds, isStale: false };
          p.loops.push({ exit, next });
          const inner = statement(p, stmt.body);
          p.loops.pop();
          return { code: [...inner, ...(p.kinds === null ? [] : reach(p, next))], next };
        });
        nextKinds = next.kinds;
        isStale ||= next.isStale;
        p.kinds = next.kinds === null ? null : [...next.kinds];
        const step = stmt.kind === "for" ? stmt.step.flatMap((inner) => statement(p, inner)) : [];
        const after = p.kinds as Kind[] | null;
        if (after !== null && !after.every((kind, i) => fits(kind, head[i]!))) {
          head = [...joinKinds(head, after)!];
          isStale = true;
        }
        const turn = [...block(body), ...step, ...(after === null ? [] : convert(p, after, head))];
        const times = after !== null && p.plan.outs.length === outs ? turnsAtOnce(stmt, turn) : 1;
        p.kinds = [...head];
        const turns = paidTurns(p, p.plan.scope.prices.get(stmt)!, times, turn, (first) =>
          test === null ? [] : [...test, ...stopIf(p, exit, first)],
        );
        return [...start, ...stop, ...turns, ...(after === null ? [] : b.br(headLevel))];
      });
      exitKinds = exit.kinds;
      isStale ||= exit.isStale;
      return block(loop(turn));
    });
    if (isStale) continue;
    // The module's own loop takes its variables in the form that they have at its head.
    const moves = onHead === null ? convert(p, entry, head) : [];
    p.kinds = exitKinds === null ? null : [...(exitKinds as Kind[])];
    return [...moves, ...code];
  }
}

/** How many turns are written behind each other, to be paid and kept as one: none of them may leave in its middle. */
function turnsAtOnce(stmt: Loop, turn: Code): number {
  let canLeave = false;
  eachStmt(stmt.body, null, ({ kind }) => {
    canLeave ||= kind === "while" || kind === "for" || kind === "break" || kind === "return";
  });
  return canLeave ? 1 : Math.max(1, Math.min(mostTurnsAtOnce, Math.floor(mostBytesAtOnce / turn.length)));
}

/** `times` turns, paid for as one at the head of the first; a loop that ends at a later head takes the rest back. */
function paidTurns(p: Place, price: number, times: number, turn: Code, stop: (first: Code) => Code): Code {
  const more = Array.from({ length: times - 1 }, (_, i) => [...stop(p.refund((times - 1 - i) * price)), ...turn]);
  return [...p.pay(constI64(times * price)), ...turn, ...more.flat()];
}

/** Leave a loop when the i32 on the stack is not 0, after `first`. */
function stopIf(p: Place, exit: Exit, first: Code): Code {
  const moves = [...first, ...reach(p, exit)];
  if (moves.length === 0) return p.b.brIf(exit.level);
  return choose(null, [...moves, ...p.b.deeper(() => p.b.br(exit.level))], []);
}

/** The number that a variable has now, as an f64, and its tag. */
export function variableNow(p: Place, variable: number): Code {
  const home = p.homes[variable]!;
  const kind = p.kinds![variable]!;
  if (kind === "whole") return [...get(home.whole), op.f64ConvertI64S, ...constI32(0)];
  return [...get(home.float), ...(kind === "float" ? constI32(1) : get(home.tag))];
}

/** A part as an f64 and its tag on the stack. */
export function withTag(p: Place, part: Part): Code {
  const mixed = asKind(p.b, part, "mixed");
  return [...mixed.code, ...tagOf(mixed)];
}
