import type { Clock } from "@bramble/core/base";
import { type SnmpFault, standInSnmpAgent } from "./snmp-agent.stand-in.ts";

/** How a pretend APC PDU is made. */
export type ApcPduParts = {
  readonly outlets: number;
  readonly branch: "rpdu" | "rpdu2";
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  /** With write access; APC's own is "private". */
  readonly community: string;
  /** Outlets that are on at the start, and again when its controller restarts. */
  readonly on?: Iterable<number>;
  readonly onSwitch: (outlet: number, on: boolean) => void;
  /** What an outlet that is on draws, at 230 V; null: a model that does not measure outlets. */
  readonly watts: ((outlet: number) => number) | null;
};

/** A pretend APC PDU. */
export type ApcPdu = AsyncDisposable & {
  readonly port: number;
  fault: SnmpFault | null;
  isOn(outlet: number): boolean;
  /** As if somebody pressed the button on the PDU. */
  press(outlet: number, on: boolean): void;
  /** Its controller starts anew and forgets what was switched. */
  restart(): void;
};

/**
 * A pretend rack PDU by PowerNet-MIB: commands, states, the meter where it has one, and the load of its one phase.
 * Commands: 1 on, 2 off, 3 reboot, here an off and an on. It knows no delays.
 */
export async function standInApcPdu(parts: ApcPduParts): Promise<ApcPdu> {
  const { branch, outlets, watts } = parts;
  const initial = new Set(parts.on ?? []);
  const on = new Set(initial);
  const told = branch === "rpdu" ? { on: 1, off: 2 } : { on: 2, off: 1 };
  const draw = (outlet: number): number => (on.has(outlet) && watts !== null ? watts(outlet) : 0);
  const meter = (outlet: number): number => Math.round(branch === "rpdu" ? (draw(outlet) / volts) * 10 : draw(outlet));
  const total = (): number => {
    let sum = 0;
    for (let outlet = 1; outlet <= outlets; outlet++) sum += draw(outlet);
    return sum;
  };
  const state = (outlet: number): number => (on.has(outlet) ? told.on : told.off);
  const press = (outlet: number, want: boolean): void => {
    if (on.has(outlet) === want) return;
    if (want) on.add(outlet);
    else on.delete(outlet);
    agent.put(`${oids.state}.${outlet}`, state(outlet));
    if (watts !== null) agent.put(`${oids.meter}.${outlet}`, meter(outlet));
    agent.put(`${oids.amps}.1`, Math.round((total() / volts) * 10));
    if (branch === "rpdu2") agent.put(`${oids.power}.1`, Math.round(total() / 10));
    parts.onSwitch(outlet, want);
  };
  const oids = branch === "rpdu" ? rpdu : rpdu2;
  const numbers = Array.from({ length: outlets }, (_, at) => at + 1);
  const agent = await standInSnmpAgent({
    ...parts,
    tables:
      branch === "rpdu"
        ? [
            // Index, name, phase and bank are there in the real one; nobody asks for the names here.
            table(`${apc}.12.3.3.1.1`, ["index", null, null, "writable"], numbers, (n) => [n, 0, 0, state(n)]),
            table(
              `${apc}.12.3.5.1.1`,
              ["index", null, "integer", "integer", "integer", "integer", watts === null ? null : "gauge"],
              numbers,
              (n) => [n, 0, 1, state(n), 2, 0, meter(n)],
            ),
            table(`${apc}.12.2.3.1.1`, ["index", "gauge", "integer", "integer", "integer"], [1], () => [
              1,
              Math.round((total() / volts) * 10),
              1,
              1,
              0,
            ]),
          ]
        : [
            table(`${apc}.26.9.2.4.1`, ["index", null, null, "integer", "writable"], numbers, (n) => [
              n,
              0,
              0,
              n,
              state(n),
            ]),
            table(`${apc}.26.9.2.3.1`, ["index", null, null, "integer", "integer"], numbers, (n) => [
              n,
              0,
              0,
              n,
              state(n),
            ]),
            table(
              `${apc}.26.9.4.3.1`,
              ["index", null, null, null, null, null, "integer"],
              watts === null ? [] : numbers,
              (n) => [n, 0, 0, 0, 0, 0, meter(n)],
            ),
            table(`${apc}.26.6.3.1`, ["index", null, "integer", null, "integer", null, "integer"], [1], () => [
              1,
              0,
              1,
              0,
              Math.round((total() / volts) * 10),
              0,
              Math.round(total() / 10),
            ]),
          ],
    onWrite(oid, value) {
      const outlet = Number(oid.slice(oids.command.length + 1));
      if (value < 1 || value > 3) return false;
      if (value === 3) press(outlet, false);
      press(outlet, value !== 2);
      return true;
    },
  });
  return {
    port: agent.port,
    get fault() {
      return agent.fault;
    },
    set fault(how) {
      agent.fault = how;
    },
    isOn: (outlet) => on.has(outlet),
    press,
    restart() {
      for (const outlet of numbers) press(outlet, initial.has(outlet));
    },
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

const volts = 230;
const apc = "1.3.6.1.4.1.318.1.1";
const rpdu = {
  command: `${apc}.12.3.3.1.1.4`,
  state: `${apc}.12.3.5.1.1.4`,
  meter: `${apc}.12.3.5.1.1.7`,
  amps: `${apc}.12.2.3.1.1.2`,
  power: "",
};
const rpdu2 = {
  command: `${apc}.26.9.2.4.1.5`,
  state: `${apc}.26.9.2.3.1.5`,
  meter: `${apc}.26.9.4.3.1.7`,
  amps: `${apc}.26.6.3.1.5`,
  power: `${apc}.26.6.3.1.7`,
};

function table(
  entry: string,
  columns: readonly ("index" | "integer" | "gauge" | "writable" | null)[],
  numbers: readonly number[],
  row: (number: number) => readonly number[],
) {
  return { entry, indexes: 1, columns, rows: numbers.map(row) };
}
