import { connect } from "node:net";
import type { SimCommand, SimStatus } from "@bramble/core/api";
import { clockFrom, silentLog, type TimeSource } from "@bramble/core/base";
import { parseCluster } from "@bramble/core/cluster";
import { afterAll, beforeAll, expect, test } from "vitest";
import { plainCluster } from "./boards/plain.ts";
import { type FakeHead, openFakeHead, type SeenBoard } from "./fake-head.ts";
import { namedHead } from "./head-finder.ts";
import { readOptions } from "./options.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

const time: TimeSource = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
const speed = 400;
const noRunner = { slots: 1, run: () => new Promise<never>(() => {}), [Symbol.asyncDispose]: async () => {} };

/** Twenty boards and one PDU: outlet 1 feeds the first ten, outlet 2 the others. */
const deskText = `schema: bramble/v1
cluster: { name: twenty, description: "20 boards", timezone: UTC }
network: { cidr: 10.9.0.0/24, gateway: 10.9.0.1, head: 10.9.0.2, addresses: "10.9.0.<20+board>" }
models:
  pi: { kind: board, cpu: { cores: 4, mhz: 1400 }, memory_mb: 1024, watts: { max: 5, idle: 2, inrush: 7 }, netboot: native }
  bank10: { kind: bank, height_u: 2, slots: 10 }
  usb10: { kind: supply, ports: 10, volts: 5, watts: 80, peak_watts: 100 }
  pdu: { kind: pdu, outlets: 4, driver: simulated, watts: 1800 }
limits:
  supply: { amps: 10, volts: 230 }
  load_max: 0.8
  profiles: [{ id: all-on, boards: all }]
  wave: { boards: 20, accept: 9, retries: 1, settle_s: 60 }
  stagger: { outlets_s: 1, watts_per_s: 250 }
  thermal_c: { warn: 70, alarm: 80, cut: 85, sustain_s: 60 }
racks: [{ id: r1 }]
switches: []
banks: [{ id: "k[1-2]", model: bank10, rack: r1, power: "u[1-2]" }]
supplies: [{ id: "u[1-2]", model: usb10 }]
pdus: [{ id: p1, model: pdu, address: 10.9.0.3 }]
circuits: [{ id: "g[1-2]", outlet: "p1.[1-2]", feeds: ["u[1-2]"] }]
boards: { model: pi, expected: 20 }
`;

let head: FakeHead;
let sim: Simulator;

function start(args: string[], cluster: Parameters<typeof startSimulator>[0]["cluster"]): Promise<Simulator> {
  const options = readOptions([...args, "--control", "0", "--pdu-port", "0", "--speed", String(speed)]);
  if (options === "help") throw new Error("no help wanted");
  const [clock, paced] = [clockFrom(time), clockFrom(time, speed)];
  const finder = namedHead(head.url);
  return startSimulator({
    options,
    cluster,
    clock,
    paced,
    head: finder,
    runner: noRunner,
    token: null,
    version: "1",
    log: silentLog,
  });
}

beforeAll(async () => {
  head = await openFakeHead();
  const parsed = parseCluster(deskText);
  if (parsed.kind !== "ok") throw new Error(parsed.problems[0]!.message);
  sim = await start(["--cluster", "twenty.yaml"], parsed.cluster);
});

afterAll(async () => {
  await sim[Symbol.asyncDispose]();
  await head[Symbol.asyncDispose]();
});

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await clockFrom(time).sleep(20);
}

async function command(body: SimCommand): Promise<{ status: number; body: { boards: number; message: string } }> {
  const answer = await fetch(`http://127.0.0.1:${sim.controlPort}/command`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

async function status(): Promise<SimStatus> {
  return (await fetch(`http://127.0.0.1:${sim.controlPort}/status`)).json();
}

/** One line to the PDU and its answer. */
function pdu(line: string): Promise<string> {
  const [host, port] = sim.pdus[0]!.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host!, () => socket.write(`${line}\n`));
    socket.on("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString().trim());
    });
  });
}

function seen(index: number): SeenBoard {
  return head.boards.get(`b8:27:eb:00:00:${(index + 1).toString(16).padStart(2, "0")}`)!;
}

