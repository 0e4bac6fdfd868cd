import { defaultEnvironment, publicLimits, run } from "@bramble/warble";
import { medianMs, type Row, reachedOrNot } from "./row.ts";

const digits = 100_000;
// A contest's limits: what its operator gives.
const contest = {
  ...publicLimits,
  steps: Number.MAX_SAFE_INTEGER,
  wholeBits: 16_000_000,
  textLength: 1_100_000,
  outputBytes: 1_100_000,
};
const chudnovsky = `{h(x,y)=[x[0]*y[0],x[1]*y[1],x[2]*y[1]+x[0]*y[2]]u(a)=a?(5-6*a)*(2*a-1)*(6*a-1):1g(a)=[u(a),a?a^3*10939058860032000:1,u(a)*(13591409+545140134*a)]f(a,b)=b-a<2?g(a):h(f(a,(a+b)//2),f((a+b)//2,b))d=${digits}r=f(0,d//14+2)PRINT(r[1]*426880*ISQRT(10005*10^(2*d))//r[2])}`;
const bbp = "{SETPRECISION(1000)PRINT(SUM(k,0,830,1/16^k*(4/(8*k+1)-2/(8*k+4)-1/(8*k+5)-1/(8*k+6))))}";

/** Pi by a post: Chudnovsky against the same in BigInt by hand, and BBP in decimals. */
export function digitRows(): readonly Row[] {
  let [ours, byHand, decimals] = ["", "", ""];
  const oursMs: number[] = [];
  const handMs: number[] = [];
  // In turns, so that a machine that grows busy slows both.
  for (let round = 0; round < 15; round++) {
    oursMs.push(
      medianMs(1, () => {
        ours = run(chudnovsky, defaultEnvironment, contest).out[0] ?? "";
      }),
    );
    handMs.push(
      medianMs(1, () => {
        byHand = piByHand(digits);
      }),
    );
  }
  if (ours !== byHand) throw new Error("the post and the BigInt by hand find different digits of pi");
  const bbpMs = medianMs(9, () => {
    decimals = run(bbp, defaultEnvironment).out[0] ?? "";
  });
  if (decimals.replace(".", "").slice(0, 990) !== byHand.slice(0, 990)) throw new Error("BBP found other digits of pi");
  const times = median(oursMs) / median(handMs);
  return [
    {
      what: "pi to 100,000 digits, Chudnovsky",
      measured: `${median(oursMs).toFixed(0)} ms, ${times.toFixed(2)} times slower`,
      peer: `BigInt by hand ${median(handMs).toFixed(0)} ms`,
      budget: "<= 1.25 times slower",
      ...reachedOrNot(
        times <= 1.25,
        "the big products are the engine's in both; what is more is half in the 7,143 leaves, half in calls, lists and prices",
      ),
    },
    {
      what: "BBP to 1000 digits, SETPRECISION",
      measured: `${bbpMs.toFixed(1)} ms`,
      peer: null,
      budget: "<= 60 ms",
      ...reachedOrNot(bbpMs <= 60, "831 terms, each five decimals of 1010 digits divided and rounded"),
    },
  ];
}

type Triple = readonly [bigint, bigint, bigint];

function piByHand(places: number): string {
  const [, q, t] = split(0, Math.floor(places / 14) + 2);
  return String((q * 426880n * squareRoot(10005n * 10n ** BigInt(2 * places))) / t);
}

function split(from: number, to: number): Triple {
  if (to - from < 2) {
    const a = BigInt(from);
    const p = from === 0 ? 1n : (5n - 6n * a) * (2n * a - 1n) * (6n * a - 1n);
    return [p, from === 0 ? 1n : a ** 3n * 10939058860032000n, p * (13591409n + 545140134n * a)];
  }
  const middle = (from + to) >> 1;
  const x = split(from, middle);
  const y = split(middle, to);
  return [x[0] * y[0], x[1] * y[1], x[2] * y[1] + x[0] * y[2]];
}

/** The floor of the root. */
function squareRoot(n: bigint): bigint {
  let root = nearRoot(n);
  while (root * root > n) root--;
  return root;
}

/** At most a few units above the root: a step of Newton from above, whose start is as good for half of the digits. */
function nearRoot(n: bigint): bigint {
  if (n < 1n << 52n) return BigInt(Math.ceil(Math.sqrt(Number(n))));
  // A hexadecimal digit is four bits: half of them go.
  const shift = BigInt(n.toString(16).length - 1);
  const guess = (nearRoot(n >> (2n * shift)) + 1n) << shift;
  return (guess + n / guess) >> 1n;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}
