import { monitorEventLoopDelay } from "node:perf_hooks";
import { stateKinds } from "@bramble/core/observe";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Counter, Gauge, Registry } from "prom-client";
import type { Entry, Roster } from "../register/roster.ts";

/** The numbers of the head itself, read when Prometheus asks. */
export type HeadNumbers = {
  readonly samples: () => number;
  readonly samplesPerSecond: () => number;
  readonly commits: () => number;
  readonly links: () => number;
  readonly viewers: () => number;
  readonly viewersBehind: () => number;
  readonly warbles: () => Readonly<Record<"queued" | "leased" | "done" | "failed", number>>;
  readonly watts: () => number | null;
  /** Boards by how they stand with their roles. */
  readonly roles: () => Readonly<Record<string, number>>;
};

/** The measurements of one head; each head has its own registry. */
export type Metrics = Disposable & { text(): Promise<string> };

/** Measure this roster, these numbers and what `more` adds. Nothing is computed until somebody asks. */
export function createMetrics(roster: Roster, numbers: HeadNumbers, more: (registry: Registry) => Disposable): Metrics {
  const registry = new Registry();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  const gauge = (name: string, help: string, read: () => number | null): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const value = read();
        if (value === null) this.remove();
        else this.set(value);
      },
    });
  };
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  boardGauges(registry, roster);
  counter("bramble_samples_total", "Samples stored since the start", numbers.samples);
  gauge("bramble_samples_per_second", "Samples stored a second", numbers.samplesPerSecond);
  counter("bramble_commits_total", "Commits of the store since the start", numbers.commits);
  gauge("bramble_links", "Boards that are linked", numbers.links);
  gauge("bramble_viewers", "Viewers of the live stream", numbers.viewers);
  gauge("bramble_viewers_behind", "Viewers that do not read fast enough now", numbers.viewersBehind);
  gauge("bramble_watts", "Watts drawn, as far as outlets tell", numbers.watts);
  gauge("bramble_event_loop_lag_seconds", "99th percentile of the event loop's lag since it was last asked", () =>
    lagOf(delay),
  );
  gauge("bramble_memory_bytes", "Resident memory of the head", () => process.memoryUsage.rss());
  new Gauge({
    name: "bramble_warbles",
    help: "Warbles by state",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(numbers.warbles())) this.set({ state }, count);
    },
  });
  new Gauge({
    name: "bramble_roles",
    help: "Boards by how they stand with their role",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(numbers.roles())) this.set({ state }, count);
    },
  });
  const added = more(registry);
  return {
    text: () => registry.metrics(),
    [Symbol.dispose]() {
      added[Symbol.dispose]();
      delay.disable();
    },
  };
}

/** `GET /metrics`, in Prometheus' text. */
export function metricRoutes(metrics: Metrics): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get("/metrics", { config: { access: "viewer" }, schema: { hide: true } }, async (_request, reply) =>
      reply.type("text/plain; version=0.0.4; charset=utf-8").send(await metrics.text()),
    );
  };
}

function boardGauges(registry: Registry, roster: Roster): void {
  const each = (name: string, help: string, read: (entry: Entry) => number | null): void => {
    new Gauge({
      name,
      help,
      labelNames: ["board"],
      registers: [registry],
      collect() {
        this.reset();
        for (const entry of roster.all()) {
          const value = read(entry);
          if (value !== null) this.set({ board: entry.name }, value);
        }
      },
    });
  };
  const isLive = ({ standing }: Entry): boolean => standing.state.kind === "up" || standing.state.kind === "draining";
  each("bramble_board_up", "1 while the board is up", (entry) => (isLive(entry) ? 1 : 0));
  each("bramble_board_temperature_celsius", "Temperature of the board", (entry) =>
    isLive(entry) ? (entry.latest?.temperatureC ?? null) : null,
  );
  each("bramble_board_cpu_percent", "CPU of the board, of all cores", (entry) =>
    isLive(entry) ? (entry.latest?.cpu ?? null) : null,
  );
  each("bramble_board_memory_used_bytes", "Memory used on the board", (entry) => {
    const used = entry.latest?.memoryUsedMb ?? null;
    return isLive(entry) && used !== null ? used * 1_048_576 : null;
  });
  new Gauge({
    name: "bramble_boards",
    help: "Boards by state",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      const counts = new Map<string, number>(stateKinds.map((kind) => [kind, 0]));
      for (const { standing } of roster.all())
        counts.set(standing.state.kind, (counts.get(standing.state.kind) ?? 0) + 1);
      for (const [state, count] of counts) this.set({ state }, count);
    },
  });
}

function lagOf(delay: ReturnType<typeof monitorEventLoopDelay>): number {
  const lag = delay.percentile(99) / 1e9;
  delay.reset();
  return lag;
}
