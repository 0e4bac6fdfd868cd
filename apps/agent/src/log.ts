import type { Logger, LogLine } from "@bramble/core/base";

/** How much is logged. */
export type LogLevel = (typeof logLevels)[number];

/** From the quietest to the loudest. */
export const logLevels = ["error", "warn", "info", "debug"] as const;

/**
 * A log of one JSON object a line, in pino's form, so that one tool reads the head's and the boards'. Not pino itself:
 * that would be a third of the agent's bundle.
 *
 * @param write takes a whole line, its end included.
 */
export function jsonLog(level: LogLevel, now: () => number, write: (line: string) => void): Logger {
  const loudest = logLevels.indexOf(level);
  const at = (name: LogLevel, number: number): LogLine => {
    if (logLevels.indexOf(name) > loudest) return () => {};
    return (facts, event) =>
      write(`${JSON.stringify({ level: number, time: now(), name: "agent", ...facts, msg: event })}\n`);
  };
  return { error: at("error", 50), warn: at("warn", 40), info: at("info", 30), debug: at("debug", 20) };
}
