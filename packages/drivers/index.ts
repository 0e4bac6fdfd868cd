import type { PowerDriver } from "@bramble/core/power";
import type { LightDriver, SoundDriver } from "@bramble/core/work";
import { simulatedLamp } from "./light/simulated.ts";
import { arduinoButtons } from "./power/arduino-buttons.ts";
import { command } from "./power/command.ts";
import { powerman } from "./power/powerman.ts";
import { redfish } from "./power/redfish.ts";
import { shellyGen2 } from "./power/shelly-gen2.ts";
import { simulatedPower } from "./power/simulated.ts";
import { snmpApc } from "./power/snmp-apc.ts";
import { snmpRfc3621 } from "./power/snmp-rfc3621.ts";
import { synaccessHttp } from "./power/synaccess-http.ts";
import { synaccessTelnet } from "./power/synaccess-telnet.ts";
import { tasmota } from "./power/tasmota.ts";
import { turingPi2 } from "./power/turing-pi-2.ts";
import { webhook } from "./power/webhook.ts";
import { simulatedSpeaker } from "./sound/simulated.ts";

/** Every make of PDU that this version can switch, by the id that the cluster file's models name. */
export const powerDrivers: readonly PowerDriver[] = [
  arduinoButtons,
  command,
  powerman,
  redfish,
  shellyGen2,
  simulatedPower,
  snmpApc,
  snmpRfc3621,
  synaccessHttp,
  synaccessTelnet,
  tasmota,
  turingPi2,
  webhook,
];
/** Every make of lamp. */
export const lightDrivers: readonly LightDriver[] = [simulatedLamp];
/** Every make of speaker. */
export const soundDrivers: readonly SoundDriver[] = [simulatedSpeaker];
export { simulatedLamp, simulatedPower, simulatedSpeaker };
