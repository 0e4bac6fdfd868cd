import type { Mac, Millis } from "../base/index.ts";
import { BoardLine } from "./board-line.ts";
import type { Lease } from "./job.ts";
import { Turns } from "./turns.ts";

/** An accepted post that waits for its result. Numbers grow in the order accepted. */
export type Job = { readonly number: number; readonly user: string };

/** How much the queue holds and how long it waits. */
export type QueueLimits = {
  /** Open jobs in all, and of one user. */
  readonly jobs: number;
  readonly jobsPerUser: number;
  /** Leases a job may lose before it fails. */
  readonly attempts: number;
  /** How long a board may keep a lease, and how long one whose link is gone may still come back with the result. */
  readonly leaseMs: Millis;
  readonly graceMs: Millis;
};

/** Whether another post of a user may be accepted. */
export type Room = "room" | "queue-full" | "user-full";

/** A lease that ended without a result: its job is queued `again`, or is `exhausted` and waits to be settled as failed. */
export type LostLease = { readonly lease: Lease; readonly kind: "again" | "exhausted" };

/**
 * Who runs what: every open job, every lease, every board that asked for work. No clock, no disk, no socket: the caller
 * stores what it is told here, then acts. It keeps, in any order of calls: a job has at most one lease; a user has at most one
 * lease, and their jobs are leased in the order accepted; users take turns, so that one with a thousand posts delays
 * nobody by more than one; the board that has been free for longest is chosen; a job is settled exactly once, and none is lost.
 */
