import { type StandIn, type StandInFault, type StandInParts, standInLine } from "./made.stand-in.ts";

/** What a simulated PDU does wrong on purpose; changed at any time through `PduStandIn.fault`. */
export type PduFault = StandInFault;

/** How a simulated PDU is made. */
export type PduStandInParts = StandInParts & {
  readonly host: string;
  readonly port: number;
  readonly onSwitch: (outlet: number, on: boolean) => void;
  readonly watts: (outlet: number) => number;
};

/** A running stand-in: a simulated PDU that speaks the `simulated` driver's protocol. */
export type PduStandIn = StandIn;

/** Start a simulated PDU. @throws what `listen` throws (address in use). */
export function standInPdu(parts: PduStandInParts): Promise<PduStandIn> {
  return standInLine({ sessions: 16, ...parts }, (outlets) => ({
    greeting: "",
    answer(line) {
      const question = line.trim();
      if (question === "READ") {
        const words = Array.from({ length: outlets.count }, (_, i) => {
          const isOn = outlets.isOn(i + 1);
          return `${i + 1}:${isOn ? "on" : "off"}:${isOn ? outlets.watts(i + 1).toFixed(1) : "0"}`;
        });
        return `OK ${words.join(" ")}\r\n`;
      }
      const set = /^SET (\d{1,3}) (on|off)$/.exec(question);
      if (set === null) return "ERR READ or SET <outlet> on|off was expected\r\n";
      const outlet = Number(set[1]);
      if (outlet < 1 || outlet > outlets.count) return `ERR there is no outlet ${outlet}\r\n`;
      return outlets.ask(outlet, set[2] === "on") === "done" ? "OK\r\n" : `ERR outlet ${outlet} is locked\r\n`;
    },
  }));
}
