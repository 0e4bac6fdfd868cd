import { type StandIn, type StandInParts, standInLine } from "../../../packages/drivers/power/made.stand-in.ts";

/** A pretend ACME PDU8: it speaks as the real one does, and goes wrong when its `fault` says so. */
export function standInAcme(parts: StandInParts): Promise<StandIn> {
  return standInLine(parts, (outlets) => ({
    greeting: "",
    answer(line) {
      if (line === "STATUS") {
        const words = Array.from({ length: outlets.count }, (_, at) => (outlets.isOn(at + 1) ? "ON" : "OFF"));
        return `${words.join(" ")}\r\n`;
      }
      const [, outlet, state] = /^OUT ([1-8]) (ON|OFF)( BELL)?$/.exec(line) ?? [];
      if (outlet === undefined) return "NO what?\r\n";
      const isDone = outlets.ask(Number(outlet), state === "ON") === "done";
      return isDone ? "DONE\r\n" : `NO outlet ${outlet} is locked\r\n`;
    },
  }));
}