export class WorkQueue {
  readonly #limits: QueueLimits;
  readonly #jobs = new Map<number, OpenJob>();
  readonly #users = new Map<string, UserLine>();
  /** Users with a queued job and no lease. */
  readonly #turns = new Turns();
  /** How many users have at least so many jobs queued: index 1 is everybody with any. */
  readonly #usersWith: number[] = [];
  readonly #leases = new Map<string, HeldLease>();
  readonly #boards = new BoardLine();

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** Jobs by state. */
  counts(): { readonly queued: number; readonly leased: number } {
    return { queued: this.#jobs.size - this.#leases.size, leased: this.#leases.size };
  }

  /** Boards with a slot to give now, whatever their CPU says. */
  slots(): number {
    return this.#boards.size;
  }

  /** Whether one more post of `user` fits beside those that are on their way to the store. */
  room(user: string, arriving = { inAll: 0, ofUser: 0 }): Room {
    if (this.#jobs.size + arriving.inAll >= this.#limits.jobs) return "queue-full";
    const line = this.#users.get(user);
    const open = line === undefined ? 0 : line.queued.length + (line.lease === null ? 0 : 1);
    return open + arriving.ofUser >= this.#limits.jobsPerUser ? "user-full" : "room";
  }

  /** A durable job joins; one from before a restart with the attempts it has already used. */
  post(job: Job, attempts = 0): void {
    this.#jobs.set(job.number, { ...job, attempts });
    this.#enqueue(job);
  }

  /** A job that was leased before a restart: its board may still deliver. */
  restore(lease: Lease): void {
    this.#jobs.set(lease.job, { number: lease.job, user: lease.user, attempts: lease.attempt });
    this.#hold(lease);
    this.#leases.get(lease.id)!.isRestored = true;
  }

  /**
   * A board that comes back tells all leases that it `holds`: its others are lost, and nobody needs to wait for their end.
   * One from before a restart most likely never left the head: its job goes back at once, and no attempt is counted.
   *
   * @returns the leases whose jobs went back; the rest is for `expire`.
   */
  holds(board: Mac, held: ReadonlySet<string>, now: Millis): readonly Lease[] {
    const back: Lease[] = [];
    for (const each of [...this.#leases.values()]) {
      const { lease, isSettling, isRestored } = each;
      if (lease.board !== board || isSettling || held.has(lease.id)) continue;
      if (isRestored) {
        this.#back(lease);
        back.push(lease);
      } else each.lease = { ...lease, until: Math.min(lease.until, now) };
    }
    return back;
  }

  /** The board can take `slots` more, it says. */
  ready(board: Mac, slots: number): void {
    this.#boards.ready(board, slots);
  }

  /** The board's link is gone: it gets nothing, and what it holds ends soon unless it delivers. */
  gone(board: Mac, now: Millis): void {
    this.#boards.gone(board);
    for (const held of this.#leases.values()) {
      if (held.lease.board !== board) continue;
      held.lease = { ...held.lease, until: Math.min(held.lease.until, now + this.#limits.graceMs) };
    }
  }

  /** Lease the next job to the board that has been free for longest, or null when nobody waits or no board is free. */
  assign(isFree: (board: Mac) => boolean, name: (job: Job, attempt: number) => string, now: Millis): Lease | null {
    const user = this.#turns.first();
    const board = user === null ? null : this.#boards.first(isFree);
    if (user === null || board === null) return null;
    const { queued } = this.#users.get(user)!;
    this.#usersWith[queued.length]!--;
    const job = this.#jobs.get(queued.shift()!)!;
    const attempt = ++job.attempts;
    const until = now + this.#limits.leaseMs;
    const lease: Lease = { id: name(job, attempt), job: job.number, user, board, attempt, until };
    this.#hold(lease);
    return lease;
  }

  /** The lease could not be stored: the job and the slot go back as they were, no attempt is counted. */
  unclaimed(id: string): void {
    const held = this.#leases.get(id);
    if (held === undefined) return;
    this.#back(held.lease);
    this.#boards.giveBack(held.lease.board);
  }

  /** The run never reached its board: the job goes back, no attempt is counted, and the board must ask again. */
  undelivered(id: string): void {
    const held = this.#leases.get(id);
    if (held === undefined) return;
    this.#boards.gone(held.lease.board);
    this.#back(held.lease);
  }

  /** The lease that a result of `board` belongs to, now being settled; null when it is superseded, another's, or already being settled. */
  take(id: string, board: Mac): Lease | null {
    const held = this.#leases.get(id);
    if (held === undefined || held.isSettling || held.lease.board !== board) return null;
    held.isSettling = true;
    return held.lease;
  }

  /** The store could not keep the result: the lease stands again as it was. */
  untake(id: string): void {
    const held = this.#leases.get(id);
    if (held !== undefined) held.isSettling = false;
  }

  /** The job of this lease has ended, durably. */
  settle(id: string): void {
    const held = this.#leases.get(id);
    if (held === undefined) return;
    this.#jobs.delete(held.lease.job);
    this.#release(held.lease);
  }

  /** Ends the leases whose time is over. Exhausted ones are being settled: `settle` or `untake` each. */
  expire(now: Millis): readonly LostLease[] {
    const lost: LostLease[] = [];
    for (const held of this.#leases.values()) {
      const { lease } = held;
      if (held.isSettling || lease.until > now) continue;
      if (lease.attempt >= this.#limits.attempts) {
        held.isSettling = true;
        lost.push({ lease, kind: "exhausted" });
        continue;
      }
      this.#release(lease);
      this.#enqueue(this.#jobs.get(lease.job)!);
      lost.push({ lease, kind: "again" });
    }
    return lost;
  }

  /** How many turns until a queued job is leased, 1 for the next; null when it is not queued. An estimate: later posts of others may pass. */
  place(number: number): number | null {
    const job = this.#jobs.get(number);
    const line = job && this.#users.get(job.user);
    const own = line === undefined ? -1 : line.queued.indexOf(number);
    if (job === undefined || own < 0) return null;
    // One round of turns for each own job before it, in which every other user with as many jobs has one.
    let ahead = own;
    for (let round = 1; round <= own; round++) ahead += this.#usersWith[round]! - 1;
    return ahead + Math.min(this.#turns.before(job.user), this.#usersWith[own + 1]! - 1) + 1;
  }

  /** Take a job out that nobody has leased; false when there is none. */
  withdraw(number: number): boolean {
    const job = this.#jobs.get(number);
    const line = job && this.#users.get(job.user);
    const at = line === undefined ? -1 : line.queued.indexOf(number);
    if (job === undefined || line === undefined || at < 0) return false;
    this.#usersWith[line.queued.length]!--;
    line.queued.splice(at, 1);
    this.#jobs.delete(number);
    if (line.queued.length === 0 && line.lease === null) {
      this.#turns.delete(job.user);
      this.#users.delete(job.user);
    }
    return true;
  }

  /** The lease under which a job runs, while it gave no result yet; else null. */
  leaseOf(number: number): Lease | null {
    for (const { lease, isSettling } of this.#leases.values()) if (lease.job === number && !isSettling) return lease;
    return null;
  }

  /** The lease of this name while `board` holds it and gave no result yet, else null. */
  held(id: string, board: Mac): Lease | null {
    const held = this.#leases.get(id);
    return held === undefined || held.isSettling || held.lease.board !== board ? null : held.lease;
  }

  /** The lease of a run that waits for others lasts until `until`, if that is later. */
  prolong(id: string, until: Millis): void {
    const held = this.#leases.get(id);
    if (held !== undefined) held.lease = { ...held.lease, until: Math.max(held.lease.until, until) };
  }

  /** Every lease, for tests and pictures. */
  *leases(): IterableIterator<Lease> {
    for (const { lease } of this.#leases.values()) yield lease;
  }

  #hold(lease: Lease): void {
    this.#leases.set(lease.id, { lease, isSettling: false, isRestored: false });
    this.#line(lease.user).lease = lease.id;
    this.#turns.delete(lease.user);
    this.#boards.hold(lease.board);
  }

  #release(lease: Lease): void {
    this.#leases.delete(lease.id);
    this.#boards.release(lease.board);
    const line = this.#line(lease.user);
    line.lease = null;
    if (line.queued.length > 0) this.#turns.add(lease.user);
    else this.#users.delete(lease.user);
  }

  #back(lease: Lease): void {
    const job = this.#jobs.get(lease.job)!;
    job.attempts--;
    this.#release(lease);
    this.#enqueue(job);
  }

  #enqueue(job: Job): void {
    const line = this.#line(job.user);
    let at = line.queued.length;
    while (at > 0 && line.queued[at - 1]! > job.number) at--;
    line.queued.splice(at, 0, job.number);
    this.#usersWith[line.queued.length] = (this.#usersWith[line.queued.length] ?? 0) + 1;
    if (line.lease === null) this.#turns.add(job.user);
  }

  #line(user: string): UserLine {
    const known = this.#users.get(user);
    if (known !== undefined) return known;
    const line: UserLine = { queued: [], lease: null };
    this.#users.set(user, line);
    return line;
  }
}

type OpenJob = Job & { attempts: number };
type HeldLease = { lease: Lease; isSettling: boolean; isRestored: boolean };
type UserLine = { readonly queued: number[]; lease: string | null };
