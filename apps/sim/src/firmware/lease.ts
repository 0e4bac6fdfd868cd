import type { Millis } from "@bramble/core/base";
import { discoverOf, replyTo, requestOf, romXid, type TakenOffer, takeOffer } from "./packets.ts";
import type { FirmwareEvent, Script, Self } from "./script.ts";

/** What came of asking for a lease. */
export type Leasing =
  | { readonly kind: "leased"; readonly offer: TakenOffer }
  | { readonly kind: "none"; readonly why: string }
  /** A 3B that was answered in haste: it loops and is not heard of again. */
  | { readonly kind: "locked" };

/**
 * The mask ROM of a Pi 3, and its bootcode.bin: DISCOVERs five seconds apart, the address taken from the first OFFER that
 * it likes, never a REQUEST (boot-net documentation page; raspberrypi/firmware issues 991, 1120, 1699).
 */
export function* leaseByRom(self: Self, stage: "rom" | "bootcode"): Script<Leasing> {
  const discover = discoverOf(self.facts, romXid);
  const held: Held = { offer: null };
  const discovers = stage === "rom" ? romDiscovers : bootcodeDiscovers;
  for (let asked = 0; asked < discovers; asked++) {
    self.say({ kind: "dhcp", bytes: discover });
    const isLate = self.quirks.holdsOffers && stage === "rom";
    const leasing = yield* isLate ? listenLate(self, held) : listen(self, discoverEveryMs);
    if (leasing !== null) return leasing;
  }
  return { kind: "none", why: `no OFFER to its liking after ${discovers} DISCOVERs` };
}

/**
 * The bootloader in the EEPROM of a Pi 4 or 5: DISCOVER, OFFER, REQUEST, ACK with an id of its own. DHCP_REQ_TIMEOUT is
 * 4 s, DHCP_TIMEOUT 45 s (bootloader configuration documentation page).
 */
export function* leaseByEeprom(self: Self): Script<Leasing> {
  const { facts, random } = self;
  let why = "no OFFER to its liking";
  for (let asked = 0; asked < eepromTries; asked++) {
    const xid = random.whole(2 ** 32);
    self.say({ kind: "dhcp", bytes: discoverOf(facts, xid) });
    const offer = yield* hear(self, requestEveryMs, (event) => offerIn(self, xid, event));
    if (offer === null) continue;
    for (let requests = 0; requests < mostRequests && asked < eepromTries; requests++, asked++) {
      self.say({ kind: "dhcp", bytes: requestOf(facts, xid, offer) });
      const answer = yield* hear(self, requestEveryMs, (event) => {
        const reply = event.kind === "dhcp" ? replyTo(self, xid, event.bytes) : null;
        if (reply?.type === "nak") return "nak";
        return reply?.type === "ack" && reply.message.yiaddr === offer.address ? "ack" : null;
      });
      if (answer === "ack") return { kind: "leased", offer };
      why = answer === "nak" ? `its REQUEST for ${offer.address} was refused` : `no ACK for ${offer.address}`;
      if (answer === "nak") break;
    }
  }
  return { kind: "none", why: `${why} within 45 s` };
}

/** DISCOVERs of the ROM, after which it stops for ever (boot-net documentation page; firmware issues 825, 975). */
const romDiscovers = 5;
/** bootcode.bin asks longer, and gives up after about a minute (firmware issue 1124). */
const bootcodeDiscovers = 12;

function* listen(self: Self, ms: Millis): Script<Leasing | null> {
  const offer = yield* hear(self, ms, (event) => offerIn(self, romXid, event));
  return offer === null ? null : { kind: "leased", offer };
}

/** What came and was not noticed yet. */
type Held = { offer: TakenOffer | null };

/** As a 3B listens: what comes in the first second is only noticed when a further frame comes after it. */
function* listenLate(self: Self, held: Held): Script<Leasing | null> {
  // What was held at the last DISCOVER is noticed at the next frame, this one's OFFER among them.
  const wasHeld = held.offer !== null;
  for (let part = 0; part < 3; part++) {
    const isHasty = part < 2;
    self.say({ kind: "timer", ms: isHasty ? 1_000 : discoverEveryMs - 2_000, waits: isHasty ? "work" : "answer" });
    for (;;) {
      const event = yield;
      if (event.kind === "time") break;
      const offer = offerIn(self, romXid, event);
      if (offer !== null && isHasty && self.random.chance(self.quirks.hasteLocks)) return { kind: "locked" };
      held.offer = offer ?? held.offer;
      if ((part > 0 || wasHeld) && held.offer !== null) return { kind: "leased", offer: held.offer };
    }
  }
  return null;
}

function offerIn(self: Self, xid: number, event: FirmwareEvent): TakenOffer | null {
  // Told to stop here: it asks, and is deaf to what it is offered.
  if (event.kind !== "dhcp" || self.stopAt === "offer") return null;
  const reply = replyTo(self, xid, event.bytes);
  return reply?.type === "offer" ? takeOffer(self.facts.model, reply.message, event.from) : null;
}

/** Waits until `find` finds something in what comes; null when the time is over. */
function* hear<T>(self: Self, ms: Millis, find: (event: FirmwareEvent) => T | null): Script<T | null> {
  self.say({ kind: "timer", ms, waits: "answer" });
  for (;;) {
    const event = yield;
    if (event.kind === "time") return null;
    const found = find(event);
    if (found !== null) return found;
  }
}

const discoverEveryMs: Millis = 5_000;
const requestEveryMs: Millis = 4_000;
const eepromTries = 11;
const mostRequests = 4;
