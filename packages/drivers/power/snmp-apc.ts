import type { OutletReading, PowerLoad, SnmpBinding, SnmpSession } from "@bramble/core/power";
import { choice, definePowerDriver, PowerError, readSettings, whole } from "@bramble/core/power";
import { snmpSecrets, snmpSettings, snmpTarget } from "./snmp-target.ts";

const settings = {
  ...snmpSettings,
  branch: choice(
    "The branch of PowerNet-MIB: rpdu for the first generation (AP79xx), rpdu2 for the second (AP8xxx, AP9xxx).",
    ["rpdu", "rpdu2"],
    "rpdu",
  ),
  volts: whole("The voltage at the outlets; 0: not known, and a meter that tells amperes tells no watts.", 0, 480, 0),
};

/**
 * Rack PDUs in the way of APC: PowerNet-MIB under 1.3.6.1.4.1.318.1.1, which several makes speak.
 *
 * On and off are one integer written to the outlet's command object, 1 on and 2 off in both branches (both know a
 * delayed variant, which we do not use: the head staggers). What is read is another object, and there the branches
 * number the other way round: `rpdu` says 1 on and 2 off, `rpdu2` says 1 off and 2 on.
 *
 * Meters: `rpdu` has tenths of amperes for each outlet on the few models that measure it; times `volts` that is
 * volt-amperes, never less than the watts. `rpdu2` has watts. A model without the meter has no such objects, or says
 * -1, and its watts are null. `load` is the draw by phase or bank: tenths of amperes, `rpdu2` also hundredths of a kW.
 */
export const snmpApc = definePowerDriver({
  id: "snmp-apc",
  summary: "Rack PDUs by SNMP in the way of APC (PowerNet-MIB, rPDU and rPDU2).",
  address: "host[:161]",
  settings,
  secrets: snmpSecrets,
  async open(config, { transport }, signal) {
    const { branch, volts } = readSettings(config, settings);
    const session = await transport.snmp(snmpTarget(config), signal);
    const { pdu, outlets } = config;
    const part = branches[branch];
    return {
      outlets,
      async set(outlet, on, ended) {
        await session.set([{ oid: `${part.command}.${outlet}`, type: "integer", value: on ? 1 : 2 }], ended);
      },
      async read(ended) {
        const states = byOutlet(await session.walk(part.state, ended));
        // A meter that a model lacks is an empty walk, never an error.
        const meters = byOutlet(await session.walk(part.meter, ended));
        return Array.from({ length: outlets }, (_, at): OutletReading => {
          const state = states.get(at + 1);
          if (state === undefined) return { on: null, watts: null };
          if (state !== part.on && state !== part.off) throw notUnderstood(pdu, `outlet ${at + 1}`, state);
          return { on: state === part.on, watts: wattsOf(meters.get(at + 1), branch, volts) };
        });
      },
      load: async (ended) => await loadOf(session, branch, pdu, ended),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
  },
});

const apc = "1.3.6.1.4.1.318.1.1";

/** Columns without the row; the row is the outlet's number, for loads the row of the phase or bank. */
const branches = {
  rpdu: {
    /** rPDUOutletControlOutletCommand */
    command: `${apc}.12.3.3.1.1.4`,
    /** rPDUOutletStatusOutletState */
    state: `${apc}.12.3.5.1.1.4`,
    on: 1,
    off: 2,
    /** rPDUOutletStatusLoad, tenths of amperes */
    meter: `${apc}.12.3.5.1.1.7`,
  },
  rpdu2: {
    /** rPDU2OutletSwitchedControlCommand */
    command: `${apc}.26.9.2.4.1.5`,
    /** rPDU2OutletSwitchedStatusState */
    state: `${apc}.26.9.2.3.1.5`,
    on: 2,
    off: 1,
    /** rPDU2OutletMeteredStatusPower, watts */
    meter: `${apc}.26.9.4.3.1.7`,
  },
} as const;

/** rPDULoadStatusTable: load (tenths of amperes), phase, bank; the bank is 0 in rows of a phase. */
const rpduLoad = { amps: `${apc}.12.2.3.1.1.2`, phase: `${apc}.12.2.3.1.1.4`, bank: `${apc}.12.2.3.1.1.5` };
/** rPDU2PhaseStatusTable: phase, current (tenths of amperes), power (hundredths of a kW). */
const rpdu2Load = { phase: `${apc}.26.6.3.1.3`, amps: `${apc}.26.6.3.1.5`, power: `${apc}.26.6.3.1.7` };

function wattsOf(meter: SnmpBinding["value"] | undefined, branch: keyof typeof branches, volts: number): number | null {
  if (typeof meter !== "number" || meter < 0) return null;
  if (branch === "rpdu2") return meter;
  return volts === 0 ? null : (meter / 10) * volts;
}

async function loadOf(
  session: SnmpSession,
  branch: keyof typeof branches,
  pdu: string,
  signal: AbortSignal,
): Promise<readonly PowerLoad[]> {
  const column = async (oid: string) => byOutlet(await session.walk(oid, signal));
  const table = branch === "rpdu" ? rpduLoad : rpdu2Load;
  const [amps, phases] = [await column(table.amps), await column(table.phase)];
  const banks = branch === "rpdu" ? await column(rpduLoad.bank) : new Map();
  const power = branch === "rpdu2" ? await column(rpdu2Load.power) : new Map();
  return [...amps].map(([row, tenths]) => {
    if (typeof tenths !== "number") throw notUnderstood(pdu, `load ${row}`, tenths);
    const bank = banks.get(row) ?? 0;
    const kilowatts = power.get(row);
    return {
      name: bank === 0 ? `phase ${phases.get(row) ?? row}` : `bank ${bank}`,
      amps: tenths < 0 ? null : tenths / 10,
      watts: typeof kilowatts === "number" && kilowatts >= 0 ? kilowatts * 10 : null,
    };
  });
}

function byOutlet(bindings: readonly SnmpBinding[]): Map<number, SnmpBinding["value"]> {
  return new Map(bindings.map(({ oid, value }) => [Number(oid.slice(oid.lastIndexOf(".") + 1)), value]));
}

function notUnderstood(pdu: string, what: string, value: SnmpBinding["value"]): PowerError {
  return new PowerError("power.answer", pdu, `${what} is ${JSON.stringify(value).slice(0, 60)}`);
}
