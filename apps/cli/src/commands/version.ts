import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { bramblePath } from "../programs.ts";
import type { Terminal } from "../terminal.ts";

/** The version of this Bramble, from its package. */
export function version(): string {
  return (JSON.parse(readFileSync(bramblePath("package.json"), "utf8")) as { version: string }).version;
}

/** `bramble version`. */
export function addVersion(program: Command, terminal: Terminal): void {
  program
    .command("version")
    .description("the version of Bramble and of its Node")
    .option("--json", "print as JSON")
    .action((options: { json?: boolean }) => {
      const facts = {
        bramble: version(),
        node: process.versions.node,
        platform: `${process.platform} ${process.arch}`,
      };
      terminal.out(
        options.json ? JSON.stringify(facts) : `bramble ${facts.bramble} (Node ${facts.node}, ${facts.platform})`,
      );
    });
}
