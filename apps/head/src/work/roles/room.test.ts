import { createHash } from "node:crypto";
import type { HeadMessage } from "@bramble/core/api";
import { fakeClock, type Mac, mac, silentLog } from "@bramble/core/base";
import { type Role, roleLimits } from "@bramble/core/cluster";
import type { BoardRecord } from "@bramble/core/register";
import { decodeRole, type RoleReport } from "@bramble/core/work";
import { describe, expect, test } from "vitest";
import { createBus, type HeadEvents } from "../../bus.ts";
import type { Entry, Roster } from "../../register/roster.ts";
import { openDatabase } from "../../store/database.ts";
import { roleMigrations, roleStore } from "../../store/roles.ts";
import { openCatalog } from "./catalog.ts";
import { createRoles } from "./room.ts";

const plain: Role = {
  ...{ id: "worker", text: null, for: null, boards: [], isRoot: false, env: {}, units: [], start: null },
  files: [{ path: "/opt/bramble/worker/a", mode: 0o644, content: { kind: "text", text: "one" } }],
};
const macOf = (n: number): Mac =>
  mac(`b8:27:eb:00:${(n >> 8).toString(16).padStart(2, "0")}:${(n & 255).toString(16).padStart(2, "0")}`);

function rig(count = 4, roles: readonly Role[] = [plain], read = (_: string): Uint8Array => new Uint8Array()) {
  const clock = fakeClock();
  const bus = createBus((_, thrown) => {
    throw thrown;
  });
  const events: HeadEvents["event"][] = [];
  bus.on("event", (event) => void events.push(event));
  const schedule = (run: () => void): void => queueMicrotask(run);
  const db = openDatabase(":memory:", roleMigrations, { log: silentLog, schedule });
  const entries = Array.from({ length: count }, (_, index) => {
    const record = { mac: macOf(index), name: `b${index}`, index } as BoardRecord;
    return { index, name: record.name, record, isLinked: true } as Entry;
  });
  const roster: Roster = {
    all: () => entries,
    byMac: (board) => entries.find(({ record }) => record?.mac === board) ?? null,
    byName: (name) => entries.find((entry) => entry.name === name) ?? null,
    at: (index) => entries[index] ?? null,
  };
  const sent: { board: string; message: HeadMessage }[] = [];
  const file = { now: roles };
  const catalog = openCatalog({ roles: () => file.now, read }, roles);
  const open = () =>
    createRoles({
      ...{ catalog, store: roleStore(db), roster, bus, clock },
      send(board, message) {
        const entry = roster.byMac(board);
        if (!entry?.isLinked) return false;
        sent.push({ board: entry.name, message });
        return true;
      },
    });
  const room = open();
  const record = (n: number) => entries[n]!.record!;
  const good = (id = "worker") => {
    const { checksum } = room.find(id);
    return { id, checksum };
  };
  const report = (n: number, state: RoleReport["state"], rest: Partial<RoleReport> = {}) =>
    room.report(record(n), { state, want: null, good: null, step: null, error: null, ...rest });
  return {
    ...{ clock, bus, db, entries, sent, file, catalog, room, open, record, good, report, events },
    /** A board links and says that it waits for what its welcome told. */
    link(n: number) {
      bus.emit("link.opened", { record: record(n) });
      const want = room.offer(`b${n}`);
      if (want == null) report(n, "none");
      else report(n, "wanted", { want: { id: want.id, checksum: want.checksum } });
    },
    states: () => room.states(entries.map(({ name }) => name)).map(({ state }) => state),
  };
}

