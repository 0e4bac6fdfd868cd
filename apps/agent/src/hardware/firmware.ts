import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import type { Clock, Millis } from "@bramble/core/base";
import type { KernelFiles } from "./files.ts";
import { parseThrottled, parseVcgencmdTemperature } from "./proc.ts";

/** Runs a program with an argument list (never a shell); null when it fails or takes too long. */
export type Execute = (program: string, args: readonly string[]) => Promise<string | null>;

/**
 * What the firmware of a Raspberry Pi tells: throttle bits and, where the kernel has no thermal zone, the temperature.
 * From a file in /sys where the kernel has one; else from `vcgencmd`, at most twice a minute, for each call is a whole
 * process on a board of four slow cores. On other computers all is null.
 */
export class Firmware {
  readonly #files: KernelFiles;
  readonly #clock: Clock;
  readonly #execute: Execute;
  readonly #program: string | null;
  #throttled: number | null = null;
  #temperatureC: number | null = null;
  #askedAt: Millis = Number.NEGATIVE_INFINITY;
  #isAsking = false;

  constructor(files: KernelFiles, clock: Clock, execute: Execute = executeFile) {
    this.#files = files;
    this.#clock = clock;
    this.#execute = execute;
    this.#program = programs.map((path) => files.path(path)).find(isExecutable) ?? null;
  }

  throttled(): number | null {
    const text = this.#files.text(throttledFile);
    if (text !== null) return parseThrottled(text);
    this.#refresh();
    return this.#throttled;
  }

  temperatureC(): number | null {
    this.#refresh();
    return this.#temperatureC;
  }

  /** Asks in the background; a sample never waits for it and takes the last answer. */
  #refresh(): void {
    const now = this.#clock.monotonic();
    if (this.#program === null || this.#isAsking || now - this.#askedAt < askEveryMs) return;
    this.#askedAt = now;
    this.#isAsking = true;
    void this.#ask(this.#program).finally(() => {
      this.#isAsking = false;
    });
  }

  async #ask(program: string): Promise<void> {
    this.#throttled = parseThrottled((await this.#execute(program, ["get_throttled"])) ?? "");
    this.#temperatureC = parseVcgencmdTemperature((await this.#execute(program, ["measure_temp"])) ?? "");
  }
}

/** The real `Execute`: two seconds, a kilobyte, no environment. */
export const executeFile: Execute = (program, args) =>
  new Promise((resolve) => {
    execFile(program, args, { timeout: 2000, maxBuffer: 1024, env: {}, shell: false }, (error, stdout) =>
      resolve(error === null ? stdout : null),
    );
  });

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const programs = ["/usr/bin/vcgencmd", "/opt/vc/bin/vcgencmd"];
const throttledFile = "/sys/devices/platform/soc/soc:firmware/get_throttled";
const askEveryMs = 30_000;
