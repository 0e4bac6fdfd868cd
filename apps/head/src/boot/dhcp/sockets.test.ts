import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { clockFrom, seededRandom, silentLog } from "@bramble/core/base";
import type { DhcpMessage, Ipv4 } from "@bramble/core/boot";
import { decodeDhcp, encodeDhcp, typeOf } from "@bramble/core/boot";
import { afterEach, expect, test } from "vitest";
import { openDatabase } from "../../store/database.ts";
import { leaseMigrations, leaseStore } from "../../store/leases.ts";
import { asks, boardMac, dhcpRig, poolOf, slotOf, strangerMac } from "./rig.ts";
import { type DhcpParts, startDhcp } from "./server.ts";
import { openWire } from "./sockets.ts";

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A server on loopback with a true store, whose commits are counted. */
async function serve(some: Partial<DhcpParts> = {}) {
  const db = openDatabase(":memory:", leaseMigrations, { log: silentLog, schedule: (run) => void setImmediate(run) });
  const server = await startDhcp({
    bind: { address: "127.0.0.1", port: 0, proxyPort: 0 },
    network: { cidr: "10.0.0.0/16", gateway: null, head: "10.0.0.1", pool: poolOf(600) },
    mode: "authoritative",
    place: ({ mac }) => ({ address: slotOf(mac), name: null }),
    bootOf: () => null,
    leases: leaseStore(db),
    tell: () => {},
    seen: async () => {},
    alarm: () => {},
    clock: clockFrom({
      now: () => Date.now(),
      monotonic: () => performance.now(),
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
    }),
    random: seededRandom(1),
    log: silentLog,
    ...some,
  });
  closing.push(async () => {
    await server[Symbol.asyncDispose]();
    await db[Symbol.asyncDispose]();
  });
  return server;
}

async function socketAt(address: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: "udp4", recvBufferSize: 4 << 20 });
  socket.bind(port, address);
  await once(socket, "listening");
  closing.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return socket;
}

/** Sends all of them in one turn and takes answers until there are `count`. */
function exchange(
  socket: Socket,
  port: number,
  messages: readonly DhcpMessage[],
  count: number,
): Promise<DhcpMessage[]> {
  return new Promise((resolve) => {
    const answers: DhcpMessage[] = [];
    const take = (bytes: Uint8Array): void => {
      answers.push(decodeDhcp(bytes));
      if (answers.length < count) return;
      socket.off("message", take);
      resolve(answers);
    };
    socket.on("message", take);
    for (const message of messages) socket.send(encodeDhcp(message), port, "127.0.0.1");
  });
}

test("1050 boards that ask in one instant are all answered on the first try, no two with one address", async () => {
  const server = await serve({ isWarmed: true });
  expect(server.counters()).toMatchObject({ received: 0, leases: 0, waiting: 0 });
  const relay = await socketAt("127.30.1.1", server.port);
  const giaddr: Ipv4 = "127.30.1.1";
  const known = Array.from({ length: 550 }, (_, n) => asks("discover", boardMac(n + 1), { giaddr }));
  const unknown = Array.from({ length: 500 }, (_, n) => asks("discover", strangerMac(n + 1), { giaddr }));
  const answers = await exchange(relay, server.port, [...known, ...unknown], 1050);
  expect(new Set(answers.map(({ chaddr }) => chaddr)).size).toBe(1050);
  expect(new Set(answers.map(({ yiaddr }) => yiaddr)).size).toBe(1050);
  const { offers, malformed, unsent } = server.counters();
  expect({ offers, malformed, unsent }).toEqual({ offers: 1050, malformed: 0, unsent: 0 });
});

test("on loopback, where nothing can be broadcast, a client without a relay is answered where it asked from", async () => {
  const server = await serve();
  const client = await socketAt("127.0.0.1", 0);
  const [offer] = await exchange(client, server.port, [asks("discover", boardMac(1))], 1);
  expect(offer).toMatchObject({ yiaddr: "10.0.10.1" });
});

test("proxyDHCP answers on its own port, to where it was asked from", async () => {
  const server = await serve({ mode: "proxy", bootOf: () => ({ server: "10.0.0.1", file: "ipxe.efi", url: null }) });
  const client = await socketAt("127.0.0.1", 0);
  const pxe = new TextEncoder().encode("PXEClient:Arch:00007:UNDI:003016");
  const request = asks("request", strangerMac(1), { ciaddr: "10.0.5.5" }, { 60: pxe, 93: Uint8Array.of(0, 7) });
  const [ack] = await exchange(client, server.proxyPort!, [request], 1);
  expect(ack).toMatchObject({ file: "ipxe.efi", yiaddr: "0.0.0.0" });
  expect(typeOf(ack!)).toBe("ack");
});

test("five thousand datagrams of rubbish over the socket stop nobody", async () => {
  const server = await serve();
  const client = await socketAt("127.0.0.1", 0);
  const random = seededRandom("rubbish");
  for (let n = 0; n < 5000; n++) {
    client.send(
      Uint8Array.from({ length: random.whole(700) }, () => random.whole(256)),
      server.port,
      "127.0.0.1",
    );
    if (n % 250 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const [offer] = await exchange(client, server.port, [asks("discover", boardMac(1))], 1);
  expect(offer).toMatchObject({ yiaddr: "10.0.10.1" });
  expect(server.counters().faults).toBe(0);
});

test("a port that is taken, and an address that this machine does not have, are said in a sentence", async () => {
  const server = await serve();
  const bind = { address: "127.0.0.1", port: server.port };
  await expect(serve({ bind })).rejects.toMatchObject({
    code: "input.invalid",
    message: expect.stringContaining("taken"),
  });
  await expect(serve({ bind: { address: "203.0.113.9", port: 0 } })).rejects.toThrow("no address 203.0.113.9");
  await expect(serve({ network: { cidr: "10.0.0.1/16", gateway: null, head: "10.0.0.1", pool: [] } })).rejects.toThrow(
    "is no network",
  );
  expect((await dhcpRig()).server.port).toBe(67);
});

test("a server on every address broadcasts, and says when the kernel gives it a small buffer", async () => {
  const warned: unknown[] = [];
  const nobody = { asServer: () => {}, asProxy: () => {}, asClient: () => {} };
  const counts = { unsent: 0, socketErrors: 0 };
  const log = { ...silentLog, warn: (facts: unknown) => void warned.push(facts) };
  const plan = { address: "0.0.0.0", port: 0, proxyPort: null, clientPort: 0 };
  const wire = await openWire(plan, nobody, { counts, log });
  expect(wire.canBroadcast).toBe(true);
  if (warned.length > 0) expect(warned).toMatchObject([{ sysctl: expect.stringContaining("net.core.rmem_max") }]);
  wire.send(new Uint8Array(70_000), 9, "127.0.0.1");
  await new Promise((resolve) => setImmediate(resolve));
  expect(counts.unsent).toBe(1);
  await wire[Symbol.asyncDispose]();
  wire.send(new Uint8Array(1), 9, "127.0.0.1");
});
