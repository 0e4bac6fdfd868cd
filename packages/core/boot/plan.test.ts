import { expect, test } from "vitest";
import type { Boot } from "../cluster/index.ts";
import { bootPlans, type PlanAssignment, planOf } from "./plan.ts";

const file: Boot = {
  plan: "live",
  image: null,
  root: null,
  plans: [
    { set: "@k01", boards: ["b1", "b2", "b3"], plan: "rescue" },
    { set: "b2", boards: ["b2"], plan: "local" },
  ],
};
const said = (board: string, plan: PlanAssignment["plan"]): [string, PlanAssignment] => [
  board,
  { board, plan, set: board, by: "cli:anna", at: 7 },
];

test.each([
  ["b9", file, { plan: "live", from: "file", set: null }],
  ["b1", file, { plan: "rescue", from: "file", set: "@k01" }],
  ["b2", file, { plan: "local", from: "file", set: "b2" }],
  ["b3", file, { plan: "discovery", from: "operator", by: "cli:anna", at: 7 }],
  ["x-aabbcc", null, { plan: "discovery", from: "stranger" }],
  ["x-000001", null, { plan: "live", from: "operator", by: "cli:anna", at: 7 }],
] as const)("what was said last wins: %s", (board, own, chosen) => {
  expect(planOf(board, own, new Map([said("b3", "discovery"), said("x-000001", "live")]))).toEqual(chosen);
});

test("the cluster file knows the same plans", () => {
  expect(bootPlans satisfies readonly Boot["plan"][]).toEqual(["live", "discovery", "local", "rescue"]);
});
