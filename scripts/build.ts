import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** `npm run build`: what is shipped beside the sources. The page is built by the caller; here the agent's one file. */
const root = join(import.meta.dirname, "..");
const { status } = spawnSync(process.execPath, [join(root, "apps/agent/build.ts")], { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
