import type { PowerDriver } from "@bramble/core/power";
import { simulatedPower } from "./power/simulated.ts";

/** Every make of PDU that this version can switch, by the id that the cluster file's models name. */
export const powerDrivers: readonly PowerDriver[] = [simulatedPower];
export { simulatedPower };
