import { readFileSync } from "node:fs";
import { parseCluster } from "@bramble/core/cluster";
import { expect, test } from "vitest";
import { patientCluster } from "./paced.ts";

test("simulated groups are waited for some real seconds, real ones as long as the file says", () => {
  const parsed = parseCluster(readFileSync(new URL("../../../../examples/mini-84.yaml", import.meta.url), "utf8"));
  if (parsed.kind === "invalid") throw new Error("no cluster");
  const { cluster } = parsed;
  expect(patientCluster(cluster, 1).limits.boot.settleMs).toBe(cluster.limits.boot.settleMs);
  expect(patientCluster(cluster, 100).limits.boot).toEqual({ ...cluster.limits.boot, settleMs: 600_000 });
});