describe("the roles of a head", () => {
  test("a word is durable before it is answered, the newest wins, and taking it back leaves the cluster file's", async () => {
    const { room, open } = rig(4, [
      { ...plain, boards: ["b1"] },
      { ...plain, id: "other", files: [] },
    ]);
    const offered = (of = room) => [0, 1, 2].map((n) => of.offer(`b${n}`)?.id ?? null);
    expect(offered()).toEqual([null, "worker", null]);
    await room.assign(["b0", "b1"], "other");
    await room.assign(["b1"], "none");
    expect(offered()).toEqual(["other", null, null]);
    expect(offered(open())).toEqual(["other", null, null]);
    await room.assign(["b1"], null);
    expect(offered(open())).toEqual(["other", "worker", null]);
    await expect(room.assign(["b1"], "othr")).rejects.toThrow('there is no role "othr"; did you mean "other"?');
  });

  test("a board that waits gets its turn, and tells how it went", async () => {
    const { room, link, sent, report, good, states, events, clock } = rig();
    await room.assign(["b0"], "worker");
    expect(states()).toEqual(["waiting", "none", "none", "none"]);
    link(0);
    link(1);
    const { bytes } = room.find("worker");
    expect(sent).toEqual([{ board: "b0", message: { type: "role", role: { ...good(), bytes: bytes.length } } }]);
    report(0, "fetching", { want: good() });
    report(0, "fetched", { want: good() });
    expect(states()[0]).toBe("applying");
    report(0, "applied", { want: good(), good: good() });
    expect(states()[0]).toBe("applied");
    expect(room.counts()).toMatchObject({ applied: 1, none: 3 });
    await clock.advance(3000);
    expect(events).toMatchObject([{ kind: "role.applied", board: "b0", message: "b0: the role worker is applied" }]);
    room[Symbol.dispose]();
    expect(clock.pending()).toBe(0);
  });

  test("of a thousand boards 32 fetch at once, and all get their turn", async () => {
    const { room, link, report, good, sent, states } = rig(1000);
    await room.assign(
      Array.from({ length: 1000 }, (_, n) => `b${n}`),
      "worker",
    );
    for (let n = 0; n < 1000; n++) link(n);
    expect(sent).toHaveLength(32);
    for (let n = 0; n < 1000; n++) {
      report(n, "fetching", { want: good() });
      expect(sent.length - n).toBeLessThanOrEqual(32);
      report(n, "applied", { good: good() });
    }
    expect(new Set(sent.map(({ board }) => board)).size).toBe(1000);
    expect(new Set(states())).toEqual(new Set(["applied"]));
  });

  test("a board that falls silent in its turn, or loses its link, makes room for the next", async () => {
    const { room, link, sent, clock, bus, record, entries } = rig(40);
    await room.assign(
      entries.map(({ name }) => name),
      "worker",
    );
    for (let n = 0; n < 40; n++) link(n);
    bus.emit("link.closed", { record: record(0) });
    expect(sent.at(-1)?.board).toBe("b32");
    await clock.advance(60_000);
    expect(sent).toHaveLength(40);
  });

  test("a board that asks again and again has one turn for each link", async () => {
    const { room, link, report, good, sent } = rig();
    await room.assign(["b0"], "worker");
    link(0);
    for (let again = 0; again < 100; again++) {
      report(0, "failed", { want: good(), step: "fetch", error: "x" });
      report(0, "wanted", { want: good() });
    }
    expect(sent).toHaveLength(1);
    link(0);
    expect(sent).toHaveLength(2);
  });

  test("apply reads the file again, asks who is linked, and counts the others", async () => {
    const { room, link, report, good, sent, file, entries } = rig(6);
    const first = good();
    await room.assign(["b0", "b1", "b2", "b3", "b5"], "worker");
    for (const n of [0, 1, 2, 4]) link(n);
    report(0, "applied", { good: first });
    report(1, "off", { error: "no" });
    entries[3] = { ...entries[3]!, isLinked: false };
    expect(room.apply(["b0", "b1", "b2", "b3", "b4", "b5"])).toEqual({
      ...{ boards: 6, asked: 1, current: 2, unlinked: 1, off: 2, unknown: 0 },
    });
    file.now = [{ ...plain, env: { A: "1" } }];
    sent.length = 0;
    expect(room.apply(["b0"])).toMatchObject({ asked: 1 });
    expect(sent).toMatchObject([{ board: "b0", message: { role: good() } }]);
    expect(good()).not.toEqual(first);
    // Who is about to fetch the bundle of before still can.
    expect(room.catalog.bytes("worker", first.checksum)).not.toBeNull();
  });

  test("a role that is removed is taken away at once; one that the file does not have any more leaves boards as they are", async () => {
    const { room, link, report, good, sent, file, states } = rig(2);
    await room.assign(["b0", "b1"], "worker");
    for (const n of [0, 1]) link(n);
    for (const n of [0, 1]) report(n, "applied", { good: good() });
    await room.assign(["b0"], "none");
    sent.length = 0;
    expect(room.apply(["b0"])).toMatchObject({ asked: 1 });
    expect(sent).toEqual([{ board: "b0", message: { type: "role", role: null } }]);
    file.now = [];
    expect(room.apply(["b1"])).toMatchObject({ unknown: 1, asked: 0 });
    expect(room.offer("b1")).toBeUndefined();
    expect(states()[1]).toBe("unknown");
    expect(room.states(["b1"])[0]!.error).toBe("the cluster file has no role worker");
  });

  test("a file that is wrong at apply leaves everything as it was", () => {
    const { room, file, good } = rig();
    const before = good();
    file.now = [{ ...plain, files: [{ ...plain.files[0]!, path: "/etc/passwd" }] }];
    expect(() => room.apply(["b0"])).toThrow("the role worker: it may not write /etc/passwd");
    expect(good()).toEqual(before);
  });

  test("a board that lies about its state, or says a new reason each time, deceives nobody for long", async () => {
    const { room, link, report, states, events, clock, good } = rig(50);
    await room.assign(["b0"], "worker");
    link(0);
    report(0, "applied", { good: { id: "worker", checksum: "ff" } });
    expect(states()[0]).toBe("waiting");
    for (let n = 0; n < 50; n++) {
      report(0, "failed", { want: good(), step: "start", error: `reason ${n} ${"x".repeat(2000)}` });
      report(0, "fetching", { want: good() });
    }
    report(0, "failed", { want: good(), step: "start", error: "\u001b[2Jgone\u202e" });
    expect(room.states(["b0"])[0]!.error).toBe("start:  [2Jgone ");
    await clock.advance(3000);
    expect(events.length).toBeLessThanOrEqual(9);
    expect(Math.max(...events.map(({ message }) => message.length))).toBeLessThan(400);
    expect(events.every(({ kind }) => kind === "role.failed")).toBe(true);
  });

  test("boards that fail alike are one piece of news", async () => {
    const { room, link, report, good, events, clock, entries } = rig(40);
    await room.assign(
      entries.map(({ name }) => name),
      "worker",
    );
    for (let n = 0; n < 40; n++) {
      link(n);
      report(n, "kept", { want: good(), good: { id: "old", checksum: "aa" }, step: "start", error: "exit code 1" });
    }
    await clock.advance(3000);
    expect(events).toMatchObject([
      {
        level: "warn",
        board: null,
        message: "b[0-39] (40 boards): the role worker failed at start: exit code 1; old of before stays in force",
      },
    ]);
  });
});

describe("the catalog", () => {
  test("gives the bytes that its checksum names", () => {
    const { catalog } = rig();
    const entry = catalog.byId("worker")!;
    expect(createHash("sha256").update(entry.bytes).digest("hex")).toBe(entry.checksum);
    expect(decodeRole(entry.bytes)).toEqual(entry.bundle);
    expect(catalog.bytes("worker", "0".repeat(64))).toBeNull();
  });

  test("refuses a content that cannot be read, and one that is no text where text belongs", () => {
    const unit = { name: "a.service", isEnabled: true, content: { kind: "beside", from: "a" } } as const;
    const missing = () => {
      throw new Error("a cannot be read");
    };
    expect(() => rig(1, [{ ...plain, units: [unit] }], missing)).toThrow("the role worker: a cannot be read");
    expect(() => rig(1, [{ ...plain, units: [unit] }], () => Uint8Array.of(255))).toThrow("the role worker: ");
    const large = () => new Uint8Array(roleLimits.fileBytes + 1);
    const file = { ...plain.files[0]!, content: unit.content };
    expect(() => rig(1, [{ ...plain, files: [file] }], large)).toThrow("is too large");
  });
});
