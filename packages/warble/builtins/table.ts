import type { Builtin } from "./builtin.ts";
import { mathematics } from "./mathematics.ts";
import { textsAndLists } from "./texts-lists.ts";
import { wholes } from "./wholes.ts";
import { world } from "./world.ts";

const byName: ReadonlyMap<string, Builtin> = new Map(
  [...world, ...mathematics, ...wholes, ...textsAndLists].map((entry) => [entry.name, entry]),
);

/** Short names, and the built-ins that they stand for. */
export const aliases: ReadonlyMap<string, string> = new Map([
  ["P", "PRINT"],
  ["PREC", "SETPRECISION"],
]);

const byNameOrAlias: ReadonlyMap<string, Builtin> = new Map([
  ...byName,
  ...[...aliases].map(([alias, name]) => [alias, byName.get(name)!] as const),
]);

/** The three that take a name and an expression instead of values. */
const folds: readonly {
  readonly name: "SUM" | "PROD" | "MAP";
  readonly signature: string;
  readonly summary: string;
}[] = [
  { name: "SUM", signature: "SUM(k,a,b,expr)", summary: "The sum of expr for k from a to b." },
  { name: "PROD", signature: "PROD(k,a,b,expr)", summary: "The product of expr for k from a to b." },
  { name: "MAP", signature: "MAP(k,a,b,expr)", summary: "The list of expr for k from a to b." },
];

/** The alias of a built-in, if it has one: `P` of `PRINT`. */
export function aliasOf(name: string): string | undefined {
  for (const [alias, full] of aliases) if (full === name) return alias;
  return undefined;
}

/** The built-in of this name in capitals (aliases count), if there is one. */
export function findBuiltin(upper: string): Builtin | undefined {
  return byNameOrAlias.get(upper);
}

/** Which fold the name in capitals is, if it is one. */
export function findFold(upper: string): "SUM" | "PROD" | "MAP" | undefined {
  return upper === "SUM" || upper === "PROD" || upper === "MAP" ? upper : undefined;
}

/** The table of built-ins from which help, docs and the editor are made. */
export const builtins: readonly { readonly name: string; readonly signature: string; readonly summary: string }[] = [
  ...byName.values(),
  ...folds,
].map(({ name, signature, summary }) => ({ name, signature, summary }));
