import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCluster } from "../cluster/index.ts";
import { exampleSource } from "../cluster/testing.ts";
import { type FakeCircuit, fakeCluster } from "./fake-cluster.ts";
import { outletGraph, planWaves } from "./waves.ts";

const box: FakeCircuit[] = [
  { id: "c-server", feeds: ["server"] },
  { id: "c-core", feeds: ["core"] },
  { id: "c-fans", feeds: ["fans"] },
  { id: "c-misc", feeds: ["serverswitch"], alwaysOn: true },
  ...Array.from({ length: 25 }, (_, n) => ({ id: `g${String(n + 1).padStart(2, "0")}`, boards: 42 })),
];
const needs = [
  { what: "server", needs: ["c-server", "serverswitch"] },
  ...box.slice(4).map(({ id }) => ({ what: id, needs: ["server", "core", "c-fans"] })),
];
const cluster = fakeCluster(box, { needs });
const all = cluster.boards.map(({ name }) => name);

test("the box comes up as its infrastructure, then 25 waves of 42", () => {
  const waves = planWaves(cluster, all);
  expect(waves).toHaveLength(26);
  expect(waves[0]).toMatchObject({ kind: "infrastructure", groups: [], boards: [] });
  expect(waves[0]?.outlets).toEqual(["pdu0.4", "pdu0.1", "pdu0.2", "pdu0.3"]);
  expect(waves.slice(1).map(({ groups }) => groups)).toEqual(box.slice(4).map(({ id }) => [id]));
});

test("asking for one board brings up its whole group and what that needs", () => {
  const waves = planWaves(cluster, ["b0050"]);
  expect(waves.map(({ groups }) => groups)).toEqual([[], ["g02"]]);
  expect(waves[1]?.boards).toHaveLength(42);
});

test("names that nobody knows, and boards without an outlet, plan nothing", () => {
  expect(planWaves(cluster, ["b9999"])).toEqual([]);
  expect(planWaves(fakeCluster([]), ["b0001"])).toEqual([]);
});

test("a group larger than a wave is a wave of its own", () => {
  const halves = fakeCluster([
    { id: "half-1", boards: 126 },
    { id: "g1", boards: 20 },
    { id: "g2", boards: 20 },
    { id: "g3", boards: 20 },
  ]);
  const waves = planWaves(
    halves,
    halves.boards.map(({ name }) => name),
  );
  expect(waves.map(({ groups }) => groups)).toEqual([["half-1"], ["g1", "g2"], ["g3"]]);
});

test("a switch that its boards hang on is switched before them", () => {
  const plain = fakeCluster([
    { id: "g1", boards: 3 },
    { id: "c-switch", feeds: ["s01"] },
  ]);
  const wired = { ...plain, boards: plain.boards.map((board) => ({ ...board, switch: "s01" })) };
  expect(planWaves(wired, ["b0001"]).flatMap(({ outlets }) => outlets)).toEqual(["pdu0.2", "pdu0.1"]);
});

test("a thousand boards with an outlet each are planned without a wait", () => {
  const poe = fakeCluster(Array.from({ length: 1050 }, (_, n) => ({ id: `p${n}`, boards: 1 })));
  const waves = planWaves(
    poe,
    poe.boards.map(({ name }) => name),
  );
  expect(waves).toHaveLength(25);
});

test("every plan keeps whole groups, the size of a wave and the order of needs", () => {
  const circuits = fc.array(
    fc.record({ boards: fc.constantFrom(0, 0, 1, 5, 42, 60), alwaysOn: fc.boolean(), needs: fc.array(fc.nat(20)) }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(circuits, fc.array(fc.nat(200), { maxLength: 30 }), (made, picks) => {
      // A circuit may need only earlier ones, so that there is no cycle; the file's order is shuffled by its ids' order.
      const ids = made.map((_, n) => `c${n}`);
      const cluster = fakeCluster(
        made.map(({ boards, alwaysOn }, n) => ({ id: ids[n]!, boards, alwaysOn })),
        {
          needs: made.map(({ needs }, n) => ({
            what: ids[n]!,
            needs: needs.filter((at) => at < n).map((at) => ids[at]!),
          })),
        },
      );
      const wanted = picks.flatMap((pick) => cluster.boards[pick]?.name ?? []);
      const waves = planWaves(cluster, wanted);
      const graph = outletGraph(cluster);

      const planned = waves.flatMap(({ boards }) => boards);
      expect(new Set(planned).size).toBe(planned.length);
      for (const board of wanted) expect(planned).toContain(board);
      const groups = new Map(cluster.groups.map((group) => [group.id, group.boards]));
      const order: string[] = [];
      for (const wave of waves) {
        expect(wave.boards).toEqual(wave.groups.flatMap((id) => groups.get(id)!));
        if (wave.groups.length > 1) expect(wave.boards.length).toBeLessThanOrEqual(42);
        expect(wave.kind === "infrastructure").toBe(wave.boards.length === 0);
        for (const outlet of wave.outlets) {
          for (const need of graph.get(outlet)!) expect(order).toContain(need);
          if (wave.kind === "infrastructure") order.push(outlet);
        }
        if (wave.kind === "boards") order.push(...wave.outlets);
      }
      expect(new Set(order).size).toBe(order.length);
    }),
  );
});

test("the ports of a switch that is itself switched come after the outlet that feeds it", () => {
  const source = exampleSource("desk-5").replace("feeds: [u1] }", "feeds: [u1, s1] }");
  const result = parseCluster(source);
  if (result.kind === "invalid") throw new Error(JSON.stringify(result.problems));
  const graph = outletGraph(result.cluster);
  expect([...graph.get("s1.1")!]).toEqual(["plug1.1"]);
  expect([...graph.get("plug1.1")!]).toEqual([]);
  const waves = planWaves(result.cluster, ["b1"]);
  expect(waves.flatMap(({ outlets }) => outlets)).toEqual(["plug1.1", "s1.1"]);
});

test("a need that nothing feeds, and one that is fed twice, delay nobody", () => {
  const odd = fakeCluster(
    [
      { id: "a", feeds: ["lamp"] },
      { id: "b", feeds: ["lamp"] },
      { id: "g", boards: 2 },
    ],
    { needs: [{ what: "g", needs: ["lamp", "the weather"] }] },
  );
  expect(planWaves(odd, ["b0001"]).map(({ outlets }) => outlets)).toEqual([["pdu0.1", "pdu0.2"], ["pdu0.3"]]);
});
