import type { Clock, Logger, Mac } from "@bramble/core/base";
import { DecodeError, messageOf } from "@bramble/core/base";
import type { BootClient, BootEvent, BootTerms, DhcpMessage, DhcpTerms, DhcpVerdict, Ipv4 } from "@bramble/core/boot";
import { addressOf, answerDhcp, classify, decodeDhcp, optionCodes, readRequest, typeOf } from "@bramble/core/boot";
import { sparingly } from "../../observe/sparingly.ts";
import type { DhcpAlarm } from "./alarm.ts";
import type { DhcpCounts } from "./counts.ts";
import type { Journal } from "./journal.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Offers } from "./offers.ts";
import type { Outgoing } from "./outgoing.ts";
import type { PlaceFound, Placing } from "./placing.ts";
import { isProbe, type Rogues } from "./rogues.ts";
import { modelOf, type Sightings, serialOf } from "./sightings.ts";
import type { Sender } from "./sockets.ts";
import { isLoopback, type Subnet, type Subnets } from "./subnets.ts";

/** What the handler is given. */
export type HandlerParts = {
  readonly mode: "authoritative" | "proxy";
  readonly subnets: Subnets;
  readonly termsOf: (subnet: Subnet) => DhcpTerms;
  readonly placing: Placing;
  readonly bootOf: (mac: Mac, client: BootClient) => BootTerms | null;
  readonly offers: Offers;
  readonly journal: Journal;
  readonly outgoing: Outgoing;
  readonly neighbours: Neighbours;
  readonly rogues: Rogues;
  readonly sightings: Sightings;
  readonly tell: (mac: Mac, event: BootEvent) => void;
  readonly alarm: (alarm: DhcpAlarm) => void;
  readonly counts: DhcpCounts;
  readonly clock: Clock;
  readonly log: Logger;
};

/** Takes datagrams of the server's port, of proxyDHCP's port, and those that other servers send to clients. */
export type DhcpHandler = {
  asServer(bytes: Uint8Array, from: Sender): void;
  asProxy(bytes: Uint8Array, from: Sender): void;
  asClient(bytes: Uint8Array, from: Sender): void;
};

/** One message, all that is known about who sent it. */
type Asked = {
  readonly message: DhcpMessage;
  readonly client: BootClient;
  readonly subnet: Subnet;
  readonly from: Sender;
  /** On the port of proxyDHCP: it has an address, and is answered where it asked from. */
  readonly backTo?: Sender;
};

