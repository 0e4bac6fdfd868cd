import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mac } from "../base/index.ts";
import { mac } from "../base/index.ts";
import type { Lease } from "./job.ts";
import { type QueueLimits, WorkQueue } from "./queue.ts";

const limits: QueueLimits = { jobs: 50, jobsPerUser: 20, attempts: 3, leaseMs: 75_000, graceMs: 10_000 };
const boardA = mac("b8:27:eb:00:00:0a");
const boardB = mac("b8:27:eb:00:00:0b");
const boardC = mac("b8:27:eb:00:00:0c");
const anyBoard = () => true;

function rig(some: Partial<QueueLimits> = {}) {
  const queue = new WorkQueue({ ...limits, ...some });
  let serial = 0;
  const assign = (now = 0, isFree: (board: Mac) => boolean = anyBoard) =>
    queue.assign(isFree, (job) => `${job.number}.${serial++}`, now);
  const finish = (lease: Lease) => {
    expect(queue.take(lease.id, lease.board)).not.toBeNull();
    queue.settle(lease.id);
  };
  return { queue, assign, finish };
}

test("a job waits until a board asks for work", () => {
  const { queue, assign } = rig();
  queue.post({ number: 1, user: "web:ada" });
  expect(assign()).toBeNull();
  queue.ready(boardA, 1);
  expect(assign()).toMatchObject({ job: 1, user: "web:ada", board: boardA, attempt: 1, until: 75_000 });
  expect(queue.counts()).toEqual({ queued: 0, leased: 1 });
});

test("a board that is not free is passed over and keeps its place in the line", () => {
  const { queue, assign } = rig();
  for (const board of [boardA, boardB]) queue.ready(board, 1);
  for (const number of [1, 2]) queue.post({ number, user: `web:u${number}` });
  expect(assign(0, (board) => board === boardB)?.board).toBe(boardB);
  expect(assign(0, (board) => board === boardB)).toBeNull();
  expect(assign()?.board).toBe(boardA);
});

test("the board that has been free for longest is chosen", () => {
  const { queue, assign, finish } = rig();
  for (const board of [boardA, boardB, boardC]) queue.ready(board, 1);
  for (let number = 1; number <= 5; number++) queue.post({ number, user: `web:u${number}` });
  const first = assign()!;
  expect(first.board).toBe(boardA);
  finish(first);
  queue.ready(boardA, 1);
  expect([assign(), assign(), assign()].map((lease) => lease?.board)).toEqual([boardB, boardC, boardA]);
});

test("jobs of one user run one after another in the order accepted", () => {
  const { queue, assign, finish } = rig();
  queue.ready(boardA, 4);
  for (const number of [1, 2, 3]) queue.post({ number, user: "web:ada" });
  const first = assign()!;
  expect(first.job).toBe(1);
  expect(assign()).toBeNull();
  finish(first);
  expect(assign()?.job).toBe(2);
});

test("users take turns, so that a hundred posts of one delay another by one", () => {
  const { queue, assign, finish } = rig({ jobs: 500, jobsPerUser: 500 });
  for (let number = 1; number <= 100; number++) queue.post({ number, user: "web:many" });
  queue.post({ number: 101, user: "web:ada" });
  expect(queue.place(101)).toBe(2);
  expect(queue.place(100)).toBe(101);
  queue.ready(boardA, 1);
  finish(assign()!);
  queue.ready(boardA, 1);
  expect(assign()?.job).toBe(101);
});

test("a `ready` that crossed a `run` on the wire gives no board more than it has", () => {
  const { queue, assign } = rig();
  for (const number of [1, 2, 3]) queue.post({ number, user: `web:u${number}` });
  queue.ready(boardA, 2);
  assign();
  assign();
  // Sent when the board had only the first run.
  queue.ready(boardA, 1);
  expect(assign()).toBeNull();
});

test("a lease whose time is over is given elsewhere, and its late result is superseded", () => {
  const { queue, assign } = rig();
  queue.post({ number: 1, user: "web:ada" });
  queue.ready(boardA, 1);
  const first = assign(0)!;
  expect(queue.expire(74_999)).toEqual([]);
  expect(queue.expire(75_000)).toEqual([{ lease: first, kind: "again" }]);
  queue.ready(boardB, 1);
  expect(assign(75_000)).toMatchObject({ job: 1, board: boardB, attempt: 2 });
  expect(queue.take(first.id, boardA)).toBeNull();
});

test("a board whose link is gone has a short time to come back with its result", () => {
  const { queue, assign } = rig();
  queue.post({ number: 1, user: "web:ada" });
  queue.ready(boardA, 1);
  const lease = assign(0)!;
  queue.gone(boardA, 1000);
  expect(queue.expire(10_999)).toEqual([]);
  expect(queue.take(lease.id, boardA)).toMatchObject({ job: 1 });
  expect(queue.expire(11_000)).toEqual([]);
});

