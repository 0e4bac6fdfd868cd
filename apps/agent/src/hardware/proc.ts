/*
 * Readers of the texts under /proc and /sys. Pure: a text in, numbers out; null for whatever is not there or makes no
 * sense, never a throw. Formats: proc(5).
 */

/** Time that the processors have spent since the start, in ticks. */
export type CpuTicks = { readonly total: number; readonly idle: number };

/** First line of /proc/stat. `guest` is part of `user` and not counted twice. */
export function parseCpuTicks(text: string): CpuTicks | null {
  const match = /^cpu +([\d ]+)/.exec(text);
  if (match === null) return null;
  const [user, nice, system, idle, iowait = 0, irq = 0, softirq = 0, steal = 0] = match[1]!
    .trim()
    .split(/ +/)
    .map(Number);
  if (user === undefined || nice === undefined || system === undefined || idle === undefined) return null;
  return finite({ total: user + nice + system + idle + iowait + irq + softirq + steal, idle: idle + iowait });
}

/** Percent of all cores that was busy between two readings; null when no time passed. */
export function cpuBetween(before: CpuTicks, after: CpuTicks): number | null {
  const total = after.total - before.total;
  if (total <= 0) return null;
  const busy = total - (after.idle - before.idle);
  return Math.min(100, Math.max(0, (busy / total) * 100));
}

/** /proc/meminfo, in MB of 2^20. Used is what is not available (kernels before 3.14 do not tell). */
export function parseMemory(text: string): { readonly totalMb: number; readonly usedMb: number | null } | null {
  const total = lineOfKb(text, "MemTotal");
  if (total === null) return null;
  const available = lineOfKb(text, "MemAvailable");
  return { totalMb: total / 1024, usedMb: available === null ? null : Math.max(0, total - available) / 1024 };
}

/** The first number of /proc/loadavg. */
export function parseLoad(text: string): number | null {
  return numberAt(/^(\d+\.\d+) /, text);
}

/** /proc/uptime in whole seconds. */
export function parseUptime(text: string): number | null {
  const seconds = numberAt(/^(\d+(?:\.\d+)?) /, text);
  return seconds === null ? null : Math.floor(seconds);
}

/** A temperature in thousandths of a degree, as in /sys/class/thermal; null for values that no board survives. */
export function parseMilliCelsius(text: string): number | null {
  const milli = numberAt(/^(-?\d+)\s*$/, text);
  return milli === null || milli < -50_000 || milli > 150_000 ? null : milli / 1000;
}

/** `temp=42.8'C`, the answer of `vcgencmd measure_temp`. */
export function parseVcgencmdTemperature(text: string): number | null {
  return numberAt(/^temp=(-?\d+(?:\.\d+)?)'C/, text);
}

/** `throttled=0x50005`, the answer of `vcgencmd get_throttled`, or the bare digits of the firmware's file in /sys. */
export function parseThrottled(text: string): number | null {
  const match = /^(?:throttled=)?(?:0x)?([0-9a-f]{1,8})\s*$/i.exec(text);
  return match === null ? null : Number.parseInt(match[1]!, 16);
}

/** The interface of the IPv4 default route with the lowest metric, from /proc/net/route. */
export function parseDefaultRoute(text: string): string | null {
  let best: string | null = null;
  let bestMetric = Number.POSITIVE_INFINITY;
  for (const line of text.split("\n").slice(1)) {
    const [name, destination, , flags, , , metric, mask] = line.split("\t").map((field) => field.trim());
    if (destination !== "00000000" || mask !== "00000000" || name === undefined || !isInterface(name)) continue;
    const isUp = (Number.parseInt(flags ?? "0", 16) & 1) === 1;
    if (isUp && Number(metric) < bestMetric) {
      best = name;
      bestMetric = Number(metric);
    }
  }
  return best;
}

/** Bytes that an interface has received and sent, from /proc/net/dev. */
export function parseTraffic(text: string, name: string): { readonly rx: number; readonly tx: number } | null {
  for (const line of text.split("\n")) {
    const colon = line.lastIndexOf(":");
    if (colon < 0 || line.slice(0, colon).trim() !== name) continue;
    const fields = line
      .slice(colon + 1)
      .trim()
      .split(/ +/)
      .map(Number);
    return fields.length < 9 ? null : finite({ rx: fields[0]!, tx: fields[8]! });
  }
  return null;
}

/** Name, owner and resident memory in kB of a process, from /proc/PID/status. Kernel threads have no memory. */
export function parseStatus(text: string): ProcessStatus | null {
  const name = /^Name:\t(.{1,64})$/m.exec(text);
  const uid = numberAt(/^Uid:\t\d+\t(\d+)/m, text);
  if (name === null || uid === null) return null;
  return { name: name[1]!, uid, residentKb: lineOfKb(text, "VmRSS") ?? 0 };
}

/** What the kernel tells of one process. */
export type ProcessStatus = { readonly name: string; readonly uid: number; readonly residentKb: number };

/** The program of a process from /proc/PID/cmdline: its first argument without the folders; null for a kernel thread. */
export function parseProgram(text: string): string | null {
  return parseProperty(text.split("\0", 1)[0]!.split("/").at(-1)!);
}

/** User names by number, from /etc/passwd. The first entry of a number counts. */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n").slice(0, 10_000)) {
    const [name, , uid] = line.split(":");
    if (name && uid !== undefined && /^\d{1,10}$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}

/** The text of a device-tree property (it ends with a zero octet), or of a line in /sys; null when empty. */
export function parseProperty(text: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, "").trim();
  return clean === "" ? null : clean.slice(0, 64);
}

/** A named line of /proc/cpuinfo (`Serial`, `Model`), as the Raspberry Pi's kernels write it. */
export function parseCpuinfo(text: string, key: "Serial" | "Model"): string | null {
  const match = new RegExp(`^${key}\\s*: (.{1,128})$`, "m").exec(text);
  return match === null ? null : parseProperty(match[1]!);
}

/** An interface name that can be a part of a path: what the kernel allows, and no dots alone. */
export function isInterface(name: string): boolean {
  return /^[^\s/:]{1,15}$/.test(name) && name !== "." && name !== "..";
}

function lineOfKb(text: string, key: string): number | null {
  return numberAt(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m"), text);
}

function numberAt(pattern: RegExp, text: string): number | null {
  const match = pattern.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]);
  return Number.isFinite(value) ? value : null;
}

function finite<T extends Record<string, number>>(values: T): T | null {
  return Object.values(values).every(Number.isFinite) ? values : null;
}
