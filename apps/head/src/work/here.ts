import type { RunAnswer } from "@bramble/core/api";
import type { Clock, Millis, Random, Timer } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import { nameOfUser, sleepMsOf } from "@bramble/core/work";
import type { SandboxLimits } from "./limits.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";

/** A program to run at once on the head. */
export type HereRequest = {
  readonly text: string;
  readonly user: string;
  /** SLEEP is recorded but not waited for. */
  readonly noSleep: boolean;
};

/** Runs programs in the head's sandbox, for the playground: no device hears of them, and what they save is forgotten. */
export type Here = Disposable & {
  /** @throws ClusterError `sandbox.unavailable`; the signal's reason when the caller is gone. */
  run(request: HereRequest, signal?: AbortSignal): Promise<RunAnswer>;
};

/** The playground over a sandbox. Runs of one user come one after another, so that LOAD then SAVE loses nothing. */
export function createHere({
  sandbox,
  clock,
  random,
  boards,
  limits,
}: {
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly random: Random;
  /** What NODES() gives. */
  readonly boards: () => number;
  readonly limits: SandboxLimits;
}): Here {
  /** By user, the one used longest ago first. */
  const scratches = new Map<string, Scratch>();
  const last = new Map<string, Promise<unknown>>();
  let waiting = 0;
  let sleeping = 0;

  const scratchOf = (user: string): Scratch => {
    const known = scratches.get(user);
    const scratch = known ?? { saved: new Map(), data: new Map(), usedAt: 0 };
    scratch.usedAt = clock.monotonic();
    scratches.delete(user);
    scratches.set(user, scratch);
    if (scratches.size > limits.scratchUsers) scratches.delete(scratches.keys().next().value!);
    return scratch;
  };

  const runOnce = async ({ text, user }: HereRequest): Promise<RunAnswer> => {
    const scratch = scratchOf(user);
    const { out, effects, error, warnings, steps, saves, data } = await sandbox.run({
      id: "",
      post: text,
      user: nameOfUser(user),
      saved: Object.fromEntries(scratch.saved),
      data: Object.fromEntries(scratch.data),
      board: 0,
      boards: Math.max(1, boards()),
      temperatureC: null,
      nowMs: clock.now(),
      seed: random.whole(2 ** 32),
    });
    if (error === null) {
      for (const [name, value] of Object.entries(saves)) scratch.saved.set(name, value);
      for (const [name, value] of Object.entries(data)) scratch.data.set(name, value);
    }
    return { out: [...out], effects: effects.map((effect) => [...effect]), error, warnings: [...warnings], steps };
  };

  const inTurn = async (request: HereRequest): Promise<RunAnswer> => {
    if (waiting >= limits.waiting + limits.workers) {
      throw new ClusterError("sandbox.unavailable", `${waiting} programs wait for the sandbox already`);
    }
    waiting++;
    const before = last.get(request.user);
    const turn = (before ?? Promise.resolve()).then(
      () => runOnce(request),
      () => runOnce(request),
    );
    last.set(request.user, turn);
    try {
      return await turn;
    } finally {
      waiting--;
      if (last.get(request.user) === turn) last.delete(request.user);
    }
  };

  const waitAsleep = async (ms: Millis, signal: AbortSignal | undefined): Promise<void> => {
    if (sleeping >= limits.sleeping)
      throw new ClusterError("sandbox.unavailable", `${sleeping} programs sleep already`);
    sleeping++;
    try {
      await clock.sleep(ms, signal);
    } finally {
      sleeping--;
    }
  };

  const forgetting: Timer = clock.every(limits.scratchMs / 60, () => {
    const oldest = clock.monotonic() - limits.scratchMs;
    for (const [user, { usedAt }] of scratches) {
      if (usedAt > oldest) break;
      scratches.delete(user);
    }
  });

  return {
    async run(request, signal) {
      const answer = await inTurn(request);
      const ms = request.noSleep ? 0 : sleepMsOf(answer.effects as [string, ...(string | number)[]][]);
      if (ms > 0) await waitAsleep(ms, signal);
      return answer;
    },
    [Symbol.dispose]: () => forgetting.cancel(),
  };
}

type Scratch = { readonly saved: Map<string, string>; readonly data: Map<string, string>; usedAt: Millis };
