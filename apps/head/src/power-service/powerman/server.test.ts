import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { type FakeClock, fakeClock, silentLog } from "@bramble/core/base";
import { afterEach, describe, expect, test } from "vitest";
import { type FakeDesk, fakeDesk } from "../fake-desk.ts";
import { type PowermanDoor, powermanLimits, startPowerman } from "./server.ts";

const opened: AsyncDisposable[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
});

type Rig = { readonly desk: FakeDesk; readonly clock: FakeClock; readonly door: PowermanDoor };

async function open(limits: Partial<typeof powermanLimits> = {}): Promise<Rig> {
  const desk = fakeDesk();
  const clock = fakeClock();
  const all = { ...powermanLimits, ...limits };
  const door = await startPowerman("127.0.0.1:0", { desk, clock, log: silentLog, limits: all });
  opened.push(door);
  return { desk, clock, door };
}

/** A client that says everything at once, closes its side, and reads to the end. */
async function say({ port }: PowermanDoor, text: string | Uint8Array): Promise<string> {
  const socket = client(port);
  socket.end(text);
  let heard = "";
  for await (const part of socket) heard += part;
  return heard;
}

function client(port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.setEncoding("latin1");
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

/** Waits until this was heard. */
async function hear(socket: Socket, pattern: RegExp): Promise<string> {
  let heard = "";
  while (!pattern.test(heard)) heard += (await once(socket, "data"))[0];
  return heard;
}

test("a client is greeted, asked with a prompt, and answered in powerman's own words", async () => {
  const { desk, door } = await open();
  desk.states.set("b0003", "on").set("b0011", "unknown");
  expect(await say(door, "nodes\r\nstatus\r\nquit\r\n")).toBe(
    [
      "001 2.3.27",
      "powerman> 306 b[0001-0011]",
      "103 Query complete",
      "powerman> 302 on:      b0003",
      "302 off:     b[0001-0002,0004-0010]",
      "302 unknown: b0011",
      "103 Query complete",
      "powerman> 101 Goodbye",
      "",
    ].join("\r\n"),
  );
});

test("expanded, each board has its line; temperatures and PDUs are told too", async () => {
  const { door } = await open();
  const heard = await say(door, "exprange\nnodes\nstatus b[1-2]\ntemp b11\ndevice b11\nhelp\nflash b1\nquit\n");
  for (const line of [
    "105 Hostrange expansion ON",
    "307 b0001",
    "303 b0002: off",
    "303 b0011: 41.3",
    "304 pdu0: state=connected reconnects=000 actions=000 type=simulated hosts=b[0001-0011]",
    "301 quit               - goodbye",
    "213 Command cannot be handled by power control device(s)",
  ])
    expect(heard).toContain(`${line}\r\n`);
});

test("on is answered when its plan has ended, and its progress is told to whoever wants telemetry", async () => {
  const { desk, clock, door } = await open();
  desk.isQuick = false;
  const socket = client(door.port);
  socket.write("telemetry\non b[1-10]\n");
  await hear(socket, /305 0 of 2 steps: it begins/);
  desk.set("1", { stepsDone: 1, message: "wave 1 of 1: 4 of 10 are up" });
  await clock.advance(1000);
  await hear(socket, /305 1 of 2 steps: wave 1 of 1: 4 of 10 are up/);
  desk.set("1", { state: "done", missing: [{ board: "b0004", step: "dhcp" }] });
  await clock.advance(1000);
  const heard = await hear(socket, /powerman> $/);
  expect(heard).toContain("309 b0004 has power and did not come up: it stopped at dhcp\r\n102 Command completed");
  expect(desk.asked).toEqual(["on b0001,b0002,b0003,b0004,b0005,b0006,b0007,b0008,b0009,b0010 by powerman"]);
});

test("a refusal names its reasons and other ways, and ends in an error", async () => {
  const { desk, door } = await open();
  const reasons = ["off takes b[0002-0010] along: they share pdu0.1"];
  desk.answer = { kind: "refused", code: "power.collateral", reasons, instead: ["halt b0001 by its agent"] };
  expect(await say(door, "off b1\nquit\n")).toContain(
    "308 off takes b[0002-0010] along: they share pdu0.1\r\n309 instead: halt b0001 by its agent\r\n210 Command completed with errors",
  );
});

test.each([
  ["a plan that failed", "failed", "210 Command completed with errors"],
  ["one that was cancelled", "cancelled", "210 Command completed with errors"],
] as const)("%s ends in an error with its reason", async (_what, state, last) => {
  const { desk, clock, door } = await open();
  desk.isQuick = false;
  const socket = client(door.port);
  socket.write("off b11\n");
  await hear(socket, /powerman> /);
  while (desk.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  desk.set("1", { state, message: "pdu0 does not answer" });
  await clock.advance(1000);
  expect(await hear(socket, /powerman> $/)).toContain(`308 pdu0 does not answer\r\n${last}`);
});

test("nothing to do is done; a reset goes to agents, and boards without one are named", async () => {
  const { desk, door } = await open();
  desk.answer = { kind: "nothing", why: "all of these boards are off" };
  expect(await say(door, "off b1\nquit\n")).toContain("102 Command completed successfully");
  desk.answer = { kind: "told", boards: ["b0001"] };
  expect(await say(door, "reset b[1-2]\nquit\n")).toContain("308 b0002: no agent answers there\r\n210 ");
});

test.each([
  ["a board that there is not", "on b99\n", "209 No such nodes: "],
  ["ranges that close nothing", "on b[1-\n", "205 Hostlist error: "],
  ["a command that nobody knows", "explode b1\n", "201 Unknown command"],
  ["an empty line", "\n", "201 Unknown command"],
])("%s is told as such", async (_what, line, answer) => {
  const { door } = await open();
  expect(await say(door, `${line}quit\n`)).toContain(answer);
});

describe("strangers", () => {
  test("a browser that was led here is hung up on, and nothing of its body is read as a command", async () => {
    const { desk, door } = await open();
    const body = "off b[1-11]\r\n";
    const heard = await say(door, `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n\r\n${body}`);
    expect(heard).toBe("001 2.3.27\r\npowerman> ");
    expect(desk.asked).toEqual([]);
  });

  test("a line without end is refused once, and the next one is answered", async () => {
    const { door } = await open({ lineOctets: 1000 });
    const heard = await say(door, `on ${"b1,".repeat(100_000)}\nnodes\nquit\n`);
    expect(heard.match(/203 Command too long/g)).toHaveLength(1);
    expect(heard).toContain("306 b[0001-0011]");
  });

  test("more commands than may wait are refused as busy", async () => {
    const { desk, door } = await open({ waiting: 3 });
    desk.isQuick = false;
    const socket = client(door.port);
    socket.write("on b11\n");
    while (desk.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    socket.write("nodes\n".repeat(10));
    await hear(socket, /(208 Command in progress\r\n){7}/);
  });

  test("noise is answered or hung up on, and the door stays open for others", async () => {
    const { door } = await open();
    for (let n = 0; n < 20; n++) {
      const noise = Uint8Array.from({ length: 500 }, (_, i) => (i * (n + 7) + n) % 256);
      await say(door, noise);
    }
    expect(await say(door, "nodes\nquit\n")).toContain("306 b[0001-0011]");
  });

  test("whoever asks without end and reads nothing is let go", async () => {
    const { door } = await open({ unreadOctets: 100_000 });
    const socket = client(door.port);
    socket.pause();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const ask = (): void => void (socket.destroyed || socket.write("help\n".repeat(5000), () => setImmediate(ask)));
    ask();
    await closed;
    expect(await say(door, "nodes\nquit\n")).toContain("306 b[0001-0011]");
  });

  test("more connections than are taken are closed, and a place is free again when one leaves", async () => {
    const { door } = await open({ connections: 2 });
    const first = client(door.port);
    await hear(first, /powerman> /);
    const second = client(door.port);
    await hear(second, /powerman> /);
    expect(await say(door, "nodes\n").catch(() => "")).toBe("");
    const gone = once(second, "close");
    second.destroy();
    await gone;
    for (let heard = ""; heard === ""; ) heard = await say(door, "nodes\nquit\n").catch(() => "");
  });
});

test.each([
  ["an address that others reach", "0.0.0.0:10101", /no password/],
  ["no port", "127.0.0.1", /address:port was expected/],
  ["a port that there is not", "127.0.0.1:99999", /address:port was expected/],
])("%s is no place for the door", async (_what, at, why) => {
  const parts = { desk: fakeDesk(), clock: fakeClock(), log: silentLog };
  await expect(startPowerman(at, parts)).rejects.toThrow(why);
});

test("a port that is taken is told with its flag", async () => {
  const { door } = await open();
  const parts = { desk: fakeDesk(), clock: fakeClock(), log: silentLog };
  await expect(startPowerman(`127.0.0.1:${door.port}`, parts)).rejects.toThrow(/is taken; .*--powerman/);
});

const hasPowerman = existsSync("/usr/bin/powerman");
// Skipped, with its reason in its name, where Debian's client is not installed.
describe.skipIf(!hasPowerman)(
  `Debian's powerman client${hasPowerman ? "" : " (not on this machine: apt install powerman)"}`,
  () => {
    const powerman = (door: PowermanDoor, ...args: string[]) =>
      new Promise<{ code: number; out: string; err: string }>((resolve) => {
        execFile("/usr/bin/powerman", ["-h", `127.0.0.1:${door.port}`, ...args], (error, out, err) =>
          resolve({ code: error === null ? 0 : Number(error.code), out, err }),
        );
      });

    test("lists, switches on by host range, queries, and is told of a refusal", async () => {
      const { desk, door } = await open();
      expect(await powerman(door, "-l")).toEqual({ code: 0, out: "b[0001-0011]\n", err: "" });
      expect(await powerman(door, "-1", "b[0001-0004]")).toEqual({
        code: 0,
        out: "Command completed successfully\n",
        err: "",
      });
      expect((await powerman(door, "-q")).out).toBe("on:      b[0001-0004]\noff:     b[0005-0011]\nunknown: \n");
      expect((await powerman(door, "-x", "-q", "b0004")).out).toContain("b0004: on");
      expect((await powerman(door, "-P", "b0004")).out).toContain("b0004: 41.3");
      expect((await powerman(door, "-c", "b0011")).code).toBe(0);
      const reasons = ["off takes b[0002-0010] along"];
      desk.answer = { kind: "refused", code: "power.collateral", reasons, instead: [] };
      const refused = await powerman(door, "-0", "b0001");
      expect(refused.code).toBe(210);
      expect(refused.out).toContain("off takes b[0002-0010] along");
      expect((await powerman(door, "-1", "nobody")).code).toBe(209);
    });
  },
);
