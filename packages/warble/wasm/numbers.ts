import type { CompareOperator } from "../tree.ts";
import { asFloat, type Body, constantOf, floatPart, mixedPart, most, type Part, wholePart } from "./body.ts";
import { type Code, call, choose, constF64, constI32, constI64, f64, get, i32, i64, op, set, tee } from "./bytes.ts";
import { imported } from "./imports.ts";

/** Arithmetic on parts: the same numbers as arithmetic.ts gives, or the way out of the try. */

/** `left sign right` for the signs that cost no steps. */
export function arithmetic(b: Body, sign: "+" | "-" | "*" | "/" | "%" | "//", left: Part, right: Part): Part {
  switch (sign) {
    case "+":
    case "-":
    case "*":
      if (left.kind === "whole" && right.kind === "whole") return wholeSum(b, sign, left, right);
      return floatSum(b, sign, left, right);
    case "/":
      // A zero divisor gives no finite number, which is seen when the result is checked.
      return floatPart([...asFloat(left), ...asFloat(b.checked(right)), op.f64Div], false);
    case "%":
    case "//":
      if (left.kind === "whole" && right.kind === "whole") return wholeQuotient(b, sign, left, right);
      return floatQuotient(b, sign, b.checked(left), b.checked(right));
  }
}

function wholeSum(b: Body, sign: "+" | "-" | "*", left: Part, right: Part): Part {
  if (sign === "+") {
    return b.bounded([...left.code, ...right.code, op.i64Add], left.low + right.low, left.high + right.high);
  }
  if (sign === "-") {
    return b.bounded([...left.code, ...right.code, op.i64Sub], left.low - right.high, left.high - right.low);
  }
  return product(b, left, right);
}

/** The product of two wholes. */
export function product(b: Body, left: Part, right: Part): Part {
  const ends = [left.low * right.low, left.low * right.high, left.high * right.low, left.high * right.high];
  const low = Math.min(...ends) + 0;
  const high = Math.max(...ends) + 0;
  if (low >= -most && high <= most) return wholePart([...left.code, ...right.code, op.i64Mul], low, high);
  // The product of doubles is at least 2^53 exactly when the true one is.
  const x = b.local(i64);
  const y = b.local(i64);
  return wholePart([
    ...left.code,
    ...tee(x),
    op.f64ConvertI64S,
    ...right.code,
    ...tee(y),
    op.f64ConvertI64S,
    op.f64Mul,
    op.f64Abs,
    ...constF64(most),
    op.f64Gt,
    ...b.oddIf(),
    ...get(x),
    ...get(y),
    op.i64Mul,
  ]);
}

function floatSum(b: Body, sign: "+" | "-" | "*", left: Part, right: Part): Part {
  const code = [...asFloat(left), ...asFloat(right), sign === "+" ? op.f64Add : sign === "-" ? op.f64Sub : op.f64Mul];
  if (left.kind === "float" || right.kind === "float") return floatPart(code, false);
  return mixedResult(b, code, tagOr(left, right));
}

/** A result of two numbers of which one may be whole: its tag in a new local, its size checked by its kind; `tag` is its code. */
export function mixedResult(b: Body, code: Code, tag: Code): Part {
  const x = b.local(f64);
  const isFloat = b.local(i32);
  return mixedPart(
    [
      ...code,
      ...set(x),
      ...tag,
      ...set(isFloat),
      ...get(x),
      op.f64Abs,
      ...constF64(Number.MAX_VALUE),
      ...constF64(most),
      ...get(isFloat),
      op.select,
      op.f64Le,
      op.i32Eqz,
      ...b.oddIf(),
      // A whole number has no -0.
      ...get(x),
      ...get(x),
      ...constF64(0),
      op.f64Add,
      ...get(isFloat),
      op.select,
    ],
    isFloat,
  );
}

/** The tags of two parts that are not both float: 1 when one of them is a float now. */
function tagOr(left: Part, right: Part): Code {
  const tags = [left, right].filter(({ kind }) => kind === "mixed").map(({ tag }) => get(tag));
  return tags.length === 2 ? [...tags[0]!, ...tags[1]!, op.i32Or] : tags[0]!;
}

function floatQuotient(b: Body, sign: "%" | "//", left: Part, right: Part): Part {
  const code = [...asFloat(left), ...asFloat(right), ...call(imported(sign === "%" ? "modulo" : "floorDivide"))];
  if (left.kind === "float" || right.kind === "float") return floatPart(code, false);
  return mixedResult(b, code, tagOr(left, right));
}

