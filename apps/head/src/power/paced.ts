import type { Clock } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";

/**
 * The same time at another pace: with `speed` 10 a wait of 10 s takes one real second, and `monotonic` runs ten times
 * as fast, so that "90 s since the outlet went on" means 90 s of the paced world. `now` stays true.
 */
export function pacedClock(clock: Clock, speed: number): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic() * speed,
    after: (ms, run) => clock.after(ms / speed, run),
    every: (ms, run) => clock.every(ms / speed, run),
    sleep: (ms, signal) => clock.sleep(ms / speed, signal),
  };
}

/**
 * The cluster, its groups waited for at least a few real seconds: however fast simulated boards are, the servers that they
 * boot from are no faster.
 */
export function patientCluster(cluster: Cluster, speed: number): Cluster {
  const { boot } = cluster.limits;
  const settleMs = Math.max(boot.settleMs, leastSettleMs * speed);
  return { ...cluster, limits: { ...cluster.limits, boot: { ...boot, settleMs } } };
}

const leastSettleMs = 6000;
