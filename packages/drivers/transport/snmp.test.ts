import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { fakeClock } from "@bramble/core/base";
import type { SnmpTarget } from "@bramble/core/power";
import { expect, test } from "vitest";
import { standInSnmpAgent } from "../power/snmp-agent.stand-in.ts";
import { powerTransport } from "./index.ts";

const signal = new AbortController().signal;
const { snmp } = powerTransport("pdu1", fakeClock());
const entry = "1.3.6.1.4.1.5.6.1";

test("objects are read, written, walked; one that is not there is null", async () => {
  const written: [string, number][] = [];
  await using agent = await started((oid, value) => written.push([oid, value]) > 0);
  await using session = await snmp(target(agent.port), signal);
  const asked = [`${entry}.3.2`, `${entry}.2.1`, `${entry}.3.9`];
  expect(await session.get(asked, signal)).toEqual([
    { oid: `${entry}.3.2`, value: 6 },
    { oid: `${entry}.2.1`, value: 3 },
    { oid: `${entry}.3.9`, value: null },
  ]);
  await session.set([{ oid: `${entry}.3.1`, type: "integer", value: 9 }], signal);
  expect(written).toEqual([[`${entry}.3.1`, 9]]);
  expect((await session.walk(entry, signal)).map(({ value }) => value)).toEqual([3, 5, 9, 6]);
});

test("what the agent refuses is told with its own word", async () => {
  await using agent = await started(() => false);
  await using session = await snmp(target(agent.port), signal);
  const write = session.set([{ oid: `${entry}.3.1`, type: "integer", value: 9 }], signal);
  await expect(write).rejects.toMatchObject({ code: "power.refused", message: expect.stringContaining("WrongValue") });
});

test("an agent that is silent, or does not know the community, is given up", async () => {
  await using agent = await started(() => true);
  await using session = await snmp(
    { ...target(agent.port), timeoutMs: 60, version: "2c", community: "hunter2" },
    signal,
  );
  const told: unknown = await session.get([`${entry}.2.1`], signal).catch((thrown) => thrown);
  expect(told).toMatchObject({ code: "power.timeout", isRetryable: true });
  expect(String(told)).not.toContain("hunter2");
});

test("a wait is ended by its signal, and a closed session says so", async () => {
  await using silent = await datagrams(() => null);
  const session = await snmp(target(silent.port), signal);
  const ended = new AbortController();
  const answer = session.get([`${entry}.2.1`], ended.signal);
  ended.abort(new Error("enough"));
  await expect(answer).rejects.toThrow("enough");
  const waiting = expect(session.get([`${entry}.2.1`], signal)).rejects.toMatchObject({ code: "power.connection" });
  await session[Symbol.asyncDispose]();
  await waiting;
  await expect(session.get([`${entry}.2.1`], signal)).rejects.toMatchObject({ code: "power.connection" });
});

test.each([
  ["empty", Buffer.alloc(0)],
  ["text", Buffer.from("hello")],
  ["a sequence that claims more than there is", Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 2])],
  ["nested sequences", Buffer.alloc(4000, 0x30)],
])("a datagram that is %s harms nothing", async (_, datagram) => {
  await using silent = await datagrams(() => datagram);
  await using session = await snmp({ ...target(silent.port), timeoutMs: 60 }, signal);
  const answer = session.get([`${entry}.2.1`], signal);
  await expect(answer).rejects.toMatchObject({ code: expect.stringMatching(/^power\.(timeout|answer)$/) });
});

function target(port: number): SnmpTarget {
  return { host: "127.0.0.1", port, version: "2c", community: "bramble" };
}

/** A table of two rows: an index, a number, a number that can be written. */
function started(onWrite: (oid: string, value: number) => boolean) {
  const rows = [
    [1, 3, 4],
    [2, 5, 6],
  ];
  const table = { entry, indexes: 1, columns: ["index", "integer", "writable"], rows } as const;
  const at = { host: "127.0.0.1", port: 0, clock: fakeClock(), community: "bramble" };
  return standInSnmpAgent({ ...at, tables: [table], onWrite });
}

/** A socket that answers each datagram with this one, or not at all. */
async function datagrams(answer: () => Uint8Array | null) {
  const socket: Socket = createSocket("udp4");
  socket.on("message", (_, from) => {
    const said = answer();
    if (said !== null) socket.send(said, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}
