import type { Cluster } from "./model.ts";
import { compareNames } from "./names.ts";

/**
 * Circuits, switches and devices in the order in which they can be switched on. The things of one step need only
 * things of earlier steps. Ends at a circle, which a checked cluster has not.
 */
export function orderOfPower(cluster: Cluster): readonly (readonly string[])[] {
  const needs = new Map<string, readonly string[]>(cluster.outlets.map((outlet) => [outlet.circuit, []]));
  for (const need of cluster.needs) {
    needs.set(need.what, need.needs);
    for (const one of need.needs) if (!needs.has(one)) needs.set(one, []);
  }
  const steps: string[][] = [];
  const done = new Set<string>();
  while (done.size < needs.size) {
    const step = [...needs]
      .filter(([what, own]) => !done.has(what) && own.every((one) => done.has(one)))
      .map(([what]) => what);
    if (step.length === 0) break;
    for (const what of step) done.add(what);
    steps.push(step.sort(compareNames));
  }
  return steps;
}
