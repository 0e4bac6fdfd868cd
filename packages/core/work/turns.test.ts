import fc from "fast-check";
import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

const step = fc.record({ user: fc.nat(9).map(String), isAdded: fc.boolean() });

test("whoever comes and goes, the first is who has waited longest", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const turns = new Turns();
      let model: string[] = [];
      for (const { user, isAdded } of steps) {
        if (!isAdded) {
          turns.delete(user);
          model = model.filter((each) => each !== user);
        } else {
          turns.add(user);
          if (!model.includes(user)) model.push(user);
        }
        expect(turns.first()).toBe(model[0] ?? null);
        // Those who left from the middle still count until the line has moved past them.
        for (const each of model) expect(turns.before(each)).toBeGreaterThanOrEqual(model.indexOf(each));
      }
    }),
  );
});

test("a long line that only moves on tells exact places", () => {
  const turns = new Turns();
  for (let n = 0; n < 10_000; n++) turns.add(`u${n}`);
  for (let n = 0; n < 9_000; n++) {
    expect(turns.first()).toBe(`u${n}`);
    turns.delete(`u${n}`);
  }
  expect(turns.before("u9000")).toBe(0);
  expect(turns.before("u9999")).toBe(999);
  expect(turns.before("somebody else")).toBe(1000);
});
