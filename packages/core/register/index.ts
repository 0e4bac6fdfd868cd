export type { BoardRecord, Place } from "./board.ts";
