import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { Writable } from "node:stream";
import type { StandIn, StandInParts } from "@bramble/drivers/stand-ins";
import { pino } from "pino";
import { expect, test } from "vitest";
import { standInShelly } from "../packages/drivers/power/shelly-gen2.stand-in.ts";
import { standInCmdCgi } from "../packages/drivers/power/synaccess-http.stand-in.ts";
import { standInTasmota } from "../packages/drivers/power/tasmota.stand-in.ts";
import { type PowerDesk, startPowerDesk } from "./support/power-desk.ts";

/** Logins of PDUs are used, and stand nowhere: not in answers, not in the log, not in what `ps` shows. */

type Login = { readonly user: string; readonly password: string };
type Rig = readonly [
  driver: string,
  make: (login: Login) => (parts: StandInParts) => Promise<StandIn>,
  isUser: boolean,
];

const rigs: readonly Rig[] = [
  ["synaccess-http", (login) => (parts) => standInCmdCgi({ ...parts, login }), true],
  // It wants them in the address that is asked for.
  ["tasmota", (login) => (parts) => standInTasmota({ ...parts, login }), true],
  [
    "shelly-gen2",
    ({ password }) =>
      (parts) =>
        standInShelly({ ...parts, password }),
    false,
  ],
];

test.each(rigs)(
  "the head uses the login of %s, and tells it to nobody",
  async (driver, make, isUser) => {
    const login = { user: secretWord(), password: secretWord() };
    const entry = isUser ? `{ user: ${login.user}, password: ${login.password} }` : `{ password: ${login.password} }`;
    const log: string[] = [];
    await using desk = await startPowerDesk(driver, make(login), debugLog(log), `plug1: ${entry}\nplug7: ${entry}\n`);
    await desk.until(async () => (await plug(desk)) === false);
    const said = [(await desk.ask("POST", "/api/v1/outlets/plug1.1", { on: true })).text];
    expect(desk.pdu.isOn(1), said[0]).toBe(true);
    for (const kind of ["refuses", "babbles", "drops"] as const) {
      desk.pdu.fault = { kind };
      const { status, text } = await desk.ask("POST", "/api/v1/outlets/plug1.1", { on: false });
      expect(status, text).toBeGreaterThanOrEqual(400);
      said.push(text);
    }
    said.push(
      (await desk.ask("POST", "/api/v1/power/plans", { action: "cycle", set: "b4", allowCollateral: true })).text,
    );
    const answers = await everyAnswer(desk);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(20);
    said.push(...answers.map(({ text }) => text), ...log, ...commandLines());
    expect(log.join("")).toContain("outlet asked for");
    tellsNothing(said, login);
  },
  120_000,
);

test("a login that the PDU does not take is told as such, without the login", async () => {
  const [login, right] = [0, 1].map(() => ({ user: secretWord(), password: secretWord() })) as [Login, Login];
  const log: string[] = [];
  const secrets = `plug1: { user: ${login.user}, password: ${login.password} }\n`;
  await using desk = await startPowerDesk(
    "synaccess-http",
    (parts) => standInCmdCgi({ ...parts, login: right }),
    debugLog(log),
    secrets,
  );
  const { status, text } = await desk.ask("POST", "/api/v1/outlets/plug1.1", { on: true });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(text).toMatch(/plug1/);
  const answers = await everyAnswer(desk);
  tellsNothing([text, ...answers.map((answer) => answer.text), ...log, ...commandLines()], login);
}, 120_000);

function secretWord(): string {
  return `s${randomBytes(12).toString("hex")}`;
}

/** All that the head writes at its most talkative. */
function debugLog(lines: string[]) {
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return pino({ level: "debug", base: null }, sink);
}

async function plug(desk: PowerDesk): Promise<boolean | null> {
  return JSON.parse((await desk.ask("GET", "/api/v1/outlets")).text).outlets[0].on;
}

/** Asks every GET that the head's own description of its API tells, and for the head's measures. */
async function everyAnswer(desk: PowerDesk) {
  const { paths } = JSON.parse((await desk.ask("GET", "/api/docs/json")).text) as { paths: Record<string, object> };
  const gets = Object.entries(paths).flatMap(([path, methods]) => ("get" in methods ? [path] : []));
  expect(gets).toContain("/api/v1/power");
  const answers = [];
  for (const path of [...gets, "/metrics"]) {
    const id = /plans/.test(path) ? "p1" : /outlets/.test(path) ? "plug1.1" : "b4";
    answers.push(await desk.ask("GET", path.replaceAll(/\{[^}]+\}/g, id)));
  }
  return answers;
}

/** What `ps` shows of every process that can be seen, the head's children among them. */
function commandLines(): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, "utf8")];
    } catch {
      return []; // It has ended since.
    }
  });
}

/** Neither as it is, nor as it travels. */
function tellsNothing(said: readonly string[], { user, password }: Login): void {
  const all = said.join("\n");
  for (const secret of [password, user, btoa(`${user}:${password}`), btoa(`admin:${password}`)])
    expect(all.includes(secret), all.slice(Math.max(0, all.indexOf(secret) - 200), all.indexOf(secret) + 60)).toBe(
      false,
    );
}
