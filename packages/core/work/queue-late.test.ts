import { expect, test } from "vitest";
import { mac } from "../base/index.ts";
import { type Lease, outcomeOfError } from "./job.ts";
import { type QueueLimits, WorkQueue } from "./queue.ts";

/** What the queue keeps across restarts, lost links and answers that come too late. */

const limits: QueueLimits = { jobs: 50, jobsPerUser: 20, attempts: 3, leaseMs: 75_000, graceMs: 10_000 };
const boardA = mac("b8:27:eb:00:00:0a");
const boardB = mac("b8:27:eb:00:00:0b");

function rig(some: Partial<QueueLimits> = {}) {
  const queue = new WorkQueue({ ...limits, ...some });
  const assign = (now = 0) =>
    queue.assign(
      () => true,
      (job, attempt) => `${job.number}.${attempt}`,
      now,
    );
  const finish = (lease: Lease) => {
    expect(queue.take(lease.id, lease.board)).not.toBeNull();
    queue.settle(lease.id);
  };
  return { queue, assign, finish };
}

test("a lease from before a restart stands: its board may still deliver, nobody else gets its job", () => {
  const { queue, assign, finish } = rig();
  const before: Lease = { id: "7.old", job: 7, user: "web:ada", board: boardA, attempt: 2, until: 500 };
  queue.restore(before);
  queue.post({ number: 8, user: "web:ada" });
  queue.ready(boardB, 1);
  expect(queue.counts()).toEqual({ queued: 1, leased: 1 });
  expect(assign()).toBeNull();
  expect(queue.take("7.old", boardB)).toBeNull();
  finish(before);
  expect(assign()).toMatchObject({ job: 8, board: boardB });
});

test("a restored lease that ends without a result has used its attempt", () => {
  const { queue } = rig();
  queue.restore({ id: "7.old", job: 7, user: "web:ada", board: boardA, attempt: 3, until: 500 });
  expect(queue.expire(499)).toEqual([]);
  expect(queue.expire(500).map(({ kind }) => kind)).toEqual(["exhausted"]);
});

test("slots are the boards that have one to give", () => {
  const { queue, assign } = rig();
  expect(queue.slots()).toBe(0);
  queue.ready(boardA, 1);
  queue.ready(boardB, 2);
  expect(queue.slots()).toBe(2);
  queue.post({ number: 1, user: "web:ada" });
  assign();
  expect(queue.slots()).toBe(1);
  queue.gone(boardB, 0);
  expect(queue.slots()).toBe(0);
});

test("a running job counts towards what its user may have open", () => {
  const { queue, assign } = rig({ jobsPerUser: 2 });
  queue.ready(boardA, 1);
  expect(queue.room("web:ada")).toBe("room");
  queue.post({ number: 1, user: "web:ada" });
  assign();
  expect(queue.room("web:ada")).toBe("room");
  expect(queue.room("web:ada", { inAll: 1, ofUser: 1 })).toBe("user-full");
  queue.post({ number: 2, user: "web:ada" });
  expect(queue.room("web:ada")).toBe("user-full");
  expect(queue.room("web:bob")).toBe("room");
});

test("what is said of a lease that is no more changes nothing", () => {
  const { queue, assign, finish } = rig();
  queue.post({ number: 1, user: "web:ada" });
  queue.ready(boardA, 1);
  const lease = assign()!;
  finish(lease);
  for (const say of [queue.unclaimed, queue.undelivered, queue.untake, queue.settle]) say.call(queue, lease.id);
  expect(queue.take(lease.id, boardA)).toBeNull();
  expect(queue.counts()).toEqual({ queued: 0, leased: 0 });
});

test("a slot given back to a board that has gone meanwhile is no slot", () => {
  const { queue, assign } = rig();
  queue.post({ number: 1, user: "web:ada" });
  queue.ready(boardA, 1);
  const lease = assign()!;
  queue.gone(boardA, 0);
  queue.unclaimed(lease.id);
  expect(queue.slots()).toBe(0);
  expect(queue.counts()).toEqual({ queued: 1, leased: 0 });
});

test("a program that never ran has no effects and saves nothing", () => {
  const error = { class: "SYNTAX", pos: 3, message: "No." };
  expect(outcomeOfError(error)).toMatchObject({ error, out: [], effects: [], saves: {}, data: {}, steps: 0 });
});

test("a lease whose board is gone ends after the grace, and never later than it would have", () => {
  const { queue, assign } = rig();
  queue.post({ number: 1, user: "web:ada" });
  queue.ready(boardA, 1);
  assign(0);
  queue.gone(boardA, 1000);
  expect(queue.expire(10_999)).toEqual([]);
  expect(queue.expire(11_000)).toMatchObject([{ lease: { job: 1 }, kind: "again" }]);
  queue.ready(boardB, 1);
  assign(20_000);
  queue.gone(boardB, 94_000);
  expect(queue.expire(95_000)).toMatchObject([{ lease: { job: 1, attempt: 2 } }]);
});

test("a job that is taken back was never there, one that runs can only end", () => {
  const queue = new WorkQueue({ jobs: 10, jobsPerUser: 10, attempts: 3, leaseMs: 1000, graceMs: 100 });
  const board = mac("b8:27:eb:00:00:01");
  for (const [number, user] of [
    [1, "ann"],
    [2, "ann"],
    [3, "bob"],
  ] as const)
    queue.post({ number, user });
  expect(queue.withdraw(1)).toBe(true);
  expect(queue.withdraw(1)).toBe(false);
  expect(queue.place(2)).toBe(1);
  expect(queue.place(3)).toBe(2);
  queue.ready(board, 2);
  const lease = queue.assign(
    () => true,
    (job) => `l${job.number}`,
    0,
  )!;
  expect(lease.job).toBe(2);
  expect(queue.withdraw(2)).toBe(false);
  expect(queue.leaseOf(2)).toEqual(lease);
  expect(queue.leaseOf(3)).toBeNull();
  expect(queue.withdraw(3)).toBe(true);
  expect(queue.counts()).toEqual({ queued: 0, leased: 1 });
  expect(
    queue.assign(
      () => true,
      () => "none",
      0,
    ),
  ).toBeNull();
});

test("a lease is prolonged, never shortened, and only its board holds it", () => {
  const queue = new WorkQueue({ jobs: 10, jobsPerUser: 10, attempts: 3, leaseMs: 1000, graceMs: 100 });
  const board = mac("b8:27:eb:00:00:01");
  queue.post({ number: 1, user: "ann" });
  queue.ready(board, 1);
  const { id } = queue.assign(
    () => true,
    () => "a",
    0,
  )!;
  queue.prolong(id, 5000);
  queue.prolong(id, 2000);
  queue.prolong("none", 9000);
  expect(queue.held(id, board)?.until).toBe(5000);
  expect(queue.held(id, mac("b8:27:eb:00:00:02"))).toBeNull();
  expect(queue.held("none", board)).toBeNull();
  expect(queue.expire(4999)).toEqual([]);
  queue.take(id, board);
  expect(queue.held(id, board)).toBeNull();
  expect(queue.leaseOf(1)).toBeNull();
});
