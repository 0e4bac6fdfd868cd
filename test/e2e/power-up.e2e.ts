import { seededRandom } from "@bramble/core/base";
import type { Cluster } from "@bramble/core/cluster";
import { expect, test } from "vitest";
import { stopOf } from "../../apps/sim/src/boards/told-boot.ts";
import { editedExample, type PowerBox, startPowerBox } from "../support/power-box.ts";

/*
 * "Start the cluster" is one word: `bramble up all`, typed against a head with the simulator's PDUs, boot servers and
 * agents, each a process of its own. The same in virtual time, in `npm test`: apps/head/src/power/box.test.ts.
 */

/** Boards that are slow because this machine is busy are waited for: else they would be cycled without need. */
const patient = [["settle_s: 90", "settle_s: 300"]] as const;
const minutes = 60_000;

test(
  "the police box from all off, a tenth of all boots failing: in order, verified, cycled by the rule, the rest named, never over a limit",
  async () => {
    const [seed, part] = ["power-up", 0.1];
    await using box = await startPowerBox(editedExample("police-box.yaml", patient), {
      speed: 25,
      sim: ["--seed", seed, "--fail", String(part)],
    });
    const from = performance.now();
    const typed = await box.bramble("up", "all");
    const seconds = Math.round((performance.now() - from) / 1000);
    expect(typed, typed.err).toMatchObject({ code: 0 });
    const plan = (await box.newestPlan())!;
    const trace = await box.trace();
    const needed = needOf(box.cluster, seed, part);
    const offs = trace.filter(({ on }) => !on);
    const up = (await box.states()).up ?? 0;
    const violations = await box.violations();
    console.log(
      `venue: ${up} of 1050 up, ${plan.missing.length} named, ${offs.length} power cycles where the faults need ${needed.cycles} (${(offs.length / needed.cycles).toFixed(2)}), ${violations.length} violations, at most ${mostWatts(plan)} W measured, ${seconds} s at 25 times\n${worstOf(plan)}\n${typed.out}`,
    );

    expect(plan).toMatchObject({ state: "done", waves: 25 });
    expect(plan.steps.filter(({ state }) => state !== "done")).toEqual([]);
    expect(trace.slice(0, 4).map(({ outlet }) => outlet)).toEqual(["pdu0.1", "pdu0.2", "pdu0.3", "pdu0.4"]);
    expect(trace.map(({ outlet }) => outlet)).not.toContain("pdu0.5");
    const ids = plan.steps.map(({ id }) => id);
    expect(ids.slice(0, 6)).toEqual([
      "on:pdu0.1",
      "press:server",
      "ready:server",
      "on:pdu0.2",
      "on:pdu0.3",
      "on:pdu0.4",
    ]);

    expect(needed.cycles).toBeGreaterThanOrEqual(3);
    expect(offs.length / needed.cycles).toBeLessThanOrEqual(1.15);
    const few = new Set(needed.groups.flatMap(({ starts, outlet }) => (starts > 1 ? [outlet] : [])));
    for (const outlet of few) expect(offs.map((move) => move.outlet)).toContain(outlet);
    // Each named board is one whose last boot was made to fail, with the step at which it stopped.
    const failing = new Map(needed.groups.flatMap(({ failing: some }) => [...some]));
    const named = plan.missing.map(({ board }) => board);
    for (const board of failing.keys()) expect(named).toContain(board);
    for (const { board, step } of plan.missing) {
      expect(typed.out).toContain(`stopped at ${step}`);
      expect({ board, isSilent: step === "no sign" }).toEqual({ board, isSilent: failing.get(board) === "discover" });
    }
    expect(violations).toEqual([]);
  },
  15 * minutes,
);

test(
  "the garage's wiring: the same word brings up the 126 boards that it may, and says why not more and not in waves elsewhere",
  async () => {
    await using box = await startPowerBox(editedExample("police-box-garage.yaml", patient), { speed: 25 });
    const typed = await box.bramble("up", "all");
    expect(typed, typed.err).toMatchObject({ code: 0 });
    const plan = (await box.newestPlan())!;
    const trace = await box.trace();
    expect(trace.map(({ outlet, on }) => `${outlet} ${on ? "on" : "off"}`)).toEqual([
      "pdu1.1 on",
      "pdu2.1 on",
      "pdu3.1 on",
      "pdu3.2 on",
      "pdu3.3 on",
    ]);
    expect(plan).toMatchObject({ state: "done", waves: 3, missing: [] });
    expect((await box.states()).up).toBe(126);
    expect(typed.err).toContain("profile garage allows 126, 3 supplies of 42");
    expect(typed.err).toContain("only the leads pdu3.1, pdu3.2, pdu3.3 divide a half rack");
    expect(await box.violations("garage")).toEqual([]);
    const more = await box.bramble("up", "all");
    expect(more.out).toContain("profile garage allows 126 boards");
    console.log(`garage: 126 up in 3 waves, at most ${mostWatts(plan)} W measured\n${typed.err}\n${more.out}`);
  },
  10 * minutes,
);

test(
  "the fourth group of r1: 168 boards where its breaker bears them, all with one outlet, and told so",
  async () => {
    // By the file PDU1 bears 1440 W steadily: then the plan refuses the half rack, and says which breaker.
    const stronger = ["driver: synaccess-telnet, watts: 1800", "driver: synaccess-telnet, watts: 2400"] as const;
    await using box = await startPowerBox(editedExample("police-box-garage.yaml", [...patient, stronger]), {
      speed: 25,
    });
    const typed = await box.bramble("up", "all", "--profile", "garage-fourth-group");
    expect(typed, typed.err).toMatchObject({ code: 0 });
    const plan = (await box.newestPlan())!;
    expect((await box.trace()).map(({ outlet, on }) => `${outlet} ${on ? "on" : "off"}`)).toEqual([
      "pdu1.1 on",
      "pdu1.3 on",
    ]);
    expect(plan).toMatchObject({ state: "done", waves: 1, missing: [] });
    expect((await box.states()).up).toBe(168);
    expect(typed.err).toContain("168 boards start at once with pdu1.3: one outlet cannot be divided into waves of 42");
    expect(await box.violations("garage-fourth-group")).toEqual([]);
    console.log(`garage, the fourth group: 168 up at once, at most ${mostWatts(plan)} W measured\n${typed.err}`);
  },
  10 * minutes,
);

