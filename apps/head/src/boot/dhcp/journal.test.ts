import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@bramble/core/base";
import { expect, test } from "vitest";
import { openDatabase } from "../../store/database.ts";
import { leaseMigrations, leaseStore } from "../../store/leases.ts";
import { asks, boardMac, dhcpRig, pretendLeases, strangerMac } from "./rig.ts";

const relay = { giaddr: "10.0.0.3" } as const;
const fromRelay = { address: "10.0.0.3", port: 67 } as const;
const schedule = (run: () => void): void => queueMicrotask(run);

test("on a full disk nobody gets a new address, it is told once, and service goes on when there is room", async () => {
  const rig = await dhcpRig();
  rig.hear(asks("discover", boardMac(1), relay), fromRelay);
  await rig.clock.advance(2);
  expect(rig.answers()).toHaveLength(1);
  rig.leases.state.fault = new Error("database or disk is full");
  for (let second = 0; second < 5; second++) {
    for (let n = 2; n < 50; n++) rig.hear(asks("discover", boardMac(n), relay), fromRelay);
    // What was written before the disk was full may still be told.
    rig.hear(asks("discover", boardMac(1), relay), fromRelay);
    await rig.clock.advance(1000);
  }
  const answers = rig.answers();
  expect(answers).toHaveLength(5);
  expect(answers.every(({ message }) => message!.chaddr === boardMac(1))).toBe(true);
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.unwritten", message: expect.stringContaining("disk is full") }]);
  expect(rig.lines.filter(([level]) => level === "error")).toHaveLength(1);
  expect(rig.server.counters().unwritten).toBeGreaterThan(40);
  rig.leases.state.fault = null;
  for (let n = 2; n < 50; n++) rig.hear(asks("discover", boardMac(n), relay), fromRelay);
  await rig.clock.advance(1000);
  expect(rig.answers()).toHaveLength(48);
  expect(rig.alarms).toMatchObject([{ kind: "dhcp.unwritten" }, { kind: "dhcp.written" }]);
});

test("an answer whose lease is changed while it is being written waits for the second commit", async () => {
  const rig = await dhcpRig();
  let release = (): void => {};
  rig.leases.state.hold = new Promise((resolve) => {
    release = resolve;
  });
  rig.hear(asks("discover", strangerMac(1), relay), fromRelay);
  await rig.clock.advance(2);
  const address = rig.server.book.byMac(strangerMac(1))!.address;
  // The write is under way; now the lease is renewed far in the future, which the store does not know.
  await rig.clock.advance(100_000);
  rig.hear(asks("discover", strangerMac(1), relay), fromRelay);
  rig.leases.state.hold = null;
  release();
  await rig.clock.advance(1);
  expect(rig.answers()).toEqual([]);
  await rig.clock.advance(2);
  expect(rig.answers()).toHaveLength(1);
  expect(rig.leases.rows.get(address)!.until).toBeGreaterThan(rig.clock.now() + 12 * 3_600_000);
});

test("no more than so many boards wait; the rest ask again", async () => {
  const rig = await dhcpRig();
  rig.leases.state.hold = new Promise(() => {});
  for (let n = 1; n <= 5000; n++) rig.hear(asks("discover", boardMac(n), relay), fromRelay);
  expect(rig.server.counters()).toMatchObject({ waiting: 4096, overloaded: 904 });
});

test("leases outlive a restart: a stranger gets the same address, nobody gets another's", async () => {
  const leases = pretendLeases();
  const before = await dhcpRig({ leases });
  for (let n = 1; n <= 20; n++) before.hear(asks("discover", strangerMac(n), relay), fromRelay);
  await before.clock.advance(2);
  const told = new Map(before.answers().map(({ message }) => [message!.chaddr, message!.yiaddr]));
  const after = await dhcpRig({ leases });
  for (let n = 40; n >= 1; n--) after.hear(asks("discover", strangerMac(n), relay), fromRelay);
  await after.clock.advance(2);
  const again = new Map(after.answers().map(({ message }) => [message!.chaddr, message!.yiaddr]));
  for (const [mac, address] of told) expect(again.get(mac)).toBe(address);
  expect(new Set(again.values()).size).toBe(40);
});

test("damaged rows are left out with a line each, and the rest is taken up", async () => {
  const db = openDatabase(":memory:", leaseMigrations, { log: silentLog, schedule });
  const leases = leaseStore(db);
  const good = { address: "10.0.250.7", mac: strangerMac(7), state: "bound", until: 9e15, pinned: false } as const;
  await leases.save([good]);
  await db.write((sql) => {
    const insert = sql.prepare("INSERT INTO leases VALUES (?, ?, ?, ?, ?)");
    insert.run("10.0.250.8", "no mac", "bound", 9e15, 0);
    insert.run("10.0.250.9", strangerMac(9), "lost", 9e15, 0);
    insert.run("not an address", strangerMac(10), "bound", 9e15, 0);
    insert.run("192.168.1.1", strangerMac(11), "bound", 9e15, 0);
  });
  const rig = await dhcpRig({ leases });
  expect(rig.server.book.byMac(strangerMac(7))).toEqual(good);
  expect([...rig.server.book.all()]).toHaveLength(1);
  expect(rig.lines.filter(([level]) => level === "warn")).toHaveLength(4);
  expect(rig.lines).toContainEqual(["info", "leases taken up", { leases: 1, dropped: 4 }]);
  await db[Symbol.asyncDispose]();
});

test("a database cut at any octet is called damaged, or gives leases that were once promised and no others", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bramble-leases-"));
  const path = join(folder, "head.db");
  const open = () => openDatabase(path, leaseMigrations, { log: silentLog, schedule });
  let db = open();
  const all = Array.from({ length: 300 }, (_, n) => ({
    ...({
      address: `10.0.250.${n}`,
      mac: strangerMac(n),
      state: "bound",
      until: 9e12 + n,
      pinned: n % 2 === 0,
    } as const),
  })).slice(0, 256);
  await leaseStore(db).save(all);
  expect(leaseStore(db).all()).toEqual(expect.arrayContaining(all));
  await db[Symbol.asyncDispose]();
  const whole = readFileSync(path);
  let refused = 0;
  for (let cut = 0; cut < whole.length; cut += 911) {
    for (const each of ["-wal", "-shm"]) rmSync(path + each, { force: true });
    writeFileSync(path, whole.subarray(0, cut));
    try {
      db = open();
      const found = leaseStore(db).all();
      for (const lease of found) expect(all).toContainEqual(lease);
      await db[Symbol.asyncDispose]();
    } catch (thrown) {
      refused++;
      expect(thrown).toMatchObject({ code: "store.corrupt" });
    }
  }
  expect(refused).toBeGreaterThan(10);
  rmSync(folder, { recursive: true });
});
