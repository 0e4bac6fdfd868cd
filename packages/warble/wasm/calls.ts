import type { Expr } from "../tree.ts";
import { asFloat, floatPart, mixedPart, type Part, wholePart } from "./body.ts";
import { type Code, call, constF64, constI64, get, i32, op, set } from "./bytes.ts";
import { asKind, numberOf, tagOf } from "./expressions.ts";
import { joinKind } from "./kinds.ts";
import { comparison, negative } from "./numbers.ts";
import { odd, type Place, Unsupported } from "./plan.ts";
import { bits } from "./powers.ts";

/** The code of a call that the module does by itself, or null. Its arguments are numbers. */
export function callOf(p: Place, expr: Expr & { kind: "call" }): Part | null {
  if (!p.plan.natives.isNativeCall(expr)) return null;
  if (p.plan.scope.functions.has(expr.name)) return userCall(p, expr);
  const args = expr.args.map((arg) => p.b.checked(numberOf(p, arg)));
  return builtinCall(p, expr.upper, args);
}

function userCall(p: Place, expr: Expr & { kind: "call" }): Part | null {
  const { plan, b } = p;
  const facts = plan.scope.functions.get(expr.name)!;
  const { reads } = plan.natives.of(expr.name);
  const shared = reads.map((name) => p.find(name, true)!);
  if (shared.some((variable) => p.kinds![variable] === "other")) return null;
  const parts = expr.args.map((arg) => b.checked(numberOf(p, arg)));
  for (const variable of shared) parts.push(variablePart(p, variable));
  const instance = plan.instance(
    facts,
    parts.map(({ kind }) => kind),
    reads,
  );
  // All at once on the stack, a tag behind each mixed number.
  const given = parts.flatMap((part) => [...part.code, ...(part.kind === "mixed" ? get(part.tag) : [])]);
  const pay = p.pay(constI64(plan.scope.codes.get(expr.name)!.steps));
  const code = [...given, ...pay, ...p.lend, ...call(instance.index), ...p.takeBack];
  const tag = instance.gives === "mixed" ? b.local(i32) : -1;
  const all = [...code, ...(tag < 0 ? [] : set(tag)), op.globalGet, odd, ...b.oddIf()];
  if (instance.gives === "mixed") return mixedPart(all, tag);
  return instance.gives === "float" ? floatPart(all, true) : wholePart(all);
}

function variablePart(p: Place, variable: number): Part {
  const home = p.homes[variable]!;
  const kind = p.kinds![variable]!;
  if (kind === "whole") return wholePart(get(home.whole));
  return kind === "float" ? floatPart(get(home.float), true) : mixedPart(get(home.float), home.tag);
}

// What a built-in costs besides its call: see functionSteps in builtins/mathematics.ts.
const call1 = constI64(1);
const call6 = constI64(6);

function builtinCall(p: Place, name: string, args: readonly Part[]): Part {
  const [x, y] = args as [Part, Part];
  const paid = (price: Code, part: Part): Part => ({ ...part, code: [...p.pay(price), ...part.code] });
  switch (name) {
    case "PI":
      return paid(call6, floatPart(constF64(Math.PI), true));
    case "SQRT":
      // Of a negative number it is NaN, which is seen when the result is checked.
      return paid(call6, floatPart([...asFloat(x), op.f64Sqrt], false));
    case "ABS":
      return paid(call6, absolute(p, x));
    case "FLOOR":
      return paid(call6, whole(p, x, op.f64Floor));
    case "CEIL":
      return paid(call6, whole(p, x, op.f64Ceil));
    case "ROUND":
      return paid(call6, whole(p, x, op.f64Nearest));
    case "INT":
      return paid(call1, whole(p, x, op.f64Trunc));
    case "FLOAT":
      return paid(call1, floatPart(asFloat(x), true));
    case "ISQRT":
      return paid(call1, wholeRoot(p, x));
    case "XOR":
      return paid(call1, bits(p, "XOR", x, y));
    default:
      return paid(constI64(2), better(p, name === "MIN", x, y));
  }
}

function whole(p: Place, x: Part, instruction: number): Part {
  return x.kind === "whole" ? x : p.b.truncated([...x.code, instruction]);
}

function absolute(p: Place, x: Part): Part {
  if (x.kind === "float") return floatPart([...x.code, op.f64Abs], true);
  if (x.kind === "mixed") return mixedPart([...x.code, op.f64Abs], x.tag);
  const kept = p.b.kept(x);
  const size = Math.max(Math.abs(x.low), Math.abs(x.high));
  const minus = negative(p.b, wholePart(kept.again)).code;
  const isNegative = [...kept.again, ...constI64(0), op.i64LtS];
  return wholePart([...kept.first, ...minus, ...kept.again, ...isNegative, op.select], 0, size);
}

/** Below 2^52 the root of a double rounds down to the right whole; closures do the rest. */
function wholeRoot(p: Place, x: Part): Part {
  const { b } = p;
  if (x.kind !== "whole") throw new Unsupported();
  const kept = b.kept(x);
  const isLarge = [...kept.again, ...constI64(4503599627370495), op.i64GtU, ...b.oddIf()];
  const root = [...kept.again, op.f64ConvertI64S, op.f64Sqrt, op.f64Floor, op.i64TruncF64S];
  return wholePart([...kept.first, ...isLarge, ...root], 0, 67108864);
}

/** MIN or MAX: the second only where it is truly smaller or larger. */
function better(p: Place, isLeast: boolean, x: Part, y: Part): Part {
  const { b } = p;
  const kind = joinKind(x.kind, y.kind) as Part["kind"];
  const first = b.kept(asKind(b, x, kind));
  const second = b.kept(asKind(b, y, kind));
  const part = (code: Code): Part => ({ ...(kind === "whole" ? wholePart(code) : floatPart(code, true)) });
  const test = comparison(isLeast ? "<" : ">", part(second.again), part(first.again));
  const ready = [...first.first, ...second.first];
  if (kind !== "mixed") {
    return { ...part([...ready, ...second.again, ...first.again, ...test, op.select]) };
  }
  const tag = b.local(i32);
  const isSecond = b.local(i32);
  const tags = [
    ...ready,
    ...test,
    ...set(isSecond),
    ...tagOf(y),
    ...tagOf(x),
    ...get(isSecond),
    op.select,
    ...set(tag),
  ];
  return mixedPart([...tags, ...second.again, ...first.again, ...get(isSecond), op.select], tag);
}
