import type { BoardState, SilentCause } from "./state.ts";

/** The cause or failure of a state in words, or null where there is none to tell. */
export function causeInWords(state: BoardState): string | null {
  if (state.kind === "failed") return `stopped at "${state.step}": ${state.reason}`;
  return state.kind === "silent" ? words[state.cause].one : null;
}

/** Why many boards fell silent at once, by the cause that most of them have. */
export function causesInWords(causes: Iterable<SilentCause>): string {
  const counts = new Map<SilentCause, number>();
  for (const cause of causes) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most === undefined ? "cause unknown" : words[most[0]].many;
}

/** Every cause, told of one board and of many. */
const words: Readonly<Record<SilentCause, { readonly one: string; readonly many: string }>> = {
  power: { one: "its power was cut", many: "power cut" },
  bye: { one: "it stopped on purpose", many: "stopped on purpose" },
  agent: { one: "its agent stopped; the board may be alive", many: "agents stopped" },
  board: { one: "it stopped answering without a word", many: "stopped answering" },
  switch: { one: "its whole switch went silent", many: "the whole switch" },
  group: { one: "its whole group went silent", many: "the whole group" },
  hung: { one: "its heartbeats come, its samples do not", many: "heartbeats without samples" },
  unknown: { one: "not heard from since", many: "not heard from" },
};
