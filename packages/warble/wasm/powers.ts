import { asFloat, type Body, constantOf, floatPart, most, type Part, wholePart } from "./body.ts";
import { type Code, call, choose, constF64, constI64, f64, get, op, set } from "./bytes.ts";
import { tagOf } from "./expressions.ts";
import { imported } from "./imports.ts";
import { mixedResult, product } from "./numbers.ts";
import { type Place, Unsupported } from "./plan.ts";

/** The operators that may cost steps: bits of wholes and powers. */

/** `&`, `|` and XOR of wholes. */
export function bits(p: Place, sign: "&" | "|" | "XOR", left: Part, right: Part): Part {
  if (left.kind !== "whole" || right.kind !== "whole") throw new Unsupported();
  const x = p.b.kept(left);
  const y = p.b.kept(right);
  const biased = (code: Code) => [...code, ...constI64(2147483648), op.i64Add];
  const isLong = [...biased(x.again), ...biased(y.again), op.i64Or, ...constI64(32), op.i64ShrU, op.i64Eqz, op.i32Eqz];
  // As bits() in arithmetic.ts asks for beyond 32 bits.
  const pay = p.b.deeper(() => p.pay(constI64(3)));
  const instruction = sign === "&" ? op.i64And : sign === "|" ? op.i64Or : op.i64Xor;
  const code = [...x.first, ...y.first, ...isLong, ...choose(null, pay, []), ...x.again, ...y.again, instruction];
  return p.b.bounded(code, -2 * most, 2 * most);
}

/** `left ^ right`. */
export function power(p: Place, left: Part, right: Part): Part {
  const { b } = p;
  const n = constantOf(right);
  if (left.kind === "whole" && n !== null && n >= 0 && n <= 16) return smallPower(b, left, n);
  const x = b.kept(b.checked(left));
  const y = b.kept(b.checked(right));
  const xFloat = asFloat({ ...left, code: x.again });
  const yFloat = asFloat({ ...right, code: y.again });
  const both = [...xFloat, ...yFloat];
  const price = [...both, ...call(imported("powerPrice")), op.i64TruncF64S];
  const floatPower = [...both, ...call(imported("power"))];
  const ready = [...x.first, ...y.first];
  if (left.kind === "float" || right.kind === "float" || (left.kind === "whole" && right.high < 0)) {
    return floatPart([...ready, ...p.pay(price), ...floatPower], false);
  }
  const wholePower = [...both, ...call(imported("wholePower"))];
  if (left.kind === "whole" && right.kind === "whole" && right.low >= 0) return b.truncated([...ready, ...wholePower]);
  // A float when either of the two is, or the exponent is negative.
  const isFloat = [...tagOf(left), ...tagOf(right), op.i32Or, ...yFloat, ...constF64(0), op.f64Lt, op.i32Or];
  const paid = b.deeper(() => [...p.pay(price), ...floatPower]);
  const result = b.local(f64);
  const code = [...ready, ...isFloat, ...choose(f64, paid, wholePower), ...set(result), ...get(result)];
  return mixedResult(b, code, isFloat);
}

/** x^n as smallPower() in power.ts finds it: every square that is used and every product must be small. */
function smallPower(b: Body, left: Part, n: number): Part {
  if (n === 0) return wholePart([...left.code, op.drop, ...constI64(1)], 1, 1);
  const first = b.kept(left);
  let code: Code = first.first;
  let base: Part = { ...left, code: first.again };
  let result: Part | null = null;
  const keep = (part: Part): Part => {
    const kept = b.kept(part);
    code = [...code, ...kept.first];
    return { ...part, code: kept.again };
  };
  for (let rest = n; ; ) {
    if ((rest & 1) === 1) result = result === null ? base : keep(product(b, result, base));
    rest >>= 1;
    if (rest === 0) break;
    base = keep(product(b, base, base));
  }
  return { ...result!, code: [...code, ...result!.code] };
}
