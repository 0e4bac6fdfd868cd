export type { PduFault, PduStandIn, PduStandInParts } from "./power/simulated.stand-in.ts";
export { standInPdu } from "./power/simulated.stand-in.ts";