test("a board that comes back without a lease has lost it, and nobody waits for its end", () => {
  const { queue, assign } = rig();
  for (const number of [1, 2]) queue.post({ number, user: `web:u${number}` });
  queue.ready(boardA, 2);
  const [kept, lost] = [assign()!, assign()!];
  expect(queue.holds(boardB, new Set(), 1000)).toEqual([]);
  expect(queue.holds(boardA, new Set([kept.id]), 1000)).toEqual([]);
  expect(queue.expire(1000)).toMatchObject([{ lease: { id: lost.id }, kind: "again" }]);
});

test("a lease from before a restart that its board never had goes back at once, without an attempt", () => {
  const { queue, assign } = rig();
  const lease: Lease = { id: "7.old", job: 7, user: "web:ada", board: boardA, attempt: 3, until: 60_000 };
  queue.restore(lease);
  expect(queue.holds(boardA, new Set(["7.old"]), 0)).toEqual([]);
  expect(queue.holds(boardA, new Set(), 0)).toMatchObject([{ id: "7.old" }]);
  queue.ready(boardB, 1);
  expect(assign()).toMatchObject({ job: 7, board: boardB, attempt: 3 });
});

test("a job that lost its last attempt is exhausted, and stays so until that is durable", () => {
  const { queue, assign } = rig({ attempts: 2 });
  queue.post({ number: 1, user: "web:ada" });
  queue.ready(boardA, 1);
  assign(0);
  queue.expire(75_000);
  queue.ready(boardB, 1);
  const last = assign(75_000)!;
  expect(queue.expire(150_000)).toEqual([{ lease: last, kind: "exhausted" }]);
  expect(queue.expire(150_001)).toEqual([]);
  queue.untake(last.id);
  expect(queue.expire(150_002)).toMatchObject([{ kind: "exhausted" }]);
  queue.settle(last.id);
  expect(queue.counts()).toEqual({ queued: 0, leased: 0 });
});

test("a result counts only from the board that holds the lease", () => {
  const { queue, assign } = rig();
  queue.post({ number: 1, user: "web:ada" });
  queue.ready(boardA, 1);
  const lease = assign()!;
  expect(queue.take(lease.id, boardB)).toBeNull();
  expect(queue.take(lease.id, boardA)).not.toBeNull();
  expect(queue.take(lease.id, boardA)).toBeNull();
});

test("a run that never reached its board counts no attempt, and the board must ask again", () => {
  const { queue, assign } = rig();
  queue.post({ number: 1, user: "web:ada" });
  queue.ready(boardA, 1);
  queue.undelivered(assign()!.id);
  expect(assign()).toBeNull();
  queue.ready(boardB, 1);
  expect(assign()).toMatchObject({ board: boardB, attempt: 1 });
});

test("a lease that could not be stored leaves job and slot as they were", () => {
  const { queue, assign } = rig();
  queue.post({ number: 1, user: "web:ada" });
  queue.ready(boardA, 1);
  queue.unclaimed(assign()!.id);
  expect(assign()).toMatchObject({ board: boardA, attempt: 1 });
});

test("the queue is bounded, in all and for each user", () => {
  const { queue } = rig({ jobs: 3, jobsPerUser: 2 });
  queue.post({ number: 1, user: "web:ada" });
  expect(queue.room("web:ada", { inAll: 1, ofUser: 1 })).toBe("user-full");
  queue.post({ number: 2, user: "web:ada" });
  expect(queue.room("web:ada")).toBe("user-full");
  expect(queue.room("web:bob")).toBe("room");
  expect(queue.room("web:bob", { inAll: 1, ofUser: 0 })).toBe("queue-full");
});

const boards = [boardA, boardB, boardC];
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("post" as const), user: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("assign" as const), hot: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ready" as const), board: fc.nat(2), slots: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("take" as const), lease: fc.nat(60), board: fc.nat(2) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("store" as const), lease: fc.nat(60), isDurable: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("gone" as const), board: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("holds" as const), board: fc.nat(2), lease: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("undelivered" as const), lease: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unclaimed" as const), lease: fc.nat(60) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 9_000, 30_000, 80_000) }),
  },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

test("in any order of posts, boards, results, losses and waits nothing is lost, doubled or out of order", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
      const model = new Model();
      for (const each of operations) model.apply(each);
      model.drain();
    }),
    { numRuns: 500 },
  );
});

/** What must hold, kept as plainly as possible beside the real queue. */
class Model {
  readonly #queue = new WorkQueue({ ...limits, jobs: 1000, jobsPerUser: 1000 });
  readonly #posted: { readonly number: number; readonly user: string }[] = [];
  readonly #ended: number[] = [];
  readonly #issued: Lease[] = [];
  readonly #taken = new Set<string>();
  readonly #most = new Map<Mac, number>();
  #now = 0;

