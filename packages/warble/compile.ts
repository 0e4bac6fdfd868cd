import { add, operationOf } from "./arithmetic.ts";
import { printValues } from "./builtins/world.ts";
import { type Checked, type FunctionFacts, isCommand } from "./check.ts";
import { type Code, compileExpr, compileTest, type Get, Scope } from "./compile-expr.ts";
import { fail } from "./errors.ts";
import { indexOf } from "./lists.ts";
import type { Machine } from "./machine.ts";
import { turnPrice } from "./price.ts";
import { patienceOf } from "./tier.ts";
import type { Stmt } from "./tree.ts";
import { List, type Value } from "./values.ts";
import { HotLoop } from "./wasm/hot.ts";

/** How a statement ended. */
const goOn = 0;
const broke = 1;
const continued = 2;
const returning = 3;

type Step = (frame: Value[]) => number;

const noCodes: ReadonlyMap<string, Code> = new Map();

/** A program as one closure on `m`: names are slots of frames, nothing is looked up while it runs. */
export function compile(checked: Checked, m: Machine): () => void {
  // Of the right size from the start: growing one would take room for sixteen.
  const globals: Value[] = new Array(checked.globals.size);
  const codes = checked.functions.size === 0 ? noCodes : compileFunctions(checked, m, globals);
  const scope = new Scope(checked, m, globals, codes, null);
  const body = compileBlock(checked.tree.body, scope);
  for (let slot = 0; slot < scope.size; slot++) globals[slot] = 0;
  m.frames[0] = globals;
  return () => {
    body(globals);
  };
}

function compileFunctions(checked: Checked, m: Machine, globals: Value[]): ReadonlyMap<string, Code> {
  const codes = new Map<string, Code>();
  for (const [name, facts] of checked.functions) {
    codes.set(name, { run: () => 0, size: facts.locals.size, levels: facts.levels, steps: 1 });
  }
  for (const [name, facts] of checked.functions) {
    const scope = new Scope(checked, m, globals, codes, facts);
    const code = codes.get(name)!;
    code.run = compileBody(facts, scope);
    code.size = scope.size;
    code.steps = turnPrice(scope.nodes);
  }
  return codes;
}

function compileBody(facts: FunctionFacts, scope: Scope): (frame: Value[]) => Value {
  if (facts.tree.expr !== null) return compileExpr(facts.tree.expr, scope);
  const { m } = scope;
  const body = compileStmt(facts.tree.body!, scope);
  return (frame) => (body(frame) === returning ? m.returned : 0);
}

function compileBlock(list: readonly Stmt[], scope: Scope): Step {
  switch (list.length) {
    case 0:
      return nothing;
    case 1:
      return compileStmt(list[0]!, scope);
    case 2:
      return both(scope.m, compileStmt(list[0]!, scope), compileStmt(list[1]!, scope));
  }
  const steps: Step[] = new Array(list.length);
  for (let i = 0; i < list.length; i++) steps[i] = compileStmt(list[i]!, scope);
  return each(scope.m, steps);
}

function both(m: Machine, first: Step, second: Step): Step {
  return (frame) => {
    const { held } = m;
    let end = first(frame);
    if (end !== goOn) return end;
    m.held = held;
    end = second(frame);
    if (end === goOn) m.held = held;
    return end;
  };
}

function each(m: Machine, steps: readonly Step[]): Step {
  return (frame) => {
    const { held } = m;
    for (let i = 0; i < steps.length; i++) {
      const end = steps[i]!(frame);
      if (end !== goOn) return end;
      m.held = held;
    }
    return goOn;
  };
}

function nothing(): number {
  return goOn;
}

/** A statement as a closure that tells how it ended. */
export function compileStmt(stmt: Stmt, scope: Scope): Step {
  scope.nodes++;
  switch (stmt.kind) {
    case "block":
      return compileBlock(stmt.body, scope);
    case "expr":
      return compileBare(stmt, scope);
    case "assign":
      return compileAssign(stmt, scope);
    case "set":
      return compileSet(stmt, scope);
    case "if":
      return compileIf(stmt, scope);
    case "while":
      return compileLoop(scope, [], stmt, stmt.body, [], stmt.start);
    case "for":
      return compileLoop(scope, stmt.first, stmt, stmt.body, stmt.step, stmt.start);
    case "break":
      return () => broke;
    case "continue":
      return () => continued;
    case "return": {
      const { m } = scope;
      if (stmt.value === null) {
        return () => {
          m.returned = 0;
          return returning;
        };
      }
      const value = compileExpr(stmt.value, scope);
      return (frame) => {
        m.returned = value(frame);
        return returning;
      };
    }
  }
}

function compileBare(stmt: Stmt & { kind: "expr" }, scope: Scope): Step {
  const { m } = scope;
  const { start } = stmt;
  const value = compileExpr(stmt.expr, scope);
  if (isCommand(stmt.expr, scope.functions)) {
    return (frame) => {
      value(frame);
      return goOn;
    };
  }
  return (frame) => {
    printValues(m, [value(frame)], "", "\n", start);
    return goOn;
  };
}

