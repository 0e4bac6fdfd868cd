import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ClusterError, fakeClock, silentLog } from "@bramble/core/base";
import { parseCluster, resolveNodeSet } from "@bramble/core/cluster";
import { expect, test } from "vitest";
import { bootPlanMigrations, bootPlanStore } from "../store/boot-plans.ts";
import { openDatabase } from "../store/database.ts";
import { scratch } from "./files/testing.ts";
import { createPlans } from "./plans.ts";

const source = readFileSync(new URL("../../../../examples/desk-5.yaml", import.meta.url), "utf8");
const parsed = parseCluster(
  source.replace("\nmodels:\n", '\nboot: { plans: { "b[1-2]": rescue, b2: local } }\nmodels:\n'),
);
if (parsed.kind !== "ok") throw new Error("the example is broken");
const { cluster } = parsed;
const names = cluster.boards.map(({ name }) => name);
const [b1 = "", b2 = "", b3 = ""] = names;

/** Plans over a database, which a test opens again to see what was kept. */
function open(path = ":memory:") {
  const clock = fakeClock();
  const db = openDatabase(path, bootPlanMigrations, { log: silentLog, schedule: queueMicrotask });
  const store = bootPlanStore(db);
  const boardsOf = (set: string): readonly string[] => {
    const read = resolveNodeSet(set, {
      cluster,
      names: ["x-aabbcc"],
      groups: (name) => (name === "hot" ? [b3] : null),
    });
    if (read.kind === "ok") return read.boards;
    throw new ClusterError("input.node-set", read.message);
  };
  return {
    db,
    store,
    clock,
    plans: createPlans({ cluster, store, boardsOf, clock }),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  };
}

test("the file's plans hold until an operator says otherwise", async () => {
  await using all = open();
  const { plans } = all;
  expect([b1, b2, b3, "x-aabbcc"].map((name) => plans.planOf(name).plan)).toEqual([
    "rescue",
    "local",
    "live",
    "discovery",
  ]);
  expect(await plans.set("@all", "discovery", "cli:anna")).toEqual(names);
  expect(names.map((name) => plans.planOf(name).plan)).toEqual(names.map(() => "discovery"));
  expect(await plans.set(`${b1},x-aabbcc`, "live", "cli:ben")).toEqual([b1, "x-aabbcc"]);
  expect(plans.planOf(b1)).toEqual({ plan: "live", from: "operator", by: "cli:ben", at: all.clock.now() });
  expect(plans.planOf("x-aabbcc").plan).toBe("live");
  expect(await plans.set(b1, null, "cli:ben")).toEqual([b1]);
  expect(plans.planOf(b1)).toEqual({ plan: "rescue", from: "file", set: "b[1-2]" });
});

test("a living group means the boards that are in it now", async () => {
  await using all = open();
  expect(await all.plans.set("@hot", "local", "cli:anna")).toEqual([b3]);
  expect(all.store.all()).toEqual([{ board: b3, plan: "local", set: "@hot", by: "cli:anna", at: all.clock.now() }]);
});

test("what holds can be read in the order in which it was said", async () => {
  await using all = open();
  await all.plans.set("@all", "rescue", "cli:anna");
  await all.clock.advance(1000);
  await all.plans.set(b1, "live", "web:ben");
  expect(all.plans.words()).toEqual([
    { set: "all", plan: "live", by: null, at: null, boards: [] },
    { set: "b[1-2]", plan: "rescue", by: null, at: null, boards: [] },
    { set: "b2", plan: "local", by: null, at: null, boards: [] },
    { set: "@all", plan: "rescue", by: "cli:anna", at: all.clock.now() - 1000, boards: names.slice(1) },
    { set: b1, plan: "live", by: "web:ben", at: all.clock.now(), boards: [b1] },
  ]);
  await all.plans.set("@all", null, "cli:anna");
  expect(all.plans.words().map(({ set, boards }) => [set, boards])).toEqual([
    ["all", names.slice(2)],
    ["b[1-2]", [b1]],
    ["b2", [b2]],
  ]);
});

test("it is durable before it is answered, all boards of one word in one commit", async () => {
  using folder = scratch();
  const path = join(folder.path, "bramble.db");
  {
    await using all = open(path);
    const before = all.db.commits();
    await all.plans.set("@all", "rescue", "cli:anna");
    expect(all.db.commits()).toBe(before + 1);
  }
  await using again = open(path);
  expect(again.plans.planOf(b3)).toMatchObject({ plan: "rescue", by: "cli:anna" });
});

test("a plan that could not be stored does not hold, nor does one for boards that are none", async () => {
  const all = open();
  await all.db[Symbol.asyncDispose]();
  await expect(all.plans.set(b3, "rescue", "cli:anna")).rejects.toThrow("is closed");
  await expect(all.plans.set(b3, null, "cli:anna")).rejects.toThrow("is closed");
  await expect(all.plans.set("b99", "rescue", "cli:anna")).rejects.toMatchObject({ code: "input.node-set" });
  expect(all.plans.planOf(b3).plan).toBe("live");
});

test("a plan that this Bramble does not know is left aside", async () => {
  await using all = open();
  await all.db.write((sql) => sql.exec("INSERT INTO boot_plans VALUES ('b9', 'levitate', 'b9', 'cli:x', 1)"));
  expect(all.store.all()).toEqual([]);
});
