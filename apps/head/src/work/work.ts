import type { HeadMessage, PostedAnswer, RunAnswer, WarbleBody } from "@bramble/core/api";
import type { Clock, Logger, Mac, Millis, Random } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { Colour, Lamp, Lease, ProgramError, Speaker, WarbleState } from "@bramble/core/work";
import { claimedSchemes, outcomeOfError, parseUser, userText, WorkQueue } from "@bramble/core/work";
import type { Bus } from "../bus.ts";
import type { Roster } from "../register/roster.ts";
import type { StoredResult, StoredWarble, WorkStore } from "../store/work.ts";
import { createDesk, type Desk, type Ended } from "./desk.ts";
import { createHere, type HereRequest } from "./here.ts";
import type { WorkLimits } from "./limits.ts";
import { createPlayer, type PlayedSound } from "./player.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { hashToken, makeToken } from "./tokens.ts";
import { createWaiters } from "./waiters.ts";

/** A post from outside. `token` is the player token that came with it. */
type Post = { readonly text: string; readonly user: string; readonly token: string | null };

/** Which Warbles to list, newest first. */
type WarblesQuery = {
  readonly user: string | null;
  readonly state: WarbleState | null;
  /** From an earlier answer's `next`. */
  readonly cursor: string | null;
  readonly limit: number;
};

/** The work room: the queue of Warbles, their results, what they do to the lamp and the speaker, and the playground. */
export type Work = AsyncDisposable & {
  /** For the links. */
  readonly desk: Desk;
  /**
   * Accept a post, durably. A text that is no Warble is accepted too: its error is its result, without a board.
   *
   * @throws ClusterError `input.invalid`, `auth.player`, `auth.forbidden`, `limit.queue`, `store.unavailable`.
   */
  post(post: Post): Promise<PostedAnswer>;
  /** @throws ClusterError `warble.unknown`. */
  find(id: string): WarbleBody;
  /** As `find`, but waits until the Warble has ended, at most `ms`, or until the signal. */
  wait(id: string, ms: Millis, signal?: AbortSignal): Promise<WarbleBody>;
  /**
   * Take a post back, queued or running; `token` is that of the name which posted it. False when it has ended.
   *
   * @throws ClusterError `warble.unknown`, `auth.player`.
   */
  cancel(id: string, token: string | null): Promise<boolean>;
  list(query: WarblesQuery): { readonly warbles: WarbleBody[]; readonly next: string | null };
  /** Run at once in the head's sandbox; no device hears of it. */
  runHere(request: HereRequest, signal?: AbortSignal): Promise<RunAnswer>;
  counters(): { readonly queued: number; readonly leased: number; readonly done: number; readonly failed: number };
  lights(): readonly Colour[];
  sounds(): readonly PlayedSound[];
};

/** What the work room is made of. */
export type WorkParts = {
  readonly store: WorkStore;
  readonly roster: Roster;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** False when the board has no link now. */
  readonly send: (board: Mac, message: HeadMessage) => boolean;
  /** May this board, by name, be given no work now? Absent: every board may. */
  readonly isHeld?: (board: string) => boolean;
  /** Opened by the caller, who closes them after this room. */
  readonly lamp: Lamp;
  readonly speaker: Speaker;
  readonly sandbox: Sandbox;
  /** What is wrong with a post that can be told without running it, or null (`checkPost`). */
  readonly check: (post: string) => ProgramError | null;
  readonly limits: WorkLimits;
};