test(
  "a PDU that says yes and switches nothing is found out by boards that stay silent, and by boards that run on",
  async () => {
    await using box = await startPowerBox(editedExample("mini-84.yaml", patient), { speed: 25 });
    const doubted = async (id: string): Promise<string | null> =>
      (await box.power()).outlets.find((outlet) => outlet.id === id)?.doubted ?? null;
    expect(await box.bramble("up", "@c-u01", "--with-parents")).toMatchObject({ code: 0 });
    await box.bramble("sim", "lie", "p1");
    await box.bramble("up", "@c-u02", "--no-wait");
    const silent = await box.until("the silent group's outlet is doubted", () => doubted("p1.3"));
    expect(silent).toMatch(/^reads on for \d+ s, but none of its 42 boards shows life while 42 elsewhere are up/);
    expect((await box.bramble("power")).out).toMatch(/p1\.3 .*NOT BELIEVED: reads on for/);
    await box.bramble("cycle", "@c-u01", "--now", "--yes", "42", "--no-wait");
    const running = await box.until("the outlet that was not cycled is doubted", () => doubted("p1.2"));
    expect(running).toMatch(/^was off and on again \d+ s ago, but b\d+ has run for \d+ s: it kept power$/);
    await box.until("boards that never lost power are up", async () => ((await box.states()).up ?? 0) >= 42);
    await box.bramble("sim", "honest", "p1");
    await box.until("the silent group is believed", async () => (await doubted("p1.3")) === null);
    const told = (await box.events()).filter(({ kind }) => kind.startsWith("outlet."));
    console.log(told.map(({ kind, message }) => `${kind} ${message}`).join("\n"));
  },
  10 * minutes,
);

test(
  "meters over their limit: the supply's group is told of, drained, thinned out, off; past the rating off at once",
  async () => {
    const file = editedExample("mini-84.yaml", [...patient, ["sustain_s: 60", "sustain_s: 4"]]);
    await using box = await startPowerBox(file, { speed: 25 });
    expect(await box.bramble("up", "all")).toMatchObject({ code: 0 });
    const kinds = async (about: string): Promise<readonly string[]> =>
      (await box.events())
        .filter(({ kind, message }) => kind.startsWith("budget.") && message.startsWith(about))
        .map(({ kind }) => kind);
    const isOff = async (outlet: string): Promise<boolean> =>
      (await box.power()).outlets.find(({ id }) => id === outlet)?.on === false;

    await box.bramble("sim", "draw", "@c-u01", "6");
    await box.until("the group is off", () => isOff("p1.2"));
    expect(new Set(await kinds("supply u01"))).toEqual(
      new Set(["budget.warn", "budget.drain", "budget.thin", "budget.off"]),
    );
    expect((await box.newestPlan())?.by).toBe("cut-out");
    expect(await isOff("p1.3")).toBe(false);

    await box.bramble("sim", "draw", "@c-u02", "14");
    await box.until("the other group is off", () => isOff("p1.3"));
    expect(await kinds("supply u02")).not.toContain("budget.thin");
    expect((await box.newestPlan())?.steps.map(({ id }) => id)).toEqual(["off:p1.3"]);
    const told = (await box.events()).filter(({ kind }) => kind.startsWith("budget."));
    console.log(told.map(({ kind, message }) => `${kind} ${message}`).join("\n"));
  },
  10 * minutes,
);

/** What the injected faults need, by chance as the simulator throws it: starts of each group, and who fails at the last. */
function needOf(cluster: Cluster, seed: string, part: number) {
  const { accept, expect: size, retries } = cluster.limits.boot;
  const index = new Map(cluster.boards.map((board) => [board.name, board.index]));
  const random = seededRandom(seed);
  const fate = (board: string, boot: number) =>
    stopOf(
      random
        .fork(`board${index.get(board)}`)
        .fork(`boot${boot}`)
        .fork("firmware"),
      { part, stopAt: null },
    );
  const groups = cluster.groups.map(({ outlet, boards }) => {
    for (let starts = 1; ; starts++) {
      const failing = new Map(
        boards.flatMap((board) => {
          const step = fate(board, starts);
          return step === null ? [] : [[board, step] as const];
        }),
      );
      const isEnough = boards.length - failing.size >= Math.ceil((boards.length * accept) / size);
      if (isEnough || starts > retries) return { outlet, starts, failing };
    }
  });
  return { groups, cycles: groups.reduce((sum, { starts }) => sum + starts - 1, 0) };
}

type Plan = NonNullable<Awaited<ReturnType<PowerBox["newestPlan"]>>>;

function mostWatts({ steps }: Plan): number {
  return Math.round(Math.max(...steps.map(({ watts }) => watts ?? 0)));
}

/** The limits of the plan, the five that are used most. */
function worstOf({ loads }: Plan): string {
  return [...loads]
    .sort((a, b) => b.used / b.allowed - a.used / a.allowed)
    .slice(0, 5)
    .map(({ limit, kind, used, allowed, unit }) => `  ${limit}, ${kind}: at most ${used} of ${allowed} ${unit}`)
    .join("\n");
}
