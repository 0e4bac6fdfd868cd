import { Counter, Gauge, type Registry } from "prom-client";
import type { Power } from "../power/room.ts";
import { limitsNow } from "./power-body.ts";

/** Adds what Prometheus is told of power to `registry`; read when it asks. */
export function powerMetrics(registry: Registry, power: Power): void {
  const registers = [registry];
  const gauge = (name: string, help: string, label: string, read: () => Iterable<readonly [string, number]>): void => {
    new Gauge({
      ...{ name, help, labelNames: [label], registers },
      collect() {
        this.reset();
        for (const [value, count] of read()) this.set({ [label]: value }, count);
      },
    });
  };
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const { outlets, sequencer, doubts } = power;
  gauge("bramble_power_limit_used_ratio", "Load of what is on at full work, as a part of each limit", "limit", () =>
    limitsNow(power).map(({ limit, used, allowed }) => [limit, allowed > 0 ? used / allowed : 0] as const),
  );
  gauge("bramble_power_limit_watts", "What each limit carries now, measured or by what boards say", "limit", () =>
    power.meters().map(({ limit, watts }) => [limit, watts] as const),
  );
  gauge("bramble_power_outlet_on", "1 while the outlet reads on", "outlet", () =>
    outlets
      .all()
      .flatMap(({ outlet, reading }) => (reading.on === null ? [] : [[outlet.id, reading.on ? 1 : 0] as const])),
  );
  gauge("bramble_power_outlet_watts", "What the outlet draws", "outlet", () =>
    outlets
      .all()
      .flatMap(({ outlet, reading }) => (reading.watts === null ? [] : [[outlet.id, reading.watts] as const])),
  );
  gauge("bramble_power_plans", "Plans on their way, by who asked", "by", () =>
    (["operator", "schedule", "cut-out"] as const).map(
      (by) => [by, sequencer.live().filter((plan) => plan.by === by).length] as const,
    ),
  );
  gauge("bramble_power_plan_steps", "Steps of the plans on their way, by how they stand", "state", () => {
    const counts = new Map<string, number>([
      ...["planned", "running", "done", "failed", "skipped"].map((state) => [state, 0] as const),
    ]);
    for (const { run } of sequencer.live())
      for (const { id } of run?.plan.steps ?? []) {
        const state = run?.steps.get(id)?.state ?? "planned";
        counts.set(state, (counts.get(state) ?? 0) + 1);
      }
    return counts;
  });
  gauge("bramble_power_doubted", "1 for an outlet that does not do what it says", "outlet", () =>
    outlets.all().flatMap(({ outlet }) => (doubts.of(outlet.id) === null ? [] : [[outlet.id, 1] as const])),
  );
  counter("bramble_power_switches_total", "Outlets seen to switch since the start", power.switches);
  counter("bramble_power_retries_total", "Switchings tried again", () => outlets.retries());
}
