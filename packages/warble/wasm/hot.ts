import { compileStmt } from "../compile.ts";
import { compileExpr, type Scope } from "../compile-expr.ts";
import { floatOf, floorDivideFloats, moduloFloats, remainderPrice } from "../float.ts";
import type { Machine, Mark } from "../machine.ts";
import { floatPowerPrice, powerOfDoubles, powerOfSmall } from "../power.ts";
import { patienceOf, sliceOf } from "../tier.ts";
import type { Expr, Stmt } from "../tree.ts";
import { Float, type Value } from "../values.ts";
import { eachStmt } from "../walk.ts";
import { type Emitted, emitLoop, ended, type Variable } from "./emit-wasm.ts";
import type { ImportName } from "./imports.ts";
import { fits, joinKind, kindOfNumber } from "./kinds.ts";
import { Natives } from "./natives.ts";
import type { Loop } from "./statements.ts";

// Kinds that change or tries that end oddly: after so many of either, closures keep the loop.
const mostModules = 4;
const mostTries = 8;
// Steps that closures may do in vain for turns that are thrown away, in all tries of a run together.
const mostInVain = 500_000;
// What the way out of a module and back costs, in steps of closures.
const wayOutSteps = 4;
// Steps until a loop that was refused asks again.
const betweenRefusals = 10_000;

type Run = (...given: number[]) => readonly number[];
type Built = Emitted & { readonly run: Run };
type Entry = {
  readonly frame: Value[];
  /** Steps of the program that the slice at hand does not have. */
  base: number;
  /** Steps of the slice that the last call out left; below 0 when it needed more. */
  left: number;
  tag: number;
  /** Where the turn began that calls out, and at which steps. */
  mark: Mark | null;
  turn: number;
  /** Steps that closures spent for the turn at hand, and for the slice. */
  outOfTurn: number;
  outOfSlice: number;
};

/** One loop of a program under way, which may leave its closures for a WebAssembly module at the head of a turn. */
export class HotLoop {
  /** Steps that its turns have still to spend in closures before the next try. */
  patience = 0;
  readonly #m: Machine;
  readonly #scope: Scope;
  readonly #stmt: Loop;
  readonly #variables: readonly Variable[];
  readonly #written: readonly number[];
  #built: Built | null = null;
  #modules = 0;
  #tries = 0;
  #entry = entryAt([]);

  constructor(scope: Scope, stmt: Loop) {
    this.#m = scope.m;
    this.#scope = scope;
    this.#stmt = stmt;
    const { variables, written } = variablesOf(scope, stmt);
    this.#variables = variables;
    this.#written = written;
  }

  /**
   * At the head of a turn: go on in WebAssembly. Gives how the loop ended, or null when closures must go on from the
   * head where the frame and the machine stand now.
   */
  enter(frame: Value[]): "done" | "returned" | null {
    const m = this.#m;
    // A try inside a turn that is being tried could be thrown away with it, and so on for each call inside a call.
    if (m.isTrying) {
      this.patience = Math.max(patienceOf(m.tier), betweenRefusals);
      return null;
    }
    const canTry = m.precision === 0 && Number.isSafeInteger(m.fuel) && m.inVain < mostInVain;
    const built = canTry ? this.#prepare(frame) : null;
    if (built === null) {
      this.patience = Number.POSITIVE_INFINITY;
      return null;
    }
    this.#entry = entryAt(frame);
    m.isTrying = true;
    try {
      return this.#run(built, frame);
    } finally {
      m.isTrying = false;
    }
  }

