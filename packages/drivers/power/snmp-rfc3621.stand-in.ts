import type { StandIn, StandInParts } from "./made.stand-in.ts";
import { standInSnmpAgent } from "./snmp-agent.stand-in.ts";

/** How a pretend PoE switch is made: outlets are ports, and one of 0 watts has nothing plugged in. */
export type PoeSwitchParts = StandInParts & {
  /** With the right to write; absent: "private". */
  readonly community?: string;
};

/** A pretend PoE switch. When it starts anew, ports are as they were at the start. */
export type PoeSwitch = StandIn & {
  /** A port's pethPsePortDetectionStatus, whatever else is so: 4 fault, 5 test, 6 other fault. */
  detect(port: number, status: number): void;
};

/**
 * A pretend PoE switch of one group by RFC 3621: port table and main power supply, and the milliwatts of each port in
 * Cisco's column 1.3.6.1.4.1.9.9.402.1.2.1.9.
 */
export async function standInPoeSwitch(parts: PoeSwitchParts): Promise<PoeSwitch> {
  const { outlets, host = "127.0.0.1", community = "private" } = parts;
  const initial = new Set(parts.on ?? []);
  const on = new Set(initial);
  const numbers = Array.from({ length: outlets }, (_, at) => at + 1);
  const watts = (port: number): number => parts.watts?.(port) ?? 0;
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
    parts.onSwitch?.(port, want);
  };
  const agent = await standInSnmpAgent({
    host,
    port: parts.port ?? 0,
    clock: parts.clock,
    community,
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
        rows: [[1, outlets * 30, 1, total()]],
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
  return Object.assign(agent, {
    address: `${host}:${agent.port}`,
    outlets,
    isOn: (port: number) => on.has(port),
    press,
    detect: (port: number, seen: number) => agent.put(`${portEntry}.6.1.${port}`, seen),
    restart() {
      for (const port of numbers) press(port, initial.has(port));
    },
  });
}

const portEntry = "1.3.6.1.2.1.105.1.1.1";
const mainEntry = "1.3.6.1.2.1.105.1.3.1.1";
const ciscoEntry = "1.3.6.1.4.1.9.9.402.1.2.1";