function compileAssign(stmt: Stmt & { kind: "assign" }, scope: Scope): Step {
  const { m, globals } = scope;
  const { at } = stmt;
  const value = compileExpr(stmt.value, scope);
  const local = scope.slots.get(stmt.name);
  const slot = local ?? scope.globalSlots.get(stmt.name)!;
  const isHere = local !== undefined;
  if (stmt.op === "") return isHere ? setHere(slot, value) : setShared(globals, slot, value);
  if (stmt.op === "+" && stmt.value.kind === "whole" && stmt.value.value === 1 && isHere) {
    return (frame) => {
      const old = frame[slot]!;
      frame[slot] = typeof old === "number" && (old | 0) === old ? old + 1 : add(m, old, 1, at);
      return goOn;
    };
  }
  const operation = operationOf(stmt.op);
  return (frame) => {
    const home = isHere ? frame : globals;
    // x+=f() is x=x+f(): what f does to x comes too late.
    const old = home[slot]!;
    home[slot] = operation(m, old, value(frame), at);
    return goOn;
  };
}

function setHere(slot: number, value: Get): Step {
  return (frame) => {
    frame[slot] = value(frame);
    return goOn;
  };
}

function setShared(globals: Value[], slot: number, value: Get): Step {
  return (frame) => {
    globals[slot] = value(frame);
    return goOn;
  };
}

function compileSet(stmt: Stmt & { kind: "set" }, scope: Scope): Step {
  const { m } = scope;
  const { at, op, sign } = stmt;
  const base = compileExpr(stmt.base, scope);
  const index = compileExpr(stmt.index, scope);
  const value = compileExpr(stmt.value, scope);
  const operation = op === "" ? null : operationOf(op);
  return (frame) => {
    const list = base(frame);
    if (!(list instanceof List)) return fail("TYPE", at, "Only a list has elements to set: a=[1,2,3] or a=ARRAY(9).");
    const i = indexOf(index(frame), at);
    const old = operation === null ? 0 : elementOf(list, i, at);
    const right = value(frame);
    setElement(m, list, i, operation === null ? right : operation(m, old, right, sign), at);
    return goOn;
  };
}

function elementOf(list: List, i: number, at: number): Value {
  return list.items[i] ?? failIndex(list, i, at);
}

function failIndex(list: List, i: number, at: number): never {
  const length = list.items.length;
  const range = length === 0 ? "it is empty" : `its elements are 0 to ${length - 1}`;
  return fail("INDEX", at, `The list has no element ${i}: ${range}.`);
}

function setElement(m: Machine, list: List, i: number, item: Value, at: number): void {
  const { items } = list;
  if (list.born < m.pureFrom) fail("PURE", at, "Inside SUM, PROD and MAP a list from outside cannot change.");
  if (i === items.length) {
    if (i >= m.limits.listLength) fail("MEMORY", at, `A list has at most ${m.limits.listLength} elements.`);
    m.addCells(1 + m.extraCells(item), at);
    // A short one grows by a copy: pushing would make room for sixteen more, which nobody has paid for.
    if (i >= 16) items.push(item);
    else {
      const longer: Value[] = new Array(i + 1);
      for (let k = 0; k < i; k++) longer[k] = items[k]!;
      longer[i] = item;
      list.items = longer;
    }
    return;
  }
  if (i < 0 || i > items.length) failIndex(list, i, at);
  const more = m.extraCells(item) - m.extraCells(items[i]!);
  if (more > 0) m.addCells(more, at);
  items[i] = item;
}

function compileIf(stmt: Stmt & { kind: "if" }, scope: Scope): Step {
  const test = compileTest(stmt.test, scope);
  const yes = compileStmt(stmt.yes, scope);
  if (stmt.no === null) return (frame) => (test(frame) ? yes(frame) : goOn);
  const no = compileStmt(stmt.no, scope);
  return (frame) => (test(frame) ? yes(frame) : no(frame));
}

function compileLoop(
  scope: Scope,
  firstTree: readonly Stmt[],
  loop: Stmt & ({ kind: "while" } | { kind: "for" }),
  bodyTree: Stmt,
  stepTree: readonly Stmt[],
  at: number,
): Step {
  const { m } = scope;
  const first = compileBlock(firstTree, scope);
  const before = scope.nodes;
  const test = loop.test === null ? () => true : compileTest(loop.test, scope);
  const body = compileStmt(bodyTree, scope);
  const step = compileBlock(stepTree, scope);
  // A long turn costs more than a short one; an inner loop pays for its own turns.
  const steps = turnPrice(scope.nodes - before);
  scope.nodes = before;
  scope.prices.set(loop, steps);
  let patience = patienceOf(m.tier);
  let hot: HotLoop | null = null;
  return (frame) => {
    first(frame);
    const { held } = m;
    let tryAt = m.fuel - patience;
    for (;;) {
      if (m.fuel <= tryAt) {
        hot ??= new HotLoop(scope, loop);
        const ended = hot.enter(frame);
        tryAt = m.fuel - hot.patience;
        if (ended === "done") break;
        if (ended === "returned") {
          patience = hot.patience;
          return returning;
        }
      }
      if (!test(frame)) break;
      m.fuel -= steps;
      if (m.fuel < 0) m.outOfSteps(at);
      const end = body(frame);
      if (end !== goOn) {
        if (end === broke) break;
        if (end === returning) {
          patience = Math.max(0, m.fuel - tryAt);
          return end;
        }
      }
      step(frame);
      m.held = held;
    }
    patience = Math.max(0, m.fuel - tryAt);
    return goOn;
  };
}
