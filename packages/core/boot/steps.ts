/** The steps of a network boot, in order. A board reports the one that it has begun. */
export const bootSteps = [
  "discover",
  "offer",
  "bootcode",
  "start",
  "config",
  "kernel",
  "initrd",
  "root",
  "agent",
  "registered",
] as const;

/** One step of a network boot. */
export type BootStep = (typeof bootSteps)[number];

/** Where a board stands in its boot; `failed` tells why it went no further. */
export type BootReport = { readonly step: BootStep; readonly failed: string | null };
