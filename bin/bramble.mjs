#!/usr/bin/env node
// The `bramble` command. Plain JavaScript, so that an older Node can start it: it hands over to Node 24.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = join(root, "apps/cli/src/main.ts");

if (Number(process.versions.node.split(".")[0]) >= 24) {
  await import(program);
} else {
  const packaged = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin/node");
  const node = existsSync(packaged) ? packaged : undefined;
  if (node === undefined) {
    process.stderr.write(
      existsSync(join(root, "node_modules"))
        ? `Bramble runs on Node 24; this is Node ${process.versions.node} and none is packaged for ${process.platform} ${process.arch}. Please install Node 24.\n`
        : "Bramble is not installed yet in this clone: run `npm ci` (or `npm run demo`, which does it) first.\n",
    );
    process.exit(1);
  }
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends SIGINT to both; a supervisor sends SIGTERM only to us.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}
