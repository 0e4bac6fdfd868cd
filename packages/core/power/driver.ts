import type { Clock, Logger } from "../base/index.ts";

/** What an outlet says of itself when it is read back. `null` where the make cannot tell. */
export type OutletReading = { readonly on: boolean | null; readonly watts: number | null };

/** An open conversation with one PDU, PoE switch or plug. Every call may throw `PowerError`. */
export type PowerSwitch = AsyncDisposable & {
  /** Switched outlets, numbered from 1. */
  readonly outlets: number;
  /** Resolves when the make has acknowledged; the caller reads back before it believes. */
  set(outlet: number, on: boolean, signal: AbortSignal): Promise<void>;
  /** All outlets, in order; index 0 is outlet 1. */
  read(signal: AbortSignal): Promise<readonly OutletReading[]>;
};

/** A line-by-line connection. The driver sees text; sockets stay with whoever made the transport. */
export type Line = AsyncDisposable & {
  send(text: string, signal: AbortSignal): Promise<void>;
  /** The next whole line, without its line end. Rejects with `PowerError` `power.connection` when the far side closes. */
  receive(signal: AbortSignal): Promise<string>;
};

/** The ways out of a driver, handed in. Later makes add theirs (datagrams, HTTP) here. */
export type Transport = { connect(address: HostPort, signal: AbortSignal): Promise<Line> };

/** Where a PDU listens. */
export type HostPort = { readonly host: string; readonly port: number };

/** What a driver is given of the world. */
export type DriverContext = { readonly transport: Transport; readonly clock: Clock; readonly log: Logger };

/** One make of PDU: how its configuration is read and how it is spoken to. */
export type PowerDriver = {
  readonly id: string;
  /** One sentence for `bramble check` and the docs. */
  readonly summary: string;
  /** @throws PowerError `power.config` naming the PDU, the key and what was expected. */
  open(config: PowerConfig, context: DriverContext, signal: AbortSignal): Promise<PowerSwitch>;
};

/** What the cluster file says of one PDU. */
export type PowerConfig = { readonly pdu: string; readonly address: string; readonly outlets: number };

/** Names a driver's shape for the compiler; gives it back unchanged. */
export function definePowerDriver(driver: PowerDriver): PowerDriver {
  return driver;
}
