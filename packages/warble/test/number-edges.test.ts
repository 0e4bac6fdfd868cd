import fc from "fast-check";
import { expect, test } from "vitest";
import { Constants } from "../constants.ts";
import { decimalOf, divideDecimals, parseDecimal } from "../decimal.ts";
import { floorDivideFloats, moduloFloats, nearestDouble, scaleDouble, takeApart } from "../float.ts";
import { floatPower } from "../float-power.ts";
import { printed, runPost } from "./world.ts";

// Where numbers end: values from Python's floats and fractions, and from mpmath at 400 bits.
test.each([
  ["a power below the normal floats", "3.7^-545", "2.13825936839503e-310"],
  ["a power near the largest float", "3.7^542", "9.232821605708233e+307"],
  [
    "short powers at both ends",
    "2.0^1023,2.0^-1074,3.0^640,3.0^-670",
    "8.98846567431158e+307 5e-324 2.278258611829002e+305 2.132e-320",
  ],
  ["a power beyond the smallest float", "1.5^-2000,(-1.5)^-2001", "0.0 -0.0"],
  ["exponents of more than 31 bits", "1.0000000000000002^3000000001", "1.0000006661340368"],
  [
    "the same below one",
    "0.9999999999999999^3000000001,(-0.9999999999999999)^-3000000001",
    "0.999999666933148 -1.000000333066963",
  ],
  ["powers of zero", "0.0^2,0.0^3,(-0.0)^3,(-0.0)^2,(-0.0)^.5", "0.0 0.0 -0.0 0.0 0.0"],
  ["powers of minus one", "(-1.0)^3,(-1.0)^4,(-1)^(2^70),(-1)^(2^70+1),(-1.5)^2,(-1.5)^3", "-1.0 1.0 1 -1 2.25 -3.375"],
  [
    "powers of large wholes",
    "(2^70)^0,1^(2^70),0^(2^70),(2^70)^2",
    "1 1 0 1393796574908163946345982392040522594123776",
  ],
  ["a power of one with a fraction", "1.0^.5,16.0^0.0,1.1^0.0", "1.0 1.0 1.0"],
  ["a root of one in a power", "1.0^0.25", "1.0"],
  ["floor division near zero", "0.5//2,-0.0//2,0.0//-2,5e-324//1e300,1//.5", "0.0 -0.0 -0.0 0.0 2.0"],
  ["remainders without rest", "4.0%-2,-4.0%-2.0,4.0%2", "-0.0 -0.0 0.0"],
  ["roundings that change nothing", "ROUND(0.0,1),ROUND(2.5,400),ROUND(7),ROUND(7,3)", "0.0 2.5 7 7"],
  ["roundings that leave nothing", "ROUND(2.5,-400),ROUND(-2.5,-400),ROUND(5,-30),ROUND(2,-1)", "0.0 -0.0 0 0"],
  ["roundings of the largest", "ROUND(1.5e300,-300),ROUND(-1.5e300,-300)", "2e+300 -2e+300"],
  ["whole ties go to the even ten", "ROUND(15,-1),ROUND(25,-1),ROUND(-25,-1),ROUND(-35,-1)", "20 20 -20 -40"],
  ["sizes of all kinds", "ABS(-0.0),ABS(1.5),ABS(2),ABS(-2),ABS(-2.0)", "0.0 1.5 2 2 2.0"],
  ["wholes that are whole already", 'INT(5),FLOOR(2),CEIL(2),INT("42"),FLOAT("2.5")', "5 2 2 42 2.5"],
  ["choices of nearly all", "COMB(5,4),COMB(2^60,2^60-2),COMB(7,0)", "5 664613997892457935875442777836748800 1"],
  ["divisors of negatives", "GCD(-4,0),GCD(0,0),GCD(2^70,-2^68)", "4 0 295147905179352825856"],
  ["powers as functions", "POW(3,5),POW(2,-1),XOR(2^70,1),XOR(5,-1)", "243 0.5 1180591620717411303425 -6"],
  ["functions far below one", "EXP(-800),LN(1.0),LN(2^70),5.0^(1/3)", "0.0 0.0 48.520302639196174 1.7099759466766968"],
  [
    "differences beyond 53 bits",
    "-9007199254740991-5,9007199254740991--5,5-9007199254740991",
    "-9007199254740996 9007199254740996 -9007199254740986",
  ],
  ["the angle of one", "ACOS(1),ACOS(1.0),ASIN(1)", "0.0 0.0 1.5707963267948966"],
  ["pi by its brackets", "PI()==PI,PI()", "1 3.141592653589793"],
])("%s: %s is %s", (_, expressions, expected) => {
  expect(printed(`{PRINT(${expressions})}`)).toBe(expected);
});