  apply(each: Operation): void {
    switch (each.do) {
      case "post": {
        const job = { number: this.#posted.length + 1, user: `web:u${each.user}` };
        this.#posted.push(job);
        this.#queue.post(job);
        break;
      }
      case "assign":
        this.#assign((board) => (each.hot & (1 << boards.indexOf(board))) === 0);
        break;
      case "ready":
        this.#ready(boards[each.board]!, each.slots);
        break;
      case "gone":
        this.#queue.gone(boards[each.board]!, this.#now);
        this.#most.delete(boards[each.board]!);
        break;
      case "holds":
        this.#queue.holds(boards[each.board]!, new Set([this.#issued[each.lease]?.id ?? ""]), this.#now);
        break;
      case "take":
        this.#take(this.#issued[each.lease], boards[each.board]!);
        break;
      case "store":
        this.#store(this.#issued[each.lease], each.isDurable);
        break;
      case "undelivered":
      case "unclaimed": {
        const lease = this.#issued[each.lease];
        // Only a lease that was given out just now can meet these.
        if (lease === undefined || this.#taken.has(lease.id)) break;
        this.#queue[each.do](lease.id);
        if (each.do === "undelivered" && this.#isIssued(lease)) this.#most.delete(lease.board);
        break;
      }
      case "wait":
        this.#now += each.ms;
        for (const { lease, kind } of this.#queue.expire(this.#now)) {
          expect(lease.until).toBeLessThanOrEqual(this.#now);
          expect(kind).toBe(lease.attempt < limits.attempts ? "again" : "exhausted");
          if (kind === "exhausted") this.#taken.add(lease.id);
        }
        break;
    }
    this.#check();
  }

  /** With one patient board every job comes to its end. */
  drain(): void {
    for (const lease of this.#issued) this.#store(lease, true);
    for (const board of boards) this.#queue.gone(board, this.#now);
    this.apply({ do: "wait", ms: 80_000 });
    for (const lease of this.#issued) this.#store(lease, true);
    this.#most.clear();
    for (let turn = 0; turn < this.#posted.length; turn++) {
      this.#ready(boardA, 1);
      this.#assign(anyBoard);
      const lease = this.#issued.at(-1);
      this.#take(lease, boardA);
      this.#store(lease, true);
      this.#check();
    }
    expect(this.#queue.counts()).toEqual({ queued: 0, leased: 0 });
    expect([...this.#ended].sort((a, b) => a - b)).toEqual(this.#posted.map(({ number }) => number));
  }

  #ready(board: Mac, slots: number): void {
    this.#queue.ready(board, slots);
    this.#most.set(board, Math.max(slots, this.#most.get(board) ?? 0));
  }

  #assign(isFree: (board: Mac) => boolean): void {
    const lease = this.#queue.assign(isFree, ({ number }) => `${number}.${this.#issued.length}`, this.#now);
    if (lease === null) return;
    expect(isFree(lease.board)).toBe(true);
    expect(this.#held(lease.board)).toBeLessThanOrEqual(this.#most.get(lease.board) ?? 0);
    const earlier = this.#posted.filter(({ user, number }) => user === lease.user && number < lease.job);
    for (const { number } of earlier) expect(this.#ended).toContain(number);
    this.#issued.push(lease);
  }

  #take(lease: Lease | undefined, board: Mac): void {
    if (lease === undefined) return;
    const isHeld = this.#isIssued(lease);
    const taken = this.#queue.take(lease.id, board);
    expect(taken !== null).toBe(isHeld && board === lease.board && !this.#taken.has(lease.id));
    if (taken !== null) this.#taken.add(lease.id);
  }

  #store(lease: Lease | undefined, isDurable: boolean): void {
    if (lease === undefined || !this.#taken.delete(lease.id)) return;
    if (!isDurable) {
      this.#queue.untake(lease.id);
      return;
    }
    this.#queue.settle(lease.id);
    expect(this.#ended).not.toContain(lease.job);
    this.#ended.push(lease.job);
  }

  #held(board: Mac): number {
    return [...this.#queue.leases()].filter((lease) => lease.board === board).length;
  }

  #isIssued({ id }: Lease): boolean {
    return [...this.#queue.leases()].some((lease) => lease.id === id);
  }

  #check(): void {
    const leases = [...this.#queue.leases()];
    expect(new Set(leases.map(({ user }) => user)).size).toBe(leases.length);
    expect(new Set(leases.map(({ job }) => job)).size).toBe(leases.length);
    const { queued, leased } = this.#queue.counts();
    expect(leased).toBe(leases.length);
    expect(queued + leased + this.#ended.length).toBe(this.#posted.length);
    for (const { number } of this.#posted) {
      const place = this.#queue.place(number);
      const isQueued = !this.#ended.includes(number) && !leases.some(({ job }) => job === number);
      expect(place !== null).toBe(isQueued);
      if (place !== null) expect(place).toBeGreaterThan(0);
    }
  }
}
