import { Float, type Value } from "../values.ts";

/**
 * What is known of a number where it stands: a whole (an i64 below 2^53), a float (an f64), or `mixed`: either, as an
 * f64 with a tag that is 1 for a float. `other` is a value that the module never touches.
 */
export type Kind = "whole" | "float" | "mixed" | "other";

/** The kind of each variable at one point of a program; null where that point is never reached. */
export type Kinds = readonly Kind[] | null;

/** What a variable is that comes from two places. */
export function joinKind(a: Kind, b: Kind): Kind {
  if (a === b) return a;
  return a === "other" || b === "other" ? "other" : "mixed";
}

/** What the variables are at a point that is reached from two places. */
export function joinKinds(a: Kinds, b: Kinds): Kinds {
  if (a === null || b === null) return a ?? b;
  return a.map((kind, i) => joinKind(kind, b[i]!));
}

/** Whether a variable of kind `a` may come where `b` is expected. */
export function fits(a: Kind, b: Kind): boolean {
  return joinKind(a, b) === b;
}

/** The kind that a value has now. */
export function kindOfNumber(v: Value | undefined): Kind {
  if (typeof v === "number") return Number.isInteger(v) ? "whole" : "float";
  return v instanceof Float ? "float" : "other";
}
