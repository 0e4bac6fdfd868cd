/** One file of an initial RAM disk. Everything belongs to root. */
export type CpioEntry = {
  /** Relative, without a slash at its start. Folders come before what is in them. */
  readonly path: string;
} & (
  | { readonly kind: "folder" }
  | { readonly kind: "file"; readonly bytes: Uint8Array; readonly isExecutable: boolean }
  | { readonly kind: "link"; readonly to: string }
  /** A character device. */
  | { readonly kind: "device"; readonly major: number; readonly minor: number }
);

/**
 * An archive as the kernel unpacks it: "newc" (Documentation/driver-api/early-userspace/buffer-format.rst of Linux). The same
 * entries give the same bytes, on every machine.
 *
 * @param atSeconds time of all files, seconds since 1970.
 */
export function encodeCpio(entries: readonly CpioEntry[], atSeconds: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const text = new TextEncoder();
  const add = (bytes: Uint8Array): void => {
    parts.push(bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
  };
  const record = (inode: number, entry: CpioEntry | null): void => {
    const bytes =
      entry === null
        ? none
        : entry.kind === "file"
          ? entry.bytes
          : entry.kind === "link"
            ? text.encode(entry.to)
            : none;
    const name = text.encode(`${entry?.path ?? "TRAILER!!!"}\0`);
    const device = entry?.kind === "device" ? entry : null;
    const fields = [
      inode,
      entry === null ? 0 : modeOf(entry),
      0,
      0,
      entry?.kind === "folder" ? 2 : 1,
      entry === null ? 0 : atSeconds,
      bytes.length,
      0,
      0,
      device?.major ?? 0,
      device?.minor ?? 0,
      name.length,
      0,
    ];
    const header = text.encode(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
    const head = new Uint8Array(header.length + name.length);
    head.set(header);
    head.set(name, header.length);
    add(head);
    add(bytes);
  };
  entries.forEach((entry, at) => {
    record(at + 1, entry);
  });
  record(0, null);
  return join(parts);
}

const none = new Uint8Array(0);

function modeOf(entry: CpioEntry): number {
  switch (entry.kind) {
    case "folder":
      return 0o040755;
    case "file":
      return entry.isExecutable ? 0o100755 : 0o100644;
    case "link":
      return 0o120777;
    case "device":
      return 0o020600;
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
