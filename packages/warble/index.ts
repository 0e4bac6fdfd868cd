/** Warble, the tweet-sized language: the package's door. SPEC.md says what programs mean. */

export { builtins } from "./builtins/table.ts";
export { runChunks, runSpread, type SpreadRun } from "./chunks.ts";
export { type Completion, completionsAt } from "./editor/completions.ts";
export { type Help, helpAt } from "./editor/help.ts";
export type { Range } from "./editor/places.ts";
export { lengthOfPost, type Problem, placeOf, problemsOf, type QuickFix } from "./editor/problems.ts";
export { bracketsAt, type ColourToken, type TokenKind, tokensOf } from "./editor/tokens.ts";
export { decodeValue, encodeValue } from "./encode.ts";
export { defaultEnvironment, type Effect, type Environment, type RunResult } from "./environment.ts";
export { type ErrorClass, timeError, type WarbleError, type Warning } from "./errors.ts";
export { type Limits, publicLimits } from "./limits.ts";
export { isWarble, type ParseResult, parse, run } from "./run.ts";
export type { ChunkAnswer, FoldAnswers, FoldOrder } from "./spread.ts";
export type { Dearest } from "./tools/dearest.ts";
export { type ExplainedLine, type Explanation, explain, type Use } from "./tools/explain.ts";
export { format, type Rewritten } from "./tools/format.ts";
export { textOfPost, toolLimits } from "./tools/read.ts";
export { shrink } from "./tools/shrink.ts";
export type { Value } from "./values.ts";
