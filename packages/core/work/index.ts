export type {
  Colour,
  DeviceConfig,
  DeviceContext,
  Lamp,
  LightChange,
  LightDriver,
  SoundDriver,
  Speaker,
} from "./devices.ts";
export { defineLightDriver, defineSoundDriver } from "./devices.ts";
export type { Beat } from "./effects.ts";
export { beatsOf, lightOf, maxSleepMs, sleepMsOf, soundOf } from "./effects.ts";
export type { ChunkAnswer, ChunkRange, FoldOrder } from "./fold.ts";
export { batchSize } from "./fold.ts";
export type { Answered, Batch } from "./fold-book.ts";
export { FoldBook } from "./fold-book.ts";
export type { Effect, Lease, Outcome, ProgramError, RunRequest, WarbleState } from "./job.ts";
export { outcomeOfError } from "./job.ts";
export type { Candidate } from "./placement.ts";
export { cpuLimit, isFree } from "./placement.ts";
export type { Job, LostLease, QueueLimits, Room } from "./queue.ts";
export { WorkQueue } from "./queue.ts";
export type { RoleBundle, RoleFile, RoleStart, RoleUnit } from "./role-bundle.ts";
export { decodeRole, encodeRole } from "./role-bundle.ts";
export type { RoleRef } from "./role-choice.ts";
export { isSameRole, noRole, roleOf } from "./role-choice.ts";
export { bundleOf } from "./role-content.ts";
export { faultOfRole } from "./role-faults.ts";
export type { RoleReport, RoleStanding } from "./role-standing.ts";
export { reportOf, roleStandings, standingOf } from "./role-standing.ts";
export type { RoleAsked, RoleEvent, RoleState, RoleStep } from "./role-state.ts";
export { goodOf, roleSteps, stepRole, wantOf } from "./role-state.ts";
export type { TurnLimits } from "./role-turns.ts";
export { defaultTurnLimits, RoleTurns } from "./role-turns.ts";
export { roleUser } from "./role-unit.ts";
export type { User } from "./user.ts";
export { claimedSchemes, nameOfUser, parseUser, userText } from "./user.ts";
