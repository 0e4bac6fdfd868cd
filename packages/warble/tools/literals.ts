import { foldUnit } from "../characters.ts";
import type { Expr } from "../tree.ts";

/** The text between quotes that read it back, or null when no kind of quote can hold it. */
export function quote(value: string): string | null {
  // A backslash before a quote would be dropped, and one at the end would stand before ours.
  let hasDouble = false;
  let hasSingle = false;
  for (let i = 0; i < value.length; i++) {
    const code = foldUnit(value.charCodeAt(i));
    if (code === 34) hasDouble = true;
    if (code === 39) hasSingle = true;
    const isQuote = code === 34 || code === 39;
    if (isQuote && i > 0 && foldUnit(value.charCodeAt(i - 1)) === 92) return null;
  }
  if (value !== "" && foldUnit(value.charCodeAt(value.length - 1)) === 92) return null;
  if (!hasDouble) return `"${value}"`;
  return hasSingle ? null : `'${value}'`;
}

/** The shortest digits of the same number with a point: `1.50` is `1.5`, `0.5` is `.5`, `100.0` is `1e2`. */
export function shortestPoint(digits: string): string {
  const [mantissa = "", exponentText = "0"] = digits.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  const kept = all.replace(/0+$/, "");
  if (kept === "") return "0.";
  const exponent = Number(exponentText) - fraction.length + all.length - kept.length;
  if (!Number.isSafeInteger(exponent)) return digits;
  const forms = [`${kept}e${exponent}`];
  const places = kept.length + exponent;
  if (exponent >= 0 && exponent < 300) forms.push(`${kept}${"0".repeat(exponent)}.`);
  if (exponent < 0 && places > 0) forms.push(`${kept.slice(0, places)}.${kept.slice(places)}`);
  if (exponent < 0 && places <= 0 && places > -300) forms.push(`.${"0".repeat(-places)}${kept}`);
  forms.push(digits);
  return forms.reduceRight((best, form) => (form.length < best.length ? form : best));
}

/** The whole number that an expression is, written out or with a minus before it; else undefined. */
export function wholeIn(expr: Expr): bigint | undefined {
  if (expr.kind === "whole") return BigInt(expr.value);
  if (expr.kind === "unary" && expr.op === "-" && expr.arg.kind === "whole") return -BigInt(expr.arg.value);
  return undefined;
}

/** The expression of a whole number, in the place of `like`. */
export function wholeExpr(n: bigint, { start, end }: { readonly start: number; readonly end: number }): Expr {
  if (n < 0n) return { kind: "unary", op: "-", arg: wholeExpr(-n, { start, end }), start, end };
  return { kind: "whole", value: n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : n, start, end };
}

/** A whole number as the shortest power that gives it, such as 10^6; null when there is none. */
export function powerOf(expr: Expr & { readonly kind: "whole" }): Expr | null {
  const n = BigInt(expr.value);
  const digits = n.toString();
  if (digits.length < 3) return null;
  const { start, end } = expr;
  for (let power = digits.length * 4; power > 1; power--) {
    const base = rootOf(n, power, digits.length);
    if (base === null || `${base}`.length + `${power}`.length + 1 > digits.length) continue;
    const [left, right] = [wholeExpr(base, expr), wholeExpr(BigInt(power), expr)];
    return { kind: "binary", op: "^", left, right, at: start, start, end };
  }
  return null;
}

function rootOf(n: bigint, power: number, digits: number): bigint | null {
  // A root of so many digits is at most a few units wide; only small ones make a short text.
  const guess = Math.round(10 ** ((Math.log10(Number(`0.${n.toString().slice(0, 16)}`)) + digits) / power));
  if (!(guess >= 2 && guess < 1e6)) return null;
  return BigInt(guess) ** BigInt(power) === n ? BigInt(guess) : null;
}
