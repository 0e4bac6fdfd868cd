import fc from "fast-check";
import { expect, test } from "vitest";
import { createUnfinished } from "./unfinished.ts";

test("lets go the message that began first when all hold too much together", () => {
  const gone: string[] = [];
  const unfinished = createUnfinished(10_000);
  const first = unfinished.open(() => gone.push("first"));
  const second = unfinished.open(() => gone.push("second"));
  first.came(4000);
  second.came(4000);
  expect(gone).toEqual([]);
  first.came(3000);
  expect(gone).toEqual(["first"]);
  second.came(4000);
  expect(gone).toEqual(["first"]);
});

test("what became whole, was an aside or belonged to a closed link holds nothing", () => {
  const gone: number[] = [];
  const unfinished = createUnfinished(10_000);
  for (let n = 0; n < 100; n++) {
    const link = unfinished.open(() => gone.push(n));
    link.came(9000);
    if (n % 3 === 0) link.whole();
    else if (n % 3 === 1) link[Symbol.dispose]();
    else {
      link.aside(9000);
      link.aside(9000);
    }
  }
  expect(gone).toEqual([]);
});

test("a link that sends one octet at a time is bounded too: each piece costs something", () => {
  let isGone = false;
  const link = createUnfinished(10_000).open(() => {
    isGone = true;
  });
  for (let n = 0; n < 100 && !isGone; n++) link.came(1);
  expect(isGone).toBe(true);
});

test("never holds more than it may, whatever links do", () => {
  const action = fc.record({
    link: fc.integer({ min: 0, max: 5 }),
    what: fc.constantFrom("came", "aside", "whole", "close"),
    octets: fc.integer({ min: 0, max: 5000 }),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const most = 8000;
      const unfinished = createUnfinished(most);
      const held = [0, 0, 0, 0, 0, 0];
      const links = held.map((_, n) =>
        unfinished.open(() => {
          held[n] = 0;
        }),
      );
      for (const { link: n, what, octets } of actions) {
        if (what === "came") {
          held[n]! += octets;
          links[n]!.came(octets);
        } else if (what === "whole") {
          held[n] = 0;
          links[n]!.whole();
        } else if (what === "aside") links[n]!.aside(0);
        else {
          held[n] = 0;
          links[n]![Symbol.dispose]();
        }
        expect(held.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(most);
      }
    }),
  );
});
