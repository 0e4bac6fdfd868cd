import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fakeClock } from "@bramble/core/base";
import { decodeSamples, encodeSamples } from "@bramble/core/observe";
import { afterEach, expect, test, vi } from "vitest";
import { linuxHardware } from "./linux.ts";
import { macOfMachine } from "./network.ts";

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

test("a Raspberry Pi is read whole", async () => {
  const root = tree(pi);
  const clock = fakeClock();
  const hardware = linuxHardware({ clock, root });
  expect(await hardware.identity()).toEqual({
    mac: "b8:27:eb:12:34:56",
    serial: "00000000ab123456",
    model: "Raspberry Pi 3 Model B Plus Rev 1.3",
    address: null,
    cores: 4,
    memoryMb: 878,
    bootId: "5f0e1c0a-0000-4000-8000-000000000001",
    isSimulated: false,
  });
  await vi.waitFor(async () => expect((await hardware.read()).diskTotalGb).toBeGreaterThan(0));
  write(root, {
    "proc/stat": "cpu  1150 0 50 8800 0 0 0 0 0 0\n",
    "proc/net/dev": dev(1_000_000 + 62_500, 2_000_000 + 6250),
    "proc/200/stat": processStat(200, 190),
  });
  await clock.advance(5000);
  const sample = await hardware.read();
  expect(sample).toMatchObject({
    at: clock.now(),
    cpu: 10,
    load: 0.52,
    memoryTotalMb: 899_000 / 1024,
    temperatureC: 47.774,
    throttled: 0x50005,
    rxKbps: 100,
    txKbps: 10,
    uptimeS: 86_400,
  });
  expect(sample.processes).toEqual([
    { pid: 200, name: "warble (main) x", user: "pi", cpu: 9, memory: expect.closeTo(0.8, 1) },
    { pid: 1, name: "systemd", user: "root", cpu: 0, memory: expect.closeTo(1.11, 1) },
    { pid: 30, name: "node", user: "root", cpu: 0, memory: expect.closeTo(1, 1) },
  ]);
  expect(decodeSamples(encodeSamples([sample]))).toHaveLength(1);
});

test("on a computer with nothing to read every value is null and nothing is thrown", async () => {
  const hardware = linuxHardware({ clock: fakeClock(), root: tree({ "etc/machine-id": "3d12\n" }) });
  const { diskUsedGb: _used, diskTotalGb: _total, at: _at, ...rest } = await hardware.read();
  expect(rest.processes).toEqual([]);
  expect(Object.values({ ...rest, processes: null }).every((value) => value === null)).toBe(true);
  const { mac } = await hardware.identity();
  expect(mac).toBe(macOfMachine("3d12"));
  expect(mac.startsWith("02:")).toBe(true);
});

test("a computer that nothing tells from another has no identity", async () => {
  const hardware = linuxHardware({ clock: fakeClock(), root: tree({ "etc/hostname": "x" }) });
  await expect(hardware.identity()).rejects.toMatchObject({ code: "agent.identity" });
});

test("files full of nonsense give null, never a throw", async () => {
  const nonsense = Object.fromEntries(
    Object.keys(pi).map((path) => [path, "\u0000\uffff) ( : 9e999 -1\n".repeat(200)]),
  );
  const hardware = linuxHardware({ clock: fakeClock(), root: tree({ ...nonsense, "etc/machine-id": "id" }) });
  const sample = await hardware.read();
  expect(decodeSamples(encodeSamples([sample]))).toHaveLength(1);
  expect((await hardware.identity()).mac).toBe(macOfMachine("id"));
});

test("a board without a default route is named by its first interface with hardware behind it", async () => {
  const root = tree({
    "sys/class/net/docker0/address": "02:42:ac:11:00:02\n",
    "sys/class/net/enp1s0/address": "b8:27:eb:00:00:09\n",
    "sys/class/net/enp1s0/device/uevent": "DRIVER=x\n",
    "sys/class/net/lo/address": "00:00:00:00:00:00\n",
  });
  expect((await linuxHardware({ clock: fakeClock(), root }).identity()).mac).toBe("b8:27:eb:00:00:09");
});

