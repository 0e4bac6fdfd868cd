import { fakeClock, silentLog } from "@bramble/core/base";
import { typeOf } from "@bramble/core/boot";
import { describe, expect, test } from "vitest";
import type { Ran, RunCommand } from "./commands.ts";
import { runCommand } from "./commands.ts";
import { createNeighbours, deviceOf } from "./neighbours.ts";
import { occupancyByArp } from "./occupancy.ts";
import { asks, boardMac, dhcpRig, poolOf, strangerMac } from "./rig.ts";
import type { DhcpParts } from "./server.ts";

const [one, two, three] = poolOf(3) as [string, string, string];

test("an address of the pool is probed before it is first offered, and one that lives is passed over", async () => {
  const asked: string[] = [];
  const rig = await dhcpRig({
    occupancy: async (address) => {
      asked.push(address);
      return address === one;
    },
  });
  rig.hear(asks("discover", strangerMac(1)));
  await rig.clock.advance(10);
  expect(rig.answers()).toMatchObject([{ message: { yiaddr: two } }]);
  expect(asked).toEqual([one, two]);
  expect(rig.leases.rows.get(one)).toMatchObject({ state: "declined" });
  expect(rig.server.counters().occupied).toBe(1);
  // Its own by now; and boards of the file and those behind relays are not probed.
  rig.hear(asks("discover", strangerMac(1)));
  rig.hear(asks("discover", boardMac(1)));
  rig.hear(asks("discover", strangerMac(2), { giaddr: "10.0.0.3" }), { address: "10.0.0.3", port: 67 });
  await rig.clock.advance(10);
  expect(rig.answers()).toHaveLength(3);
  expect(asked).toHaveLength(2);
});

test("while an address is probed the newest message of its board waits, and a probe that fails harms nobody", async () => {
  let finish: (isTaken: boolean) => void = () => {};
  const rig = await dhcpRig({
    occupancy: (address) =>
      address === two ? Promise.reject(new Error("no ping")) : new Promise((resolve) => (finish = resolve)),
  });
  for (let xid = 1; xid <= 3; xid++) rig.hear(asks("discover", strangerMac(1), { xid }));
  rig.hear(asks("discover", strangerMac(2)));
  await rig.clock.advance(10);
  expect(rig.answers()).toEqual([]);
  finish(false);
  await rig.clock.advance(10);
  expect(rig.answers()).toMatchObject([{ message: { xid: 3, yiaddr: one } }]);
  expect(rig.server.counters()).toMatchObject({ superseded: 2, faults: 1 });
  expect(rig.server.book.byAddress(three)).toBeNull();
});

test("a board in another's place is let in once a probe finds that the other has gone", async () => {
  let isTaken = true;
  const rig = await dhcpRig({ occupancy: async () => isTaken, place: () => ({ address: "10.0.10.1", name: "b0001" }) });
  rig.hear(asks("discover", boardMac(1)));
  await rig.clock.advance(10);
  expect(rig.answers()).toHaveLength(1);
  rig.hear(asks("discover", boardMac(2)));
  await rig.clock.advance(10);
  expect(rig.answers()).toEqual([]);
  isTaken = false;
  rig.hear(asks("discover", boardMac(2)));
  await rig.clock.advance(10);
  // So soon after its OFFER the other may be loading its files, and deaf.
  expect(rig.answers()).toEqual([]);
  await rig.clock.advance(60_000);
  rig.hear(asks("discover", boardMac(2)));
  await rig.clock.advance(10);
  expect(rig.answers()).toMatchObject([{ message: { chaddr: boardMac(2), yiaddr: "10.0.10.1" } }]);
});

