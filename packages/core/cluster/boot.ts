import type { Resolving } from "./context.ts";
import type { Boot, Cluster } from "./model.ts";
import { resolveNodeSet } from "./node-set.ts";

/** What a file without a `boot` section means: every board of the file boots `live`, as its image says. */
export const plainBoot: Boot = { plan: "live", image: null, root: null, plans: [] };

/** How the boards are to boot, with every node set read against the cluster. */
export function resolveBoot(resolving: Resolving, cluster: Cluster): Boot {
  const boot = resolving.file.boot ?? {};
  const plans = Object.entries(boot.plans ?? {}).map(([set, plan]) => {
    const read = resolveNodeSet(set, { cluster });
    if (read.kind === "ok") return { set, boards: read.boards, plan };
    resolving.error(
      "cluster.node-set",
      ["boot", "plans", set],
      `"${set}" at character ${read.at + 1}: ${read.message}`,
      {
        expected: "a node set like @k01, @pi4b or b[1-42]",
        nearest: read.nearest,
      },
    );
    return { set, boards: [], plan };
  });
  return { plan: boot.plan ?? "live", image: boot.image ?? null, root: boot.root ?? null, plans };
}