/** Decides each message by itself; nothing that comes in can make it throw. */
export function createHandler(parts: HandlerParts): DhcpHandler {
  const { mode, subnets, offers, journal, outgoing, neighbours, rogues, tell, alarm, counts, clock, log } = parts;
  const isProxy = mode === "proxy";
  const authority = { isAuthoritative: true };
  const faults = sparingly(clock, 10_000);
  const terms = new Map(subnets.all.map((subnet) => [subnet, parts.termsOf(subnet)]));

  /** Decoded, or null when it is nothing for us; an answer of another server is only listened to. */
  const read = (bytes: Uint8Array, from: Sender): DhcpMessage | null => {
    counts.received++;
    try {
      const message = decodeDhcp(bytes);
      if (message.op === "request" && !isProbe(message)) return message;
      rogues.hear(message, from.address);
    } catch (thrown) {
      if (!(thrown instanceof DecodeError)) throw thrown;
      counts.malformed++;
      log.debug({ from: from.address, error: thrown.message }, "no DHCP message");
    }
    return null;
  };
  const guarded =
    (take: (message: DhcpMessage, from: Sender) => void) =>
    (bytes: Uint8Array, from: Sender): void => {
      try {
        const message = read(bytes, from);
        if (message !== null) take(message, from);
      } catch (thrown) {
        counts.faults++;
        const quiet = faults.due();
        if (quiet !== null)
          log.error({ from: from.address, error: messageOf(thrown), quiet }, "a DHCP message was not answered");
      }
    };

  const answer = (
    asked: Asked,
    verdict: DhcpVerdict,
    name: string | null,
    lease: Ipv4 | null,
    onSent: () => void,
  ): void => {
    const { message, client, subnet, from, backTo } = asked;
    const boot = verdict.kind === "nak" ? null : parts.bootOf(message.chaddr, client);
    const made = answerDhcp(message, client, verdict, { hostName: name, boot }, terms.get(subnet)!);
    const delivery = backTo === undefined ? made.delivery : { ...made.delivery, ...backTo, to: "unicast" as const };
    outgoing.send({ ...made, delivery }, lease, from, onSent);
  };

  /** The register and the kernel learn of a board that has an address. */
  const note = ({ message, client, from }: Asked, address: Ipv4): void => {
    const mac = message.chaddr;
    const simulated = isLoopback(message.giaddr) || isLoopback(from.address);
    parts.sightings.note({ mac, address, serial: serialOf(client), model: modelOf(client), simulated });
    if (message.giaddr === "0.0.0.0") neighbours.set(address, mac);
  };

  const discover = (asked: Asked): void => {
    counts.discovers++;
    const { message, client, subnet } = asked;
    const mac = message.chaddr;
    const found = parts.placing(message, client, subnet);
    const { address: pinned, name, isPlugged = false } = found;
    offers.offer({ message, subnet, pinned, name, isPlugged }, (lease) => {
      tell(mac, { kind: "discover", client });
      if (lease === null) return;
      const { address } = lease;
      note(asked, address);
      answer(asked, { kind: "offer", address }, found.name, address, () => {
        counts.offers++;
        log.debug({ mac, address, name: found.name }, "address offered");
        tell(mac, { kind: "offer", address, isBoot: parts.bootOf(mac, client) !== null });
      });
    });
  };

  const request = (asked: Asked): void => {
    counts.requests++;
    const { message, client, subnet } = asked;
    const mac = message.chaddr;
    rogues.hear(message, asked.from.address);
    const ask = readRequest(message);
    if (ask === null) {
      counts.ignored++;
      return;
    }
    const { address: pinned, name }: PlaceFound = parts.placing(message, client, subnet);
    const us = { ...authority, server: terms.get(subnet)!.server };
    const decision = subnet.book.request(mac, pinned, ask, us, clock.now());
    journal.write(decision.writes);
    if (decision.kind === "silent") {
      counts.ignored++;
      log.debug({ mac, address: ask.address, why: decision.why }, "request left to another server");
      return;
    }
    tell(mac, { kind: "request" });
    if (decision.kind === "nak") {
      const { why } = decision;
      answer(asked, { kind: "nak", why }, name, null, () => {
        counts.naks++;
        log.debug({ mac, address: ask.address, name, why }, "request refused");
        tell(mac, { kind: "nak", why });
      });
      return;
    }
    const { address } = decision.lease;
    note(asked, address);
    answer(asked, { kind: "ack", address }, name, address, () => {
      counts.acks++;
      log.debug({ mac, address, name }, "lease bound");
      tell(mac, { kind: "ack", address });
    });
  };

  const decline = ({ message, client, subnet }: Asked): void => {
    counts.declines++;
    const mac = message.chaddr;
    const address = addressOf(message, optionCodes.requested);
    if (address === null) return;
    const change = subnet.book.decline(mac, address, clock.now());
    if (change.kind === "ignored") return;
    journal.write(change.writes);
    void neighbours.forget(address);
    const { name } = parts.placing(message, client, subnet);
    log.warn({ mac, address, name }, "a board found its address in use by another");
    tell(mac, { kind: "decline", address });
    const text = `${name ?? mac} found its address ${address} in use by something else; look for what has it`;
    alarm({ kind: "dhcp.conflict", level: "warn", board: name, message: text });
  };

  const release = ({ message, subnet }: Asked): void => {
    counts.releases++;
    const change = subnet.book.release(message.chaddr, message.ciaddr, clock.now());
    journal.write(change.writes);
  };

  const inform = (asked: Asked): void => {
    const { message, client, subnet } = asked;
    if (!subnet.has(message.ciaddr)) {
      counts.ignored++;
      return;
    }
    const { name } = parts.placing(message, client, subnet);
    answer(asked, { kind: "inform" }, name, null, () => counts.informs++);
  };

  /** In proxy mode: what to boot, to those who boot; the address is another server's. */
  const proxy = (asked: Asked): void => {
    const { message, client, subnet } = asked;
    const mac = message.chaddr;
    const { name } = parts.placing(message, client, subnet);
    tell(mac, { kind: "discover", client });
    if (client.kind === "os" || parts.bootOf(mac, client) === null) {
      counts.ignored++;
      return;
    }
    const isDiscover = typeOf(message) === "discover";
    answer(asked, { kind: "proxy" }, name, null, () => {
      if (isDiscover) counts.offers++;
      else counts.acks++;
    });
  };

  const whoAsks = (message: DhcpMessage, from: Sender): Asked | null => {
    const { giaddr, ciaddr } = message;
    const isDirect = giaddr === "0.0.0.0" && ciaddr !== "0.0.0.0";
    const subnet = (isDirect ? subnets.holding(ciaddr) : null) ?? subnets.of(giaddr);
    if (subnet === null) {
      counts.ignored++;
      const quiet = faults.due();
      if (quiet !== null)
        log.warn({ giaddr, mac: message.chaddr, quiet }, "a relay asks for a network that is not served");
      return null;
    }
    return { message, client: classify(message), subnet, from };
  };

  return {
    asServer: guarded((message, from) => {
      const asked = whoAsks(message, from);
      if (asked === null) return;
      switch (typeOf(message)) {
        case "discover":
          if (!isProxy) discover(asked);
          else {
            counts.discovers++;
            proxy(asked);
          }
          return;
        case "request":
          if (!isProxy) request(asked);
          else {
            counts.requests++;
            rogues.hear(message, from.address);
            // The other server gives it; so we learn where the board is.
            const address = readRequest(message)?.address;
            if (address !== undefined && asked.subnet.has(address)) note(asked, address);
          }
          return;
        case "decline":
          return isProxy ? undefined : decline(asked);
        case "release":
          return isProxy ? undefined : release(asked);
        case "inform":
          return isProxy ? undefined : inform(asked);
        default:
          counts.ignored++;
      }
    }),
    asProxy: guarded((message, from) => {
      const asked = whoAsks(message, from);
      const type = typeOf(message);
      if (asked === null || (type !== "request" && type !== "inform")) return;
      counts.requests++;
      if (asked.subnet.has(message.ciaddr)) note(asked, message.ciaddr);
      proxy({ ...asked, backTo: from });
    }),
    asClient: guarded(() => {}),
  };
}
