import { defaultEnvironment, run } from "@bramble/warble";

/** `node warble-hostile.child.ts POST`: how a post ended, after how many ms, and the MB that the process grew by at most. */
const post = process.argv[2] ?? "";
run("{PRINT(1)}", defaultEnvironment);
const before = process.resourceUsage().maxRSS;
const from = performance.now();
const { error } = run(post, defaultEnvironment);
const ms = performance.now() - from;
const mb = (process.resourceUsage().maxRSS - before) / 1024;
process.stdout.write(JSON.stringify({ ended: error?.class ?? "", ms, mb }));