  #run(built: Built, frame: Value[]): "done" | "returned" | null {
    const m = this.#m;
    const entry = this.#entry;
    for (let size = sliceOf(m.tier); ; ) {
      const { fuel } = m;
      const steps = Math.min(fuel, size);
      entry.base = fuel - steps;
      entry.outOfSlice = 0;
      const given = [steps, m.callsLeft, m.stackLeft];
      for (const variable of this.#variables) {
        const value = this.#homeOf(variable, frame)[variable.slot]!;
        given.push(typeof value === "number" ? value : value instanceof Float ? value.value : 0);
        given.push(kindOfNumber(value) === "float" ? 1 : 0);
      }
      const [how, left, value, tag, ...written] = built.run(...given) as [number, number, number, number, ...number[]];
      m.fuel = entry.base + left;
      if (entry.mark !== null && entry.turn === m.fuel && (how === ended.odd || how === ended.spent)) {
        m.goBack(entry.mark);
        m.inVain += entry.outOfTurn;
      }
      for (let i = 0; i < this.#written.length; i++) {
        const variable = this.#variables[this.#written[i]!]!;
        if (built.head[this.#written[i]!] === "other") continue;
        this.#homeOf(variable, frame)[variable.slot] = numberFrom(written[2 * i]!, written[2 * i + 1]!);
      }
      // Where closures do most of it they do it all, sooner; and the loops in what it calls may gain more.
      const isOurs = 2 * entry.outOfSlice <= steps - left;
      if (!isOurs) this.patience = Number.POSITIVE_INFINITY;
      if (how === ended.done) return "done";
      if (how === ended.returned) {
        m.returned = numberFrom(value, tag);
        return "returned";
      }
      if (how === ended.spent && steps < fuel) {
        // A turn longer than the slice gets more.
        if (m.fuel === fuel) size *= 2;
        if (m.inVain < mostInVain && isOurs) continue;
        this.patience = Number.POSITIVE_INFINITY;
        return null;
      }
      // Closures tell what is odd, or where the steps end.
      const isHopeless = ++this.#tries >= mostTries || how === ended.spent;
      this.patience = isHopeless ? Number.POSITIVE_INFINITY : (1 + patienceOf(m.tier)) * 2 ** this.#tries;
      return null;
    }
  }

  /** The module for the kinds that the variables have now. */
  #prepare(frame: Value[]): Built | null {
    const kinds = this.#variables.map((variable) => kindOfNumber(this.#homeOf(variable, frame)[variable.slot]));
    const built = this.#built;
    if (built !== null && kinds.every((kind, i) => fits(kind, built.head[i]!))) return built;
    if (++this.#modules > mostModules) return null;
    const head = built === null ? kinds : kinds.map((kind, i) => joinKind(kind, built.head[i]!));
    const emitted = emitLoop(this.#stmt, this.#scope, this.#variables, head, this.#written);
    const run = emitted === null ? null : this.#load(emitted);
    this.#built = emitted === null || run === null ? null : { ...emitted, run };
    return this.#built;
  }

  /** The module's function; null where the host lets no module be made, such as a page with a strict policy. */
  #load(emitted: Emitted): Run | null {
    const { nodes } = this.#scope;
    const outs = emitted.outs.map((out) => this.#closureOf(out));
    this.#scope.nodes = nodes;
    const m: Record<ImportName, (...given: number[]) => number> = {
      // What costs more than its call is for closures, which charge it.
      modulo: (x = 0, y = 0) => (y === 0 || remainderPrice(x, y) > 0 ? Number.NaN : moduloFloats(x, y)),
      floorDivide: (x = 0, y = 0) => (y === 0 || remainderPrice(x, y) > 0 ? Number.NaN : floorDivideFloats(x, y)),
      power: (x = 0, y = 0) => this.#power(x, y),
      wholePower: (x = 0, y = 0) => powerOfSmall(x, y),
      powerPrice: (x = 0, y = 0) => floatPowerPrice(x, y),
      put: (variable = 0, x = 0, tag = 0) => {
        const { slot } = this.#variables[variable]!;
        this.#homeOf(this.#variables[variable]!, this.#entry.frame)[slot] = numberFrom(x, tag);
        return 0;
      },
      out: (number = 0, left = 0, turn = 0) => this.#callOut(outs[number]!, left, turn),
      left: () => this.#entry.left,
      tag: () => this.#entry.tag,
    };
    try {
      const instance = new WebAssembly.Instance(new WebAssembly.Module(emitted.bytes), { m });
      return instance.exports.run as Run;
    } catch {
      return null;
    }
  }

  #power(x: number, y: number): number {
    try {
      return powerOfDoubles(this.#m, x, y, 0);
    } catch {
      return Number.NaN;
    }
  }

  #closureOf(out: Expr | Stmt): (frame: Value[]) => Value {
    if (out.kind !== "expr") return compileExpr(out as Expr, this.#scope);
    const run = compileStmt(out, this.#scope);
    return (frame) => {
      run(frame);
      return 0;
    };
  }

  /** Let closures do a part of a turn; NaN when it ends in an error or gives no small number. */
  #callOut(run: (frame: Value[]) => Value, left: number, turn: number): number {
    const m = this.#m;
    const entry = this.#entry;
    if (entry.turn !== entry.base + turn) {
      entry.turn = entry.base + turn;
      entry.mark = m.mark();
      entry.outOfTurn = 0;
    }
    // No more than the slice has: what needs more is thrown away, and must not be much.
    m.fuel = left;
    const { held } = m;
    const spent = (): void => {
      entry.outOfTurn += left - Math.max(0, m.fuel);
      entry.outOfSlice += wayOutSteps + left - Math.max(0, m.fuel);
    };
    try {
      const value = run(entry.frame);
      m.held = held;
      spent();
      entry.left = m.fuel;
      const isFloat = value instanceof Float;
      entry.tag = isFloat || (typeof value === "number" && !Number.isInteger(value)) ? 1 : 0;
      return isFloat ? value.value : typeof value === "number" ? value : Number.NaN;
    } catch {
      // The turn is thrown away: closures will come to the same end and tell it, or a larger slice holds it.
      spent();
      entry.left = m.fuel <= 0 ? -1 : 0;
      return Number.NaN;
    }
  }

  #homeOf(variable: Variable, frame: Value[]): Value[] {
    return variable.isShared ? this.#scope.globals : frame;
  }
}

function entryAt(frame: Value[]): Entry {
  return { frame, base: 0, left: 0, tag: 0, mark: null, turn: -1, outOfTurn: 0, outOfSlice: 0 };
}

function numberFrom(x: number, tag: number): Value {
  if (tag === 1) return floatOf(x);
  // What comes from a module is a double to the engine, and would make the sums of closures slow.
  const small = x | 0;
  return small === x ? small : x;
}

/** The variables that a loop and the functions that it calls can see, and which of them the loop assigns. */
function variablesOf(scope: Scope, stmt: Loop): { variables: readonly Variable[]; written: readonly number[] } {
  const natives = new Natives(scope.functions, scope.globalSlots);
  const variables: Variable[] = [];
  const written = new Set<number>();
  const add = (name: string, isShared: boolean): number => {
    const known = variables.findIndex((each) => each.name === name && each.isShared === isShared);
    if (known >= 0) return known;
    const slot = (isShared ? scope.globalSlots : scope.slots).get(name);
    return slot === undefined ? -1 : variables.push({ name, isShared, slot }) - 1;
  };
  const isLocal = (name: string) => scope.isFunction && scope.slots.has(name);
  eachStmt(
    stmt,
    (expr) => {
      if (expr.kind === "name") add(expr.name, !isLocal(expr.name));
      if (expr.kind !== "call" || !scope.functions.has(expr.name)) return;
      for (const name of natives.of(expr.name).reads) add(name, true);
    },
    (inner) => {
      if (inner.kind === "assign") written.add(add(inner.name, !isLocal(inner.name)));
    },
  );
  return { variables, written: [...written] };
}