describe("a board that was swapped behind a relay", () => {
  const relay = { address: "10.0.0.3", port: 67 };
  const giaddr = relay.address;
  const place = { address: "10.0.10.1", name: "b0001" };
  async function swap(some: Partial<DhcpParts> = {}) {
    const rig = await dhcpRig({ place: () => ({ ...place, isPlugged: true }), ...some });
    const offered = async (n: number) => {
      rig.hear(asks("discover", boardMac(n), { giaddr }), relay);
      await rig.clock.advance(10);
      return rig.answers().map(({ message }) => `${message?.chaddr} ${message?.yiaddr}`);
    };
    expect(await offered(1)).toEqual([`${boardMac(1)} 10.0.10.1`]);
    return { ...rig, offered };
  }

  test("has the place of the one before it as soon as nobody answers there", async () => {
    const state = { isTaken: true };
    const knocked: string[] = [];
    const { clock, offered, alarms, leases, hear, answers } = await swap({
      beyond: async (address) => {
        knocked.push(address);
        return state.isTaken;
      },
    });
    await clock.advance(60_001);
    expect(await offered(2)).toEqual([]);
    expect(alarms).toMatchObject([{ kind: "dhcp.conflict", board: "b0001" }]);
    state.isTaken = false;
    expect(await offered(2)).toEqual([`${boardMac(2)} 10.0.10.1`]);
    expect(alarms.at(-1)).toMatchObject({ kind: "dhcp.replaced", level: "info", board: "b0001" });
    expect(knocked).toEqual([place.address, place.address]);
    expect(leases.rows.get("10.0.10.1")).toMatchObject({ mac: boardMac(2) });
    // The old one, with its lease in mind, is told that it has none.
    hear(asks("request", boardMac(1), { ciaddr: "10.0.10.1" }), { address: "10.0.10.1", port: 68 });
    await clock.advance(10);
    expect(answers().map(({ message }) => typeOf(message!))).toEqual(["nak"]);
  });

  test("waits while the other may be loading its files, and deaf", async () => {
    const { clock, offered, alarms } = await swap({ beyond: async () => false });
    expect(await offered(2)).toEqual([]);
    expect(alarms).toMatchObject([{ kind: "dhcp.conflict" }]);
    await clock.advance(60_001);
    expect(await offered(2)).toEqual([`${boardMac(2)} 10.0.10.1`]);
  });

  test("is taken at its switch's word where nothing can be asked: on loopback", async () => {
    const { clock, offered } = await swap({ beyond: null });
    await clock.advance(60_001);
    expect(await offered(2)).toEqual([`${boardMac(2)} 10.0.10.1`]);
  });

  test("does not have it where no switch says that it is plugged in there", async () => {
    const { clock, offered, alarms } = await swap({ place: () => place, beyond: async () => false });
    await clock.advance(60_001);
    expect(await offered(2)).toEqual([]);
    expect(alarms).toMatchObject([{ kind: "dhcp.conflict" }]);
  });
});

test("in a pool where everything lives nobody is answered, and nothing runs for ever", async () => {
  const rig = await dhcpRig({ occupancy: async () => true });
  rig.hear(asks("discover", strangerMac(1)));
  await rig.clock.advance(10);
  expect(rig.answers()).toEqual([]);
  expect(rig.server.counters().occupied).toBeLessThanOrEqual(8);
});

test("who answers ARP lives there; all that are asked for at once are one batch, and old knowledge is not believed", async () => {
  const clock = fakeClock();
  const ran: string[] = [];
  const poked: string[] = [];
  const run = async (argv: readonly string[], input = ""): Promise<Ran> => {
    ran.push(`${argv.join(" ")} ${input}`.trim());
    const out = `${one} lladdr 52:54:00:00:00:01 REACHABLE\n${two} FAILED\n${three}0 lladdr 52:54:00:00:00:02 STALE\n`;
    return { code: 0, out, error: "" };
  };
  const ask = occupancyByArp({ device: "eth1", run, poke: (address) => void poked.push(address), clock });
  const answers = Promise.all([one, two, three, one].map(ask));
  await clock.advance(800);
  expect(await answers).toEqual([true, false, false, true]);
  // Who did not answer is asked again, for a frame may have been lost: twice.
  expect(poked).toEqual([one, two, three, two, three, two, three]);
  expect(ran).toHaveLength(6);
  expect(ran[0]).toContain([one, two, three].flatMap(gone).join("\n"));
  expect(clock.pending()).toBe(0);
});

test("who answers only the third time lives there too", async () => {
  const clock = fakeClock();
  let looks = 0;
  const run = async (argv: readonly string[]): Promise<Ran> => {
    const isHeard = argv.includes("show") && ++looks === 3;
    return { code: 0, out: isHeard ? `${one} lladdr 52:54:00:00:00:01 REACHABLE\n` : "", error: "" };
  };
  const answer = occupancyByArp({ device: "eth1", run, poke: () => {}, clock })(one);
  await clock.advance(800);
  expect(await answer).toBe(true);
});

function pretendKernel(fault: string | null = null) {
  const state = { fault, out: "" };
  const said: string[] = [];
  const clock = fakeClock();
  const run = async (argv: readonly string[], input = ""): Promise<Ran> => {
    if (state.fault !== null) return { code: 2, out: "", error: state.fault };
    said.push(...(input === "" ? [argv.slice(1).join(" ")] : input.trim().split("\n")));
    return { code: 0, out: input === "" ? state.out : "", error: "" };
  };
  const warned: string[] = [];
  const log = { ...silentLog, warn: (_: unknown, event: string) => void warned.push(event) };
  return { state, said, clock, warned, neighbours: createNeighbours({ device: "eth1", run, clock, log }) };
}

