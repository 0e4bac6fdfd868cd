import fc from "fast-check";
import { expect, test } from "vitest";
import { publicLimits } from "../index.ts";
import { runIn } from "../tiers.ts";
import { anyProgram } from "./grammar.ts";
import { anyLoops } from "./loops.ts";
import { environment } from "./world.ts";

const limits = { ...publicLimits, postLength: 5000, depth: 60 };

test("random loops do the same in every tier: output, effects, errors, warnings, steps, what is saved", () => {
  fc.assert(
    fc.property(anyLoops(), fc.integer({ min: 1, max: 6000 }), (post, steps) => {
      const some = { ...limits, steps };
      expect(runIn("eager", post, environment(), some)).toEqual(runIn("closures", post, environment(), some));
    }),
    { numRuns: 300 },
  );
});

test("random programs of the whole grammar do the same in every tier", () => {
  fc.assert(
    fc.property(anyProgram(), (post) => {
      const some = { ...limits, steps: 5000 };
      expect(runIn("eager", post, environment(), some)).toEqual(runIn("closures", post, environment(), some));
    }),
    { numRuns: 200 },
  );
});
