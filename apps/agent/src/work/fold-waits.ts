import type { BoardMessage, HeadMessage } from "@bramble/core/api";
import type { ChunkAnswer, FoldOrder } from "@bramble/core/work";

/** Answers to a fold, or a part of them. */
export type FoldedMessage = Extract<HeadMessage, { type: "folded" }>;

/** The runs of one board that have come to a big fold and wait for its answers. */
export class FoldWaits {
  readonly #send: (message: BoardMessage) => boolean;
  readonly #waits = new Map<string, Wait>();

  constructor(send: (message: BoardMessage) => boolean) {
    this.#send = send;
  }

  /** Ask the head for the answers to the `fold`th fold of a run. Rejects when `signal` is aborted. */
  ask(lease: string, fold: number, order: FoldOrder, signal: AbortSignal): Promise<readonly ChunkAnswer[]> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        this.#waits.delete(lease);
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      const question: BoardMessage = { type: "fold", lease, fold, order: order as never };
      const done = (answers: readonly ChunkAnswer[]): void => {
        signal.removeEventListener("abort", onAbort);
        this.#waits.delete(lease);
        resolve(answers);
      };
      this.#waits.set(lease, { fold, question, answers: [], done });
      this.#send(question);
    });
  }

  /** A new link: whatever was on its way is lost, and every question is asked again. */
  askAgain(): void {
    for (const wait of this.#waits.values()) {
      wait.answers = [];
      this.#send(wait.question);
    }
  }

  folded({ lease, fold, answers, isLast }: FoldedMessage): void {
    const wait = this.#waits.get(lease);
    if (wait === undefined || wait.fold !== fold) return;
    wait.answers.push(...answers);
    if (isLast) wait.done(wait.answers);
  }
}

type Wait = {
  readonly fold: number;
  readonly question: BoardMessage;
  answers: ChunkAnswer[];
  readonly done: (answers: readonly ChunkAnswer[]) => void;
};
