import { readFileSync } from "node:fs";
import type { Cluster } from "./model.ts";
import { type ParseOptions, parseCluster } from "./parse.ts";

/** The cluster files that ship with Bramble. */
export const exampleNames = ["police-box", "police-box-garage", "mini-84", "desk-5"] as const;

/** One of them. */
export type ExampleName = (typeof exampleNames)[number];

/** The text of an example. For tests. */
export function exampleSource(name: ExampleName): string {
  return readFileSync(new URL(`../../../examples/${name}.yaml`, import.meta.url), "utf8");
}

/** An example, resolved. For tests. */
export function exampleCluster(name: ExampleName, options?: ParseOptions): Cluster {
  const result = parseCluster(exampleSource(name), options);
  if (result.kind === "invalid") throw new Error(`${name}: ${JSON.stringify(result.problems, null, 1)}`);
  return result.cluster;
}
