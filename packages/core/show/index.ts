export type { Gap } from "./apply.ts";
export { applyDelta } from "./apply.ts";
export { decodeFrame, encodeFrame, maxLights, maxRows } from "./codec.ts";
export type { BoardRow, Counters, Delta, Frame, Light, Snapshot } from "./frame.ts";
