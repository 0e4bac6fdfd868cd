import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeValue, encodeValue, type RunResult, type Value } from "../index.ts";
import { Decimal, Float, List, wholeOf } from "../values.ts";
import { printed, runPost } from "./world.ts";

const plainValue: fc.Arbitrary<Value> = fc.oneof(
  fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }).map(wholeOf),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x): Value => (Number.isInteger(x) ? new Float(x) : x)),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -99, max: 99 }))
    .map(([c, e]): Value => {
      return c === 0n ? new Decimal(0n, 0, 1) : new Decimal(c, e, String(c).replace("-", "").length);
    }),
  fc.string({ unit: "binary" }),
);
const anyValue = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    plainValue,
    fc.array(tie("value"), { maxLength: 5 }).map((items) => new List(items, 0)),
  ),
})).value;

/** What stays the same about a value through saving: everything but when its lists were made. */
function essence(v: Value): unknown {
  return v instanceof List ? v.items.map(essence) : v;
}

test("a value comes back from its text form as it was, kind and all", () => {
  fc.assert(
    fc.property(anyValue, (v) => {
      expect(essence(decodeValue(encodeValue(v)))).toEqual(essence(v));
    }),
  );
});

test.each([
  ["42", "42"],
  ["2^70", "1180591620717411303424"],
  ["1.0", "1.0"],
  ["-0.5", "-0.5"],
  ["1e20", "1e+20"],
  ['[1,"a",[2.5]]', '[1,"a",[2.5]]'],
  ["'say \"hi\"'", '"say \\"hi\\""'],
])("%s is saved as %s", (value, text) => {
  expect(runPost(`{SAVE("v",${value})}`).saves).toEqual({ v: text });
});

test("a decimal is saved with all its digits, also those that are not shown", () => {
  const { saves } = runPost('{PREC(5)SAVE("v",1/3)}');
  expect(saves).toEqual({ v: "333333333333333d-15" });
  expect(printed('{PREC(5)PRINT(LOAD("v")*3)}', { saved: saves })).toBe("1.0");
});

test("text that is no saved value is refused, whatever it is", () => {
  for (const text of [
    "",
    "x",
    "1 ",
    "[1",
    "[1,]",
    '"a',
    '"\n"',
    "1.",
    "--1",
    "1e5",
    "nan",
    "[".repeat(5000),
    "1d",
    "9d99999999999",
  ]) {
    expect(() => decodeValue(text)).toThrow("no saved Warble value");
    expect(runPost('{LOAD("v")}', { saved: { v: text } }).error?.class).toBe("TYPE");
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        encodeValue(decodeValue(text));
      } catch (error) {
        expect(String(error)).toContain("no saved Warble value");
      }
    }),
  );
});

test("SAVE and SETDATA keep apart, and each is seen at once", () => {
  const result = runPost('{SAVE("a",1)SETDATA("a",2)PRINT(LOAD("a"),GETDATA("a"),LOAD("b",7),GETDATA("b"))}');
  expect(result.out).toEqual(["1 2 7 0"]);
  expect([result.saves, result.data]).toEqual([{ a: "1" }, { a: "2" }]);
});

test("what was saved is as it was then, whatever becomes of the list", () => {
  expect(printed('{a=[1]SAVE("a",a)a[0]=2PRINT(LOAD("a"),a)b=LOAD("a")b[0]=3PRINT(LOAD("a"))}')).toBe("[1] [2]\n[1]");
});

test("only changed names come back, and none when the program ends in an error", () => {
  const saved = { a: "1", b: "2" };
  expect(runPost('{SAVE("b",LOAD("a")+2)}', { saved }).saves).toEqual({ b: "3" });
  const failed: RunResult = runPost('{SAVE("b",5)SETDATA("c",5)PRINT(1)1/0}', { saved });
  expect([failed.saves, failed.data, failed.out]).toEqual([{}, {}, ["1"]]);
});

test("names that JavaScript knows are names like any other", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const { out, saves } = runPost(`{PRINT(LOAD("${name}"))SAVE("${name}",1)PRINT(LOAD("${name}"))}`);
    expect(out).toEqual(["0", "1"]);
    expect(Object.entries(saves)).toEqual([[name, "1"]]);
    const again = JSON.parse(JSON.stringify(saves)) as Record<string, string>;
    expect(printed(`{PRINT(LOAD("${name}"))}`, { saved: again })).toBe("1");
  }
});

test("64 names of 64 characters with 4096 characters each, and no more", () => {
  expect(runPost('{FOR(i=0;i<64;i++)SAVE("n"+i,i)}').error).toBeNull();
  expect(runPost('{FOR(i=0;i<65;i++)SAVE("n"+i,i)}').error?.class).toBe("MEMORY");
  const saved = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`n${i}`, "1"]));
  expect(runPost('{SAVE("n63",2)}', { saved }).error).toBeNull();
  expect(runPost('{SAVE("n64",2)}', { saved }).error?.class).toBe("MEMORY");
  expect(runPost('{FOR(i=0;i<64;i++)SETDATA("n"+i,i)}', { saved }).error).toBeNull();
  expect(runPost('{s="x"FOR(i=0;i<6;i++)s+=s;SAVE(s,1)}').error).toBeNull();
  expect(runPost('{s="x"FOR(i=0;i<6;i++)s+=s;SAVE(s+"x",1)}').error?.class).toBe("RANGE");
  expect(runPost('{SAVE("a",10^4095)}').error).toBeNull();
  expect(runPost('{SAVE("a",10^4096)}').error?.class).toBe("MEMORY");
  expect(runPost('{SAVE("a",ARRAY(2047,1))}').error).toBeNull();
  expect(runPost('{SAVE("a",ARRAY(2048,1))}').error?.class).toBe("MEMORY");
  expect(runPost('{a=[0]a[0]=a;SAVE("a",a)}').error?.class).toBe("MEMORY");
  expect(runPost("{SAVE(1,2)}").error?.class).toBe("TYPE");
});

test("a list that holds itself has no text form", () => {
  const items: Value[] = [];
  const list = new List(items, 0);
  items.push(list);
  expect(() => encodeValue(list)).toThrow("too many levels");
});
