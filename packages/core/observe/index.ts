export { decodeSamples, encodeSamples, maxSamplesPerFrame } from "./codec.ts";
export type { BoardSample, Process, Readings, Sample } from "./sample.ts";
export type { BoardState, SilentCause, Standing, StateKind } from "./state.ts";
export { stateKinds } from "./state.ts";
