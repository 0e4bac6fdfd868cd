import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The programs that `bramble` starts as processes of their own. */
export type ProgramName = "head" | "agent" | "sim";

/** The folder of the clone, or of the installed package. */
export function bramblePath(...parts: string[]): string {
  return join(home, ...parts);
}

/**
 * How a program is started with the Node that runs us: its flags for Node, then its file.
 * In a clone that is the source; in an installed package its bundle.
 */
export function programArguments(name: ProgramName): string[] {
  const source = bramblePath("apps", name, "src", "main.ts");
  const file = existsSync(source) ? source : bramblePath("dist", `${name}.mjs`);
  return [...nodeFlags[name], file];
}

// Where strangers' programs may run, no text becomes code (docs/security.md). The head's own validators need it; its sandbox is a process apart.
const nodeFlags: Record<ProgramName, string[]> = {
  head: ["--disable-warning=ExperimentalWarning"],
  agent: ["--disallow-code-generation-from-strings", "--disable-warning=ExperimentalWarning"],
  sim: ["--disallow-code-generation-from-strings", "--disable-warning=ExperimentalWarning"],
};

const home = findHome(dirname(fileURLToPath(import.meta.url)));

function findHome(from: string): string {
  return existsSync(join(from, "bin", "bramble.mjs")) || dirname(from) === from ? from : findHome(dirname(from));
}
