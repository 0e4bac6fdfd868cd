import type { Resolving } from "./context.ts";
import { allowanceOf, loadsOf, worstCase } from "./loads.ts";
import type { Cluster } from "./model.ts";
import { foldNodeSet } from "./names.ts";

/** Check a resolved cluster against what its supplies, breakers and site can bear. */
export function checkLimits(resolving: Resolving, cluster: Cluster): void {
  checkSupplies(resolving, cluster);
  checkBreakers(resolving, cluster);
  checkPoePorts(resolving, cluster);
  checkSite(resolving, cluster);
  checkPolicy(resolving, cluster);
}

function checkSupplies(resolving: Resolving, cluster: Cluster): void {
  const loads = loadsOf(cluster);
  const entryOf = new Map(
    (resolving.file.supplies ?? []).flatMap((entry, i) =>
      resolving.spell(entry.id, ["supplies", i]).map((id) => [id, i]),
    ),
  );
  for (const supply of cluster.supplies) {
    const path = ["supplies", entryOf.get(supply.id)!];
    const { steadyWatts, startWatts } = loads.ofBoards(supply.boards);
    const allowed = supply.watts * cluster.limits.loadMax;
    const who = `${supply.boards.length} boards on ${supply.id}`;
    if (steadyWatts > allowed + tiny)
      resolving.error(
        "cluster.supply-over-load",
        path,
        `${who} draw ${round(steadyWatts)} W; ${part(cluster)} of ${supply.watts} W is ${round(allowed)} W`,
        {
          expected: `at most ${round(allowed)} W of boards`,
        },
      );
    if (startWatts > supply.peakWatts + tiny)
      resolving.error(
        "cluster.supply-over-peak",
        path,
        `${who} draw ${round(startWatts)} W when switched on together; it gives ${supply.peakWatts} W for a second`,
        {
          expected: `at most ${supply.peakWatts} W of inrush`,
        },
      );
    if (supply.boards.length > supply.ports)
      resolving.error("cluster.supply-ports", path, `${who}, which has ${supply.ports} ports`, {
        expected: `at most ${supply.ports} boards`,
      });
    if (supply.circuit === null && supply.boards.length > 0 && cluster.pdus.length > 0)
      resolving.warn(
        "cluster.not-fed",
        path,
        `no circuit feeds ${supply.id}: its ${supply.boards.length} boards cannot be switched`,
        {
          expected: "a circuit that feeds it",
        },
      );
  }
}

function checkBreakers(resolving: Resolving, cluster: Cluster): void {
  const loads = loadsOf(cluster);
  for (const pdu of cluster.pdus) {
    const allowance = allowanceOf(cluster, pdu);
    if (allowance === null) continue;
    const index = (resolving.file.pdus ?? []).findIndex((one) => one.id === pdu.id);
    const path =
      index < 0 ? ["switches", resolving.file.switches.findIndex((one) => one.id === pdu.id)] : ["pdus", index];
    for (const [i, profile] of cluster.limits.profiles.entries()) {
      const { watts, groups } = worstCase(loads, pdu, profile.boards);
      if (watts <= allowance.allowedWatts + tiny) continue;
      const message = `profile ${profile.name} (${profile.boards} boards): ${pdu.id} may carry ${round(watts)} W (${foldNodeSet(groups)}); ${part(cluster)} of ${round(allowance.ratingWatts)} W is ${round(allowance.allowedWatts)} W`;
      const hint = { expected: `at most ${round(allowance.allowedWatts)} W on ${pdu.id}` };
      // The default profile must hold; the others are choices that the plan will refuse or split.
      if (i === 0) resolving.error("cluster.breaker-over-load", path, message, hint);
      else resolving.warn("cluster.breaker-over-load", path, message, hint);
    }
  }
}

function checkPoePorts(resolving: Resolving, cluster: Cluster): void {
  const { models, switches } = resolving.file;
  const boards = new Map(cluster.boards.map((board) => [board.name, board]));
  for (const [i, one] of switches.entries()) {
    const model = models[one.model];
    if (model?.kind !== "switch" || model.poe === undefined) continue;
    const { per_port: perPort } = model.poe;
    const fed = cluster.outlets.filter((outlet) => outlet.pdu === one.id).flatMap((outlet) => outlet.boards);
    const hungry = fed.map((name) => boards.get(name)!).find((board) => board.watts.max > perPort);
    if (hungry !== undefined)
      resolving.error(
        "cluster.poe-over-load",
        ["switches", i],
        `${hungry.name} (${hungry.model}) draws ${hungry.watts.max} W; a port of ${one.id} gives ${perPort} W`,
        { expected: `boards of at most ${perPort} W` },
      );
  }
}

function checkSite(resolving: Resolving, cluster: Cluster): void {
  const loads = loadsOf(cluster);
  const { supply, loadMax, profiles } = cluster.limits;
  const allowed = supply.amps * supply.volts * loadMax;
  const draws = cluster.boards.map((board) => board.watts.max).sort((a, b) => b - a);
  for (const [i, profile] of profiles.entries()) {
    const watts = loads.things + draws.slice(0, profile.boards).reduce((total, one) => total + one, 0);
    if (watts <= allowed + tiny) continue;
    const message = `profile ${profile.name} (${profile.boards} boards) draws ${round(watts)} W; ${part(cluster)} of ${supply.amps} A at ${supply.volts} V is ${round(allowed)} W`;
    const hint = { expected: `at most ${round(allowed)} W in all` };
    if (i === 0) resolving.error("cluster.site-over-load", ["limits", "profiles", i], message, hint);
    else resolving.warn("cluster.site-over-load", ["limits", "profiles", i], message, hint);
  }
}

function checkPolicy(resolving: Resolving, cluster: Cluster): void {
  const { boot, thermal, waveBoards } = cluster.limits;
  if (boot.accept > waveBoards)
    resolving.error(
      "cluster.boot-accept",
      ["limits", "wave", "accept"],
      `a wave starts ${waveBoards} boards but would wait for ${boot.accept}`,
      {
        expected: `at most ${waveBoards}`,
      },
    );
  if (!(thermal.warnC < thermal.alarmC && thermal.alarmC < thermal.cutC))
    resolving.error(
      "cluster.thermal-order",
      ["limits", "thermal_c"],
      `warn ${thermal.warnC}, alarm ${thermal.alarmC}, cut ${thermal.cutC} do not rise`,
      {
        expected: "warn below alarm below cut",
      },
    );
  const large = cluster.groups.filter((group) => group.boards.length > waveBoards);
  const some = large.slice(0, 12).map((group) => `${group.id} (${group.boards.length})`);
  const largeText = some.join(", ") + (large.length > some.length ? ` and ${large.length - some.length} more` : "");
  if (large.length > 0)
    resolving.warn(
      "cluster.wave-below-group",
      ["limits", "wave", "boards"],
      `a wave is ${waveBoards} boards, but ${largeText} can only start whole`,
      { expected: `at least ${Math.max(...large.map((group) => group.boards.length))}, or smaller groups` },
    );
}

const tiny = 1e-6;

function round(watts: number): number {
  return Math.round(watts * 10) / 10;
}

function part(cluster: Cluster): string {
  return `${round(cluster.limits.loadMax * 100)} %`;
}
