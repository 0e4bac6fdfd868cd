import { type Code, f64, i32, type Signature } from "./bytes.ts";

/** What a module takes from us, in the order of its index of functions. */
const names = ["modulo", "floorDivide", "power", "wholePower", "powerPrice", "put", "out", "left", "tag"] as const;

/** The name of something that a module takes from us. */
export type ImportName = (typeof names)[number];

const two: Signature = { takes: [f64, f64], gives: [f64] };
const signatures: Readonly<Record<ImportName, Signature>> = {
  modulo: two,
  floorDivide: two,
  power: two,
  /** The power of two wholes: NaN beyond 2^53. */
  wholePower: two,
  powerPrice: two,
  /** A variable's number and tag, before closures look at it. */
  put: { takes: [i32, f64, i32] as Code, gives: [] },
  /** Run closure number n with so many steps left, in the turn that began with so many; NaN when it went wrong. */
  out: { takes: [i32, f64, f64], gives: [f64] },
  /** Steps left after that. */
  left: { takes: [], gives: [f64] },
  /** Whether its result is a float. */
  tag: { takes: [], gives: [i32] },
};

/** The imports of every module. */
export const imports: readonly (Signature & { readonly name: ImportName })[] = names.map((name) => ({
  name,
  ...signatures[name],
}));

/** The index of an import. */
export function imported(name: ImportName): number {
  return names.indexOf(name);
}
