import type { Clock } from "@bramble/core/base";
import type { Transport } from "@bramble/core/power";
import { httpAsk } from "./http.ts";
import { tcpLine } from "./line.ts";
import { runProgram } from "./run.ts";
import { snmpSession } from "./snmp.ts";

/** The ways to one PDU, each with its limits. Opens nothing until it is asked to, and keeps nothing between questions. */
export function powerTransport(pdu: string, clock: Clock): Transport {
  return {
    connect: (address, signal) => tcpLine(pdu, address, signal),
    http: (request, signal) => httpAsk({ pdu, clock }, request, signal),
    snmp: (target, signal) => snmpSession(pdu, target, signal),
    run: (command, signal) => runProgram({ pdu, clock }, command, signal),
  };
}
