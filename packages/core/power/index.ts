export type {
  DriverContext,
  HostPort,
  Line,
  OutletReading,
  PowerConfig,
  PowerDriver,
  PowerSwitch,
  Transport,
} from "./driver.ts";
export { definePowerDriver } from "./driver.ts";
export { PowerError } from "./errors.ts";
