import fc from "fast-check";
import { expect, test } from "vitest";
import { foldNodeSet } from "./names.ts";
import { resolveNodeSet } from "./node-set.ts";
import { exampleCluster } from "./testing.ts";

const box = exampleCluster("police-box");
const garage = exampleCluster("police-box-garage");
const desk = exampleCluster("desk-5");
const living: Record<string, readonly string[]> = { hot: ["b0001", "b0043"], silent: [], k01: ["b1050"] };
const context = {
  cluster: box,
  names: ["x-00000a", "x-aabb12"],
  groups: (name: string) => living[name] ?? null,
  groupNames: Object.keys(living),
};

const read = (text: string, cluster = box) => {
  const result = resolveNodeSet(text, { ...context, cluster });
  return result.kind === "ok" ? foldNodeSet(result.boards) : `${result.at}: ${result.message}`;
};

test.each([
  ["a person never types zeros", "b[1-42]", "b[0001-0042]"],
  ["one board without its zeros", "b412", "b0412"],
  ["one board in full", "b0412", "b0412"],
  ["ranges and single numbers together", "b[0001-0042,0050]", "b[0001-0042,0050]"],
  ["every second board", "b[1-9/2]", "b[0001,0003,0005,0007,0009]"],
  ["a bank", "@k01", "b[0001-0021]"],
  ["a bank without its zero", "@k2", "b[0022-0042]"],
  ["a group", "@g03", "b[0085-0126]"],
  ["a rack", "@r1", "b[0001-0294]"],
  ["a half rack", "@r1-bottom", "b[0001-0168]"],
  ["a switch", "@s01", "b[0001-0042]"],
  ["a supply", "@u25", "b[1009-1050]"],
  ["an outlet", "@pdu1.3", "b[0085-0126]"],
  ["a whole PDU", "@pdu7", "b[1009-1050]"],
  ["a switch without boards", "@core-front", ""],
  ["groups by a range", "@g[1-2]", "b[0001-0084]"],
  ["every board", "all", "b[0001-1050]"],
  ["every board, as a group", "@all", "b[0001-1050]"],
  ["a comma joins", "b1,b3", "b[0001,0003]"],
  ["a space joins too", "b1 b3", "b[0001,0003]"],
  ["an exclamation mark takes away", "@k01!b[2-21]", "b0001"],
  ["an ampersand keeps what both have", "@g01&@k01", "b[0001-0021]"],
  ["a caret keeps what one has", "b[1-3]^b[3-5]", "b[0001-0002,0004-0005]"],
  ["operators run from left to right", "b[1-9]!b[1-5],b2&b[2-7]", "b[0002,0006-0007]"],
  ["spaces around operators are nothing", " @r1 & @hot ", "b[0001,0043]"],
  ["a living group", "@r1!@hot", "b[0002-0042,0044-0294]"],
  ["a living group that is empty just now", "@silent", ""],
  ["the file's groups win over living ones", "@k01&b1", "b0001"],
  ["a stranger by its name", "x-aabb12", "x-aabb12"],
  ["strangers stand after the boards of the file", "x-00000a,b2", "b0002,x-00000a"],
])("%s", (_, text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ["nothing names no boards", "", "0: an empty node set names no boards; say all for every board"],
  ["a board past the last", "b1,b1051", '3: there is no board b1051 (b0001 to b1050); did you mean "b0051"?'],
  ["a misspelled group", "@k01,@hto", '5: there is no group @hto; did you mean "@hot"?'],
  ["a group without its sign", "k01", '0: k01 is a group, not a board; did you mean "@k01"?'],
  ["an operator with nothing on its left", "!b1", '0: "!" stands before nothing; a name belongs on its left'],
  ["an operator with nothing on its right", "b1&", '2: a name is missing after "&"'],
  ["two operators in a row", "b1,,b2", '3: "," stands before nothing; a name belongs on its left'],
  ["a bracket left open", "@k01,b[1-3", '6: this "[" is never closed'],
  ["a sign that means nothing", "b1;b2", '2: ";" cannot stand in a node set'],
  ["a group sign in the middle", "b@k01", '1: "@" belongs at the start of a group\'s name'],
  ["a group without a name", "@", '0: a group\'s name is missing after "@"'],
  ["a billion boards", "b[1-999999999]", "2: 1-999999999 spells out too many names"],
  ["a text without end", "b1,".repeat(10_000), "20000: a node set has at most 20000 characters"],
])("%s is refused with its place", (_, text, expected) => {
  expect(read(text)).toBe(expected);
});

test("the garage's groups are half racks, but for the leads of its third PDU", () => {
  expect(read("@c-r1-bottom", garage)).toBe("b[0001-0168]");
  expect(read("@group-1", garage)).toBe("b[0295-0336]");
  expect(read("@c-r2-bottom", garage)).toBe("b[0295-0420]");
  expect(read("@r2-bottom!@group-[1-3]", garage)).toBe("");
});

test("on a desk each PoE port is a set, and the plug one of two", () => {
  expect(read("@s1.2", desk)).toBe("b2");
  expect(read("@plug1", desk)).toBe("b[4-5]");
  expect(read("@s1", desk)).toBe("b[1-5]");
});

test("a folded set read again is the same set", () => {
  const names = [...box.boards.map((board) => board.name), "x-00000a", "x-aabb12"];
  fc.assert(
    fc.property(fc.subarray(names, { minLength: 1 }), (boards) => {
      expect(resolveNodeSet(foldNodeSet(boards), context)).toEqual({ kind: "ok", boards });
    }),
    { numRuns: 30 },
  );
});

test("sets keep the laws of sets", () => {
  const set = fc.constantFrom("@k01", "@g01", "@r1", "b[1-50]", "@s02", "all", "b7", "@hot");
  const boards = (text: string) => {
    const result = resolveNodeSet(text, context);
    if (result.kind === "invalid") throw new Error(result.message);
    return result.boards;
  };
  fc.assert(
    fc.property(set, set, (a, b) => {
      const [left, right, both] = [boards(a), new Set(boards(b)), new Set(boards(`${a}&${b}`))];
      expect([...both].join()).toBe(left.filter((name) => right.has(name)).join());
      expect(boards(`${a},${b}`).join()).toBe(boards(`${b},${a}`).join());
      expect(boards(`${a}^${b}`).join()).toBe(
        boards(`${a},${b}`)
          .filter((name) => !both.has(name))
          .join(),
      );
      expect(boards(`${a}!${b}`).join()).toBe(left.filter((name) => !both.has(name)).join());
    }),
    { numRuns: 25 },
  );
});

test("any text gives boards of the cluster or a place in the text, never a throw", () => {
  const known = new Set([...box.boards.map((board) => board.name), ...context.names]);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."b1-9[],!&^@kg0 x."), maxLength: 24 }), (text) => {
      const result = resolveNodeSet(text, context);
      if (result.kind === "ok") for (const name of result.boards) expect(known.has(name)).toBe(true);
      else expect(result.at).toBeLessThanOrEqual(text.length);
    }),
  );
});
