import type { Code, Scope } from "./compile-expr.ts";
import { decodeWith, encodeWithin } from "./encode.ts";
import { type Machine, weightOf } from "./machine.ts";
import type { Expr } from "./tree.ts";
import { List, type Value } from "./values.ts";
import { eachExpr, eachStmt } from "./walk.ts";

/*
 * A fold over many boards. The program meets a big fold, computes its first chunk and ends with a FoldOrder: what another
 * board needs to compute the chunks after it. It is run again with the answers at hand, and takes each as if it had
 * computed the chunk itself. An answer that is missing, or that might have ended otherwise here, is computed here: so the
 * result, its steps and its errors are the same however many boards there are.
 */

/** The three folds. */
export type FoldKind = "SUM" | "PROD" | "MAP";

/** Terms are grouped so on one board and on a thousand, so that both find the same (SPEC section 7). */
export const chunkLength = 1024;

/** A big fold as it stands when its first chunk is done: plain JSON, at most some 16 KB. */
export type FoldOrder = {
  /** Which fold of the post: its offset in UTF-16 units. */
  readonly at: number;
  /** The bounds of `k`. */
  readonly first: number;
  readonly last: number;
  /** How many chunks after the first are worth computing; more than the steps left allow are not. */
  readonly chunks: number;
  /** Steps that the first chunk took, and steps left after it. */
  readonly steps: number;
  readonly fuel: number;
  readonly precision: number;
  /** Calls under way, their JavaScript frames, cells made and bits held where the fold stands. */
  readonly depth: number;
  readonly stack: number;
  readonly cells: number;
  readonly held: number;
  /** What the names that the terms read hold, by slot, in the text form of `encodeValue`: top level, then the call's own. */
  readonly globals: readonly (readonly [slot: number, value: string])[];
  readonly locals: readonly (readonly [slot: number, value: string])[];
};

/**
 * One chunk, computed elsewhere: its value (a list for MAP) in the exact text form of `encodeValue`, and what it used.
 * Null: it ended in an error or cannot travel, and the board that runs the program must compute it.
 */
export type ChunkAnswer = {
  readonly value: string;
  readonly steps: number;
  readonly cells: number;
  /** Bits of big values made on the way. */
  readonly made: number;
} | null;

/** Answers by chunk; the first is that of the second chunk, since every board computes the first itself. */
export type FoldAnswers = readonly ChunkAnswer[];

/** What a run that spreads knows. Folds are counted in the order met, which is the same in each run. */
export type Spread = {
  readonly answers: readonly FoldAnswers[];
  /** Folds with less work left than this, in steps, are computed here. */
  readonly leastSteps: number;
  met: number;
};

/** A fold as compiled. */
export type FoldCode = {
  readonly kind: FoldKind;
  readonly start: number;
  /** Steps of one turn, at least. */
  readonly turn: number;
  readonly term: Expr;
  readonly scope: Scope;
  /** Slots of the names around it, those of enclosing folds included. */
  readonly seen: ReadonlyMap<string, number>;
  /** The value of the chunk from `first` to `last`, or for MAP its items. */
  readonly chunk: (frame: Value[], first: number, last: number) => Value[];
};

/** Thrown through a run that has met a fold to be computed elsewhere; never seen by a program. */
export class Suspension extends Error {
  readonly order: FoldOrder;
  constructor(order: FoldOrder) {
    super("a fold waits for its chunks");
    this.order = order;
  }
}

/** A program that meets more big folds than this computes the later ones itself: each one begins the run anew. */
const mostFolds = 8;
/** Characters of the variables that travel with a fold. */
const mostSnapshot = 16_384;
/** Characters of one chunk's value, and its bits before it is written. */
const mostValue = 65_536;
const mostValueBits = 200_000;
// Values lighter than this are not counted by `Machine.hold`.
const uncountedBits = 4096;

/**
 * After the first chunk of a fold: its answers, if they are known, or null when it is better computed here.
 *
 * @param taken what the first chunk took. @throws Suspension when the answers are wanted.
 */
export function meetFold(
  m: Machine,
  code: FoldCode,
  frame: Value[],
  globals: Value[],
  taken: { readonly first: number; readonly last: number; readonly steps: number; readonly made: number },
): FoldAnswers | null {
  const spread = m.spread!;
  const { first, last, steps, made } = taken;
  const rest = Math.ceil((last - first + 1) / chunkLength) - 1;
  const chunks = Math.min(rest, Math.floor(m.fuel / (chunkLength * code.turn)) + 1);
  if (spread.met >= mostFolds || chunks * steps < spread.leastSteps) return null;
  const held = m.held + m.weightOfFrames();
  const snapshot = takeSnapshot(m, code, frame, globals);
  if (snapshot === null || !isRoomy(m, code, held, Math.max(made, snapshot.heaviest))) return null;
  const { precision, depth, stack, fuel } = m;
  const known = spread.answers[spread.met++];
  if (known !== undefined) return known;
  throw new Suspension({
    ...{ at: code.start, first, last, chunks, steps, fuel, precision, depth, stack, held },
    cells: m.pureFrom,
    globals: snapshot.globals,
    locals: snapshot.locals,
  });
}

/**
 * The values of an answered chunk, paid for, or null when this machine must compute the chunk itself.
 *
 * @param items of a MAP: how many the chunk has, and how many came before; null for SUM and PROD.
 */
export function takeAnswer(
  m: Machine,
  answer: NonNullable<ChunkAnswer>,
  items: { readonly count: number; readonly before: number } | null,
): readonly Value[] | null {
  if (answer.steps > m.fuel || m.cells + answer.cells > m.limits.listCells) return null;
  if (items !== null && items.before + items.count > m.limits.listLength) return null;
  const born = m.cells;
  const value = decodeWith(answer.value, (parts) => new List(parts, born));
  if (value === null || value instanceof List !== (items !== null)) return null;
  const values = value instanceof List ? value.items : [value];
  if (items !== null && values.length !== items.count) return null;
  m.fuel -= answer.steps;
  m.cells += answer.cells;
  m.madeElsewhere(answer.made);
  return values;
}