// With 20 digits; values from mpmath.
test.each([
  [
    "kinds made before the precision was set",
    "{x=.5y=2.0PREC(20)PRINT(x-.25,x*x,x/y,x+x,-x,-y,y/3,x-y)}",
    "0.25 0.25 0.25 1.0 -0.5 -2.0 0.66666666666666666667 -1.5",
  ],
  [
    "decimals once the precision is gone",
    "{PREC(20)x=1/4PREC(0)PRINT(x,-x,x*2,x/x,STR(x))}",
    "0.25 -0.25 0.5 1.0 0.25",
  ],
  [
    "a decimal that outlives its precision is the nearest float",
    "{PREC(900)x=1/3PREC(0)PRINT(x+0,x==1/3)}",
    "0.3333333333333333 1",
  ],
  [
    "powers of e around a half turn",
    "{PREC(20)PRINT(EXP(-1.5),EXP(-2),EXP(1e-30))}",
    "0.22313016014842982893 0.13533528323661269189 1.0",
  ],
  [
    "angles below zero",
    "{PREC(20)PRINT(SIN(-1.2),COS(-1.2),ATAN(-2),ATAN(-1.0))}",
    "-0.93203908596722634967 0.36235775447667357764 -1.107148717794090503 -0.78539816339744830962",
  ],
  [
    "angles too small to bend",
    "{PREC(20)PRINT(SIN(1e-30),COS(1e-30),TAN(-1e-30),ATAN(1e-30))}",
    "1e-30 1.0 -1e-30 1e-30",
  ],
  [
    "a tangent next to its pole",
    "{PREC(5)PRINT(TAN(1.57079632679489661923132169163975144209858469968755))}",
    "3.4359e+50",
  ],
  [
    "sines at the ends of their range",
    "{PREC(9)PRINT(ASIN(1.0),ASIN(-1.0),ACOS(1.0),ASIN(.5),ACOS(0.5))}",
    "1.57079633 -1.57079633 0.0 0.523598776 1.04719755",
  ],
  [
    "floors near zero",
    "{PREC(9)PRINT(FLOOR(.5),FLOOR(-.5),CEIL(.5),CEIL(-.5),INT(.5),INT(2.5),INT(-2.5),INT(2.0))}",
    "0 -1 1 0 0 2 -2 2",
  ],
  [
    "sizes and kinds",
    '{PREC(9)PRINT(ABS(-1.5),ABS(1.5),FLOAT(2),FLOAT("1.25"),0.0<1.5,0.0==0,-1.5<0.0)}',
    "1.5 1.5 2.0 1.25 1 1 1",
  ],
  [
    "powers with decimal exponents that are whole",
    "{PREC(9)PRINT(2.5^2.0,1.5^0.0,0.0^2.5,2^-1,1.0^1e20)}",
    "6.25 1.0 0.0 0.5 1.0",
  ],
  [
    "powers beyond all exponents",
    "{PREC(9)PRINT(10.0^-2000000000,20^-1e16,.05^1e16,1.5^-1e16,.5^(10.0^12),100.0^-2000000000)}",
    "0.0 0.0 0.0 0.0 0.0 0.0",
  ],
  ["products too small to tell from zero", "{PREC(9)PRINT(1e-999999999*1e-9)}", "0.0"],
])("%s", (_, post, expected) => {
  expect(printed(post, {}, { postLength: 5000 })).toBe(expected);
});

test.each([
  ["{1.5^2000}", "RANGE"],
  ["{(-1.5)^2001}", "RANGE"],
  ["{10^400/7}", "RANGE"],
  ['{FLOAT("1e400")}', "RANGE"],
  ['{FLOAT("1e9999999999")}', "RANGE"],
  ['{FLOAT(".")}', "TYPE"],
  ['{FLOAT("abc")}', "TYPE"],
  ['{INT("4x")}', "TYPE"],
  ['{2^"a"}', "TYPE"],
  ['{"a"^2}', "TYPE"],
  ["{XOR(1.5,2)}", "TYPE"],
  ["{XOR(1,2.5)}", "TYPE"],
  ["{1&.5}", "TYPE"],
  ['{GCD("a",1)}', "TYPE"],
  ["{0.0^-1}", "DIV0"],
  ["{2^70//0}", "DIV0"],
  ["{2^70/0}", "DIV0"],
  ["{2^70%0}", "DIV0"],
  ["{MIN([])}", "ARGS"],
  ["{SQRT(-1.0)}", "DOMAIN"],
  ["{SQRT(-1)}", "DOMAIN"],
  ["{LN(0.0)}", "DOMAIN"],
  ["{LN(-2.5)}", "DOMAIN"],
  ["{ASIN(2.0)}", "DOMAIN"],
  ["{POW(2,-1,5)}", "DOMAIN"],
  ["{PREC(9)0.0^-1}", "DIV0"],
  ["{PREC(9)0.0^-1.5}", "DIV0"],
  ["{PREC(9)(-2.5)^.5}", "DOMAIN"],
  ["{PREC(9)ASIN(1.5)}", "DOMAIN"],
  ["{PREC(9)ASIN(20.5)}", "DOMAIN"],
  ["{PREC(9)ACOS(-1.0000000001)}", "DOMAIN"],
  ["{PREC(9)LN(-1.5)}", "DOMAIN"],
  ["{PREC(9)2^1e16}", "RANGE"],
  ["{PREC(9)20^1e16}", "RANGE"],
  ["{PREC(9)1.5^1e1001}", "RANGE"],
  ["{PREC(9)10.0^2000000000}", "RANGE"],
  ["{PREC(9)x=1e9999999999}", "RANGE"],
])("%s ends with %s", (post, error) => {
  expect(runPost(post).error?.class).toBe(error);
});

