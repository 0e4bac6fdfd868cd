import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BootAnswer, LaneAnswer, LanesAnswer, LeasesAnswer, PlansAnswer } from "@bramble/core/api";
import { clockFrom, type Mac, mac, seededRandom, silentLog } from "@bramble/core/base";
import type { DhcpMessage } from "@bramble/core/boot";
import {
  decodeDhcp,
  encodeDhcp,
  optionCodes,
  relayOctets,
  textOctets,
  typeOctets,
  unpackLane,
} from "@bramble/core/boot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fakeConfig } from "../fake-config.ts";
import { startHead } from "../head.ts";
import { writeImage } from "./files/testing.ts";

const clock = clockFrom({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});
const parts = { clock, random: seededRandom(1), log: silentLog };
const anyPorts = ["--dhcp-port", "0", "--tftp-port", "0", "--boot-http-port", "0"];
const simulated = ["--boot", "simulated", ...anyPorts];

/** What the mask ROM of a Pi 3B+ asks, with what the switch in front of it adds. */
function discover(board: Mac, port: number): DhcpMessage {
  const ascii = new TextEncoder();
  return {
    ...{ op: "request", hops: 1, xid: 0x26f30339, secs: 0, isBroadcast: false, chaddr: board, sname: "", file: "" },
    ...{ ciaddr: "0.0.0.0", yiaddr: "0.0.0.0", siaddr: "0.0.0.0", giaddr: "127.30.77.1" },
    options: new Map([
      [optionCodes.type, typeOctets("discover")],
      [optionCodes.vendorClass, textOctets("PXEClient:Arch:00000:UNDI:002001")],
      [optionCodes.arch, Uint8Array.of(0, 0)],
      // A 3B+ tells its serial four times, the lowest octet first.
      [
        optionCodes.uuid,
        Uint8Array.of(0, ...[1, 2, 3, 4].flatMap(() => [Number(`0x${board.slice(-2)}`), 0, 0x77, 0xeb])),
      ],
      [optionCodes.relay, relayOctets(ascii.encode(`s01/${port}`), ascii.encode("s01"))],
    ]),
  };
}

/** A relay agent that asks once and gives the answer. */
async function offered(message: DhcpMessage, port: number): Promise<DhcpMessage> {
  const relay = createSocket("udp4");
  relay.bind(port, message.giaddr);
  await once(relay, "listening");
  try {
    relay.send(encodeDhcp(message), port, "127.0.0.1");
    const [bytes] = (await once(relay, "message", { signal: AbortSignal.timeout(5000) })) as [Uint8Array];
    return decodeDhcp(bytes);
  } finally {
    relay.close();
  }
}

/** Asks for a file as the ROM does, from the board's own address, and gives its first packet. */
async function asked(path: string, from: string, port: number): Promise<Buffer> {
  const board = createSocket("udp4");
  board.bind(0, from);
  await once(board, "listening");
  try {
    board.send(Buffer.from(`\0\u0001${path}\0octet\0`, "latin1"), port, "127.0.0.1");
    const [bytes] = (await once(board, "message", { signal: AbortSignal.timeout(5000) })) as [Buffer];
    return bytes;
  } finally {
    board.close();
  }
}

async function get<T>(url: string, path: string): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