/** The room over its store; what was queued or leased before a restart is so again. */
export function createWork(parts: WorkParts): Work {
  const { store, roster, bus, clock, random, log, lamp, speaker, sandbox, check, limits } = parts;
  const queue = restoreQueue(store, clock, limits);
  const totals = { ...store.totals() };
  const waiters = createWaiters(clock, limits.waiters);
  const arriving = new Map<string, number>();
  let arrivingInAll = 0;
  let endedSincePrune = 0;
  let isPruning = false;
  let quietUntil = 0;

  const player = createPlayer({
    lamp,
    speaker,
    clock,
    log,
    limits,
    lightsChanged: (lights) => bus.emit("lights.changed", { lights }),
  });
  const here = createHere({ sandbox, clock, random, limits: limits.sandbox, boards: () => roster.all().length });
  const desk = createDesk({ ...parts, queue, ended: (job) => ended(job) });

  const ended = ({ number, user, state, board, outcome }: Ended): void => {
    totals[state]++;
    const id = idOf(number);
    waiters.settle(id);
    if (!player.play({ warble: id, user, board, effects: outcome.effects })) {
      log.warn({ warble: id, user }, "too many effects play already, these are only recorded");
    }
    tellPeople(state, board, `${id} of ${user}`, outcome.error?.message ?? "");
    pruneSometimes();
  };

  /** Every failure, but of the others only so many as people can read; all of them are in GET /warbles. */
  const tellPeople = (state: "done" | "failed", board: string | null, what: string, reason: string): void => {
    if (state === "failed") {
      bus.emit("event", { kind: "warble.failed", level: "warn", board, message: `${what} failed: ${reason}` });
      return;
    }
    if (clock.monotonic() < quietUntil) return;
    quietUntil = clock.monotonic() + eventEveryMs;
    bus.emit("event", { kind: "warble.done", level: "info", board, message: `${what} ran on ${board}` });
  };

  const pruneSometimes = (): void => {
    if (++endedSincePrune >= pruneEvery && !isPruning) void prune();
  };

  const prune = async (): Promise<void> => {
    isPruning = true;
    endedSincePrune = 0;
    try {
      await store.prune();
    } catch (thrown) {
      log.warn({ error: messageOf(thrown) }, "old warbles not forgotten");
    } finally {
      isPruning = false;
    }
  };

  const arrive = (user: string, change: 1 | -1): void => {
    arrivingInAll += change;
    const now = (arriving.get(user) ?? 0) + change;
    if (now === 0) arriving.delete(user);
    else arriving.set(user, now);
  };

  const requireRoom = (user: string): void => {
    const room = queue.room(user, { inAll: arrivingInAll, ofUser: arriving.get(user) ?? 0 });
    if (room === "queue-full") throw new ClusterError("limit.queue", `${limits.queue.jobs} warbles wait already`);
    if (room === "user-full") {
      throw new ClusterError("limit.queue", `${limits.queue.jobsPerUser} warbles of ${user} wait already`);
    }
  };

  const bodyOf = (warble: StoredWarble): WarbleBody => {
    const { number, state } = warble;
    return toBody(warble, queue.place(number), state === "leased" ? desk.progress(number) : null);
  };

  const find = (id: string): WarbleBody => {
    const number = numberOf(id);
    const warble = number === null ? null : store.find(number);
    if (warble === null) throw new ClusterError("warble.unknown", `there is no warble "${id.slice(0, 40)}"`);
    return bodyOf(warble);
  };

  return {
    desk,
    async post({ text, user: typed, token }) {
      const user = userOf(typed);
      requireRoom(user);
      const error = check(text);
      const fresh = makeToken();
      arrive(user, 1);
      try {
        const { number, isNewName } = await store.accept({
          user,
          post: text,
          at: clock.now(),
          seed: random.whole(2 ** 32),
          name: { shown: token === null ? null : hashToken(token), fresh: hashToken(fresh) },
          result: error === null ? null : resultOfError(error),
        });
        const given = isNewName ? { token: fresh } : {};
        if (error !== null) {
          totals.done++;
          pruneSometimes();
          return { id: idOf(number), place: 0, waitMs: 0, ...given };
        }
        queue.post({ number, user });
        desk.look();
        const place = queue.place(number) ?? 0;
        return { id: idOf(number), place, waitMs: desk.waitMs(place), ...given };
      } finally {
        arrive(user, -1);
      }
    },
    find,
    async wait(id, ms, signal) {
      const body = find(id);
      if (isEnded(body.state) || ms <= 0) return body;
      await waiters.wait(id, ms, signal);
      return find(id);
    },
    async cancel(id, token) {
      const { user } = find(id);
      if (token === null || !store.isHolder(user, hashToken(token)))
        throw new ClusterError("auth.player", `the name "${user}" is taken`);
      return desk.cancel(numberOf(id)!);
    },
    list({ user, state, cursor, limit }) {
      const before = cursor === null ? null : numberOf(cursor);
      if (cursor !== null && before === null)
        throw new ClusterError("input.invalid", "`cursor` is from no earlier answer");
      const found = store.list({ user: user === null ? null : userOf(user), state, before, limit: limit + 1 });
      const shown = found.slice(0, limit);
      return {
        warbles: shown.map(bodyOf),
        next: found.length > limit ? idOf(shown.at(-1)!.number) : null,
      };
    },
    runHere: (request, signal) => here.run({ ...request, user: userOf(request.user) }, signal),
    counters: () => ({ ...queue.counts(), ...totals }),
    lights: () => lamp.read(),
    sounds: () => player.sounds(),
    async [Symbol.asyncDispose]() {
      waiters[Symbol.dispose]();
      here[Symbol.dispose]();
      await desk[Symbol.asyncDispose]();
      await player[Symbol.asyncDispose]();
    },
  };
}

