import { join } from "node:path";

/** The programs that `bramble` starts as processes of their own. */
export type ProgramName = "head" | "agent" | "sim";

/** A path in the folder of the clone. */
export function bramblePath(...parts: string[]): string {
  return join(home, ...parts);
}

/** How a program is started with the Node that runs us: its flags for Node, then its file. */
export function programArguments(name: ProgramName): string[] {
  return [...nodeFlags[name], bramblePath("apps", name, "src", "main.ts")];
}

/**
 * The environment of a program that we start: ours, and two arenas for the C library's memory. glibc keeps one for each
 * of eight threads a core, and gives little of them back: a head with boot servers is 20 MB smaller after a flood. Other
 * C libraries ignore it.
 */
export function programEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { MALLOC_ARENA_MAX: "2", ...environment };
}

// A flood must not leave the head large: with a small nursery what is dead is found soon, and 400 MB are enough (test/strangers).
// Where strangers' programs may run, no text becomes code (SECURITY.md). The head's own validators need it; its sandbox is a process apart.
// A head under a flood makes much that lives briefly: a small nursery and a heap that grows slowly keep it small
// (2000 registrations a second: 445 MB without, 179 MB with both).
const nodeFlags: Record<ProgramName, string[]> = {
  head: ["--max-semi-space-size=4", "--heap-growing-percent=30", "--disable-warning=ExperimentalWarning"],
  agent: ["--disallow-code-generation-from-strings", "--disable-warning=ExperimentalWarning"],
  sim: ["--disallow-code-generation-from-strings", "--disable-warning=ExperimentalWarning"],
};

const home = join(import.meta.dirname, "..", "..", "..");
