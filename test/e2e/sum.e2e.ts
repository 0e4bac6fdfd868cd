import type { WarbleBody } from "@bramble/core/api";
import { publicLimits, run } from "@bramble/warble";
import { describe, expect, test } from "vitest";
import { pause } from "../bench/process.ts";
import { type SpreadCluster, startSpreadCluster } from "../support/spread-cluster.ts";

/*
 * SUM, PROD and MAP over a real head and simulated boards with the real agent: the same bytes on 1, 7 and 1050 boards, and
 * with one in ten killed in the middle. What "the same" is, the language says alone, in this process.
 */

const bbp = "#pi{PREC(50)SUM(k,0,44,1/16^k*(4/(8*k+1)-2/(8*k+4)-1/(8*k+5)-1/(8*k+6)))}";
const large = "#pi{PRINT(1)x=SUM(k,1,1900000,1/k^2)PRINT(x,SQRT(6*x))}";

const programs: readonly (readonly [name: string, text: string, isSpread: boolean])[] = [
  ["BBP to 50 digits", bbp, false],
  ["a sum of 1,856 chunks", large, true],
  ["a sum to 40 digits", "#pi{PREC(40)SUM(k,1,90000,1/k^2)}", true],
  ["a product", "#pi{PROD(k,1,800000,1+1/k^2)}", true],
  ["a factorial, whose chunks are long", "#pi{PROD(k,1,15000,k)%1000003}", true],
  ["a list", "#pi{f(n)=n<2?n:f(n-1)+f(n-2)m=MAP(k,1,9000,f(k%13))PRINT(LEN(m),m[8999],SUM(i,0,8999,m[i]))}", true],
  ["two folds, the second inside a function", "#pi{g(n)=SUM(k,1,700000,k%n)PRINT(SUM(k,1,900000,k))PRINT(g(7))}", true],
  ["a division by zero in the middle of a chunk", "#pi{PRINT(1)SUM(k,1,1900000,1/(1200345-k))}", true],
  ["more steps than there are", "#pi{PRINT(1)SUM(k,1,10^12,k*k)PRINT(2)}", true],
];

const expected = (text: string) => {
  const world = { user: "a", board: 0, boards: 1, temperatureC: null, nowMs: 0, seed: 1, saved: {}, data: {} };
  const { out, error, steps, warnings } = run(text, world, publicLimits);
  return { state: "done", out: [...out], error, steps, warnings: [...warnings] };
};

/** Posts it and watches how far its fold is. */
async function watched(cluster: SpreadCluster, text: string) {
  const id = await cluster.post(text);
  let helped = 0;
  for (;;) {
    const warble = await cluster.get<WarbleBody>(`/warbles/${id}`);
    helped = Math.max(helped, warble.fold?.boards ?? 0);
    if (warble.state === "done" || warble.state === "failed") return { warble, helped };
    await pause(3);
  }
}

describe.each([1, 7, 1050])("on %i simulated boards", (boards) => {
  test("every fold ends with the same bytes, also while one in ten is killed", async () => {
    await using cluster = await startSpreadCluster(boards);
    let most = 0;
    for (const [name, text, isSpread] of programs) {
      const { warble, helped } = await watched(cluster, text);
      expect(warble, name).toMatchObject(expected(text));
      most = Math.max(most, helped);
      if (!isSpread) expect(helped, name).toBe(0);
    }
    console.log(`${boards} boards: up to ${most} were seen at one fold`);
    expect(most).toBeGreaterThan(boards === 1 ? 0 : 1);
    if (boards === 1) return;

    const id = await cluster.post(large);
    for (let begun = false; !begun; await pause(3)) {
      const warble = await cluster.get<WarbleBody>(`/warbles/${id}`);
      begun = warble.fold !== null || warble.state === "done";
    }
    const killed =
      boards === 7 ? "b0001" : Array.from({ length: 105 }, (_, i) => `b${`${i * 10 + 1}`.padStart(4, "0")}`).join(",");
    await cluster.fault("kill", killed);
    expect(await cluster.ended(id)).toMatchObject(expected(large));
    for (const text of [bbp, large]) expect(await cluster.run(text)).toMatchObject(expected(text));
  }, 600_000);
});
