import { type Code, constF64, constI64, f64, get, i32, i64, op, set, tee, unsigned } from "./bytes.ts";
import type { Kind } from "./kinds.ts";

/** Where a variable lives: one local for each form that it may take. */
export type Home = { readonly whole: number; readonly float: number; readonly tag: number };

/**
 * A piece of code that leaves one number on the stack, and what is known of it: an i64 for a whole, else an f64. A
 * mixed one has its tag (1 for a float) in the local `tag`. A float that is not `isSure` may be infinite or NaN and
 * must be checked before it can vanish in a comparison, a divisor or a variable.
 */
export type Part = {
  readonly code: Code;
  readonly kind: Exclude<Kind, "other">;
  readonly tag: number;
  readonly low: number;
  readonly high: number;
  readonly isSure: boolean;
};

/** The largest whole number of the tier; beyond it closures go on. */
export const most = Number.MAX_SAFE_INTEGER;

/** The number that a part always is, when its code does nothing but give it; else null. */
export function constantOf(part: Part): number | null {
  if (part.kind !== "whole" || part.low !== part.high) return null;
  const code = constI64(part.low);
  return code.length === part.code.length && code.every((byte, i) => byte === part.code[i]) ? part.low : null;
}

/** A whole between two bounds. */
export function wholePart(code: Code, low = -most, high = most): Part {
  return { code, kind: "whole", tag: -1, low, high, isSure: true };
}

/** A float. */
export function floatPart(code: Code, isSure: boolean): Part {
  return { code, kind: "float", tag: -1, low: 0, high: 0, isSure };
}

/** A number of either kind. */
export function mixedPart(code: Code, tag: number): Part {
  return { code, kind: "mixed", tag, low: 0, high: 0, isSure: true };
}

/** Locals, labels and the way out of one function that is being written. */
export class Body {
  /** Types of the locals behind what the function takes. */
  readonly locals: number[] = [];
  /** Blocks that are open; the first of them is left when anything is odd. */
  depth = 1;
  readonly #takes: number;

  constructor(takes: number) {
    this.#takes = takes;
  }

  /** A new local. */
  local(type: number): number {
    return this.#takes + this.locals.push(type) - 1;
  }

  /** New locals for a variable. */
  home(): Home {
    return { whole: this.local(i64), float: this.local(f64), tag: this.local(i32) };
  }

  /** Leave a block by its level. */
  br(level: number): Code {
    return [op.br, ...unsigned(this.depth - level)];
  }

  /** Leave a block by its level when the i32 on the stack is not 0. */
  brIf(level: number): Code {
    return [op.brIf, ...unsigned(this.depth - level)];
  }

  /** Give up this try when the i32 on the stack is not 0: closures take over from the last head of the loop. */
  oddIf(): Code {
    return this.brIf(1);
  }

  /** The code that `write` gives, one block deeper. */
  deeper<T>(write: (level: number) => T): T {
    this.depth++;
    const written = write(this.depth);
    this.depth--;
    return written;
  }

  /** The float, sure to be finite. */
  checked(part: Part): Part {
    if (part.isSure) return part;
    const x = this.local(f64);
    const check = [...tee(x), op.f64Abs, ...constF64(Number.POSITIVE_INFINITY), op.f64Lt, op.i32Eqz, ...this.oddIf()];
    return floatPart([...part.code, ...check, ...get(x)], true);
  }

  /** The whole, sure to be below 2^53 in size. */
  bounded(code: Code, low: number, high: number): Part {
    if (low >= -most && high <= most) return wholePart(code, low, high);
    const n = this.local(i64);
    return wholePart([
      ...code,
      ...tee(n),
      ...constI64(most),
      op.i64Add,
      ...constI64(2 * most),
      op.i64GtU,
      ...this.oddIf(),
      ...get(n),
    ]);
  }

  /** The whole number that the f64 is, if it is below 2^53 in size. */
  truncated(code: Code): Part {
    const x = this.local(f64);
    const check = [...tee(x), op.f64Abs, ...constF64(most), op.f64Le, op.i32Eqz, ...this.oddIf()];
    return wholePart([...code, ...check, ...get(x), op.i64TruncF64S]);
  }

  /** A part kept in a local, to be used more than once. */
  kept(part: Part): { readonly first: Code; readonly again: Code } {
    const local = this.local(part.kind === "whole" ? i64 : f64);
    return { first: [...part.code, ...set(local)], again: get(local) };
  }
}

/** The number as an f64, whatever its kind. */
export function asFloat(part: Part): Code {
  return part.kind === "whole" ? [...part.code, op.f64ConvertI64S] : part.code;
}
