import { standInButtons } from "./power/arduino-buttons.stand-in.ts";
import type { StandIn, StandInParts } from "./power/made.stand-in.ts";
import { standInShelly } from "./power/shelly-gen2.stand-in.ts";
import { standInCmdCgi } from "./power/synaccess-http.stand-in.ts";
import { standInNetBooter } from "./power/synaccess-telnet.stand-in.ts";
import { standInTasmota } from "./power/tasmota.stand-in.ts";
import { standInTuringPi } from "./power/turing-pi-2.stand-in.ts";
import { standInHook } from "./power/webhook.stand-in.ts";

export type { StandIn, StandInFault, StandInParts } from "./power/made.stand-in.ts";
export type { PduFault, PduStandIn, PduStandInParts } from "./power/simulated.stand-in.ts";
export { standInPdu } from "./power/simulated.stand-in.ts";

/** Pretend devices by the id of their driver; none of them asks for a login. A make with a fixed number of outlets keeps it. */
export const powerStandIns: ReadonlyMap<string, (parts: StandInParts) => Promise<StandIn>> = new Map([
  ["arduino-buttons", standInButtons],
  ["shelly-gen2", standInShelly],
  ["synaccess-http", standInCmdCgi],
  ["synaccess-telnet", standInNetBooter],
  ["tasmota", standInTasmota],
  ["turing-pi-2", standInTuringPi],
  ["webhook", standInHook],
]);
