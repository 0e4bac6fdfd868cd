import { readFileSync } from "node:fs";
import { join } from "node:path";
import { foldNodeSet, parseCluster, resolveNodeSet } from "@bramble/core/cluster";
import { planPower } from "@bramble/core/power";
import { repository } from "../support/demo-process.ts";
import type { Bench, Row } from "./row.ts";
import { medianMs } from "./row.ts";

/** The cluster file of the box, and the plan of its power. */
export const clusterBench: Bench = {
  name: "cluster",
  run: async (): Promise<readonly Row[]> => {
    const source = readFileSync(join(repository, "examples/police-box.yaml"), "utf8");
    const parsed = parseCluster(source);
    if (parsed.kind !== "ok") throw new Error("examples/police-box.yaml does not parse");
    const { cluster } = parsed;
    const names = cluster.boards.map(({ name }) => name);
    const parseMs = medianMs(9, () => void parseCluster(source));
    const facts = { outlets: new Map(cluster.outlets.map(({ id }) => [id, false])), boards: new Map() };
    const planMs = medianMs(9, () => {
      const request = { action: "on", boards: names, profile: null, withParents: true, allowCollateral: true } as const;
      if (planPower(cluster, facts, request).kind !== "plan") throw new Error("the box is not planned");
    });
    const setMs = medianMs(9, () => void resolveNodeSet(foldNodeSet(names), { cluster }));
    return [
      {
        what: "parse and check 1050 boards",
        measured: `${parseMs.toFixed(1)} ms`,
        peer: null,
        budget: "none",
        isReached: null,
      },
      {
        what: "power plan for 1050 boards",
        measured: `${planMs.toFixed(2)} ms`,
        peer: null,
        budget: "<= 50 ms",
        isReached: planMs <= 50,
      },
      {
        what: "fold and resolve 1050 names",
        measured: `${setMs.toFixed(2)} ms`,
        peer: null,
        budget: "none",
        isReached: null,
      },
    ];
  },
};
