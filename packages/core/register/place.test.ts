import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mac } from "../base/index.ts";
import { mac } from "../base/index.ts";
import type { BoardSlot, Cluster } from "../cluster/index.ts";
import type { Holder } from "./place.ts";
import { placeOf, placesOf, strangerName } from "./place.ts";

const known = mac("b8:27:eb:00:00:01");
const one = mac("b8:27:eb:00:00:11");
const two = mac("b8:27:eb:00:00:12");
const slot = (index: number, named: Mac | null): BoardSlot => ({
  ...{ index, name: `b${index}`, model: "pi3b+", rack: "r1", bank: "k01", slot: index, switch: "s01", port: index },
  ...{
    address: `172.20.1.${index}`,
    addressKnown: false,
    mac: named,
    supply: null,
    group: "g01",
    watts: { max: 5, idle: 2, inrush: 7 },
  },
});
const slots = [slot(0, known), slot(1, null), slot(2, null)];
const places = placesOf({ boards: slots } as unknown as Cluster);
const nobody = (): null => null;
const holder =
  (at: number, mac: Mac, isLive: boolean) =>
  (index: number): Holder | null =>
    index === at ? { mac, isLive } : null;

test("a MAC that the file names has that place, whatever its address", () => {
  expect(places.resolve({ mac: known, address: "172.20.1.2" }, null, nobody)).toMatchObject({
    slot: slots[0],
    by: "mac",
  });
});

test("an address that the file gives to a place without a MAC leads there", () => {
  expect(places.resolve({ mac: one, address: "172.20.1.1" }, null, nobody)).toMatchObject({
    slot: slots[1],
    by: "address",
  });
});

test.each([
  ["an address of nobody's place", "10.0.0.1"],
  ["no address", null],
])("a board with %s is a stranger", (_, address) => {
  expect(places.resolve({ mac: one, address }, null, nobody)).toEqual({ kind: "stranger", conflict: null });
});

test("a place whose MAC is known is not given to another, and the conflict is named", () => {
  expect(places.resolve({ mac: one, address: "172.20.1.0" }, null, nobody)).toEqual({
    kind: "stranger",
    conflict: { slot: "b0", holder: known },
  });
});

test("a place is not taken from a live board, but from a dead one", () => {
  const packet = { mac: one, address: "172.20.1.1" };
  expect(places.resolve(packet, null, holder(1, two, true))).toMatchObject({ conflict: { slot: "b1", holder: two } });
  expect(places.resolve(packet, null, holder(1, two, false))).toMatchObject({ slot: slots[1] });
});

test("a board keeps its place when its address tells nothing, and moves when it tells another free place", () => {
  expect(places.resolve({ mac: one, address: null }, slots[1]!, nobody)).toMatchObject({
    slot: slots[1],
    by: "before",
  });
  expect(places.resolve({ mac: one, address: "10.0.0.1" }, slots[1]!, nobody)).toMatchObject({ by: "before" });
  expect(places.resolve({ mac: one, address: "172.20.1.2" }, slots[1]!, nobody)).toMatchObject({ slot: slots[2] });
  expect(places.resolve({ mac: one, address: "172.20.1.2" }, slots[1]!, holder(2, two, true))).toMatchObject({
    slot: slots[1],
    by: "before",
  });
});

test("a board does not conflict with itself", () => {
  expect(places.resolve({ mac: one, address: "172.20.1.1" }, slots[1]!, holder(1, one, true))).toMatchObject({
    slot: slots[1],
  });
});

test("two strangers whose MACs end alike get two names", () => {
  expect(strangerName(one, () => false)).toBe("x-000011");
  expect(strangerName(one, (name) => name === "x-000011")).toBe("x-b827eb000011");
});

test("the place of a record is the file's", () => {
  expect(placeOf(slots[1]!)).toEqual({ rack: "r1", bank: "k01", slot: 1, switch: "s01", port: 1, group: "g01" });
});

test("a place without an address is found by its MAC alone", () => {
  const bare = placesOf({ boards: [{ ...slot(0, known), address: null }] } as unknown as Cluster);
  expect(bare.resolve({ mac: known, address: null }, null, nobody)).toMatchObject({ by: "mac" });
  expect(bare.resolve({ mac: one, address: "172.20.1.0" }, null, nobody)).toEqual({ kind: "stranger", conflict: null });
});

test("a place that the file has meanwhile given to another MAC is not kept", () => {
  expect(places.resolve({ mac: one, address: null }, slots[0]!, nobody)).toEqual({ kind: "stranger", conflict: null });
});

test("in any order of packets and losses no place has two live boards, and a known MAC sits at its own", () => {
  const boards = [known, one, two, mac("b8:27:eb:00:00:13")];
  const step = fc.record({
    board: fc.nat(boards.length - 1),
    address: fc.constantFrom(null, "172.20.1.0", "172.20.1.1", "172.20.1.2", "10.0.0.1"),
    isLost: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const seats = new Map<Mac, BoardSlot>();
      const live = new Set<Mac>();
      const holderOf = (index: number): Holder | null => {
        const found = [...seats].filter(([, slot]) => slot.index === index).map(([mac]) => mac);
        const mac = found.find((each) => live.has(each)) ?? found[0];
        return mac === undefined ? null : { mac, isLive: live.has(mac) };
      };
      for (const { board, address, isLost } of steps) {
        const packet = boards[board]!;
        if (isLost) {
          live.delete(packet);
          continue;
        }
        const before = seats.get(packet) ?? null;
        // A board that was away keeps its seat only while nobody else has taken it.
        const mine = before !== null && (holderOf(before.index)?.mac ?? packet) === packet ? before : null;
        const found = places.resolve({ mac: packet, address }, mine, holderOf);
        live.add(packet);
        if (found.kind === "slot") seats.set(packet, found.slot);
        else seats.delete(packet);
        if (packet === known) expect(found).toMatchObject({ slot: slots[0], by: "mac" });
        const taken = [...live].flatMap((each) => seats.get(each)?.index ?? []);
        expect(new Set(taken).size).toBe(taken.length);
      }
    }),
    { numRuns: 200 },
  );
});
