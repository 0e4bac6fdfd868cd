import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Bundles the agent into one file for Node 20 and later.
 *
 * @param outfile where to, `dist/bramble-agent.mjs` beside this file by default.
 */
export async function buildAgent(
  outfile = fileURLToPath(new URL("./dist/bramble-agent.mjs", import.meta.url)),
): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL("./src/main.ts", import.meta.url))],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "esm",
    legalComments: "none",
    // `ws` is CommonJS and asks for Node's own modules by `require`.
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAgent(process.argv[2]);
