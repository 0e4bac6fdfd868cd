import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The most memory that a process ever had, in megabytes. */
export function peakMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

/** The process of the head that listens on a TCP port of loopback, found as the system knows it. */
export function headOf(port: string): number {
  const hex = Number(port).toString(16).toUpperCase().padStart(4, "0");
  const line = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .find((each) => new RegExp(`:${hex} 00000000:0000 0A`).test(each));
  const inode = line?.trim().split(/\s+/)[9];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    if (inode !== undefined && opensOf(pid).includes(`socket:[${inode}]`)) return Number(pid);
  throw new Error(`nobody listens on ${port}`);
}

function opensOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return "";
      }
    });
  } catch {
    return [];
  }
}
