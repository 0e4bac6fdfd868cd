import { doubleOfDecimal } from "./decimal.ts";
import { fail } from "./errors.ts";
import type { Machine } from "./machine.ts";
import { dividePrice } from "./price.ts";
import { Decimal, Float } from "./values.ts";

// The engine looks at a big whole's first digits by a call.
const wholeSteps = 2;
// The digits of a decimal are written and read again.
const decimalSteps = 6;

/** The nearest double of a number. */
export function toDouble(v: number | bigint | Float | Decimal, m: Machine, at: number): number {
  if (typeof v === "number") return v;
  if (v instanceof Float) return v.value;
  if (v instanceof Decimal) m.pay(decimalSteps + dividePrice(v.digits * 4, 2700), at);
  else m.pay(wholeSteps, at);
  const x = typeof v === "bigint" ? Number(v) : doubleOfDecimal(m.constants, v);
  if (Number.isFinite(x)) return x;
  return fail("RANGE", at, "This number is too large for a float, which ends at 1.8e308.");
}