async function put(url: string, path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/api/v1${path}`, { method: "PUT", headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await check()) return;
    await clock.sleep(25);
  }
  throw new Error("that did not come to pass");
}

describe("a head that boots pretended boards", () => {
  const config = fakeConfig(simulated);
  let head: Awaited<ReturnType<typeof startHead>>;
  beforeAll(async () => {
    head = await startHead(config, parts);
  });
  afterAll(async () => {
    await head[Symbol.asyncDispose]();
    config[Symbol.dispose]();
  });

  test("places a board by its switch, serves it its own files, and sees it step by step", async () => {
    const { servers, kind } = await get<BootAnswer>(head.url, "/boot");
    expect(kind).toBe("simulated");
    const [dhcp, tftp, http] = [servers.dhcp!.port, servers.tftp!.port, servers.http!.port];
    const board = mac("b8:27:eb:77:00:01");

    const offer = await offered(discover(board, 3), dhcp);
    const { name, address } = (await get<{ boards: { name: string; address: string }[] }>(head.url, "/boards?set=b03"))
      .boards[0]!;
    expect(offer.yiaddr).toBe(address);
    const source = address.replace(/^\d+\.\d+/, "127.20");
    expect([...(await asked("bootcode.bin", source, tftp)).subarray(0, 4)]).toEqual([0, 3, 0, 1]);
    expect([...(await asked("bootsig.bin", source, tftp)).subarray(0, 4)]).toEqual([0, 5, 0, 1]);
    const cmdline = await fetch(`http://127.0.0.1:${http}/boot/b8-27-eb-77-00-01/cmdline.txt`);
    expect(await cmdline.text()).toContain(`bramble.name=${name} bramble.mac=${board} bramble.head=${head.url}`);
    await eventually(async () => (await get<LaneAnswer>(head.url, `/boot/lanes/${name}`)).files.length === 3);

    const lane = await get<LaneAnswer>(head.url, `/boot/lanes/${name}`);
    expect(lane).toMatchObject({
      ...{ board: name, mac: board, state: "booting", attempt: 1, client: "Raspberry Pi 3b+ (ROM)", address },
      ...{ plan: { plan: "live", from: "file" }, diagnosis: null },
    });
    // What the thread of TFTP tells comes in batches.
    expect(lane.files.map(({ path, by }) => `${by} ${path}`).sort()).toEqual([
      "http b8-27-eb-77-00-01/cmdline.txt",
      "tftp bootcode.bin",
      "tftp bootsig.bin",
    ]);
    expect(lane.events.map(({ what }) => what)).toContain(`OFFER of ${address}`);
    expect(lane.steps.find(({ step }) => step === "bootcode")?.asks).toBe(2);
    const { lanes, version } = await get<LanesAnswer>(head.url, "/boot/lanes?state=booting");
    expect(lanes.map((row) => unpackLane(row as Parameters<typeof unpackLane>[0]))).toMatchObject([
      { board: name, at: "config" },
    ]);
    expect((await get<LanesAnswer>(head.url, `/boot/lanes?since=${version}`)).lanes).toEqual([]);
    expect((await get<LanesAnswer>(head.url, "/boot/lanes?set=b[1-5]&limit=4")).lanes).toHaveLength(4);
    expect((await get<{ boards: { state: string }[] }>(head.url, `/boards?set=${name}`)).boards[0]?.state).toBe(
      "loading",
    );
    const { leases, poolFree, pool } = await get<LeasesAnswer>(head.url, "/boot/leases");
    expect(leases).toMatchObject([{ address, mac: board, board: name, state: "offered", pinned: true }]);
    expect([poolFree, pool > 0]).toEqual([pool, true]);
    const metrics = await (await fetch(`${head.url}/metrics`)).text();
    expect(metrics).toMatch(/bramble_boot_boards\{step="config"\} 1/);
    expect(metrics).toMatch(/bramble_boot_dhcp_packets_total\{type="offers"\} 1/);

    expect((await fetch(`${head.url}/api/v1/boot/lanes?state=lost`)).status).toBe(400);
    expect((await fetch(`${head.url}/api/v1/boot/lanes?set=@nothing`)).status).toBe(400);
    expect((await fetch(`${head.url}/api/v1/boot/lanes/nobody`)).status).toBe(404);
  });

  test("gives a board that no switch places an address of the pool, and tells it what to do", async () => {
    const { servers } = await get<BootAnswer>(head.url, "/boot");
    const board = mac("b8:27:eb:77:00:02");
    const { yiaddr } = await offered(discover(board, 0), servers.dhcp!.port);
    const { leases } = await get<LeasesAnswer>(head.url, "/boot/leases");
    expect(leases).toContainEqual(
      expect.objectContaining({ address: yiaddr, mac: board, state: "bound", pinned: false }),
    );
    const boot = `http://127.0.0.1:${servers.http!.port}`;
    const post = async (path: string, body: unknown) => {
      const response = await fetch(`${boot}${path}`, { method: "POST", body: JSON.stringify(body) });
      return { status: response.status, body: (await response.json()) as unknown };
    };
    const found = { mac: board, serial: "00000000eb770002", model: "Raspberry Pi 3 B+", memoryMb: 877 };
    expect(await post("/discovery", found)).toEqual({ status: 200, body: { plan: "discovery", seconds: 30 } });
    const placed = { ...found, linkPartner: { switch: "s01", port: "7" } };
    expect(await post("/discovery", placed)).toEqual({ status: 200, body: { plan: "live", reboot: true } });
    const { boards } = await get<{ boards: unknown[] }>(head.url, "/boards?set=b07");
    expect(boards).toMatchObject([{ mac: board, serial: "00000000eb770002", memoryMb: 877 }]);

    expect((await post(`/boot/${board}/step`, { step: "root", failed: "no space" })).status).toBe(202);
    expect(await get<LaneAnswer>(head.url, "/boot/lanes/b07")).toMatchObject({
      ...{ state: "stopped", at: "root", diagnosis: { fault: "told", cause: "It says so itself: no space." } },
    });
    expect(await get<BootAnswer>(head.url, "/boot")).toMatchObject({
      states: { stopped: 1 },
      troubles: [{ fault: "told", step: "root", boards: 1, set: "b07", stopped: true }],
    });
    expect(await post("/boot/dc:a6:32:77:00:09/step", { step: "root" })).toMatchObject({ status: 404 });
  });
});

