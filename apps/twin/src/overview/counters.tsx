import type { ReactNode } from "react";
import { useTwin } from "../live/context.tsx";
import { whole } from "../parts/words.ts";

/** Numbers of the whole cluster, in one quiet line under the picture. */
export function Counters(): ReactNode {
  const { counters, cluster } = useTwin();
  const figures: readonly { label: string; value: string }[] = [
    { label: "samples a second", value: counters === null ? "–" : whole(counters.samplesPerSecond) },
    { label: "Warbles run", value: counters === null ? "–" : whole(counters.warblesDone) },
    { label: "in the queue", value: counters === null ? "–" : whole(counters.warblesQueued) },
    {
      label: cluster?.hottest == null ? "hottest" : `hottest, ${cluster.hottest.name}`,
      value: cluster?.hottest == null ? "–" : `${cluster.hottest.temperatureC.toFixed(1)} °C`,
    },
    { label: "power", value: cluster?.watts.now == null ? "–" : `${(cluster.watts.now / 1000).toFixed(2)} kW` },
  ];
  return (
    <dl className="counters">
      {figures.map(({ label, value }) => (
        <div key={label.split(",")[0]}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
