import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import type { Mac } from "@bramble/core/base";
import { mac, parseMac } from "@bramble/core/base";
import type { KernelFiles } from "./files.ts";
import { isInterface, parseDefaultRoute } from "./proc.ts";

/** The interface that names this board: its default route's, else the first with a cable socket, else any but loopback. */
export function primaryInterface(files: KernelFiles): { readonly name: string; readonly mac: Mac } | null {
  const route = parseDefaultRoute(files.text("/proc/net/route") ?? "");
  const names = interfaces(files);
  const physical = names.filter((name) => hasDevice(files, name));
  for (const name of [...(route === null ? [] : [route]), ...physical, ...names]) {
    const address = parseMac(files.text(`/sys/class/net/${name}/address`) ?? "");
    if (address !== null) return { name, mac: address };
  }
  return null;
}

/**
 * A MAC for a computer whose interfaces have none: locally administered (the second hex digit is 2), and always the
 * same for one `machineId` without giving that away.
 */
export function macOfMachine(machineId: string): Mac {
  const digest = createHash("sha256").update(`bramble board ${machineId.trim()}`).digest("hex");
  return mac(`02${digest.slice(0, 10)}`);
}

function interfaces(files: KernelFiles): string[] {
  try {
    return readdirSync(files.path("/sys/class/net"))
      .filter((name) => name !== "lo" && isInterface(name))
      .sort();
  } catch {
    return [];
  }
}

function hasDevice(files: KernelFiles, name: string): boolean {
  return files.text(`/sys/class/net/${name}/device/uevent`) !== null;
}
