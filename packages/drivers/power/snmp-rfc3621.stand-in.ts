import type { Clock } from "@bramble/core/base";
import { type SnmpFault, standInSnmpAgent } from "./snmp-agent.stand-in.ts";

/** How a pretend PoE switch is made. */
export type PoeSwitchParts = {
  readonly ports: number;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly community: string;
  /** Ports that are enabled at the start, and again when the switch restarts. */
  readonly on?: Iterable<number>;
  readonly onSwitch: (port: number, on: boolean) => void;
  /** What a port that is on gives. 0: nothing is plugged in, and the port searches. */
  readonly watts: (port: number) => number;
};

/** A pretend PoE switch. */
export type PoeSwitch = AsyncDisposable & {
  readonly port: number;
  fault: SnmpFault | null;
  isOn(port: number): boolean;
  press(port: number, on: boolean): void;
  /** A port's pethPsePortDetectionStatus, whatever else is so: 4 fault, 5 test, 6 other fault. */
  detect(port: number, status: number): void;
  /** The switch starts anew and forgets what was switched. */
  restart(): void;
};

/**
 * A pretend PoE switch of one group by RFC 3621: port table and main power supply, and the milliwatts of each port in
 * Cisco's column 1.3.6.1.4.1.9.9.402.1.2.1.9.
 */
export async function standInPoeSwitch(parts: PoeSwitchParts): Promise<PoeSwitch> {
  const { ports, watts } = parts;
  const initial = new Set(parts.on ?? []);
  const on = new Set(initial);
  const numbers = Array.from({ length: ports }, (_, at) => at + 1);
  const draw = (port: number): number => (on.has(port) ? watts(port) : 0);
  const total = (): number => Math.round(numbers.reduce((sum, port) => sum + draw(port), 0));
  const status = (port: number): number => (!on.has(port) ? 1 : watts(port) > 0 ? 3 : 2);
  const press = (port: number, want: boolean): void => {
    if (on.has(port) === want) return;
    if (want) on.add(port);
    else on.delete(port);
    agent.put(`${portEntry}.3.1.${port}`, want ? 1 : 2);
    agent.put(`${portEntry}.6.1.${port}`, status(port));
    agent.put(`${ciscoEntry}.9.1.${port}`, Math.round(draw(port) * 1000));
    agent.put(`${mainEntry}.4.1`, total());
    parts.onSwitch(port, want);
  };
  const agent = await standInSnmpAgent({
    ...parts,
    tables: [
      {
        entry: portEntry,
        indexes: 2,
        columns: ["index", "index", "writable", null, null, "integer"],
        rows: numbers.map((port) => [1, port, on.has(port) ? 1 : 2, 0, 0, status(port)]),
      },
      {
        entry: mainEntry,
        indexes: 1,
        columns: ["index", "gauge", "integer", "gauge"],
        rows: [[1, ports * 30, 1, total()]],
      },
      {
        entry: ciscoEntry,
        indexes: 2,
        columns: ["index", "index", null, null, null, null, null, null, "gauge"],
        rows: numbers.map((port) => [1, port, 0, 0, 0, 0, 0, 0, Math.round(draw(port) * 1000)]),
      },
    ],
    onWrite(oid, value) {
      if (value !== 1 && value !== 2) return false;
      press(Number(oid.slice(oid.lastIndexOf(".") + 1)), value === 1);
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
    isOn: (port) => on.has(port),
    press,
    detect: (port, seen) => agent.put(`${portEntry}.6.1.${port}`, seen),
    restart() {
      for (const port of numbers) press(port, initial.has(port));
    },
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

const portEntry = "1.3.6.1.2.1.105.1.1.1";
const mainEntry = "1.3.6.1.2.1.105.1.3.1.1";
const ciscoEntry = "1.3.6.1.4.1.9.9.402.1.2.1";
