import fc from "fast-check";
import { expect, test } from "vitest";
import { fakeCluster } from "../power/fake-cluster.ts";
import { loadsOf, worstCase } from "./loads.ts";

test("the worst load of a PDU is that of the heaviest groups that fit, as trying them all finds", () => {
  const sizes = fc.array(fc.constantFrom(1, 2, 3, 3, 5, 21, 42), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sizes, fc.nat(200), (groups, room) => {
      const cluster = fakeCluster(groups.map((boards, n) => ({ id: `g${n}`, boards })));
      const { watts, groups: named } = worstCase(loadsOf(cluster), cluster.pdus[0]!, room);
      expect(watts).toBe(5 * mostWithin(groups, room));
      const boards = named.map((id) => cluster.groups.find((group) => group.id === id)!.boards.length);
      expect(boards.reduce((total, one) => total + one, 0) * 5).toBe(watts);
      expect(new Set(named).size).toBe(named.length);
    }),
    { numRuns: 60 },
  );
});

/** The most boards of whole groups that fit into `room`, by trying every choice. */
function mostWithin(groups: readonly number[], room: number): number {
  let most = 0;
  for (let choice = 0; choice < 2 ** groups.length; choice++) {
    const boards = groups.reduce((total, size, n) => total + ((choice >> n) & 1) * size, 0);
    if (boards <= room) most = Math.max(most, boards);
  }
  return most;
}
