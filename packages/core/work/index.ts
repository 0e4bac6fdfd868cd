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
export type { Effect, Lease, Outcome, ProgramError, RunRequest, WarbleState } from "./job.ts";
export { outcomeOfError } from "./job.ts";
export type { Candidate } from "./placement.ts";
export { cpuLimit, isFree } from "./placement.ts";
export type { Job, LostLease, QueueLimits, Room } from "./queue.ts";
export { WorkQueue } from "./queue.ts";
export type { User } from "./user.ts";
export { claimedSchemes, nameOfUser, parseUser, userText } from "./user.ts";
