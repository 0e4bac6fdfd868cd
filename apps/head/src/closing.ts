/** What was opened, closed in reverse order. */
export type Closing = AsyncDisposable & {
  /** Take what must be closed later; gives it back. */
  add<T extends AsyncDisposable | Disposable>(opened: T): T;
};

/** A stack of what was opened. One that does not close harms no other; the first fault is thrown at the end. */
export function createClosing(): Closing {
  const opened: (AsyncDisposable | Disposable)[] = [];
  return {
    add(each) {
      opened.push(each);
      return each;
    },
    async [Symbol.asyncDispose]() {
      const faults: unknown[] = [];
      for (const each of opened.splice(0).reverse()) {
        try {
          if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
          else each[Symbol.dispose]();
        } catch (thrown) {
          faults.push(thrown);
        }
      }
      if (faults.length > 0) throw faults[0];
    },
  };
}
