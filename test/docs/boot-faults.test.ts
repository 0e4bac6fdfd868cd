import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { faults } from "../../packages/core/boot/faults.ts";
import type { Circumstances, Lane } from "../../packages/core/boot/index.ts";
import { bootSteps, newLane } from "../../packages/core/boot/index.ts";
import { repository } from "../support/demo-process.ts";

/** docs/boot.md tells a stranger what each stop means, in the words that the program itself uses. */
const step = { begunAt: 0, endedAt: 60_000, asks: 5, bytes: 3_200_000, resends: 0, percent: 40 };
const sample: Lane = {
  ...newLane(),
  steps: Object.fromEntries(bootSteps.map((name) => [name, step])) as Lane["steps"],
  ...{
    state: { kind: "stopped", why: "…" },
    at: "kernel",
    attemptsSincePower: 3,
    declined: "192.168.77.21",
    offers: 2,
  },
};
const around: Circumstances = {
  neighbours: { boards: 20, powered: 20, asked: 0, up: 0, stepMs: { kernel: 5000 } },
  ...{ model: null, rogue: "192.168.77.1", goneSince: null, pace: { speed: 1, leastMs: 0 } },
};
const nowhere: Readonly<Record<string, string>> = { stopped: "any", booting: "on its way", gone: "was up" };

test("the table of stops in docs/boot.md is the one that the head goes by", () => {
  const rows = faults.map(({ id, when, steps, cause, advice }) =>
    [`\`${id}\``, steps?.join(", ") ?? nowhere[when], cause(sample, around, 60_000), advice(sample, around)].join(
      " | ",
    ),
  );
  const table = [
    "| named | stopped at | means, for example | do |",
    "| --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row} |`),
  ];
  const text = readFileSync(join(repository, "docs/boot.md"), "utf8");
  const [, kept] = /<!-- faults: [^\n]*-->\n([\s\S]*?)\n?<!-- end of faults -->/.exec(text) ?? [];
  expect(kept?.split("\n")).toEqual(table);
});
