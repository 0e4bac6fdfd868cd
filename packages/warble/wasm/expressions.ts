import type { BinaryOperator, Expr } from "../tree.ts";
import { asFloat, type Body, floatPart, mixedPart, type Part, wholePart } from "./body.ts";
import { type Code, call, choose, constF64, constI32, constI64, f64, get, i32, i64, op, set } from "./bytes.ts";
import { callOf } from "./calls.ts";
import { imported } from "./imports.ts";
import { joinKind } from "./kinds.ts";
import { arithmetic, comparison, negative, truth } from "./numbers.ts";
import { type Place, Unsupported } from "./plan.ts";
import { bits, power } from "./powers.ts";

/** The code of an expression whose value is a number. */
export function numberOf(p: Place, expr: Expr): Part {
  p.plan.count();
  switch (expr.kind) {
    case "whole":
      if (typeof expr.value !== "number") throw new Unsupported();
      return wholePart(constI64(expr.value), expr.value, expr.value);
    case "point": {
      const x = Number(expr.digits);
      if (!Number.isFinite(x)) throw new Unsupported();
      return floatPart(constF64(x), true);
    }
    case "name":
      return nameOf(p, expr);
    case "call":
      return (expr.args.some((arg) => isText(p, arg)) ? null : callOf(p, expr)) ?? outOf(p, expr);
    case "unary":
      return unaryOf(p, expr);
    case "binary":
      if (isText(p, expr.left) || isText(p, expr.right)) return outOf(p, expr);
      return binary(p, expr.op, numberOf(p, expr.left), numberOf(p, expr.right));
    case "compare":
    case "and":
    case "or":
      return wholePart([...testOf(p, expr), op.i64ExtendI32U], 0, 1);
    case "choose":
      return choiceOf(p, expr);
    default:
      return outOf(p, expr);
  }
}

/** The code of an expression of which only the truth is asked, as an i32 of 0 or 1. */
export function testOf(p: Place, expr: Expr): Code {
  switch (expr.kind) {
    case "and":
    case "or": {
      const left = testOf(p, expr.left);
      const right = p.b.deeper(() => testOf(p, expr.right));
      return expr.kind === "and"
        ? [...left, ...choose(i32, right, constI32(0))]
        : [...left, ...choose(i32, constI32(1), right)];
    }
    case "compare":
      return compareOf(p, expr);
    case "unary":
      if (expr.op === "!") return [...testOf(p, expr.arg), op.i32Eqz];
      return truth(p.b, numberOf(p, expr));
    default:
      return truth(p.b, numberOf(p, expr));
  }
}

/** The code of a number that closures work out: of any kind, as long as it is a small number. */
function outOf(p: Place, expr: Expr): Part {
  if (p.callOut === null) throw new Unsupported();
  const { code, result } = p.callOut(expr);
  const tag = p.b.local(i32);
  return mixedPart([...code, ...call(imported("tag")), ...set(tag), ...get(result)], tag);
}

function isText(p: Place, expr: Expr): boolean {
  return p.plan.natives.isText(expr, (name) => {
    const variable = p.find(name);
    return variable !== null && p.kinds![variable] === "other";
  });
}

function nameOf(p: Place, expr: Expr & { kind: "name" }): Part {
  const variable = p.find(expr.name);
  if (variable === null) return expr.upper === "PI" ? floatPart(constF64(Math.PI), true) : wholePart(constI64(0), 0, 0);
  const home = p.homes[variable]!;
  switch (p.kinds![variable]!) {
    case "whole":
      return wholePart(get(home.whole));
    case "float":
      return floatPart(get(home.float), true);
    case "mixed":
      return mixedPart(get(home.float), home.tag);
    default:
      return outOf(p, expr);
  }
}

function unaryOf(p: Place, expr: Expr & { kind: "unary" }): Part {
  if (expr.op === "!") return wholePart([...testOf(p, expr), op.i64ExtendI32U], 0, 1);
  const arg = numberOf(p, expr.arg);
  return expr.op === "-" ? negative(p.b, arg) : arg;
}

function compareOf(p: Place, expr: Expr & { kind: "compare" }): Code {
  if (isText(p, expr.first) || expr.links.some(({ right }) => isText(p, right))) return truth(p.b, outOf(p, expr));
  const { b } = p;
  const link = (i: number, left: Part): Code => {
    const { op: sign, right } = expr.links[i]!;
    const next = b.checked(numberOf(p, right));
    if (i === expr.links.length - 1) return comparison(sign, left, next);
    // The middle of a chain is worked out once.
    const x = b.kept(left);
    const y = b.kept(next);
    const holds = comparison(sign, { ...left, code: x.again }, { ...next, code: y.again });
    const more = b.deeper(() => link(i + 1, { ...next, code: y.again }));
    return [...x.first, ...y.first, ...holds, ...choose(i32, more, constI32(0))];
  };
  return link(0, b.checked(numberOf(p, expr.first)));
}

function choiceOf(p: Place, expr: Expr & { kind: "choose" }): Part {
  const test = testOf(p, expr.test);
  const [yes, no] = p.b.deeper(() => [numberOf(p, expr.yes), numberOf(p, expr.no)]);
  const kind = joinKind(yes.kind, no.kind) as Part["kind"];
  if (kind === "mixed") {
    const tag = p.b.local(i32);
    const tagged = (part: Part) => [...asFloat(p.b.deeper(() => p.b.checked(part))), ...tagOf(part), ...set(tag)];
    return mixedPart([...test, ...choose(f64, tagged(yes), tagged(no))], tag);
  }
  const code = [...test, ...choose(kind === "whole" ? i64 : f64, yes.code, no.code)];
  if (kind === "float") return floatPart(code, yes.isSure && no.isSure);
  return wholePart(code, Math.min(yes.low, no.low), Math.max(yes.high, no.high));
}

/** The tag of a part, as code. */
export function tagOf(part: Part): Code {
  return part.kind === "mixed" ? get(part.tag) : constI32(part.kind === "float" ? 1 : 0);
}

/** The number in the form of `kind`, which it fits; a mixed one leaves its tag in the local `tag`. */
export function asKind(b: Body, part: Part, kind: Part["kind"]): Part {
  const sure = b.checked(part);
  if (sure.kind === kind) return sure;
  const tag = b.local(i32);
  return mixedPart([...asFloat(sure), ...tagOf(sure), ...set(tag)], tag);
}

/** `left sign right`. */
export function binary(p: Place, sign: BinaryOperator, left: Part, right: Part): Part {
  switch (sign) {
    case "&":
    case "|":
      return bits(p, sign, left, right);
    case "^":
      return power(p, left, right);
    default:
      return arithmetic(p.b, sign, left, right);
  }
}
