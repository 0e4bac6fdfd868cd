/** One line of a log: facts as fields, then the event as a sentence without a subject ("lease bound"). */
export type LogLine = (facts: Readonly<Record<string, unknown>>, event: string) => void;

/** The log that is passed in (pino fits). error = a person must act; warn = we coped; info = a board changed state; debug = the rest. */
export type Logger = {
  readonly error: LogLine;
  readonly warn: LogLine;
  readonly info: LogLine;
  readonly debug: LogLine;
};

/** A log that forgets everything. */
export const silentLog: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