test("floor division and remainder of floats are those of the exact values", () => {
  const size = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  const any = fc.tuple(size, fc.boolean()).map(([x, isNegative]) => (isNegative ? -x : x));
  fc.assert(
    fc.property(any, any, (x, y) => {
      const { top, bottom } = quotientOf(x, y);
      let floor = top / bottom;
      if (floor * bottom > top) floor--;
      const rest = moduloFloats(x, y);
      const found = floorDivideFloats(x, y);
      // A rest that rounds up to y itself is what IEEE leaves to both, as in Python.
      if (Math.abs(rest) < Math.abs(y)) expect(BigInt(found)).toBe(floor);
      expect(rest === 0 || rest < 0 === y < 0).toBe(true);
    }),
    { numRuns: 500 },
  );
  // Here (x - rest) / y falls just short of the whole number that it is.
  expect(floorDivideFloats(9007199254740991, 3.0000000000000004)).toBe(3002399751580329);
});

test("a double is put together again from its mantissa and its exponent, at both ends, too", () => {
  fc.assert(
    fc.property(fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }), (x) => {
      const { mantissa, exponent } = takeApart(x);
      expect(nearestDouble(mantissa, exponent, false)).toBe(x);
      expect(nearestDouble(mantissa << 70n, exponent - 70, false)).toBe(x);
      expect(scaleDouble(Number(mantissa), exponent)).toBe(x);
    }),
  );
  expect(nearestDouble(1n, 1024, false)).toBe(Number.POSITIVE_INFINITY);
  expect(nearestDouble(1n, 2000, false)).toBe(Number.POSITIVE_INFINITY);
  expect(nearestDouble(1n, -1074, false)).toBe(Number.MIN_VALUE);
  expect(nearestDouble(1n, -1076, false)).toBe(0);
});

test("a power and the power of its inverse agree where only big numbers can tell", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2 ** 31, max: 2 ** 34 }), fc.integer({ min: 1, max: 64 }), (n, units) => {
      const x = 1 + units * Number.EPSILON;
      const log = n * Math.log1p(units * Number.EPSILON);
      expect(floatPower(x, n)).toBeCloseTo(Math.exp(log), 9);
      expect(floatPower(x, n) * floatPower(x, -n)).toBeCloseTo(1, 14);
    }),
    { numRuns: 20 },
  );
});

test("powers of ten stay right however many are asked for", () => {
  const k = new Constants();
  for (let n = 0; n < 1500; n += 7) expect(k.ten(n)).toBe(10n ** BigInt(n));
  expect(parseDecimal(k, "12.50")).toMatchObject({ coefficient: 1250n, exponent: -2 });
});

/** The quotient of two doubles as a fraction of big numbers with a positive bottom. */
function quotientOf(x: number, y: number): { readonly top: bigint; readonly bottom: bigint } {
  const a = takeApart(Math.abs(x));
  const b = takeApart(Math.abs(y));
  const least = Math.min(a.exponent, b.exponent);
  const top = a.mantissa << BigInt(a.exponent - least);
  return { top: x < 0 === y < 0 ? top : -top, bottom: b.mantissa << BigInt(b.exponent - least) };
}

test("what lies just past a tie rounds up, even where no digit of it is left", () => {
  const tie = (1n << 65n) | (1n << 12n);
  expect(nearestDouble(tie, 0, false)).toBe(2 ** 65);
  expect(nearestDouble(tie, 0, true)).toBe(2 ** 65 + 2 ** 13);
  const k = new Constants();
  const quotient = (x: bigint, y: bigint) => divideDecimals(k, decimalOf(k, x, 0), decimalOf(k, y, 0), 1);
  expect(quotient(250001n, 100000n)).toMatchObject({ coefficient: 3n, exponent: 0 });
  expect(quotient(25n, 10n)).toMatchObject({ coefficient: 2n });
  expect(quotient(-250001n, 100000n)).toMatchObject({ coefficient: -3n });
});
