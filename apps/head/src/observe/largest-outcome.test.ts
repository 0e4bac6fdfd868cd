import { defaultEnvironment, publicLimits, run } from "@bramble/warble";
import { expect, test } from "vitest";
import { linkServerOptions } from "./link.ts";

const saves = 'x="€"WHILE(LEN(x)<4096)x+=x;FOR(i=0;i<40;i++){SAVE("n"+i,x)SETDATA("n"+i,x)}';
const lines = "s=0.1^9/3;FOR(i=1;i<=10000;i++)DRAWLINE(-s,s*i,-s/7,s/i+s,255,255,255)";
const prints = "c=CHR(1)WHILE(LEN(c)<32768)c+=c;PRINT(c)";

test("the most that a Warble may print, do and keep fits into one frame of a link", () => {
  // Longer than a post may be: what several posts do apart stands in one.
  const limits = { ...publicLimits, postLength: 1000 };
  const { saves: kept, ...rest } = run(`{${saves}${lines};${prints}}`, defaultEnvironment, limits);
  expect(rest.error).toBeNull();
  expect(rest.effects).toHaveLength(10_000);
  expect(Object.keys(kept)).toHaveLength(40);
  const result = { type: "result", lease: "x".repeat(64), outcome: { ...rest, saves: kept }, ms: 1 / 3 };
  const bytes = Buffer.byteLength(JSON.stringify(result));
  expect(bytes).toBeGreaterThan(2 * 2 ** 20);
  expect(bytes).toBeLessThan(linkServerOptions.maxPayload);
});
