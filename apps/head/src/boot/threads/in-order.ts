import type { Clock, Millis, Timer } from "@bramble/core/base";

/** News of several threads, told in the order in which they happened. */
export type InOrder<T> = Disposable & { add(news: readonly T[]): void };

/**
 * Each thread sends its news in batches, and a board's requests are spread over all threads: what one tells now may be older
 * than what another has told. So news wait until all threads have had time to tell theirs.
 *
 * @param lagMs the longest that a thread keeps its news to itself, and some more.
 */
export function createInOrder<T extends { readonly at: Millis }>(parts: {
  readonly clock: Clock;
  readonly lagMs: Millis;
  readonly tell: (news: T) => void;
}): InOrder<T> {
  const { clock, lagMs, tell } = parts;
  let waiting: T[] = [];
  let timer: Timer | null = null;

  const tellUntil = (moment: Millis): void => {
    waiting.sort((one, other) => one.at - other.at);
    const late = waiting.findIndex(({ at }) => at > moment);
    const due = late === -1 ? waiting : waiting.slice(0, late);
    waiting = late === -1 ? [] : waiting.slice(late);
    for (const news of due) tell(news);
  };
  const look = (): void => {
    timer = null;
    tellUntil(clock.now() - lagMs);
    wake();
  };
  const wake = (): void => {
    const [first] = waiting;
    // What is from the future, by a clock that was set back, waits no longer than the rest.
    if (first !== undefined) timer ??= clock.after(Math.min(lagMs, Math.max(1, first.at + lagMs - clock.now())), look);
  };

  return {
    add(news) {
      for (const one of news) waiting.push(one);
      // A clock that jumps must not let them pile up.
      if (waiting.length > mostWaiting) tellUntil(Number.POSITIVE_INFINITY);
      wake();
    },
    [Symbol.dispose]() {
      timer?.cancel();
      timer = null;
      tellUntil(Number.POSITIVE_INFINITY);
    },
  };
}

const mostWaiting = 20_000;
