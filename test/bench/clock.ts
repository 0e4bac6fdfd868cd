import type { Clock } from "@bramble/core/base";
import { clockFrom } from "@bramble/core/base";

/** True time: benches measure it. */
export const trueClock: Clock = clockFrom({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
});
