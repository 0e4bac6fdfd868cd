import type { OutletReading, SnmpBinding } from "@bramble/core/power";
import { definePowerDriver, PowerError, readSettings, text, whole } from "@bramble/core/power";
import { snmpSecrets, snmpSettings, snmpTarget } from "./snmp-target.ts";

const settings = {
  ...snmpSettings,
  group: whole("pethPsePortGroupIndex: the box of a stack, or the slot of a chassis.", 1, 4096, 1),
  first_port: whole("pethPsePortIndex of outlet 1; the other outlets follow.", 1, 4096, 1),
  port_power: text(
    "The vendor's column of a port's power, with the rows of RFC 3621 (Cisco: 1.3.6.1.4.1.9.9.402.1.2.1.9).",
    "none",
  ),
  port_power_per_watt: whole("How many of its units are one watt (Cisco tells milliwatts: 1000).", 1, 1_000_000, 1000),
};

/**
 * PoE switches by the Power Ethernet MIB (RFC 3621): outlet n is port `first_port` + n - 1 of one group.
 *
 * Switched by pethPsePortAdminEnable (TruthValue: 1 on, 2 off). An outlet is on while its port may give power: enabled
 * and delivering (pethPsePortDetectionStatus 3) or searching (2), as an outlet with nothing plugged in is on. A port
 * that is enabled and in fault (4, 6) or still disabled (1) gives none: off. Disabled yet delivering: on. In a test
 * (5): not known.
 *
 * The RFC measures no port, so watts are the vendor's where `port_power` names its column, 0 where nothing is delivered,
 * else null. `load` is pethMainPseConsumptionPower of the group, in watts.
 */
export const snmpRfc3621 = definePowerDriver({
  id: "snmp-rfc3621",
  summary: "PoE switches by SNMP, Power Ethernet MIB (RFC 3621).",
  address: "host[:161]",
  settings,
  secrets: snmpSecrets,
  async open(config, { transport }, signal) {
    const { group, first_port: firstPort, ...vendor } = readSettings(config, settings);
    const { port_power: portPower, port_power_per_watt: perWatt } = vendor;
    const { pdu, outlets } = config;
    if (portPower !== "none" && !/^1(\.\d{1,10}){4,40}$/.test(portPower))
      throw new PowerError("power.config", pdu, `settings.port_power "${portPower.slice(0, 60)}" is no OID`);
    const session = await transport.snmp(snmpTarget(config), signal);
    const column = async (oid: string, ended: AbortSignal) => byPort(await session.walk(`${oid}.${group}`, ended));
    return {
      outlets,
      async set(outlet, on, ended) {
        const oid = `${adminEnable}.${group}.${firstPort + outlet - 1}`;
        await session.set([{ oid, type: "integer", value: on ? 1 : 2 }], ended);
      },
      async read(ended) {
        const admin = await column(adminEnable, ended);
        const status = await column(detectionStatus, ended);
        const power = portPower === "none" ? null : await column(portPower, ended);
        return Array.from({ length: outlets }, (_, at): OutletReading => {
          const port = firstPort + at;
          const [may, does] = [admin.get(port), status.get(port)];
          if (may === undefined || does === undefined) return { on: null, watts: null };
          const on = isOn(may, does);
          if (on === undefined) {
            const told = JSON.stringify([may, does]).slice(0, 60);
            throw new PowerError("power.answer", pdu, `port ${port} is ${told}, which RFC 3621 does not know`);
          }
          if (on === null) return { on, watts: null };
          return { on, watts: does === delivering ? wattsOf(power?.get(port), perWatt) : 0 };
        });
      },
      async load(ended) {
        const [{ value } = { value: null }] = await session.get([`${consumption}.${group}`], ended);
        return [{ name: `group ${group}`, amps: null, watts: typeof value === "number" ? value : null }];
      },
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
  },
});

const powerEthernet = "1.3.6.1.2.1.105.1";
const adminEnable = `${powerEthernet}.1.1.3`;
const detectionStatus = `${powerEthernet}.1.1.6`;
const consumption = `${powerEthernet}.3.1.1.4`;
const delivering = 3;

/** Null: not known. Undefined: nothing that RFC 3621 names. */
function isOn(may: SnmpBinding["value"], does: SnmpBinding["value"]): boolean | null | undefined {
  if ((may !== 1 && may !== 2) || typeof does !== "number") return undefined;
  switch (does) {
    case delivering:
      return true;
    case 2:
      return may === 1;
    case 1:
    case 4:
    case 6:
      return false;
    case 5:
      return null;
    default:
      return undefined;
  }
}

function wattsOf(power: SnmpBinding["value"] | undefined, perWatt: number): number | null {
  return typeof power === "number" && power >= 0 ? power / perWatt : null;
}

function byPort(bindings: readonly SnmpBinding[]): Map<number, SnmpBinding["value"]> {
  return new Map(bindings.map(({ oid, value }) => [Number(oid.slice(oid.lastIndexOf(".") + 1)), value]));
}
