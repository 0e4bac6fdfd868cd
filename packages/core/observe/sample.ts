import type { Mac, Millis } from "../base/index.ts";

/** One of the five busiest processes of a board. */
export type Process = {
  readonly pid: number;
  readonly name: string;
  readonly user: string;
  readonly cpu: number;
  readonly memory: number;
};

/** The measured numbers of a sample, in the order of the codec. `null`: this board cannot measure it. */
export type Readings = {
  /** Percent of all cores, 0 to 100. */
  readonly cpu: number | null;
  /** Load average of a minute. */
  readonly load: number | null;
  readonly memoryUsedMb: number | null;
  readonly memoryTotalMb: number | null;
  readonly diskUsedGb: number | null;
  readonly diskTotalGb: number | null;
  readonly temperatureC: number | null;
  /** Bits of `vcgencmd get_throttled`: 0 under-voltage, 1 capped, 2 throttled, 3 soft limit; +16 since boot. */
  readonly throttled: number | null;
  readonly rxKbps: number | null;
  readonly txKbps: number | null;
  readonly uptimeS: number | null;
};

/** One record of one board at one moment. Identity in the store: board and `at`. */
export type Sample = Readings & { readonly at: Millis; readonly processes: readonly Process[] };

/** A sample with its board, as it comes through REST or goes to the store. */
export type BoardSample = { readonly mac: Mac; readonly sample: Sample };
