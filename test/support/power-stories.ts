import { fakeClock, silentLog } from "@bramble/core/base";
import type { PowerConfig, PowerSwitch, SettingValue } from "@bramble/core/power";
import { powerDrivers } from "@bramble/drivers";
import { powerStandIns, type StandIn } from "@bramble/drivers/stand-ins";
import { powerTransport } from "@bramble/drivers/transport";
import { describe, expect, test } from "vitest";
import { netBooterDevice, outputOf, startPowermand } from "./powermand.ts";

const signal = new AbortController().signal;

/**
 * Programs of others against our drivers, and against the pretend devices that our drivers are tested with.
 *
 * @param whyNot why they are not here, or null.
 */
export function foreignPowerStories(whyNot: string | null): void {
  // Without Debian's powerman and snmp this cannot be shown; the reason stands in the name.
  describe.skipIf(whyNot !== null)(`power, seen by others${whyNot === null ? "" : `: ${whyNot}`}`, stories);
}

function stories(): void {
  test("our driver switches what Debian's powermand has, with its own virtual device", async () => {
    await using daemon = await startPowermand(
      `include "/etc/powerman/vpc.dev"\ndevice "v0" "vpc" "/usr/sbin/vpcd |&"\nnode "t[0-15]" "v0"\n`,
    );
    const nodes = Array.from({ length: 16 }, (_, at) => `t${at}`);
    await using power = await opened("powerman", daemon.address, 16, { nodes });
    await power.set(4, true, signal);
    await power.set(16, true, signal);
    expect(onIn(await power.read(signal))).toEqual([4, 16]);
    expect(await daemon.powerman("-q")).toContain("on:      t[3,15]");
    await daemon.powerman("-1", "t[0-1]");
    await power.set(4, false, signal);
    expect(onIn(await power.read(signal))).toEqual([1, 2, 16]);
    await using wrong = await opened("powerman", daemon.address, 1, { nodes: ["nobody"] });
    await expect(wrong.set(1, true, signal)).rejects.toThrow("No such nodes: nobody");
  });

  test("Debian's powerman drives our pretend netBooter, and our driver sees it through powermand", async () => {
    await using pdu = await standIn("synaccess-telnet");
    await using daemon = await startPowermand(netBooterDevice(pdu.address));
    expect(await daemon.powerman("-1", "b[2,7]")).toContain("Command completed successfully");
    expect(pdu.isOn(2) && pdu.isOn(7) && !pdu.isOn(1)).toBe(true);
    expect(await daemon.powerman("-q")).toMatch(/on: +b\[2,7\]\noff: +b\[1,3-6,8\]/);
    await using power = await opened("powerman", daemon.address, 8, { nodes: ["b{outlet}"] });
    await power.set(8, true, signal);
    await power.set(2, false, signal);
    expect(onIn(await power.read(signal))).toEqual([7, 8]);
    pdu.press(1, true);
    expect(onIn(await power.read(signal))).toEqual([1, 7, 8]);
    pdu.fault = { kind: "lies" };
    await power.set(3, true, signal);
    expect(onIn(await power.read(signal))).toEqual([1, 7, 8]);
  });

  test.each(["1", "2c"])("the tools of net-snmp and our PoE driver agree over SNMP %s", async (version) => {
    await using poe = await standIn("snmp-rfc3621");
    await using power = await opened("snmp-rfc3621", poe.address, 8, { version }, { community: "private" });
    const admin = "1.3.6.1.2.1.105.1.1.1.3.1";
    const status = "1.3.6.1.2.1.105.1.1.1.6.1";
    const tool = async (name: string, ...given: readonly string[]): Promise<string> => {
      const from = [`-v${version}`, "-cprivate", "-Oqv", "-Oe", poe.address];
      return (await outputOf(name, ...from, ...given)).trim();
    };
    for (const port of [1, 5, 8]) {
      await tool("snmpset", `${admin}.${port}`, "i", "1");
      expect((await power.read(signal))[port - 1]).toEqual({ on: true, watts: null });
      await power.set(port, false, signal);
      expect((await tool("snmpget", `${admin}.${port}`, `${status}.${port}`)).split("\n")).toEqual(["2", "1"]);
    }
    await power.set(3, true, signal);
    expect((await tool("snmpwalk", status)).split("\n")).toEqual(["1", "1", "3", "1", "1", "1", "1", "1"]);
    expect(await tool("snmpset", `${admin}.3`, "i", "7")).toMatch(/wrongValue|badValue/);
    expect(await power.load?.(signal)).toEqual([{ name: "group 1", amps: null, watts: 6 }]);
  });

  test("the tools of net-snmp and our driver of APC PDUs agree", async () => {
    await using pdu = await standIn("snmp-apc");
    await using power = await opened("snmp-apc", pdu.address, 8, {}, { community: "private" });
    const from = ["-v1", "-cprivate", "-Oqv", "-Oe", pdu.address];
    await outputOf("snmpset", ...from, "1.3.6.1.4.1.318.1.1.12.3.3.1.1.4.6", "i", "1");
    expect(onIn(await power.read(signal))).toEqual([6]);
    await power.set(6, false, signal);
    expect((await outputOf("snmpget", ...from, "1.3.6.1.4.1.318.1.1.12.3.5.1.1.4.6")).trim()).toBe("2");
  });
}

function onIn(readings: Awaited<ReturnType<PowerSwitch["read"]>>): number[] {
  return readings.flatMap(({ on }, at) => (on === true ? [at + 1] : []));
}

async function standIn(id: string): Promise<StandIn> {
  const make = powerStandIns.get(id);
  if (make === undefined) throw new Error(`${id} has no stand-in`);
  return make({ outlets: 8, clock: fakeClock(), watts: () => 6, sessions: 4 });
}

async function opened(
  id: string,
  address: string,
  outlets: number,
  settings: Record<string, SettingValue>,
  secret: PowerConfig["secret"] = null,
): Promise<PowerSwitch> {
  const clock = fakeClock();
  const driver = powerDrivers.find((each) => each.id === id);
  if (driver === undefined) throw new Error(`there is no driver ${id}`);
  const context = { transport: powerTransport("pdu1", clock), clock, log: silentLog };
  return driver.open({ pdu: "pdu1", address, outlets, settings, secret }, context, signal);
}
