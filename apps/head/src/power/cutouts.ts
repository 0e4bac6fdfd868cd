import type { Clock, Millis } from "@bramble/core/base";
import type { Cluster, Group } from "@bramble/core/cluster";
import { type CutoutAct, type CutoutStage, cool, type Heat, stepCutout, stepHeat } from "@bramble/core/power";
import type { Bus } from "../bus.ts";
import type { Registry } from "../register/registry.ts";
import type { Relief } from "./relief.ts";
import type { PlanTools } from "./tools.ts";

/** What thermal cut-outs work with. */
export type CutoutParts = {
  readonly cluster: Cluster;
  readonly registry: Pick<Registry, "roster">;
  readonly bus: Bus;
  /** True time: samples come in theirs. */
  readonly clock: Clock;
  readonly tell: PlanTools["tell"];
  readonly relief: Relief;
};

/**
 * Watch the temperature of all boards and protect each group: tell at the file's warning and alarm; where a board stays at
 * the cut, drain its group, then halt every second board, then take its power. Cool again, work comes back by itself;
 * power comes back when a person says so.
 */
export function watchHeat({ cluster, registry, bus, clock, tell, relief }: CutoutParts): Disposable {
  const { roster } = registry;
  const { thermal } = cluster.limits;
  const heats = new Map<string, Heat>();
  const stages = new Map<Group, CutoutStage>();
  const told = new Map<Group, Heat["level"]>();

  const act = (group: Group, does: CutoutAct): void => {
    const { id, boards } = group;
    switch (does.kind) {
      case "nothing":
        return;
      case "drain":
        relief.drain(by, does.boards);
        tell("cutout.drain", "error", `${id}: ${hottest(group)} for ${thermal.sustainMs / 1000} s: no new work there`);
        return;
      case "halt":
        relief.halt(by, does.boards, "it is too hot");
        tell("cutout.thin", "error", `${id}: still ${hottest(group)}: every second board is asked to halt`);
        return;
      case "off": {
        const why = `${id} stays too hot: ${hottest(group)}`;
        relief.off(
          group,
          { why, atOnce: false },
          {
            begun: (said) => tell("cutout.off", "error", `${why}: ${said}`),
            failed(error) {
              tell("cutout.failed", "error", `${why}, and its power could not be taken: ${error}`);
              // Asked again at the next look.
              stages.set(group, { kind: "thinned", since: clock.monotonic(), coolSince: null });
            },
          },
        );
        return;
      }
      case "release":
        relief.release(by, boards);
        tell("cutout.over", "info", `${id} is cool again: it takes work`);
    }
  };
  const hottest = ({ boards }: Group): string => {
    const temperature = (name: string): number => roster.byName(name)?.latest?.temperatureC ?? Number.NEGATIVE_INFINITY;
    const name = boards.reduce((best, each) => (temperature(each) > temperature(best) ? each : best));
    return `${name} at ${Math.round(temperature(name) * 10) / 10} °C`;
  };

  const warn = (group: Group): void => {
    const levels = group.boards.map((name) => heats.get(name)?.level ?? "fine");
    const worst = ranks.findLast((level) => levels.includes(level)) ?? "fine";
    const before = told.get(group) ?? "fine";
    if (worst === before) return;
    told.set(group, worst);
    if (ranks.indexOf(worst) < ranks.indexOf(before) || worst === "cut") return;
    const count = levels.filter((level) => level !== "fine").length;
    const limit = worst === "warn" ? thermal.warnC : thermal.alarmC;
    tell(
      `heat.${worst}`,
      "warn",
      `${group.id}: ${hottest(group)}; ${count} boards are at or above ${limit} °C or nearly`,
    );
  };
  const look = (): void => {
    const now = clock.monotonic();
    for (const group of cluster.groups) {
      warn(group);
      const boards = group.boards
        .filter((name) => !relief.isHalted(name))
        .map((name) => ({ name, heat: heats.get(name) ?? cool }));
      const { stage, act: does } = stepCutout(stages.get(group) ?? { kind: "normal" }, boards, now, thermal);
      stages.set(group, stage);
      act(group, does);
    }
  };
  const timer = clock.every(lookMs, look);
  const ends = [
    bus.on("samples.stored", ({ newest }) => {
      for (const { mac, sample } of newest) {
        const name = roster.byMac(mac)?.name;
        if (name === undefined || sample.temperatureC === null) continue;
        heats.set(name, stepHeat(heats.get(name) ?? cool, sample.temperatureC, clock.monotonic(), thermal));
      }
    }),
    bus.on("power.switched", ({ outlet }) => {
      // Without power it cools; with power again a person has said so.
      for (const group of cluster.groups) {
        if (group.outlet !== outlet) continue;
        stages.delete(group);
        for (const name of group.boards) heats.delete(name);
      }
    }),
  ];
  return {
    [Symbol.dispose]() {
      timer.cancel();
      for (const end of ends) end();
    },
  };
}

const by = "heat";
const ranks = ["fine", "warn", "alarm", "cut"] as const;
const lookMs: Millis = 2000;
