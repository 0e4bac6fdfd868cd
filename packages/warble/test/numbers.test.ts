import fc from "fast-check";
import { expect, test } from "vitest";
import { divideToDouble, printFloat, roundToPlaces, takeApart } from "../float.ts";
import { floatPower } from "../float-power.ts";
import { wholeRoot } from "../roots.ts";
import { printed, runPost } from "./world.ts";

const anyFloat = fc.double({ noNaN: true, noDefaultInfinity: true });
const anyWhole = fc.oneof(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), fc.bigInt({ min: -20n, max: 20n }));

/** Runs one expression with x and y set, in a post as long as it needs. */
function evaluate(expression: string, x: string, y: string): string {
  return printed(`{x=${x};y=${y};PRINT(${expression})}`, {}, { postLength: 5000 });
}

test.each([
  [
    "{PRINT(256.0,.1,1e20,1e-5,1e15,1e16,0.0001,123456789012345680.0)}",
    "256.0 0.1 1e+20 1e-05 1000000000000000.0 1e+16 0.0001 1.2345678901234568e+17",
  ],
  ["{PRINT(-0.0,0.0*-1,0*-1)}", "-0.0 -0.0 0"],
  ["{PRINT(4/2,2^70/2^69,10^400/10^399)}", "2.0 2.0 10.0"],
  ["{PRINT(7//-2,-7//2,7%-3,-7%-3,7.5//-2,-7.5%2)}", "-4 -4 -2 -1 -4.0 0.5"],
  ["{PRINT(ROUND(2.5),ROUND(3.5),ROUND(-0.5),ROUND(1e22))}", "2 4 0 10000000000000000000000"],
  [
    "{PRINT(ROUND(2.675,2),ROUND(0.5,0),ROUND(0.125,2),ROUND(15.0,-1),ROUND(1250,-2),ROUND(-1350,-2))}",
    "2.67 0.0 0.12 20.0 1200 -1400",
  ],
  ["{PRINT(FLOOR(-2.5),CEIL(-2.5),FLOOR(1e20),CEIL(-.5),ABS(-3),ABS(-3.0))}", "-3 -2 100000000000000000000 0 3 3.0"],
  [
    "{PRINT(10.0^-5,10^-5,0.1^10,3^-200,2.0^0.5,4^.5,0^0,0.0^0)}",
    "1e-05 1e-05 1.0000000000000006e-10 3.764861949599026e-96 1.4142135623730951 2.0 1 1.0",
  ],
  ["{PRINT((-2)^3,(-2.0)^3,(-2)^-1,(-1)^10^20)}", "-8 -8.0 -0.5 1"],
  [
    "{PRINT(9007199254740991+1,9007199254740993-2,2^53*2^53)}",
    "9007199254740992 9007199254740991 81129638414606681695789005144064",
  ],
  ["{PRINT(2^53==2.0^53,2^53+1==2.0^53,1==1.0,0.1+0.2==.3)}", "1 0 1 0"],
  ['{PRINT(INT(-2.7),INT("-42"),FLOAT("1e3"),FLOAT(2),INT(1e20))}', "-2 -42 1000.0 2.0 100000000000000000000"],
  ["{PRINT(COMB(5,2),COMB(5,9),GCD(-12,18),ISQRT(99),POW(2,10,1000),POW(-2,3,7),XOR(6,3))}", "10 0 6 9 24 6 5"],
  ['{PRINT(MIN([3,1,2]),MAX(1,2.5),MIN("b","a"))}', "1 2.5 a"],
  ["{PRINT(-1&2^70-1,2^70|1,12&10,12|3)}", "1180591620717411303423 1180591620717411303425 8 15"],
])("%s prints %s", (post, expected) => {
  expect(printed(post)).toBe(expected);
});

test.each([
  ["{1//0}", "DIV0"],
  ["{1.5%0}", "DIV0"],
  ["{0^-1}", "DIV0"],
  ["{POW(2,3,0)}", "DIV0"],
  ["{1e308*10}", "RANGE"],
  ["{EXP(1000)}", "RANGE"],
  ["{10^400+.5}", "RANGE"],
  ["{1e999}", "RANGE"],
  ["{(-8)^.5}", "DOMAIN"],
  ["{LN(0)}", "DOMAIN"],
  ["{ASIN(1.1)}", "DOMAIN"],
  ["{ISQRT(-1)}", "DOMAIN"],
  ["{COMB(-1,2)}", "DOMAIN"],
  ['{"a"-1}', "TYPE"],
  ["{[1]+[2]}", "TYPE"],
  ['{1<"a"}', "TYPE"],
  ["{[1]<[2]}", "TYPE"],
  ["{1.5&1}", "TYPE"],
  ["{GCD(1.5,2)}", "TYPE"],
  ["{x=[1,2]x[.5]}", "TYPE"],
  ["{x=[1,2]x[2]}", "INDEX"],
  ["{x=[1,2]x[3]=1}", "INDEX"],
  ['{"ab"[-1]}', "INDEX"],
])("%s ends with %s", (post, error) => {
  expect(runPost(post).error?.class).toBe(error);
});

