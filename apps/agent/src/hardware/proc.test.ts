import fc from "fast-check";
import { expect, test } from "vitest";
import * as proc from "./proc.ts";
import { parseProcessStat } from "./processes.ts";

/* Texts marked "recorded" are from the machine that these tests were first run on (Linux 6, x86-64). */
const stat = "cpu  13365 0 6740 384089 748 0 107 27 0 0\ncpu0 5229 0 2854 194414 54 0 22 11 0 0\n"; // recorded
const meminfo = "MemTotal:       24684092 kB\nMemFree:        24125316 kB\nMemAvailable:   24269808 kB\n"; // recorded
const route = // recorded
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
  "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" +
  "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
const dev = // recorded
  "Inter-|   Receive                                                |  Transmit\n" +
  " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n" +
  "    lo:    7076      95    0    0    0     0          0         0     7076      95    0    0    0     0       0          0\n" +
  "  eth0: 496858517   12512    0    0    0     0          0         0   830670    7679    0    0    0     0       0          0\n";
const processStat = // recorded; utime and stime set to 40 and 2
  "13517 (cat) R 13508 13508 6329 0 -1 4194304 99 0 0 0 40 2 0 0 20 0 1 0 203183 3133440 358 18446744073709551615 0 0\n";

test("ticks of all cores are read, and their share between two readings", () => {
  const before = proc.parseCpuTicks(stat)!;
  expect(before).toEqual({ total: 405_076, idle: 384_837 });
  expect(proc.cpuBetween(before, { total: before.total + 200, idle: before.idle + 150 })).toBe(25);
  expect(proc.cpuBetween(before, before)).toBeNull();
  expect(proc.cpuBetween(before, { total: before.total + 10, idle: before.idle + 20 })).toBe(0);
});

test("memory in use is what is not available", () => {
  expect(proc.parseMemory(meminfo)).toEqual({ totalMb: 24684092 / 1024, usedMb: 414284 / 1024 });
  expect(proc.parseMemory("MemTotal:  1000 kB\n")).toEqual({ totalMb: 1000 / 1024, usedMb: null });
});

test("the default route with the lowest metric names the interface", () => {
  expect(proc.parseDefaultRoute(route)).toBe("eth0");
  const second = `${route}wlan0\t00000000\t010200C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n`;
  expect(proc.parseDefaultRoute(second)).toBe("eth0");
  expect(proc.parseDefaultRoute(route.replace("\t0003\t", "\t0002\t"))).toBeNull();
});

test("an interface cannot name a path", () => {
  expect(proc.isInterface("eth0")).toBe(true);
  expect(["..", ".", "a/b", "", "x".repeat(16), "a b"].some(proc.isInterface)).toBe(false);
});

test("traffic is read for the interface asked for", () => {
  expect(proc.parseTraffic(dev, "eth0")).toEqual({ rx: 496858517, tx: 830670 });
  expect(proc.parseTraffic(dev, "eth1")).toBeNull();
});

test.each([
  ["load", proc.parseLoad, "0.01 0.10 0.09 1/95 13514\n", 0.01],
  ["uptime", proc.parseUptime, "2031.83 3840.88\n", 2031],
  ["temperature", proc.parseMilliCelsius, "47774\n", 47.774],
  ["a sensor that is not there", proc.parseMilliCelsius, "-273150\n", null],
  ["vcgencmd's temperature", proc.parseVcgencmdTemperature, "temp=42.8'C\n", 42.8],
  ["vcgencmd's error", proc.parseVcgencmdTemperature, "VCHI initialization failed\n", null],
  ["throttle bits", proc.parseThrottled, "throttled=0x50005\n", 0x50005],
  ["throttle bits of the kernel's file", proc.parseThrottled, "50005\n", 0x50005],
  ["no throttling", proc.parseThrottled, "throttled=0x0\n", 0],
  [
    "a device-tree model",
    proc.parseProperty,
    "Raspberry Pi 3 Model B Plus Rev 1.3\0",
    "Raspberry Pi 3 Model B Plus Rev 1.3",
  ],
] as const)("%s is read", (_what, parse, text, value) => {
  expect(parse(text)).toBe(value);
});

test("the serial number of a Raspberry Pi is found among its processors", () => {
  const cpuinfo =
    "processor\t: 0\nModel name\t: x\n\nHardware\t: BCM2835\nSerial\t\t: 00000000abcdef01\nModel\t\t: Raspberry Pi 3\n";
  expect(proc.parseCpuinfo(cpuinfo, "Serial")).toBe("00000000abcdef01");
  expect(proc.parseCpuinfo(cpuinfo, "Model")).toBe("Raspberry Pi 3");
});

test("a process tells its time, whatever its name", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect(parseProcessStat(bytes(processStat))).toEqual({ ticks: 42, started: 203183 });
  expect(parseProcessStat(bytes(processStat.replace("(cat)", "(a) R 1 1 (b) )")))).toEqual({
    ticks: 42,
    started: 203183,
  });
  expect(parseProcessStat(bytes(processStat.slice(0, 40)))).toBeNull();
});

test("owner and memory of a process are read; a kernel thread has none", () => {
  const status = "Name:\tcat\nUmask:\t0022\nUid:\t1000\t0\t0\t0\nVmRSS:\t    1432 kB\n";
  expect(proc.parseStatus(status)).toEqual({ name: "cat", uid: 0, residentKb: 1432 });
  expect(proc.parseStatus("Name:\tkworker/0:1\nUid:\t0\t0\t0\t0\n")).toMatchObject({ residentKb: 0 });
});

test("user names are read, the first of a number counts", () => {
  const names = proc.parsePasswd("root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n\nbad\npi:x:1000:1000:::\n");
  expect([...names]).toEqual([
    [0, "root"],
    [1000, "pi"],
  ]);
});

test("no text makes a parser throw or give what is no number", () => {
  const cut = fc
    .constantFrom(stat, meminfo, route, dev, processStat)
    .chain((text) =>
      fc.nat(text.length).chain((at) => fc.string({ unit: "binary" }).map((noise) => text.slice(0, at) + noise)),
    );
  const numbers = [
    proc.parseLoad,
    proc.parseUptime,
    proc.parseMilliCelsius,
    proc.parseVcgencmdTemperature,
    proc.parseThrottled,
  ];
  fc.assert(
    fc.property(fc.oneof(cut, fc.string({ unit: "binary" })), (text) => {
      for (const parse of numbers) expect(parse(text) ?? 0).toSatisfy(Number.isFinite);
      for (const one of [proc.parseCpuTicks(text), proc.parseMemory(text), proc.parseTraffic(text, "eth0")]) {
        for (const value of Object.values(one ?? {})) expect(value ?? 0).toSatisfy(Number.isFinite);
      }
      for (const value of Object.values(parseProcessStat(new TextEncoder().encode(text)) ?? {})) {
        expect(value).toBeTypeOf("number");
      }
      proc.parseDefaultRoute(text);
      proc.parseStatus(text);
      proc.parsePasswd(text);
      proc.parseProperty(text);
      proc.parseCpuinfo(text, "Serial");
    }),
  );
});