test("neighbour entries are made in batches, once, and taken away at the end", async () => {
  const { said, clock, neighbours } = pretendKernel();
  neighbours.set("10.0.10.1", boardMac(1));
  neighbours.set("10.0.10.2", boardMac(2));
  expect(neighbours.has("10.0.10.1", boardMac(1))).toBe(false);
  await clock.advance(10);
  expect(said.splice(0)).toEqual([
    `neigh replace 10.0.10.1 lladdr ${boardMac(1)} dev eth1 nud permanent`,
    `neigh replace 10.0.10.2 lladdr ${boardMac(2)} dev eth1 nud permanent`,
  ]);
  expect(neighbours.has("10.0.10.1", boardMac(1))).toBe(true);
  expect(neighbours.has("10.0.10.1", boardMac(2))).toBe(false);
  neighbours.set("10.0.10.1", boardMac(1));
  await neighbours.forget("10.0.10.2");
  await neighbours.forget("10.0.10.3");
  await clock.advance(10);
  expect(said.splice(0)).toEqual(["neigh del 10.0.10.2 dev eth1"]);
  await neighbours[Symbol.asyncDispose]();
  expect(said).toEqual(gone("10.0.10.1"));
  expect(clock.pending()).toBe(0);
});

test("entries that the kernel has lost are made again, before the next unicast goes nowhere", async () => {
  const { state, said, clock, neighbours } = pretendKernel();
  for (const n of [1, 2, 3]) neighbours.set(`10.0.10.${n}`, boardMac(n));
  await clock.advance(10);
  said.splice(0);
  // A bridge that takes another MAC, or an interface that is set down, drops them without a word.
  state.out = `10.0.10.1 lladdr ${boardMac(1)} PERMANENT\n10.0.10.2 lladdr 02:00:00:00:00:01 PERMANENT\n`;
  await clock.advance(10_100);
  expect(said).toEqual([
    "neigh show dev eth1 nud permanent",
    `neigh replace 10.0.10.2 lladdr ${boardMac(2)} dev eth1 nud permanent`,
    `neigh replace 10.0.10.3 lladdr ${boardMac(3)} dev eth1 nud permanent`,
  ]);
  expect(neighbours.has("10.0.10.3", boardMac(3))).toBe(true);
  await neighbours[Symbol.asyncDispose]();
});

/** `ip -batch` ends at the first entry that is not there, so it is put there first. */
function gone(address: string): string[] {
  return [`neigh replace ${address} dev eth1 nud failed`, `neigh del ${address} dev eth1`];
}

test("without the right to make entries it says so once, and tries again a minute later", async () => {
  const { state, said, clock, warned, neighbours } = pretendKernel("RTNETLINK answers: Operation not permitted");
  neighbours.set("10.0.10.1", boardMac(1));
  await clock.advance(10);
  neighbours.set("10.0.10.1", boardMac(1));
  await clock.advance(30_000);
  state.fault = null;
  expect(said).toEqual([]);
  await clock.advance(31_000);
  expect(said).toHaveLength(1);
  expect(warned).toHaveLength(1);
  await neighbours[Symbol.asyncDispose]();
});

test("entries stand on the interface that has the head's address, carrier or not, never on loopback", async () => {
  const shown = [
    "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever",
    "1: lo    inet 10.0.0.9/32 scope global lo\\       valid_lft forever preferred_lft forever",
    "2: eth0    inet 192.168.1.2/24 brd 192.168.1.255 scope global dynamic eth0\\       valid_lft 8000sec",
    "3: br0    inet 10.0.0.1/22 brd 10.0.3.255 scope global br0\\       valid_lft forever",
    "4: wg0    inet 10.9.0.1 peer 10.9.0.2/32 scope global wg0\\       valid_lft forever",
  ].join("\n");
  const ip: RunCommand = async () => ({ code: 0, out: `${shown}\n`, error: "" });
  expect(await deviceOf("10.0.0.1", ip)).toBe("br0");
  expect(await deviceOf("10.9.0.1", ip)).toBe("wg0");
  expect(await deviceOf("127.0.0.1", ip)).toBeNull();
  expect(await deviceOf("10.0.0.9", ip)).toBeNull();
  expect(await deviceOf("10.0.0.2", ip)).toBeNull();
  expect(await deviceOf("10.0.0.1", async () => ({ code: null, out: "", error: "ENOENT" }))).toBeNull();
});

test("a program of the machine is run without a shell, and one that is missing is no exception", async () => {
  expect(await runCommand(["cat"], "a;b\n")).toEqual({ code: 0, out: "a;b\n", error: "" });
  expect(await runCommand(["no-such-program-here"])).toMatchObject({ code: null });
  expect(await runCommand(["false"], "x".repeat(1e6))).toMatchObject({ code: 1 });
});
