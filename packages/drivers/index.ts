import type { PowerDriver } from "@bramble/core/power";
import type { LightDriver, SoundDriver } from "@bramble/core/work";
import { simulatedLamp } from "./light/simulated.ts";
import { simulatedPower } from "./power/simulated.ts";
import { simulatedSpeaker } from "./sound/simulated.ts";

/** Every make of PDU that this version can switch, by the id that the cluster file's models name. */
export const powerDrivers: readonly PowerDriver[] = [simulatedPower];
/** Every make of lamp. */
export const lightDrivers: readonly LightDriver[] = [simulatedLamp];
/** Every make of speaker. */
export const soundDrivers: readonly SoundDriver[] = [simulatedSpeaker];
export { simulatedLamp, simulatedPower, simulatedSpeaker };
