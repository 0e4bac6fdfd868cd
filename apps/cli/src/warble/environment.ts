import type { Environment } from "@bramble/warble";
import type { Terminal } from "../terminal.ts";
import type { Kept } from "./saved.ts";

/** What a program sees of the world when it runs on this computer. */
export function environmentHere(terminal: Terminal, user: string, kept: Kept = { saved: {}, data: {} }): Environment {
  const nowMs = terminal.now();
  return { user, board: 0, boards: 1, temperatureC: null, nowMs, seed: nowMs % 2 ** 31, ...kept };
}
