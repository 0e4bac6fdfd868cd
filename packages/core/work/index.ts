export type { Outcome, WarbleState } from "./job.ts";
