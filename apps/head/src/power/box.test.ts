import { readFileSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "@bramble/core/base";
import { type Cluster, parseCluster } from "@bramble/core/cluster";
import type { PowerRequest } from "@bramble/core/power";
import { checkTrace } from "@bramble/core/power";
import { expect, test } from "vitest";
import { type FakeBox, fakeBox } from "./fake-parts.ts";

/*
 * The whole box of the examples, 1050 boards, by the head's own sequencer, journal and trace, in virtual time. With the
 * simulator's PDUs, boot servers and agents in true time: test/e2e/power-up.e2e.ts.
 */

test("`up all` from nothing: misc stays on, server, button, core, fans, 25 waves; of 1050 boards a tenth fail at first, and what is cycled is what the rule says", async () => {
  const cluster = example("police-box");
  await using box = fakeBox(cluster, { bootMs: 40_000, isWired: true });
  const random = seededRandom("a tenth");
  const failing = new Set(cluster.boards.filter(() => random.next() < 0.1).map(({ name }) => name));
  box.comesUp = (name, start) => start > 1 || !failing.has(name);
  // The server answers forty seconds after its button was pressed, if it has power.
  box.onPress = () => {
    expect(box.isOn("pdu0.1")).toBe(true);
    box.clock.after(40_000, () => box.answering.add("172.20.0.10:8880"));
  };
  const { plan } = await upAll(box, cluster, null);

  expect(box.pressed).toEqual(["serverswitch power"]);
  expect(box.switched.slice(0, 4)).toEqual(["pdu0.1 on", "pdu0.2 on", "pdu0.3 on", "pdu0.4 on"]);
  expect(box.switched.join()).not.toContain("pdu0.5");
  const steps = box.journal.steps(plan.id);
  expect([...steps.values()].every(({ state }) => state === "done")).toBe(true);
  const waves = plan.plan!.steps.filter(({ kind }) => kind === "bring-up");
  expect(waves).toHaveLength(25);

  // Fewer than 37 of 42 at the first start: once more. 37 or more: the rest are named.
  const few = cluster.groups.filter(({ boards }) => boards.filter((name) => failing.has(name)).length > 42 - 37);
  const cycled = box.switched.filter((line) => line.endsWith(" off")).map((line) => line.split(" ")[0]);
  expect(few.length).toBeGreaterThanOrEqual(3);
  expect(few.length).toBeLessThan(25);
  expect(cycled).toEqual(few.map(({ outlet }) => outlet));
  expect(cycled.length / few.length).toBeLessThanOrEqual(1.15);
  const named = plan.missing.map(({ board }) => board);
  const kept = cluster.groups.filter((group) => !few.includes(group)).flatMap(({ boards }) => boards);
  expect(new Set(named)).toEqual(new Set(kept.filter((name) => failing.has(name))));
  expect(upOf(box)).toBe(1050 - named.length);

  // The recorded trace keeps every limit at every instant, and nothing was switched that the trace does not know.
  const trace = box.journal.trace(0, 20_000);
  expect(checkTrace(cluster, trace)).toEqual([]);
  expect(trace.map(({ outlet, on }) => `${outlet} ${on ? "on" : "off"}`)).toEqual(box.switched);
});

test("the garage's wiring: the same word brings up the 126 that it may, by the three leads of PDU3, and says why not more", async () => {
  const cluster = example("police-box-garage");
  await using box = fakeBox(cluster, { bootMs: 40_000, isWired: true });
  box.onPress = () => void box.answering.add("172.20.0.10:8880");
  const { plan, notes } = await upAll(box, cluster, null);
  expect(box.switched).toEqual(["pdu1.1 on", "pdu2.1 on", "pdu3.1 on", "pdu3.2 on", "pdu3.3 on"]);
  expect(upOf(box)).toBe(126);
  expect(plan.plan!.steps.filter(({ kind }) => kind === "bring-up")).toHaveLength(3);
  expect(notes).toContain("profile garage allows 126, 3 supplies of 42");
  expect(notes).toContain("only the leads pdu3.1, pdu3.2, pdu3.3 divide a half rack");
  expect(checkTrace(cluster, box.journal.trace(0, 20_000), "garage")).toEqual([]);
});

test("the fourth group of r1: 168 boards where the breaker bears them, at once, for one outlet cannot make waves of 42", async () => {
  const made = example("police-box-garage");
  // The file's PDU1 bears 1440 W steadily; with a larger one the profile's 168 boards may be on.
  const cluster = { ...made, pdus: made.pdus.map((pdu) => ({ ...pdu, watts: 2400 })) };
  await using box = fakeBox(cluster, { bootMs: 40_000, isWired: true });
  box.onPress = () => void box.answering.add("172.20.0.10:8880");
  const { notes } = await upAll(box, cluster, "garage-fourth-group");
  expect(upOf(box)).toBe(168);
  expect(box.switched).toEqual(["pdu1.1 on", "pdu1.3 on"]);
  expect(notes).toContain("168 boards start at once with pdu1.3: one outlet cannot be divided into waves of 42");
  expect(checkTrace(cluster, box.journal.trace(0, 20_000), "garage-fourth-group")).toEqual([]);
});

async function upAll(box: FakeBox, cluster: Cluster, profile: string | null) {
  const boards = cluster.boards.map(({ name }) => name);
  const request: PowerRequest = { action: "on", boards, profile, withParents: false, allowCollateral: false };
  const asked = await box.power.sequencer.ask({ request, set: "all", by: "operator", why: null, key: null });
  if (asked.kind !== "started") throw new Error(asked.why);
  for (let passed = 0; passed < 3 * 3600_000 && box.power.sequencer.live().length > 0; passed += 500)
    await box.clock.advance(500);
  const plan = box.journal.find(asked.id)!;
  expect(plan.state).toBe("done");
  return { plan, notes: plan.plan!.notes.join("\n") };
}

function upOf({ roster }: FakeBox): number {
  return roster.all().filter(({ standing }) => standing.state.kind === "up").length;
}

function example(name: string): Cluster {
  const file = join(import.meta.dirname, "../../../../examples", `${name}.yaml`);
  const parsed = parseCluster(readFileSync(file, "utf8"));
  if (parsed.kind !== "ok") throw new Error(JSON.stringify(parsed.problems[0]));
  return parsed.cluster;
}
