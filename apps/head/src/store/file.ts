import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { ClusterError } from "@bramble/core/base";

/*
 * What SQLite does not say of its file, or says too late: looked at before it is opened.
 */

/** SQLite calls a read-only disk an "I/O error". @throws what the system says, which names the path. */
export function requireWritable(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  for (const each of [dirname(path), path, `${path}-wal`])
    if (existsSync(each)) accessSync(each, constants.R_OK | constants.W_OK);
}

/**
 * SQLite takes a file without a first page for a new database: it begins an empty one, and deletes the log beside it.
 * And it fills up a last page that was cut with zeros: rows vanish without a word. With a log, the log has the page.
 *
 * @throws ClusterError `store.corrupt`
 */
export function requireWhole(path: string): void {
  const octets = sizeOf(path);
  const hasLog = sizeOf(`${path}-wal`) > 0;
  const isWhole = octets < leastPage ? octets === 0 && !hasLog : hasLog || octets % pageSize(path) === 0;
  if (isWhole) return;
  throw new ClusterError("store.corrupt", `${path}: cut short, only ${octets} octets are left; put a copy back`);
}

const leastPage = 512;

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/** As the file's header tells (SQLite file format, section 1.3.2); 1 for what is no header: SQLite says the rest. */
function pageSize(path: string): number {
  const header = new DataView(new ArrayBuffer(100));
  const file = openSync(path, "r");
  try {
    readSync(file, header);
  } finally {
    closeSync(file);
  }
  const told = header.getUint16(16);
  const size = told === 1 ? 65_536 : told;
  return size >= leastPage && (size & (size - 1)) === 0 ? size : 1;
}
