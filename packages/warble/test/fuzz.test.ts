import fc from "fast-check";
import { expect, test } from "vitest";
import { publicLimits, run } from "../index.ts";
import { Chance } from "./fuzz/chance.ts";
import { damage } from "./fuzz/damage.ts";
import { smallest } from "./fuzz/smallest.ts";
import { complaintAbout } from "./fuzz/sound.ts";
import { subjectOf } from "./fuzz/subject.ts";
import { environment } from "./world.ts";

/** A few seconds of what `npm run soak` does for hours. */
test("programs from the edges of the grammar, damaged ones and noise are all sound", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (seed) => {
      const { post, environment: world, limits } = subjectOf(seed);
      const complaint = complaintAbout(post, world, { ...limits, steps: 60_000 });
      expect(complaint, post).toBeNull();
    }),
    { numRuns: 500 },
  );
}, 120_000);

test("a good part of the programs runs to its end, and most classes of error are met", () => {
  const ends = new Map<string, number>();
  for (let seed = 0; seed < 1500; seed++) {
    const { post, environment: world, limits } = subjectOf(seed);
    const end = run(post, world, { ...limits, steps: 30_000 }).error?.class ?? "well";
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  expect(ends.get("well")).toBeGreaterThan(250);
  for (const kind of "NOTWARBLE SYNTAX NAME ARGS TYPE INDEX DIV0 DOMAIN RANGE PURE STEPS MEMORY OUTPUT".split(" ")) {
    expect(ends.get(kind), kind).toBeGreaterThan(0);
  }
});

test("what is unsound is told", () => {
  const world = environment();
  const broken = { ...publicLimits, steps: Number.NaN };
  expect(complaintAbout("{x=1}", world, broken)).toMatchObject({ kind: "steps" });
  expect(complaintAbout("{WHILE(1){}}", world, null as unknown as typeof publicLimits)).toMatchObject({
    kind: "throws",
  });
});

test("a seed names its program, whoever asks", () => {
  expect(subjectOf(42)).toEqual(subjectOf(42));
  expect(subjectOf(42).post).not.toBe(subjectOf(43).post);
});

test("the smallest program that still shows a fault is found by deleting", () => {
  expect(smallest("#pi{x=1;PRINT(x/0);y=2}", (post) => post.includes("/0"))).toBe("/0");
  expect(smallest("abc", () => false)).toBe("abc");
});

test("damage never makes the reader throw", () => {
  const chance = new Chance(1);
  for (let i = 0; i < 300; i++) {
    const post = damage("#pi{a=[1,“x”]FOR(i=0;i<9;i++)PRINT(a[i%2]²)}", ["{PRINT(1)}"], chance);
    expect(complaintAbout(post, environment(), { ...publicLimits, steps: 10_000 }), post).toBeNull();
  }
});
