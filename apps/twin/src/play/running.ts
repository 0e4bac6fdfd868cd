import type { CancelWarbleAnswer, PostedAnswer, WarbleBody } from "@bramble/core/api";
import type { Rest } from "../live/rest.ts";
import { RestError } from "../live/rest.ts";
import type { Runner } from "./runner.ts";

/** What a program did, here or on a board. */
export type Answer = {
  readonly out: readonly string[];
  readonly effects: readonly (readonly (string | number)[])[];
  readonly error: { readonly class: string; readonly pos: number; readonly message: string } | null;
  readonly warnings: readonly { readonly pos: number; readonly message: string }[];
  readonly steps: number;
};

/** How a run stands, from the press of a button to its end. */
export type Running =
  | { readonly kind: "idle" }
  | { readonly kind: "here" }
  | { readonly kind: "sending" }
  | {
      readonly kind: "waiting";
      readonly id: string;
      /** Shows the head whose it is. */
      readonly token: string | null;
      readonly warble: WarbleBody | null;
      readonly place: number;
    }
  | {
      readonly kind: "ended";
      readonly answer: Answer;
      /** Where it ran; null for here, in this browser. */
      readonly board: string | null;
      readonly ms: number | null;
      readonly hasSaved: boolean;
    }
  | ({ readonly kind: "refused" } & Refusal);

/** Why the head would not, and what can be done. */
export type Refusal = { readonly message: string; readonly hint: string };

/** Run a post at once in this browser. Null when nobody waits for it any more. */
export async function runHere(
  runner: Runner,
  text: string,
  world: Parameters<Runner["run"]>[1],
  signal: AbortSignal,
): Promise<Running | null> {
  try {
    return { kind: "ended", board: null, ...(await runner.run(text, world, signal)) };
  } catch (thrown) {
    return signal.aborted ? null : { kind: "refused", ...refusal(thrown) };
  }
}

/** What `sendToCluster` needs beside the post. */
export type SendParts = {
  readonly rest: Rest;
  readonly token: string | null;
  /** Called once for a new name. */
  readonly onToken: (token: string) => void;
  readonly onStep: (running: Running) => void;
  readonly signal: AbortSignal;
};

/** Queue a post for a board and follow it to its end; the queue tells each step. */
export async function sendToCluster(text: string, user: string, parts: SendParts): Promise<void> {
  const { rest, token, onToken, onStep, signal } = parts;
  onStep({ kind: "sending" });
  try {
    const posted = await rest.post<PostedAnswer>("/warbles", { text, user }, token);
    if (posted.token !== undefined) onToken(posted.token);
    const ours = { kind: "waiting", id: posted.id, token: posted.token ?? token } as const;
    onStep({ ...ours, warble: null, place: posted.place });
    // The first look is short, to show the board as soon as one has it; then the head holds the answer, but where
    // other boards compute a part of it there is something to see.
    for (let wait = 0.5; !signal.aborted; ) {
      const warble = await rest.get<WarbleBody>(`/warbles/${encodeURIComponent(posted.id)}?wait=${wait}`, signal);
      if (warble.state === "done" || warble.state === "failed") {
        const { out, effects, error, warnings, steps, board, ms } = warble;
        return onStep({ kind: "ended", answer: { out, effects, error, warnings, steps }, board, ms, hasSaved: false });
      }
      onStep({ ...ours, warble, place: warble.place ?? 0 });
      wait = warble.state === "leased" ? 1 : 10;
    }
  } catch (thrown) {
    if (!signal.aborted) onStep({ kind: "refused", ...refusal(thrown) });
  }
}

/** Take a Warble back that waits or runs. Whoever follows it sees its end. Gives what went wrong, or null. */
export async function takeBack(id: string, token: string | null, rest: Rest): Promise<Refusal | null> {
  try {
    await rest.post<CancelWarbleAnswer>(`/warbles/${encodeURIComponent(id)}/cancel`, {}, token);
    return null;
  } catch (thrown) {
    return refusal(thrown);
  }
}

function refusal(thrown: unknown): Refusal {
  if (thrown instanceof RestError) return { message: thrown.message, hint: thrown.hint };
  return { message: thrown instanceof Error ? thrown.message : String(thrown), hint: "" };
}
