export type { Gap } from "./apply.ts";
export { applyDelta } from "./apply.ts";
export { decodeFrame, encodeFrame, maxLights, maxRows } from "./codec.ts";
export type { BoardRow, Counters, Delta, Frame, Light, Snapshot } from "./frame.ts";
export type {
  BoxBoard,
  Half,
  LayoutCluster,
  LayoutSource,
  Rect,
  Unfolded,
  UnfoldedBank,
  UnfoldedBoard,
  UnfoldedRack,
  UnfoldOptions,
} from "./layout.ts";
export { box, layoutSourceOf, sizes, unfold } from "./layout.ts";
