import { type AddressInfo, createServer } from "node:net";
import { fakeClock, seededRandom, silentLog } from "@bramble/core/base";
import { simulatedPower } from "@bramble/drivers";
import { type PduStandIn, standInPdu } from "@bramble/drivers/stand-ins";
import { powerTransport } from "@bramble/drivers/transport";
import { expect, test } from "vitest";
import { createPdu } from "./pdu.ts";

const signal = new AbortController().signal;

test("a PDU over TCP is switched, read, lost and found again", async () => {
  await using standIn = await pduStandIn();
  await using pdu = pduOn(standIn.port);
  expect(pdu.readings()[2]).toEqual({ on: null, watts: null });
  await pdu.set(3, true, signal);
  expect(standIn.isOn(3)).toBe(true);
  expect(pdu.readings()[2]).toEqual({ on: true, watts: 30 });
  standIn.fault = { kind: "drops" };
  await expect(pdu.refresh(signal)).rejects.toMatchObject({ code: "power.connection" });
  expect(pdu.error()).toContain("pdu1");
  standIn.fault = null;
  await pdu.refresh(signal);
  expect(pdu.error()).toBeNull();
});

test("a PDU that does not answer is given up after the deadline, and its line is not used again", async () => {
  await using standIn = await pduStandIn();
  const clock = fakeClock();
  await using pdu = pduOn(standIn.port, clock);
  await pdu.refresh(signal);
  standIn.fault = { kind: "slow", ms: 1e9 };
  const answer = pdu.refresh(signal);
  const told = expect(answer).rejects.toMatchObject({ code: "power.timeout" });
  await clock.advance(5000);
  await told;
  standIn.fault = null;
  await pdu.refresh(signal);
  expect(pdu.error()).toBeNull();
});

test("questions asked at once are put one after another", async () => {
  await using standIn = await pduStandIn();
  await using pdu = pduOn(standIn.port);
  await Promise.all(Array.from({ length: 8 }, (_, i) => pdu.set(i + 1, true, signal)));
  expect(pdu.readings().every(({ on }) => on === true)).toBe(true);
});

test("an address where nobody listens is told with its port", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await using pdu = pduOn(port);
  await expect(pdu.refresh(signal)).rejects.toThrow(`127.0.0.1:${port} cannot be reached (ECONNREFUSED)`);
});

test("a far side that never ends its line is cut off", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("x".repeat(10_000));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const line = await powerTransport("pdu1", fakeClock()).connect(
    { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    signal,
  );
  await expect(line.receive(signal)).rejects.toMatchObject({ code: "power.connection" });
  await line[Symbol.asyncDispose]();
  server.close();
});

function pduStandIn(): Promise<PduStandIn> {
  const watts = (outlet: number): number => outlet * 10;
  return standInPdu({ outlets: 8, host: "127.0.0.1", port: 0, clock: fakeClock(), onSwitch: () => {}, watts });
}

function pduOn(port: number, clock = fakeClock()) {
  const config = { pdu: "pdu1", address: `127.0.0.1:${port}`, outlets: 8, settings: {}, secret: null };
  const parts = {
    driver: simulatedPower,
    transport: powerTransport("pdu1", clock),
    random: seededRandom(1),
    log: silentLog,
  };
  return createPdu({ ...parts, config, clock, terms: { answerMs: 4000, tries: 1, againMs: 1 } });
}
