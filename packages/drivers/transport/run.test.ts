import { fakeClock } from "@bramble/core/base";
import { expect, test } from "vitest";
import { powerTransport } from "./index.ts";

const signal = new AbortController().signal;
const { run } = powerTransport("pdu1", fakeClock());
const node = (script: string, ...given: string[]): readonly string[] => [process.execPath, "-e", script, ...given];

test("a program gets its arguments as they are, with no shell between", async () => {
  const hostile = ["$(id)", "`id`", "; id", "a b", "*", "'\""];
  const { code, out } = await run(node("console.log(JSON.stringify(process.argv.slice(1)))", ...hostile), signal);
  expect([code, JSON.parse(out)]).toEqual([0, hostile]);
});

test("a code other than 0 is an answer, with what was said", async () => {
  const script = "console.log('out'); console.error('err'); process.exitCode = 3";
  expect(await run(node(script), signal)).toEqual({ code: 3, out: "out\n", err: "err\n" });
});

test("nothing of our environment reaches it, and no input", async () => {
  const script = "console.log(Object.keys(process.env).sort().join()); process.stdin.on('end', () => {}).resume()";
  expect(await run(node(script), signal)).toMatchObject({ code: 0, out: "LANG,PATH\n" });
});

test("a program that is not there is told", async () => {
  await expect(run(["/nowhere/uhubctl"], signal)).rejects.toMatchObject({
    code: "power.connection",
    message: "pdu1: /nowhere/uhubctl cannot be run (ENOENT)",
  });
  await expect(run([], signal)).rejects.toMatchObject({ code: "power.config" });
});

test("a program that talks without end is stopped", async () => {
  const script = "setInterval(() => process.stdout.write('x'.repeat(1e4)), 0)";
  await expect(run(node(script), signal)).rejects.toMatchObject({ code: "power.answer" });
});

test("a program that does not end is stopped after ten seconds, or with the signal", async () => {
  const clock = fakeClock();
  const answer = powerTransport("pdu1", clock).run(node("setInterval(() => {}, 1e6)"), signal);
  const told = expect(answer).rejects.toMatchObject({ code: "power.timeout" });
  await clock.advance(10_000);
  await told;
  const ended = new AbortController();
  const other = run(node("setInterval(() => {}, 1e6)"), ended.signal);
  ended.abort(new Error("enough"));
  await expect(other).rejects.toThrow("enough");
  await expect(run(node("0"), ended.signal)).rejects.toThrow("enough");
});