test("without files of the firmware, vcgencmd is asked twice a minute and never waited for", async () => {
  const calls: string[] = [];
  const clock = fakeClock();
  const root = tree({ "etc/machine-id": "id" });
  write(root, { "usr/bin/vcgencmd": "" }, 0o755);
  const hardware = linuxHardware({
    clock,
    root,
    execute: async (_program, args) => {
      calls.push(args.join(" "));
      return args[0] === "get_throttled" ? "throttled=0x50000\n" : "temp=51.0'C\n";
    },
  });
  expect((await hardware.read()).throttled).toBeNull();
  for (let i = 0; i < 12; i++) {
    await clock.advance(5000);
    await hardware.read();
  }
  expect(await hardware.read()).toMatchObject({ throttled: 0x50000, temperatureC: 51 });
  expect(calls.length).toBeLessThanOrEqual(6);
});

test("this computer can be read", async () => {
  const hardware = linuxHardware({ clock: fakeClock() });
  const sample = await hardware.read();
  expect(sample.memoryTotalMb).toBeGreaterThan(0);
  expect(sample.processes.length).toBeGreaterThan(0);
});

function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "agent-hardware-"));
  roots.push(root);
  write(root, files);
  return root;
}

function write(root: string, files: Record<string, string>, mode = 0o644): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  }
}

function processStat(pid: number, ticks: number): string {
  return `${pid} (warble (main) x) S 1 1 1 0 -1 4194304 99 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${pid} 3133440 358 1844 0 0\n`;
}

function dev(rx: number, tx: number): string {
  return `Inter-|   Receive\n face |bytes\n    lo: 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0\n  brm0: ${rx} 9 0 0 0 0 0 0 ${tx} 9 0 0 0 0 0 0\n`;
}

/* Written after proc(5) and a Raspberry Pi 3B+'s known answers. */
const pi: Record<string, string> = {
  "proc/stat": "cpu  1000 0 100 7900 0 0 0 0 0 0\ncpu0 250 0 25 1975 0 0 0 0 0 0\n",
  "proc/meminfo": "MemTotal:         899000 kB\nMemFree:          400000 kB\nMemAvailable:     650000 kB\n",
  "proc/loadavg": "0.52 0.58 0.59 1/131 4242\n",
  "proc/uptime": "86400.42 300000.00\n",
  "proc/net/route":
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\nbrm0\t00000000\t0100000A\t0003\t0\t0\t202\t00000000\n",
  "proc/net/dev": dev(1_000_000, 2_000_000),
  "proc/cpuinfo": [0, 1, 2, 3].map((n) => `processor\t: ${n}\nBogoMIPS\t: 38.40\n\n`).join(""),
  "proc/device-tree/model": "Raspberry Pi 3 Model B Plus Rev 1.3\0",
  "proc/device-tree/serial-number": "00000000ab123456\0",
  "proc/sys/kernel/random/boot_id": "5f0e1c0a-0000-4000-8000-000000000001\n",
  "proc/1/stat": processStat(1, 500),
  "proc/1/status": "Name:\tsystemd\nUid:\t0\t0\t0\t0\nVmRSS:\t   10000 kB\n",
  "proc/30/stat": processStat(30, 40),
  "proc/30/status": "Name:\tMainThread\nUid:\t0\t0\t0\t0\nVmRSS:\t    9000 kB\n",
  "proc/30/cmdline": "/usr/bin/node\0main.mjs\0",
  "proc/200/stat": processStat(200, 100),
  "proc/200/status": "Name:\twarble (main) x\nUid:\t1000\t1000\t1000\t1000\nVmRSS:\t    7200 kB\n",
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\npi:x:1000:1000:,,,:/home/pi:/bin/bash\n",
  "etc/machine-id": "3d1219c7c4c5404aaa1f6d2a48adfda4\n",
  "sys/class/net/brm0/address": "b8:27:eb:12:34:56\n",
  "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
  "sys/class/thermal/thermal_zone0/temp": "47774\n",
  "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
};
