import { standInButtons } from "./power/arduino-buttons.stand-in.ts";
import type { StandIn, StandInParts } from "./power/made.stand-in.ts";
import { standInPowermand } from "./power/powerman.stand-in.ts";
import { standInRedfish } from "./power/redfish.stand-in.ts";
import { standInShelly } from "./power/shelly-gen2.stand-in.ts";
import { standInApcPdu } from "./power/snmp-apc.stand-in.ts";
import { standInPoeSwitch } from "./power/snmp-rfc3621.stand-in.ts";
import { standInCmdCgi } from "./power/synaccess-http.stand-in.ts";
import { standInNetBooter } from "./power/synaccess-telnet.stand-in.ts";
import { standInTasmota } from "./power/tasmota.stand-in.ts";
import { standInTuringPi } from "./power/turing-pi-2.stand-in.ts";
import { standInHook } from "./power/webhook.stand-in.ts";

export type { StandIn, StandInFault, StandInParts } from "./power/made.stand-in.ts";
export type { PduFault, PduStandIn, PduStandInParts } from "./power/simulated.stand-in.ts";
export { standInPdu } from "./power/simulated.stand-in.ts";

/** Pretend devices by the id of their driver; none of them asks for a login, save
 * the community `private` over SNMP; Redfish is plain HTTP. A make with a fixed number of outlets keeps it. */
export const powerStandIns: ReadonlyMap<string, (parts: StandInParts) => Promise<StandIn>> = new Map<
  string,
  (parts: StandInParts) => Promise<StandIn>
>([
  ["arduino-buttons", standInButtons],
  ["powerman", standInPowermand],
  ["redfish", standInRedfish],
  ["shelly-gen2", standInShelly],
  ["snmp-apc", standInApcPdu],
  ["snmp-rfc3621", standInPoeSwitch],
  ["synaccess-http", standInCmdCgi],
  ["synaccess-telnet", standInNetBooter],
  ["tasmota", standInTasmota],
  ["turing-pi-2", standInTuringPi],
  ["webhook", standInHook],
]);
