/** Warble, the tweet-sized language: the package's door. SPEC.md says what programs mean. */
export { builtins } from "./builtins/table.ts";
export { decodeValue, encodeValue } from "./encode.ts";
export type { Effect, Environment, RunResult } from "./environment.ts";
export { type ErrorClass, timeError, type WarbleError, type Warning } from "./errors.ts";
export { type Limits, publicLimits } from "./limits.ts";
export { isWarble, type ParseResult, parse, run } from "./run.ts";
export { format, type Rewritten } from "./tools/format.ts";
export { shrink } from "./tools/shrink.ts";
export type { Value } from "./values.ts";