test("whole numbers are exact", () => {
  fc.assert(
    fc.property(anyWhole, anyWhole, (x, y) => {
      const floor = (a: bigint, b: bigint) => (a - (((a % b) + b) % b)) / b;
      const expected = [x + y, x - y, x * y];
      if (y !== 0n) expected.push(floor(x, y), x - floor(x, y) * y);
      const expression = y === 0n ? "x+y,x-y,x*y" : "x+y,x-y,x*y,x//y,x%y";
      expect(evaluate(expression, `${x}`, `${y}`)).toBe(expected.join(" "));
    }),
  );
});

test("comparisons agree with exact values, whatever the kinds", () => {
  fc.assert(
    fc.property(anyWhole, anyFloat, (x, y) => {
      expect(evaluate("x<y,x==y,x>y", `${x}`, printFloat(y))).toBe(
        [x < y, !(x < y) && !(x > y), x > y].map(Number).join(" "),
      );
    }),
  );
});

test("a printed float reads back as the same float", () => {
  fc.assert(
    fc.property(anyFloat, (x) => {
      expect(Number(printFloat(x))).toBe(x);
      expect(printFloat(x)).toMatch(/^-?\d+\.\d+$|^-?\d(?:\.\d+)?e[+-]\d{2,}$/);
      expect(evaluate("x,y+0.0", printFloat(x), printFloat(x))).toBe(`${printFloat(x)} ${printFloat(x === 0 ? 0 : x)}`);
    }),
  );
});

test("the quotient of two whole numbers is the nearest float", () => {
  fc.assert(
    fc.property(anyWhole, anyWhole, (x, y) => {
      fc.pre(y !== 0n);
      expectNearest(divideToDouble(x, y), x, y);
    }),
  );
});

test("a whole power of a float is the nearest float", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.integer({ min: -60, max: 60 }), (x, n) => {
      fc.pre(n !== 0 && x !== 1);
      const { mantissa, exponent } = takeApart(x);
      const up = mantissa ** BigInt(Math.abs(n)) * 2n ** BigInt(Math.max(0, exponent * Math.abs(n)));
      const down = 2n ** BigInt(Math.max(0, -exponent * Math.abs(n)));
      const power = floatPower(x, n);
      if (n > 0) expectNearest(power, up, down);
      else expectNearest(power, down, up);
    }),
    { numRuns: 300 },
  );
});

test("ROUND gives the nearest decimal, ties to even, of the exact binary value", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.integer().map((n) => n / 64),
      ),
      fc.integer({ min: -5, max: 12 }),
      (x, d) => {
        const { mantissa, exponent } = takeApart(Math.abs(x));
        const top = mantissa * 2n ** BigInt(Math.max(0, exponent)) * 10n ** BigInt(Math.max(0, d));
        const bottom = 2n ** BigInt(Math.max(0, -exponent)) * 10n ** BigInt(Math.max(0, -d));
        let near = (2n * top + bottom) / (2n * bottom);
        if ((2n * top + bottom) % (2n * bottom) === 0n && near % 2n === 1n) near--;
        const expected = divideToDouble(near * 10n ** BigInt(Math.max(0, -d)), 10n ** BigInt(Math.max(0, d)));
        expect(Math.abs(roundToPlaces(x, d))).toBe(expected);
      },
    ),
  );
});

test("ISQRT is the whole root, rounded down", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 600n }), (n) => {
      const root = wholeRoot(n);
      expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true);
    }),
  );
});

/** That `x` is a nearest float to top / bottom: no neighbour is nearer. */
function expectNearest(x: number, top: bigint, bottom: bigint): void {
  const error = (candidate: number): { top: bigint; bottom: bigint } => {
    const { mantissa, exponent } = takeApart(Math.abs(candidate));
    const up = (candidate < 0 ? -mantissa : mantissa) * 2n ** BigInt(Math.max(0, exponent));
    const down = 2n ** BigInt(Math.max(0, -exponent));
    const difference = up * bottom - top * down;
    const under = down * bottom;
    return { top: difference < 0n ? -difference : difference, bottom: under < 0n ? -under : under };
  };
  const here = error(x);
  const bits = new DataView(new ArrayBuffer(8));
  for (const step of [-1n, 1n]) {
    bits.setFloat64(0, x);
    bits.setBigInt64(0, bits.getBigInt64(0) + step);
    const neighbour = bits.getFloat64(0);
    if (!Number.isFinite(neighbour)) continue;
    const there = error(neighbour);
    expect(here.top * there.bottom <= there.top * here.bottom, `${x} against ${neighbour}`).toBe(true);
  }
}
