import fc from "fast-check";
import { expect, test } from "vitest";
import { DataShelf } from "./shelf.ts";

test("a user finds what earlier runs left, and nobody else's", () => {
  const shelf = new DataShelf();
  shelf.put("ann", { x: "1", y: "2" });
  shelf.put("ann", { x: "3" });
  expect(shelf.of("ann")).toEqual({ x: "3", y: "2" });
  expect(shelf.of("bob")).toEqual({});
});

test("the user that ran longest ago makes room", () => {
  const shelf = new DataShelf(100);
  shelf.put("a", { x: "1".repeat(40) });
  shelf.put("b", { x: "1".repeat(40) });
  shelf.put("a", { y: "1" });
  shelf.put("c", { x: "1".repeat(40) });
  expect(shelf.of("b")).toEqual({});
  expect(shelf.of("a")).toHaveProperty("y");
  expect(shelf.of("c")).toHaveProperty("x");
});

test("names like __proto__ are data like any other", () => {
  const shelf = new DataShelf();
  shelf.put("__proto__", JSON.parse('{"__proto__":"1","constructor":"2"}'));
  expect(Object.keys(shelf.of("__proto__"))).toEqual(["__proto__", "constructor"]);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test("no order of runs makes the shelf larger than its bound", () => {
  const puts = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.dictionary(fc.string(), fc.string())));
  fc.assert(
    fc.property(puts, (all) => {
      const shelf = new DataShelf(60);
      for (const [user, data] of all) {
        shelf.put(user, data);
        expect(shelf.size).toBeLessThanOrEqual(60);
        expect(shelf.size).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
