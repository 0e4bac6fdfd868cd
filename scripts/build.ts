import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** `npm run build`: what is shipped beside the sources. The page is built by the caller; here the agent's one file and Warble's. */
const root = join(import.meta.dirname, "..");
const builds: readonly (readonly [folder: string, script: string])[] = [
  [root, "apps/agent/build.ts"],
  [join(root, "packages/warble"), "scripts/pack-warble.mjs"],
];
for (const [cwd, script] of builds) {
  const { status } = spawnSync(process.execPath, [join(root, script)], { cwd, stdio: "inherit" });
  if (status !== 0) process.exitCode = status ?? 1;
}
