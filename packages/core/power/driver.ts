import type { Clock, Logger } from "../base/index.ts";
import type { Settings, SettingValue } from "./settings.ts";
import type { Transport } from "./transport.ts";

/** What an outlet says of itself when it is read back. `null` where the make cannot tell. */
export type OutletReading = { readonly on: boolean | null; readonly watts: number | null };

/** What a whole device, or one phase or bank of it, draws by its own meter. `null` where the make cannot tell. */
export type PowerLoad = { readonly name: string; readonly amps: number | null; readonly watts: number | null };

/** An open conversation with one PDU, PoE switch or plug. Every call may throw `PowerError`. */
export type PowerSwitch = AsyncDisposable & {
  /** Switched outlets, numbered from 1. */
  readonly outlets: number;
  /** Resolves when the make has acknowledged; the caller reads back before it believes. */
  set(outlet: number, on: boolean, signal: AbortSignal): Promise<void>;
  /** All outlets, in order; index 0 is outlet 1. */
  read(signal: AbortSignal): Promise<readonly OutletReading[]>;
  /** What it draws in all, by phase or bank; absent: the make has no such meter. */
  load?(signal: AbortSignal): Promise<readonly PowerLoad[]>;
};

/** What a driver is given of the world. */
export type DriverContext = { readonly transport: Transport; readonly clock: Clock; readonly log: Logger };

/** One make of PDU: how its configuration is read and how it is spoken to. */
export type PowerDriver = {
  readonly id: string;
  /** One sentence for `bramble check` and the docs. */
  readonly summary: string;
  /** What it wants as `address`, for the docs: `host:port`, `host[:80]`. */
  readonly address?: string;
  /** The keys of `settings` that it reads; absent: none. Any other key is a mistake (`checkPowerConfig`). */
  readonly settings?: Settings;
  /** The keys of its entry in the secrets file, each with what it is; absent: none. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** @throws PowerError `power.config` naming the PDU, the key and what was expected. */
  open(config: PowerConfig, context: DriverContext, signal: AbortSignal): Promise<PowerSwitch>;
};

/** What the cluster file and the secrets file say of one PDU. */
export type PowerConfig = {
  readonly pdu: string;
  readonly address: string;
  readonly outlets: number;
  /** From the cluster file: the model's settings, and over them the PDU's own. */
  readonly settings: Readonly<Record<string, SettingValue>>;
  /** From the secrets file; never logged, never in an answer or a message. Null: the file has no entry. */
  readonly secret: Readonly<Record<string, string>> | null;
};

/** Names a driver's shape for the compiler; gives it back unchanged. */
export function definePowerDriver(driver: PowerDriver): PowerDriver {
  return driver;
}
