import { silentLog } from "@bramble/core/base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommandLine } from "../apps/cli/src/command-line.ts";
import { standInCmdCgi } from "../packages/drivers/power/synaccess-http.stand-in.ts";
import { type PowerDesk, startPowerDesk } from "./support/power-desk.ts";

/** What nobody can be given is refused at both doors of a real head, with a word for what is wrong and what helps. */

let desk: PowerDesk;
beforeAll(async () => {
  desk = await startPowerDesk("synaccess-http", standInCmdCgi, silentLog);
  await desk.until(async () => JSON.parse((await desk.ask("GET", "/api/v1/outlets")).text).outlets[0].on === false);
}, 120_000);
afterAll(() => desk[Symbol.asyncDispose]());

/** Types a command line to this head. */
async function bramble(...args: string[]): Promise<{ readonly code: number; readonly said: string }> {
  const said: string[] = [];
  const hear = (text: string): void => void said.push(text);
  const terminal = { out: hear, note: hear, isTty: false, columns: 120, now: () => 0 };
  const code = await runCommandLine([...args, "--head", desk.head.url], terminal, new AbortController().signal);
  return { code, said: said.join("\n") };
}

const plans = "/api/v1/power/plans";
const up = (set: string): object => ({ action: "on", set, withParents: true });

test.each([
  ["an unknown bank", "@k99", 400, "input.node-set", /@k99/],
  ["an unknown board", "b77", 400, "input.node-set", /b77/],
  ["a set that is none", "b[1-", 400, "input.node-set", /at character 2: this "\[" is never closed/],
  ["an empty set", "b4!b4", 400, "input.node-set", /"b4!b4" names no board/],
  ["a board whose outlet nothing feeds", "b1", 409, "power.no-outlet", /no outlet of the cluster file reaches b1/],
] as const)("%s is refused by REST and by the command line", async (_what, set, status, code, told) => {
  const rest = await desk.ask("POST", plans, up(set));
  expect({ status: rest.status, code: JSON.parse(rest.text).error?.code }, rest.text).toEqual({ status, code });
  expect(JSON.parse(rest.text).error.message).toMatch(told);
  expect(JSON.parse(rest.text).error.hint).toMatch(/\w/);
  for (const verb of ["up", "down", "cycle"]) {
    const line = await bramble(verb, set);
    expect(line.code, line.said).not.toBe(0);
    expect(line.said).toMatch(told);
  }
  expect(desk.pdu.isOn(1)).toBe(false);
});

test("an outlet that nothing hangs on, and one that is not there, are told apart", async () => {
  for (const [id, why] of [
    ["plug1.2", "nothing hangs on plug1.2: no circuit of the cluster file names this outlet"],
    ["plug1.9", 'there is no outlet "plug1.9"'],
  ]) {
    const { status, text } = await desk.ask("POST", `/api/v1/outlets/${id}`, { on: true });
    expect({ status, code: JSON.parse(text).error.code }).toEqual({ status: 404, code: "outlet.unknown" });
    expect(JSON.parse(text).error.message).toBe(why);
  }
  expect(desk.pdu.isOn(2)).toBe(false);
});

test("a second plan for a board, and any while its PDU is away, are refused with what is in the way", async () => {
  const first = await bramble("up", "b[4-5]", "--no-wait");
  expect(first.code, first.said).toBe(0);
  const second = await desk.ask("POST", plans, up("b4"));
  expect(second.status, second.text).toBe(409);
  expect(JSON.parse(second.text).error).toMatchObject({
    code: "power.busy",
    message: expect.stringMatching(/plan p1 has b4/),
  });
  const line = await bramble("down", "b5", "--collateral");
  expect(line.code).not.toBe(0);
  expect(line.said).toMatch(/plan p1 has b5/);
  await desk.ask("POST", `${plans}/p1/cancel`, {});

  await desk.pdu[Symbol.asyncDispose]();
  const pdu = async () => JSON.parse((await desk.ask("GET", "/api/v1/power")).text).pdus[0].error;
  await desk.until(async () => (await pdu()) !== null);
  const away = await desk.ask("POST", plans, { ...up("b[4-5]"), action: "cycle", allowCollateral: true });
  expect(away.status, away.text).toBe(502);
  expect(JSON.parse(away.text).error).toMatchObject({
    code: "power.connection",
    message: expect.stringMatching(/^plug1\.1 cannot be switched now: plug1.*cannot be reached/),
  });
  const told = await bramble("down", "b[4-5]");
  expect(told.code).not.toBe(0);
  expect(told.said).toMatch(/plug1\.1 cannot be switched now/);
});
