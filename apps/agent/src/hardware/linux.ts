import { readdirSync } from "node:fs";
import { networkInterfaces } from "node:os";
import type { Clock } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import type { Sample } from "@bramble/core/observe";
import { DiskWatch } from "./disk.ts";
import { KernelFiles } from "./files.ts";
import { type Execute, executeFile, Firmware } from "./firmware.ts";
import type { Hardware, Identity } from "./hardware.ts";
import { macOfMachine, primaryInterface } from "./network.ts";
import {
  type CpuTicks,
  cpuBetween,
  parseCpuinfo,
  parseCpuTicks,
  parseDefaultRoute,
  parseLoad,
  parseMemory,
  parseMilliCelsius,
  parseProperty,
  parseTraffic,
  parseUptime,
} from "./proc.ts";
import { ProcessWatch } from "./processes.ts";

/** What reading a Linux board takes. */
export type LinuxParts = {
  readonly clock: Clock;
  /** Where /proc, /sys and /etc are; another place in tests. */
  readonly root?: string;
  readonly execute?: Execute;
};

/** The real hardware of a computer with Linux, read from /proc, /sys, statfs and, on a Raspberry Pi, its firmware. */
export function linuxHardware({ clock, root = "/", execute = executeFile }: LinuxParts): Hardware {
  const files = new KernelFiles(root);
  const firmware = new Firmware(files, clock, execute);
  const disk = new DiskWatch(root);
  const processes = new ProcessWatch(files);
  const cpu = new CpuWatch(files);
  const traffic = new TrafficWatch(files, clock);
  const thermal = thermalFile(files);
  // The first sample is to have rates and the disk, so the first look is now.
  processes.busiest(null, null);
  void disk.refresh();

  return {
    identity: async () => identify(files),
    async read(): Promise<Sample> {
      const { percent, ticks } = cpu.read();
      const memory = parseMemory(files.text("/proc/meminfo") ?? "");
      const space = disk.space();
      const rates = traffic.read();
      const zone = thermal === null ? null : parseMilliCelsius(files.text(thermal) ?? "");
      return {
        at: clock.now(),
        cpu: percent,
        load: parseLoad(files.text("/proc/loadavg") ?? ""),
        memoryUsedMb: memory?.usedMb ?? null,
        memoryTotalMb: memory?.totalMb ?? null,
        diskUsedGb: space?.usedGb ?? null,
        diskTotalGb: space?.totalGb ?? null,
        temperatureC: zone ?? firmware.temperatureC(),
        throttled: firmware.throttled(),
        rxKbps: rates?.rx ?? null,
        txKbps: rates?.tx ?? null,
        uptimeS: parseUptime(files.text("/proc/uptime") ?? ""),
        processes: processes.busiest(ticks, memory?.totalMb ?? null),
      };
    },
  };
}

/** @throws ClusterError `agent.identity` when nothing tells this computer from another. */
function identify(files: KernelFiles): Identity {
  const port = primaryInterface(files);
  const machineId = files.text("/etc/machine-id")?.trim() ?? "";
  const bootId = files.text("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  if (port === null && machineId === "") {
    throw new ClusterError("agent.identity", "no interface with a MAC and no /etc/machine-id: this board has no name");
  }
  const cpuinfo = files.text("/proc/cpuinfo") ?? "";
  const property = (path: string): string | null => parseProperty(files.text(path) ?? "");
  const memory = parseMemory(files.text("/proc/meminfo") ?? "");
  return {
    mac: port?.mac ?? macOfMachine(machineId),
    serial: property("/proc/device-tree/serial-number") ?? parseCpuinfo(cpuinfo, "Serial"),
    model:
      property("/proc/device-tree/model") ??
      parseCpuinfo(cpuinfo, "Model") ??
      property("/sys/class/dmi/id/product_name"),
    address: port === null ? null : addressOf(port.name),
    cores: Math.max(1, Math.min(1024, cpuinfo.match(/^processor\s*:/gm)?.length ?? 1)),
    memoryMb: Math.round(memory?.totalMb ?? 0),
    bootId: bootId === "" ? "unknown" : bootId.slice(0, 64),
    isSimulated: false,
  };
}

/** IPv4 before IPv6; null while the interface has none. */
function addressOf(name: string): string | null {
  const addresses = networkInterfaces()[name] ?? [];
  return (addresses.find((one) => one.family === "IPv4") ?? addresses[0])?.address ?? null;
}

/** CPU between two reads. The first one counts from when this was made. */
class CpuWatch {
  readonly #files: KernelFiles;
  #before: CpuTicks | null;

  constructor(files: KernelFiles) {
    this.#files = files;
    this.#before = this.#ticks();
  }

  read(): { readonly percent: number | null; readonly ticks: number | null } {
    const before = this.#before;
    const after = this.#ticks();
    this.#before = after;
    if (before === null || after === null) return { percent: null, ticks: null };
    return { percent: cpuBetween(before, after), ticks: after.total - before.total };
  }

  #ticks(): CpuTicks | null {
    return parseCpuTicks(this.#files.text("/proc/stat") ?? "");
  }
}

/** Kilobits a second on the interface of the default route, which is looked up again once a minute. */
class TrafficWatch {
  readonly #files: KernelFiles;
  readonly #clock: Clock;
  #name: string | null = null;
  #untilLookup = 0;
  #before: { readonly rx: number; readonly tx: number; readonly at: number } | null = null;

  constructor(files: KernelFiles, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
    this.read();
  }

  read(): { readonly rx: number; readonly tx: number } | null {
    if (this.#untilLookup-- <= 0) {
      const name = parseDefaultRoute(this.#files.text("/proc/net/route") ?? "");
      if (name !== this.#name) this.#before = null;
      this.#name = name;
      this.#untilLookup = 12;
    }
    const bytes = this.#name === null ? null : parseTraffic(this.#files.text("/proc/net/dev") ?? "", this.#name);
    const before = this.#before;
    this.#before = bytes === null ? null : { ...bytes, at: this.#clock.monotonic() };
    if (before === null || this.#before === null) return null;
    const ms = this.#before.at - before.at;
    // Counters that went back belong to an interface that was made anew.
    if (ms <= 0 || this.#before.rx < before.rx || this.#before.tx < before.tx) return null;
    return { rx: ((this.#before.rx - before.rx) * 8) / ms, tx: ((this.#before.tx - before.tx) * 8) / ms };
  }
}

/** The thermal zone of the processor: by its type, else the first. */
function thermalFile(files: KernelFiles): string | null {
  let zones: string[] = [];
  try {
    zones = readdirSync(files.path("/sys/class/thermal")).filter((name) => /^thermal_zone\d+$/.test(name));
  } catch {
    return null;
  }
  zones.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const typed = zones.find((name) => /cpu|soc|x86_pkg/i.test(files.text(`/sys/class/thermal/${name}/type`) ?? ""));
  const zone = typed ?? zones[0];
  return zone === undefined ? null : `/sys/class/thermal/${zone}/temp`;
}
