export type { Beacon } from "./beacon.ts";
export { decodeBeacon, encodeBeacon } from "./beacon.ts";
