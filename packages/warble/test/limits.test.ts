import { expect, test } from "vitest";
import { publicLimits, timeError } from "../index.ts";
import { printed, runPost } from "./world.ts";

test("the deepest call is the one that the limit says", () => {
  expect(printed("{f(n)=n?f(n-1):7PRINT(f(199))}")).toBe("7");
  expect(printed("{f(n)=n?f(n-1):7PRINT(f(200))}")).toBe("DEPTH @9");
});

test("the last byte of output that fits is written", () => {
  expect(printed('{PUT("éa")}', {}, { outputBytes: 3 })).toBe("éa");
  expect(printed('{PRINT("éa")}', {}, { outputBytes: 3 })).toBe("OUTPUT @2");
  expect(printed('{PRINT("🥧")}', {}, { outputBytes: 5 })).toBe("🥧");
  expect(printed('{PRINT("🥧")}', {}, { outputBytes: 4 })).toBe("OUTPUT @2");
});

test("texts and lists may be as long as their limit and no longer", () => {
  const grow = 's="x"FOR(i=0;i<16;i++)s+=s;';
  expect(printed(`{${grow}PRINT(LEN(s))}`)).toBe("65536");
  expect(runPost(`{${grow}s+="x"}`).error?.class).toBe("MEMORY");
  expect(printed('{s="🥧"FOR(i=0;i<16;i++)s+=s;PRINT(LEN(s),s[65535])}')).toBe("65536 🥧");
  expect(printed("{a=ARRAY(65535)a[65535]=1PRINT(LEN(a))}")).toBe("65536");
  expect(runPost("{a=ARRAY(65536)a[65536]=1}").error?.class).toBe("MEMORY");
  expect(runPost("{x=MAP(k,0,65536,k)}").error?.class).toBe("MEMORY");
});

test("a whole number may be as long as its limit and no longer", () => {
  expect(runPost("{x=2^3999999}").error).toBeNull();
  expect(runPost("{x=2^4000000}").error?.class).toBe("MEMORY");
  expect(runPost("{x=2^3999999x+=x}").error?.class).toBe("MEMORY");
  expect(runPost("{x=2^3999999-1y=x+1-2^3999999PRINT(y)}").out).toEqual(["0"]);
});

test("a limit that an operator raises is raised", () => {
  const post = "{FOR(i=0;i<99999;i++){}PRINT(i)}";
  expect(printed(post, {}, { steps: 10_000 })).toBe("STEPS @2");
  expect(printed(post, {}, { steps: 1e9 })).toBe("99999");
});

test("steps are counted to the limit and not beyond, and depend on the program alone", () => {
  const first = runPost("{WHILE(1){}}", {}, { steps: 1000 });
  expect([first.steps, first.error?.class]).toEqual([1000, "STEPS"]);
  const counts = ["ada", "bob"].map((user) => runPost("{FOR(i=0;i<99;i++)PRINT(i^9)}", { user, seed: 3 }).steps);
  expect(counts[0]).toBe(counts[1]);
  expect(counts[0]).toBeGreaterThan(99);
});

test("Chudnovsky's series in one post prints ten thousand right digits of pi within the public limits", () => {
  const chudnovsky =
    "{h(x,y)=[x[0]*y[0],x[1]*y[1],x[2]*y[1]+x[0]*y[2]]u(a)=a?(5-6*a)*(2*a-1)*(6*a-1):1g(a)=[u(a),a?a^3*10939058860032000:1,u(a)*(13591409+545140134*a)]f(a,b)=b-a<2?g(a):h(f(a,(a+b)//2),f((a+b)//2,b))d=9999r=f(0,d//14+2)PRINT(r[1]*426880*ISQRT(10005*10^(2*d))//r[2])}";
  expect([...chudnovsky].length).toBeLessThanOrEqual(publicLimits.postLength);
  const { out, error } = runPost(chudnovsky);
  expect([out.length, error]).toEqual([1, null]);
  expect(out[0]).toBe(machin(10_000));
});

test("the host's own error has the class that the language leaves to it", () => {
  expect(timeError()).toMatchObject({ class: "TIME", pos: 1 });
  expect(timeError(7).pos).toBe(7);
  expect(publicLimits).toMatchObject({ steps: 10_000_000, postLength: 280 });
});

/** The first digits of pi by another formula than the post's, with ten more for what is cut off: Machin, 1706. */
function machin(digits: number): string {
  const one = 10n ** BigInt(digits + 9);
  const inverseTangent = (n: bigint): bigint => {
    let power = one / n;
    let sum = power;
    for (let k = 3n; power !== 0n; k += 2n) {
      power /= -n * n;
      sum += power / k;
    }
    return sum;
  };
  return String(4n * (4n * inverseTangent(5n) - inverseTangent(239n))).slice(0, digits);
}
