import { type Beside, Resolving } from "./context.ts";
import { plain, readSource } from "./document.ts";
import { checkDrivers } from "./drivers.ts";
import type { Cluster } from "./model.ts";
import type { Problem } from "./problem.ts";
import { resolveCluster } from "./resolve.ts";
import { type ClusterFile, clusterSchema } from "./schema.ts";
import type { Make } from "./setting-form.ts";
import { checkStructure } from "./structure.ts";

/** A cluster, or every reason why the text is none, in the order of the file. */
export type ParseResult =
  | { readonly kind: "ok"; readonly cluster: Cluster; readonly warnings: readonly Problem[] }
  | { readonly kind: "invalid"; readonly problems: readonly Problem[] };

/** What the site adds to a file. */
export type ParseOptions = {
  /** Values of `${NAME}` in addresses. A variable without a value leaves its address null. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Looks at a file beside the cluster file, which a role names. Without it nobody looks. */
  readonly beside?: Beside;
  /** The drivers of this version: those that the file names, and their settings, are checked. Without it nobody looks. */
  readonly makes?: readonly Make[];
};

/** Read a cluster file. Never throws, whatever the text is. */
export function parseCluster(source: string, options: ParseOptions = {}): ParseResult {
  const file = readSource(source);
  const problems = [...file.problems];
  if (file.root !== null) {
    const structure = checkStructure(file, clusterSchema);
    problems.push(...structure.problems);
    if (structure.isUsable) {
      const resolving = new Resolving(
        plain(file.root) as ClusterFile,
        file,
        options.variables ?? {},
        options.beside ?? null,
      );
      const cluster = resolveCluster(resolving);
      if (options.makes !== undefined) checkDrivers(resolving, options.makes);
      problems.push(...resolving.errors);
      if (problems.length === 0) return { kind: "ok", cluster: freeze(cluster), warnings: inOrder(resolving.warnings) };
    }
  }
  return { kind: "invalid", problems: inOrder(problems) };
}

function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Deeply: what many rooms share, nobody may change. */
function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
  return value;
}
