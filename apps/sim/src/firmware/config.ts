/** What config.txt tells the firmware to load. */
export type ReadConfig = {
  readonly kernel: string;
  /** Null: no RAM disk. */
  readonly initrd: string | null;
  readonly overlays: readonly string[];
};

/**
 * Reads config.txt as the firmware does: one setting a line, `#` begins a comment, sections in brackets hold for the models
 * that they name, a later setting wins; what is not understood is passed over (config_txt documentation page).
 */
export function readConfig(text: string, model: string): ReadConfig {
  let isOurs = true;
  let kernel: string | null = null;
  let initrd: string | null = null;
  let is64 = true;
  const overlays: string[] = [];
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.replace(/#.*$/, "").trim();
    const section = /^\[([^\]]*)\]$/.exec(line);
    if (section !== null) {
      const name = section[1]!.toLowerCase();
      isOurs = name === "all" || sections[model]?.includes(name) === true;
      continue;
    }
    if (!isOurs) continue;
    const [, key, value] = /^([a-z0-9_]+)\s*=\s*(\S+)/i.exec(line) ?? [];
    if (key === "kernel") kernel = value!;
    if (key === "arm_64bit") is64 = value !== "0";
    if (key === "dtoverlay" && overlays.length < mostOverlays) overlays.push(value!.split(",")[0]!);
    // `initramfs NAME followkernel` has no equals sign; `ramfsfile=NAME` says the same.
    if (key === "ramfsfile") initrd = value!;
    const [, ramdisk] = /^initramfs\s+(\S+)/i.exec(line) ?? [];
    if (ramdisk !== undefined) initrd = ramdisk;
  }
  return { kernel: kernel ?? defaultKernel(model, is64), initrd, overlays };
}

function defaultKernel(model: string, is64: boolean): string {
  if (is64) return model === "5" ? "kernel_2712.img" : "kernel8.img";
  return model === "4" ? "kernel7l.img" : "kernel7.img";
}

const sections: Readonly<Record<string, readonly string[]>> = {
  "3b": ["pi3"],
  "3b+": ["pi3", "pi3+"],
  "4": ["pi4"],
  "5": ["pi5"],
};
/** More than any board has; a hostile file cannot make it ask for ever. */
const mostOverlays = 32;
