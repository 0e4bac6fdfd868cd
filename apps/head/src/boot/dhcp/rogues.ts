import type { Clock, Logger, Millis, Random } from "@bramble/core/base";
import { mac } from "@bramble/core/base";
import type { DhcpMessage, Ipv4 } from "@bramble/core/boot";
import { addressOf, optionCodes, textOctets, textOf, typeOctets, typeOf } from "@bramble/core/boot";
import type { DhcpAlarm } from "./alarm.ts";

/** Listens for other DHCP servers on the network. */
export type Rogues = {
  /** A message that was heard, on whichever port; `from` is its source address. */
  hear(message: DhcpMessage, from: string): void;
  /** A DISCOVER of our own; whoever answers it is no server of ours. */
  probe(): DhcpMessage;
  /** Look whether those that were heard have gone. To be called now and then. */
  look(): void;
  /** Server identifiers heard lately. */
  present(): readonly Ipv4[];
};

/** How rogues are watched. */
export type RogueTerms = {
  /** Between two probes. */
  readonly probeMs: Millis;
  /** From the first probe to the second. */
  readonly againMs: Millis;
  /** One that was not heard for so long has gone. */
  readonly goneMs: Millis;
  /** No more than so many are told apart: a flood of forged names fills nothing. */
  readonly most: number;
};

/** As the head has it. */
export const rogueTerms: RogueTerms = { probeMs: 30_000, againMs: 5000, goneMs: 200_000, most: 16 };

/** What a probe of a head says of itself (option 60). Another head knows it by that, and gives no address away. */
const probeClass = "bramble-probe";

/** Whether a head looks for other servers: it wants no address. */
export function isProbe(message: DhcpMessage): boolean {
  return textOf(message, optionCodes.vendorClass) === probeClass;
}

/**
 * The watch. In authoritative mode every other server is one too many; in proxy mode exactly one is expected, which gives
 * the addresses: a second one is told, and the lack of one.
 */
export function createRogues(parts: {
  readonly server: Ipv4;
  readonly mode: "authoritative" | "proxy";
  readonly alarm: (alarm: DhcpAlarm) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly terms?: RogueTerms;
}): Rogues {
  const { server, mode, alarm, clock, random, log, terms = rogueTerms } = parts;
  const heard = new Map<Ipv4, { at: Millis; isTold: boolean }>();
  // Locally administered and of this start alone: a twin of ours, with our own address, has another.
  const octet = (): string => random.whole(256).toString(16).padStart(2, "0");
  const probeMac = mac(`02:b8:${octet()}:${octet()}:${octet()}:${octet()}`);
  const allowed = mode === "proxy" ? 1 : 0;
  let probes = 0;
  let isLonely = false;

  const note = (other: Ipv4, how: string): void => {
    const before = heard.get(other);
    if (before !== undefined) {
      before.at = clock.monotonic();
      return;
    }
    if (heard.size >= terms.most) return;
    const isTold = heard.size >= allowed;
    heard.set(other, { at: clock.monotonic(), isTold });
    if (!isTold) {
      log.info({ server: other }, "the DHCP server beside us gives addresses");
      isLonely = false;
      return;
    }
    log.error({ server: other, how }, "another DHCP server answers on this network");
    const twin = other === server ? " (it calls itself by our own address: are two heads running?)" : "";
    alarm({
      kind: "dhcp.rogue",
      level: "error",
      board: null,
      message: `another DHCP server, ${other}${twin}, answers on this network: ${how}; boards may get wrong addresses and not boot until it is off`,
    });
  };

  return {
    hear(message, from) {
      const type = typeOf(message);
      const named = addressOf(message, optionCodes.server);
      if (message.op === "reply") {
        if (type !== "offer" && type !== "ack" && type !== "nak") return;
        // Our own broadcasts come back to us; to our probes we never answer.
        if (message.chaddr !== probeMac && (named === server || from === server)) return;
        note(named ?? from, `it sent ${type === "offer" ? "an OFFER" : type === "ack" ? "an ACK" : "a NAK"}`);
      } else if (isProbe(message)) {
        if (message.chaddr !== probeMac) note(from, "it looks for other servers, as a head of Bramble does");
      } else if (type === "request" && named !== null && named !== server && named !== "0.0.0.0") {
        note(named, `${message.chaddr} takes up its offer`);
      }
    },
    probe() {
      probes++;
      const xid = random.whole(2 ** 32);
      return {
        ...{ op: "request", hops: 0, xid, secs: 0, isBroadcast: true, chaddr: probeMac, sname: "", file: "" },
        ...{ ciaddr: "0.0.0.0", yiaddr: "0.0.0.0", siaddr: "0.0.0.0", giaddr: "0.0.0.0" },
        options: new Map([
          [optionCodes.type, typeOctets("discover")],
          [optionCodes.wanted, Uint8Array.of(optionCodes.subnetMask, optionCodes.router)],
          [optionCodes.vendorClass, textOctets(probeClass)],
        ]),
      };
    },
    look() {
      const now = clock.monotonic();
      for (const [other, { at, isTold }] of heard) {
        if (now - at < terms.goneMs) continue;
        heard.delete(other);
        log.info({ server: other }, "a DHCP server is no longer heard");
        if (!isTold) continue;
        const message = `the DHCP server ${other} is no longer heard on this network`;
        alarm({ kind: "dhcp.rogue-gone", level: "info", board: null, message });
      }
      if (mode !== "proxy" || heard.size > 0 || isLonely || probes < 2) return;
      isLonely = true;
      const message =
        "no DHCP server answers beside proxyDHCP: boards get no address (--dhcp authoritative gives them one)";
      log.error({}, "no DHCP server answers beside proxyDHCP");
      alarm({ kind: "dhcp.lonely", level: "error", board: null, message });
    },
    present: () => [...heard].filter(([, { isTold }]) => isTold).map(([other]) => other),
  };
}
