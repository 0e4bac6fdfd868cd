// Rebuilds examples/cluster.schema.json from schema.ts: node packages/core/cluster/write-schema.ts && biome check --write examples
import { writeFileSync } from "node:fs";
import { clusterJsonSchema } from "./schema.ts";

const comment = "Made by packages/core/cluster/write-schema.ts from schema.ts. Do not edit.";
const text = `${JSON.stringify({ $comment: comment, ...clusterJsonSchema() }, null, 2)}\n`;
writeFileSync(new URL("../../../examples/cluster.schema.json", import.meta.url), text);