function wholeQuotient(b: Body, sign: "%" | "//", left: Part, right: Part): Part {
  const isRest = sign === "%";
  const by = constantOf(right);
  if (by !== null && by > 0) return constantQuotient(b, isRest, left, by);
  const x = b.kept(left);
  const y = b.kept(right);
  const rest = b.local(i64);
  const isOff = [
    ...get(rest),
    ...constI64(0),
    op.i64Ne,
    ...get(rest),
    ...y.again,
    op.i64Xor,
    ...constI64(0),
    op.i64LtS,
    op.i32And,
  ];
  const start = [...x.first, ...y.first, ...y.again, op.i64Eqz, ...b.oddIf()];
  const small = [...x.again, op.i32WrapI64, ...y.again, op.i32WrapI64];
  const quick = [...small, isRest ? op.i32RemU : op.i32DivU, op.i64ExtendI32U];
  const takeRest = [...x.again, ...y.again, op.i64RemS, ...set(rest)];
  const slow = isRest
    ? [...takeRest, ...get(rest), ...y.again, op.i64Add, ...get(rest), ...isOff, op.select]
    : [...takeRest, ...x.again, ...y.again, op.i64DivS, ...isOff, op.i64ExtendI32U, op.i64Sub];
  // Both below 2^31, as nearly all are: a short division takes a fraction of a long one.
  const areSmall = [...x.again, ...y.again, op.i64Or, ...constI64(31), op.i64ShrU, op.i64Eqz];
  const size = isRest ? Math.max(Math.abs(right.low), Math.abs(right.high)) - 1 : most;
  return wholePart([...start, ...areSmall, ...choose(i64, quick, slow)], -size, size);
}

function constantQuotient(b: Body, isRest: boolean, left: Part, by: number): Part {
  const low = isRest ? 0 : Math.floor(left.low / by);
  const high = isRest ? Math.min(by - 1, left.low >= 0 ? left.high : most) : Math.floor(left.high / by);
  const shift = Math.round(Math.log2(by));
  // The logarithm alone is not enough: that of 2^53 - 1 is 53 as well.
  if (2 ** shift === by) {
    const code = isRest ? [...constI64(by - 1), op.i64And] : [...constI64(shift), op.i64ShrS];
    return wholePart([...left.code, ...code], low, high);
  }
  const x = b.kept(left);
  const rest = b.local(i64);
  const correction = [...get(rest), ...constI64(63), op.i64ShrS];
  const takeRest = [...x.again, ...constI64(by), op.i64RemS, ...set(rest)];
  const slow = isRest
    ? [...takeRest, ...get(rest), ...correction, ...constI64(by), op.i64And, op.i64Add]
    : [...takeRest, ...x.again, ...constI64(by), op.i64DivS, ...correction, op.i64Add];
  if (by >= 2147483648) return wholePart([...x.first, ...slow], low, high);
  const quick = [...x.again, op.i32WrapI64, ...constI32(by), isRest ? op.i32RemU : op.i32DivU, op.i64ExtendI32U];
  if (left.low >= 0 && left.high < 2147483648) return wholePart([...x.first, ...quick], low, high);
  const isSmall = [...x.again, ...constI64(31), op.i64ShrU, op.i64Eqz];
  return wholePart([...x.first, ...isSmall, ...choose(i64, quick, slow)], low, high);
}

const wholeCompare = {
  "==": op.i64Eq,
  "!=": op.i64Ne,
  "<": op.i64LtS,
  "<=": op.i64LeS,
  ">": op.i64GtS,
  ">=": op.i64GeS,
};
const floatCompare = { "==": op.f64Eq, "!=": op.f64Ne, "<": op.f64Lt, "<=": op.f64Le, ">": op.f64Gt, ">=": op.f64Ge };

/** Whether `left sign right` holds, as an i32. Parts are finite. */
export function comparison(sign: CompareOperator, left: Part, right: Part): Code {
  if (left.kind === "whole" && right.kind === "whole") return [...left.code, ...right.code, wholeCompare[sign]];
  return [...asFloat(left), ...asFloat(right), floatCompare[sign]];
}

/** Whether the number is not 0, as an i32. */
export function truth(b: Body, part: Part): Code {
  if (part.kind === "whole") return [...part.code, ...constI64(0), op.i64Ne];
  return [...b.checked(part).code, ...constF64(0), op.f64Ne];
}

/** -x. */
export function negative(b: Body, part: Part): Part {
  if (part.kind === "whole") {
    const n = constantOf(part);
    if (n !== null) return wholePart(constI64(0 - n), 0 - n, 0 - n);
    return wholePart([...constI64(0), ...part.code, op.i64Sub], -part.high + 0, -part.low + 0);
  }
  if (part.kind === "float") return floatPart([...part.code, op.f64Neg], part.isSure);
  const x = b.kept(part);
  return mixedPart(
    [...x.first, ...x.again, op.f64Neg, ...constF64(0), ...x.again, op.f64Sub, ...get(part.tag), op.select],
    part.tag,
  );
}