test("boards whose outlet is switched on boot, report their steps and link; the others stay dark", async () => {
  expect(await pdu("READ")).toBe("OK 1:off:0 2:off:0 3:off:0 4:off:0");
  expect(await pdu("SET 1 on")).toBe("OK");
  await until(() => head.linked() === 10);
  expect(head.boards.size).toBe(10);
  expect(seen(0).steps[0]).toBe("discover");
  expect(seen(0).steps.at(-1)).toBe("root");
  const { states, linked, pdus } = await status();
  expect({ ...states, linked }).toMatchObject({ running: 10, dark: 10, linked: 10 });
  expect(pdus[0]).toMatchObject({ outlets: 2, on: 1, isLying: false });
  expect(pdus[0]!.watts).toBeGreaterThan(15);
});

test("a killed board closes nothing and says nothing; revived it links again without a boot", async () => {
  const board = seen(3);
  await until(() => board.pings > 0);
  expect((await command({ verb: "kill", set: "b04" })).body).toMatchObject({
    boards: 1,
    message: "b04: silent, nothing closed",
  });
  const pings = board.pings;
  const others = seen(4).pings;
  await until(() => seen(4).pings >= others + 2);
  expect(board.pings).toBeLessThanOrEqual(pings + 1);
  expect(board.ends).toEqual([]);
  expect((await status()).faults).toEqual({ kill: 1 });
  const steps = board.steps.length;
  await command({ verb: "revive", set: "b04" });
  await until(() => board.hellos === 2 && head.linked() === 10);
  expect(board.steps).toHaveLength(steps);
});

test("a cut board vanishes without a word, and boots when its power is restored", async () => {
  const board = seen(5);
  const socket = board.socket;
  await command({ verb: "cut", set: "b06" });
  const others = seen(4).pings;
  await until(() => seen(4).pings >= others + 2);
  expect(board.socket).toBe(socket);
  expect(board.ends).toEqual([]);
  const steps = board.steps.length;
  await command({ verb: "restore", set: "b06" });
  await until(() => board.hellos === 2);
  expect(board.steps.slice(steps)[0]).toBe("discover");
});

test("a halted board says goodbye", async () => {
  await command({ verb: "halt", set: "b07" });
  await until(() => seen(6).ends.includes("closed"));
  expect(seen(6).ends).toEqual(["bye", "closed"]);
  await command({ verb: "revive", set: "b07" });
  await until(() => seen(6).socket !== null);
});

test("a lying PDU says what it was told and moves nothing, until it is honest", async () => {
  await command({ verb: "lie", pdu: "p1" });
  expect(await pdu("SET 2 on")).toBe("OK");
  expect(await pdu("READ")).toMatch(/ 2:on:0\.0 /);
  expect((await status()).states).toMatchObject({ dark: 10 });
  await command({ verb: "honest", pdu: "p1" });
  await until(() => head.linked() === 20);
});

test("an outlet that is switched off takes its boards without a goodbye", async () => {
  await pdu("SET 2 off");
  await until(async () => (await status()).states.dark === 10);
  expect(seen(12).ends).toEqual([]);
});

test("what is plugged into boards is in their outlet's watts, halted or not, until they are revived", async () => {
  const watts = async (): Promise<number> => Number(/1:on:([\d.]+)/.exec(await pdu("READ"))?.[1]);
  expect((await command({ verb: "draw", set: "@g1", watts: 20 })).body.message).toContain("20 W go to");
  expect(await watts()).toBeGreaterThan(200);
  expect((await status()).faults).toEqual({ draw: 10 });
  await command({ verb: "halt", set: "b01" });
  expect(await watts()).toBeGreaterThan(200);
  await command({ verb: "revive", set: "@g1" });
  expect(await watts()).toBeLessThan(100);
  await until(async () => (await status()).linked === 10);
});

test("what names nothing is refused with the nearest name", async () => {
  expect(await command({ verb: "kill", set: "b99" })).toMatchObject({ status: 400 });
  const answer = await command({ verb: "lie", pdu: "p2" });
  expect(answer).toMatchObject({
    status: 404,
    body: { error: { message: expect.stringContaining('did you mean "p1"') } },
  });
});

test("boards of a plain cluster are always powered, and the end is a goodbye of all", async () => {
  const before = head.linked();
  await using more = await start(["--boards", "30"], plainCluster(30));
  expect(more.pdus).toEqual([]);
  await until(() => head.linked() > before);
});
