import { fakeCluster } from "@bramble/core/power";
import { expect, test } from "vitest";
import { type FakeBox, fakeBox } from "../power/fake-parts.ts";
import type { DeskAnswer, PowerDesk } from "./desk.ts";
import { sequencerDesk } from "./sequencer-desk.ts";

/** Three boards that share an outlet which needs the fans, and one with an outlet for itself. */
const cluster = fakeCluster(
  [
    { id: "c-fans", feeds: ["fans"] },
    { id: "g01", boards: 3 },
    { id: "g02", boards: 1 },
  ],
  { needs: [{ what: "g01", needs: ["fans"] }] },
);

function desk(box: FakeBox) {
  const told: string[] = [];
  const linked = new Set<string>();
  const roster = {
    ...box.roster,
    byName(name: string) {
      const entry = box.roster.byName(name);
      return entry === null ? null : { ...entry, isLinked: linked.has(name) };
    },
  };
  const halt = (board: string, { restart }: { restart: boolean }): boolean => {
    told.push(`${restart ? "restart" : "halt"} ${board}`);
    return true;
  };
  return { told, linked, desk: sequencerDesk({ cluster, power: box.power, roster, halt }) };
}

/** Lets time pass until the plan of this answer has ended. */
async function toTheEnd(box: FakeBox, doors: PowerDesk, answer: DeskAnswer) {
  if (answer.kind !== "started") throw new Error(JSON.stringify(answer));
  for (let turn = 0; turn < 2000 && doors.plan(answer.plan)?.endedAt === null; turn++) {
    await box.clock.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return doors.plan(answer.plan);
}

async function ready(box: FakeBox): Promise<void> {
  await box.power.outlets.refresh(new AbortController().signal);
}

test("a board comes on with what it needs, and its plan is told from beginning to end", async () => {
  await using box = fakeBox(cluster);
  const { desk: doors } = desk(box);
  await ready(box);
  expect(["b0001", "b0004"].map(doors.stateOf)).toEqual(["off", "off"]);
  const plan = await toTheEnd(box, doors, await doors.ask("on", ["b0001"], "redfish"));
  expect(plan).toMatchObject({ state: "done", missing: [] });
  expect(plan?.stepsDone).toBe(plan?.steps);
  expect(box.switched).toEqual(["pdu0.1 on", "pdu0.2 on"]);
  expect(["b0001", "b0003", "b0004"].map(doors.stateOf)).toEqual(["on", "on", "off"]);
  expect(doors.plans().map(({ id }) => id)).toEqual([plan?.id]);
  expect(box.power.journal.list(1)[0]).toMatchObject({ by: "operator", why: "asked for by redfish", set: "b0001" });
  expect(await doors.ask("on", ["b0002"], "maas")).toMatchObject({ kind: "nothing" });
});

test("to switch off one of three that share an outlet is refused with the names of the others; all three go", async () => {
  await using box = fakeBox(cluster);
  const { desk: doors } = desk(box);
  await ready(box);
  await toTheEnd(box, doors, await doors.ask("on", ["b0001"], "powerman"));
  const refused = await doors.ask("off", ["b0001"], "powerman");
  expect(refused).toMatchObject({ kind: "refused", code: "power.collateral" });
  expect(JSON.stringify(refused)).toContain("b[0002-0003]");
  expect(box.switched).toHaveLength(2);
  const plan = await toTheEnd(box, doors, await doors.ask("off", ["b0001", "b0002", "b0003"], "powerman"));
  expect(plan?.state).toBe("done");
  expect(box.switched).toEqual(["pdu0.1 on", "pdu0.2 on", "pdu0.2 off"]);
});

test("a board with an outlet for itself is cycled alone", async () => {
  await using box = fakeBox(cluster);
  const { desk: doors } = desk(box);
  await ready(box);
  await toTheEnd(box, doors, await doors.ask("on", ["b0004"], "powerman"));
  await toTheEnd(box, doors, await doors.ask("cycle", ["b0004"], "powerman"));
  expect(box.switched).toEqual(["pdu0.3 on", "pdu0.3 off", "pdu0.3 on"]);
});

test("off and cycle take power at once, as a stranger's tool means it; shutdown lets boards halt first", async () => {
  await using box = fakeBox(cluster);
  const { desk: doors } = desk(box);
  await ready(box);
  await toTheEnd(box, doors, await doors.ask("on", ["b0004"], "redfish"));
  box.setWorking("b0004", true);
  await toTheEnd(box, doors, await doors.ask("cycle", ["b0004"], "redfish"));
  await toTheEnd(box, doors, await doors.ask("off", ["b0004"], "redfish"));
  expect(box.switched.slice(1)).toEqual(["pdu0.3 off", "pdu0.3 on", "pdu0.3 off"]);
  expect(box.halted).toEqual([]);
  const [last] = box.power.journal.list(1);
  expect(last?.plan?.steps.map(({ id }) => id)).toEqual(["off:pdu0.3"]);
  expect(last?.plan?.notes).toContain("power goes at once: 1 boards do not halt first, 1 of them work");
  box.setWorking("b0004", false);
  await toTheEnd(box, doors, await doors.ask("on", ["b0004"], "redfish"));
  await toTheEnd(box, doors, await doors.ask("shutdown", ["b0004"], "redfish"));
  expect(box.halted).toEqual(["b0004"]);
  expect(box.isOn("pdu0.3")).toBe(false);
});

test("agents are asked where there is one; without any it is refused", async () => {
  await using box = fakeBox(cluster);
  const { desk: doors, linked, told } = desk(box);
  expect(await doors.ask("restart", ["b0001"], "redfish")).toMatchObject({ kind: "refused", code: "power.refused" });
  linked.add("b0001");
  expect(await doors.ask("restart", ["b0001", "b0002"], "redfish")).toEqual({ kind: "told", boards: ["b0001"] });
  expect(await doors.ask("halt", ["b0001"], "redfish")).toEqual({ kind: "told", boards: ["b0001"] });
  expect(told.map((line) => line.split(" ")[0])).toEqual(["restart", "halt"]);
});

test("a second plan for the same board, and a PDU that is away, are refusals with their own codes", async () => {
  await using box = fakeBox(cluster);
  const { desk: doors } = desk(box);
  await ready(box);
  box.comesUp = () => false;
  expect(await doors.ask("on", ["b0001"], "powerman")).toMatchObject({ kind: "started" });
  expect(await doors.ask("off", ["b0001", "b0002", "b0003"], "powerman")).toMatchObject({ code: "power.busy" });
  box.away.add("pdu0");
  const refresh = ready(box);
  for (let turn = 0; turn < 100; turn++) {
    await box.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await refresh;
  expect(await doors.ask("on", ["b0004"], "powerman")).toMatchObject({ kind: "refused", code: "power.connection" });
});

test("boards, PDUs and plans that there are not are told as none; sets are those of the file", async () => {
  await using box = fakeBox(cluster);
  const { desk: doors } = desk(box);
  await ready(box);
  expect(doors.board("b0009")).toBeNull();
  expect(doors.plan("p9")).toBeNull();
  expect(doors.plan("' OR 1=1")).toBeNull();
  expect(doors.boardsOf("b[1-2]")).toEqual(["b0001", "b0002"]);
  expect(() => doors.boardsOf("@nowhere")).toThrow(/nowhere/);
  expect(doors.board("b0001")).toMatchObject({ power: "off", outlet: "pdu0.2", neighbours: ["b0002", "b0003"] });
  expect(doors.board("b0004")?.neighbours).toEqual([]);
  expect(doors.pdus()).toMatchObject([
    { id: "pdu0", error: null, outlets: [{ number: 1 }, { number: 2 }, { number: 3 }] },
  ]);
});