test("plans are durable, and hold from the next boot on", async () => {
  using config = fakeConfig();
  {
    await using head = await startHead(config, parts);
    expect(await put(head.url, "/boot/plans", { set: "b[1-5]", plan: "local", by: "cli:anna" })).toEqual({
      status: 200,
      body: { boards: 5 },
    });
    expect((await put(head.url, "/boot/plans", { set: "b1", plan: "nothing" })).status).toBe(400);
    expect((await put(head.url, "/boot/plans", { set: "@nothing", plan: "live" })).status).toBe(400);
    expect((await put(head.url, "/boot/plans", { set: "b5", plan: null })).body).toEqual({ boards: 1 });
  }
  await using head = await startHead(config, parts);
  const { plans } = await get<PlansAnswer>(head.url, "/boot/plans");
  expect(plans).toMatchObject([
    { set: "all", plan: "live", by: null },
    { set: "b[1-5]", plan: "local", by: "cli:anna", boards: 4 },
  ]);
  expect((await get<LaneAnswer>(head.url, "/boot/lanes/b04")).plan).toEqual({ plan: "local", from: "operator" });
});

describe("a head whose boot servers cannot start", () => {
  test("says which port is taken, and the flag that gives another", async () => {
    const taken = createSocket("udp4");
    taken.bind(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address();
    using config = fakeConfig(["--boot", "simulated", "--boot-http-port", "0", "--tftp-port", String(port)]);
    await expect(startHead(config, parts)).rejects.toThrow(
      new RegExp(`port ${port} of 127.0.0.1 is taken.*--tftp-port N`),
    );
    taken.close();
  });

  test("says that this machine does not have the address, and that a folder has no images", async () => {
    using config = fakeConfig([...simulated, "--boot-listen", "203.0.113.9"]);
    await expect(startHead(config, parts)).rejects.toThrow(/no address 203\.0\.113\.9.*--boot-listen/s);
    using images = fakeConfig(["--boot", "/nowhere/at/all", "--boot-listen", "127.0.0.1", ...anyPorts]);
    await expect(startHead(images, parts)).rejects.toThrow(/folder of images .*cannot be read/);
  });
});

test("a head with a folder without images says at once what will not work, and serves one that comes later", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bramble-images-"));
  using config = fakeConfig(["--boot", folder, "--boot-listen", "127.0.0.1", ...anyPorts]);
  await using head = await startHead(config, parts);
  const { alarms, images } = await get<BootAnswer>(head.url, "/boot");
  expect(images).toEqual([]);
  expect(alarms.map(({ kind }) => kind).sort()).toEqual(["boot.loopback", "boot.no-image"]);
  // Whoever builds one then needs no restart.
  writeImage(join(folder, "one"), "one");
  await expect
    .poll(async () => (await get<BootAnswer>(head.url, "/boot")).images.map(({ name }) => name), { timeout: 10_000 })
    .toEqual(["one"]);
  await expect
    .poll(async () => (await get<BootAnswer>(head.url, "/boot")).alarms.map(({ kind }) => kind))
    .toEqual(["boot.loopback"]);
  rmSync(folder, { recursive: true });
});

test("a head that boots nobody still keeps lanes of what boards tell", async () => {
  using config = fakeConfig();
  await using head = await startHead(config, parts);
  const told = { mac: "b8:27:eb:77:00:01", step: "kernel", simulated: true };
  const headers = { "content-type": "application/json" };
  await fetch(`${head.url}/api/v1/boot`, { method: "POST", headers, body: JSON.stringify(told) });
  const boot = await get<BootAnswer>(head.url, "/boot");
  expect(boot).toMatchObject({ kind: "none", servers: { dhcp: null, tftp: null, http: null }, steps: { kernel: 1 } });
  expect(await get<LeasesAnswer>(head.url, "/boot/leases")).toMatchObject({ leases: [] });
  expect(await get<LaneAnswer>(head.url, "/boot/lanes/x-770001")).toMatchObject({ at: "kernel", attempt: 1 });
});
