import type { Clock, Timer } from "@bramble/core/base";
import type { Environment, RunResult } from "@bramble/warble";
import { timeError } from "@bramble/warble";

/** What the page tells the worker: one program to run. */
export type RunOrder = { readonly post: string; readonly environment: Environment };

/** What the worker tells the page: that it is there; then what each program did, and how long that took. */
export type FromRunWorker =
  | { readonly kind: "ready" }
  | { readonly kind: "ran"; readonly result: RunResult; readonly ms: number };

/** A thread that runs programs. */
type RunWorker = { order(order: RunOrder): void; end(): void };

/** Starts a thread. `hear` gets what it says, `broke` why it ended of itself. */
export type StartRunWorker = (hear: (message: FromRunWorker) => void, broke: (why: string) => void) => RunWorker;

/** What a program did here. */
type RanHere = {
  readonly answer: Omit<RunResult, "saves" | "data">;
  readonly ms: number;
  readonly hasSaved: boolean;
};

/** Runs programs in this browser, one at a time, never on the page's own thread. */
export type Runner = Disposable & {
  /**
   * Run a post as somebody. What it SAVEs is remembered for this runner's life.
   *
   * @throws the signal's reason when it is aborted: the program is ended; Error when the worker breaks.
   */
  run(post: string, world: Omit<Environment, "saved" | "data">, signal: AbortSignal): Promise<RanHere>;
};

/** Wall time of one program (SPEC section 9): its steps end it long before. */
const wallMs = 10_000;

type Turn = {
  readonly order: RunOrder;
  readonly end: (message: Extract<FromRunWorker, { kind: "ran" }> | Error) => void;
  watch: Timer | null;
};

/** A runner over workers: one is kept warm, and is ended from outside when a program overruns or nobody waits any more. */
export function createRunner({ start, clock }: { readonly start: StartRunWorker; readonly clock: Clock }): Runner {
  const shelves = new Map<string, Pick<Environment, "saved" | "data">>();
  let worker: RunWorker | null = null;
  let isReady = false;
  let turn: Turn | null = null;

  const seat = (): void => {
    isReady = false;
    const seated: RunWorker = start(
      (message) => {
        if (worker !== seated) return;
        if (message.kind === "ran") return finish(message);
        isReady = true;
        go();
      },
      (why) => {
        if (worker !== seated) return;
        unseat();
        finish(new Error(`Your browser ended the program${why === "" ? "" : `: ${why}`}`));
      },
    );
    worker = seated;
  };
  const unseat = (): void => {
    worker?.end();
    worker = null;
  };
  const finish = (message: Parameters<Turn["end"]>[0]): void => {
    turn?.watch?.cancel();
    turn?.end(message);
    turn = null;
  };
  /** The watch starts when the worker is there: its start is not the program's time. */
  const go = (): void => {
    if (turn === null || worker === null || !isReady) return;
    worker.order(turn.order);
    turn.watch = clock.after(wallMs, () => {
      unseat();
      const result = { out: [], effects: [], error: timeError(), warnings: [], steps: 0, saves: {}, data: {} };
      finish({ kind: "ran", result, ms: wallMs });
    });
  };

  seat();
  return {
    async run(post, world, signal) {
      signal.throwIfAborted();
      if (turn !== null) throw new Error("A program runs already");
      const shelf = shelves.get(world.user) ?? { saved: {}, data: {} };
      const order: RunOrder = { post, environment: { ...world, ...shelf } };
      const message = await new Promise<Parameters<Turn["end"]>[0]>((resolve) => {
        const stop = (): void => {
          unseat();
          finish(new Error("stopped", { cause: signal.reason }));
        };
        signal.addEventListener("abort", stop, { once: true });
        turn = {
          order,
          watch: null,
          end: (told) => {
            signal.removeEventListener("abort", stop);
            resolve(told);
          },
        };
        if (worker === null) seat();
        else go();
      });
      signal.throwIfAborted();
      if (message instanceof Error) throw message;
      const { saves, data, ...answer } = message.result;
      shelves.set(world.user, { saved: { ...shelf.saved, ...saves }, data: { ...shelf.data, ...data } });
      const hasSaved = Object.keys(saves).length + Object.keys(data).length > 0;
      return { answer, ms: message.ms, hasSaved };
    },
    [Symbol.dispose]() {
      unseat();
      finish(new Error("closed"));
    },
  };
}
