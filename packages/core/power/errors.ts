import { ClusterError } from "../base/index.ts";

/** A PDU that cannot be reached, does not answer in time, refuses, or answers what nobody understands. */
export class PowerError extends ClusterError {
  readonly pdu: string;
  readonly isRetryable: boolean;

  constructor(
    code: "power.config" | "power.connection" | "power.timeout" | "power.refused" | "power.answer" | "power.readback",
    pdu: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, `${pdu}: ${message}`, options);
    this.pdu = pdu;
    this.isRetryable = code === "power.connection" || code === "power.timeout" || code === "power.readback";
  }
}
