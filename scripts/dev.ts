import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

/**
 * `npm run dev`: the demo, and beside it Vite's server, which shows the page's sources as they are saved and
 * hands /api on to the demo's head. Arguments go to `bramble demo`.
 */
const root = join(import.meta.dirname, "..");
const { values } = parseArgs({ options: { port: { type: "string", default: "8880" } }, strict: false });
const env = { ...process.env, BRAMBLE_HEAD: `http://127.0.0.1:${values.port}` };
const start = (...args: string[]) => spawn(process.execPath, args, { cwd: root, stdio: "inherit", env });
const children = [
  start("apps/cli/src/main.ts", "demo", ...process.argv.slice(2)),
  start("node_modules/vite/bin/vite.js", "apps/twin", "--host", "127.0.0.1"),
];

const stop = (): void => {
  for (const child of children) if (child.exitCode === null) child.kill("SIGTERM");
};
// The terminal's Ctrl+C reaches the children by itself; the one that ends first takes the other along.
process.on("SIGINT", () => {});
process.on("SIGTERM", stop);
for (const child of children) {
  child.on("exit", (code) => {
    process.exitCode ??= code ?? 1;
    stop();
  });
}
