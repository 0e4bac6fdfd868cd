import type { StandIn, StandInParts } from "./made.stand-in.ts";
import { standInSnmpAgent } from "./snmp-agent.stand-in.ts";

/** How a pretend APC PDU is made. */
export type ApcPduParts = StandInParts & {
  /** Absent: rpdu. */
  readonly branch?: "rpdu" | "rpdu2";
  /** With the right to write; absent: "private", as APC delivers them. */
  readonly community?: string;
  /** False: a model that does not measure its outlets. */
  readonly isMetered?: boolean;
};

/** A pretend APC PDU. When its controller starts anew, outlets are as they were at the start. */
export type ApcPdu = StandIn & {
  /** Its datagrams are no SNMP. */
  isGarbled: boolean;
};

/**
 * A pretend rack PDU by PowerNet-MIB: commands, states, the meter where it has one, and the load of its one phase.
 * Commands: 1 on, 2 off, 3 reboot, here an off and an on. It knows no delays.
 */
export async function standInApcPdu(parts: ApcPduParts): Promise<ApcPdu> {
  const { branch = "rpdu", outlets, isMetered = true, host = "127.0.0.1", community = "private" } = parts;
  const initial = new Set(parts.on ?? []);
  const on = new Set(initial);
  const told = branch === "rpdu" ? { on: 1, off: 2 } : { on: 2, off: 1 };
  const draw = (outlet: number): number => (on.has(outlet) ? (parts.watts?.(outlet) ?? 0) : 0);
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
    if (isMetered) agent.put(`${oids.meter}.${outlet}`, meter(outlet));
    agent.put(`${oids.amps}.1`, Math.round((total() / volts) * 10));
    if (branch === "rpdu2") agent.put(`${oids.power}.1`, Math.round(total() / 10));
    parts.onSwitch?.(outlet, want);
  };
  const oids = branch === "rpdu" ? rpdu : rpdu2;
  const numbers = Array.from({ length: outlets }, (_, at) => at + 1);
  const agent = await standInSnmpAgent({
    host,
    port: parts.port ?? 0,
    clock: parts.clock,
    community,
    tables:
      branch === "rpdu"
        ? [
            // Index, name, phase and bank are there in the real one; nobody asks for the names here.
            table(`${apc}.12.3.3.1.1`, ["index", null, null, "writable"], numbers, (n) => [n, 0, 0, state(n)]),
            table(
              `${apc}.12.3.5.1.1`,
              ["index", null, "integer", "integer", "integer", "integer", isMetered ? "gauge" : null],
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
              isMetered ? numbers : [],
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
  // Faults stay the agent's: whoever sets them sets them there.
  return Object.assign(agent, {
    address: `${host}:${agent.port}`,
    outlets,
    isOn: (outlet: number) => on.has(outlet),
    press,
    restart() {
      for (const outlet of numbers) press(outlet, initial.has(outlet));
    },
  });
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