/**
 * Answer a chunk on a machine that a FoldOrder was put into; null when the answer cannot travel.
 *
 * @param heaviest bits of the heaviest value that the order brought.
 */
export function answerChunk(
  m: Machine,
  code: FoldCode,
  order: FoldOrder,
  index: number,
  heaviest: number,
): ChunkAnswer {
  const frame = m.frames[m.depth]!;
  const { fuel, cells, made } = m;
  const first = order.first + chunkLength * (index + 1);
  const values = code.chunk(frame, first, Math.min(first + chunkLength - 1, order.last));
  const used = m.made - made;
  if (!isRoomy(m, code, order.held, Math.max(used, heaviest))) return null;
  const isMap = code.kind === "MAP";
  if (!isMap && values[0] instanceof List) return null;
  const seen = new Set<List>();
  if (!values.every((value) => canTravel(m, value, seen, 0))) return null;
  const value = encodeWithin(isMap ? new List(values, 0) : values[0]!, mostValue);
  return value === null ? null : { value, steps: fuel - m.fuel, cells: m.cells - cells, made: used };
}

/**
 * Whether no audit of held memory can fail in a chunk, wherever it falls: names of calls inside the terms may hold each
 * value again and again, as deep as calls go. Where it cannot be excluded the fold stays on one board.
 */
function isRoomy(m: Machine, { scope }: FoldCode, held: number, heaviest: number): boolean {
  let slots = 1;
  for (const { size } of scope.codes.values() as Iterable<Code>) slots = Math.max(slots, size * m.limits.depth);
  return held + heaviest + 2 * slots * Math.max(heaviest, uncountedBits) <= m.heldMost;
}

/** The bits of the heaviest value in a value that travels. */
export function heaviestIn(m: Machine, value: Value): number {
  if (!(value instanceof List)) return weightOf(value, m.constants);
  let heaviest = 0;
  for (const item of value.items) heaviest = Math.max(heaviest, heaviestIn(m, item));
  return heaviest;
}

/** Lists travel by value: only one that nobody else holds may. Numbers of great length are slow to write. */
function canTravel(m: Machine, value: Value, seen: Set<List>, depth: number): boolean {
  if (!(value instanceof List)) return typeof value === "number" || weightOf(value, m.constants) <= mostValueBits;
  if (depth > 100 || seen.has(value) || value.born < m.pureFrom) return false;
  seen.add(value);
  return value.items.every((item) => canTravel(m, item, seen, depth + 1));
}

/** They are the same wherever the program runs, but an order does not carry them. */
const worldly: ReadonlySet<string> = new Set(["USER", "NODES"]);

type Slots = (readonly [slot: number, value: string])[];

/** What the names in the terms hold, and in all functions when the terms call any; null when that is too much. */
function takeSnapshot(
  m: Machine,
  { term, scope, seen }: FoldCode,
  frame: Value[],
  globals: Value[],
): { readonly globals: Slots; readonly locals: Slots; readonly heaviest: number } | null {
  const names = new Set<string>();
  const shared = new Set<string>();
  const reached = new Set<string>();
  let asks = false;
  const visit = (expr: Expr): void => {
    if (expr.kind !== "call") return;
    const called = scope.functions.get(expr.name);
    if (called === undefined) asks ||= worldly.has(expr.upper);
    else if (!reached.has(expr.name)) {
      reached.add(expr.name);
      eachName(called.tree, (name) => shared.add(name));
      eachCall(called.tree, visit);
    }
  };
  eachExpr(term, (expr) => {
    if (expr.kind === "name") names.add(expr.name);
    else visit(expr);
  });
  if (asks) return null;
  const taken: { globals: Slots; locals: Slots; heaviest: number } = { globals: [], locals: [], heaviest: 0 };
  let left = mostSnapshot;
  const take = (into: Slots, slot: number, value: Value | undefined): boolean => {
    if (value === undefined || value === 0) return true;
    const text = weightOf(value, m.constants) > mostValueBits ? null : encodeWithin(value, left);
    if (text === null) return false;
    left -= text.length;
    into.push([slot, text]);
    taken.heaviest = Math.max(taken.heaviest, heaviestIn(m, value));
    return true;
  };
  const isTop = frame === globals;
  for (const name of names) {
    const slot = seen.get(name);
    if (slot !== undefined) {
      if (!take(isTop ? taken.globals : taken.locals, slot, frame[slot])) return null;
    } else shared.add(name);
  }
  for (const name of shared) {
    const slot = scope.globalSlots.get(name);
    if (slot !== undefined && !(isTop && names.has(name)) && !take(taken.globals, slot, globals[slot])) return null;
  }
  return taken;
}

type FunctionBody = { readonly expr: Expr | null; readonly body: Parameters<typeof eachStmt>[0] | null };

function eachCall({ expr, body }: FunctionBody, visit: (expr: Expr) => void): void {
  if (expr !== null) eachExpr(expr, visit);
  if (body !== null) eachStmt(body, visit, () => undefined);
}

function eachName(tree: FunctionBody, tell: (name: string) => void): void {
  const visit = (expr: Expr): void => {
    if (expr.kind === "name") tell(expr.name);
  };
  if (tree.expr !== null) eachExpr(tree.expr, visit);
  if (tree.body !== null)
    eachStmt(tree.body, visit, (stmt) => {
      if (stmt.kind === "assign") tell(stmt.name);
    });
}