const pruneEvery = 200;
const eventEveryMs = 500;

/** Leases from before the restart stand until their own end, so that a board that comes back may still deliver. */
function restoreQueue(store: WorkStore, clock: Clock, limits: WorkLimits): WorkQueue {
  const queue = new WorkQueue(limits.queue);
  for (const { number, user, attempts, lease } of store.open()) {
    const leftMs = lease === null ? 0 : Math.min(limits.queue.leaseMs, lease.until - clock.now());
    if (lease === null || leftMs <= 0) {
      queue.post({ number, user }, attempts);
      continue;
    }
    const until = clock.monotonic() + leftMs;
    const restored: Lease = { id: lease.id, job: number, user, board: lease.mac, attempt: attempts, until };
    queue.restore(restored);
  }
  return queue;
}

function userOf(typed: string): string {
  const user = parseUser(typed);
  if (user === null) {
    throw new ClusterError(
      "input.invalid",
      `"${typed.slice(0, 40)}" is no user: letters, digits, _ . - @ ', at most 64`,
    );
  }
  if (!claimedSchemes.includes(user.scheme)) {
    throw new ClusterError("auth.forbidden", `only web: and cli: names post here, not ${user.scheme}:`);
  }
  return userText(user);
}

function resultOfError(error: ProgramError): StoredResult {
  const { saves: _saves, data: _data, ...result } = outcomeOfError(error);
  return result;
}

function idOf(number: number): string {
  return `w${number}`;
}

function numberOf(id: string): number | null {
  return /^w[1-9]\d{0,14}$/.test(id) ? Number(id.slice(1)) : null;
}

function isEnded(state: WarbleState): boolean {
  return state === "done" || state === "failed";
}

function toBody(warble: StoredWarble, place: number | null, fold: WarbleBody["fold"]): WarbleBody {
  const { number, user, post, state, board, attempts, postedAt, endedAt, ms, result } = warble;
  return {
    id: idOf(number),
    user,
    text: post,
    state,
    board,
    place: state === "queued" ? place : null,
    attempts,
    postedAt,
    endedAt,
    out: [...(result?.out ?? [])],
    effects: (result?.effects ?? []).map((effect) => [...effect]),
    error: result?.error ?? null,
    warnings: [...(result?.warnings ?? [])],
    steps: result?.steps ?? 0,
    ms,
    fold,
  };
}
