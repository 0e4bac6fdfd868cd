export type { BoardRow, Counters, Delta, Frame, Light, Snapshot } from "./frame.ts";
