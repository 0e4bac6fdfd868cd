import { DecodeError, unreachable } from "@bramble/core/base";
import {
  addressOctets,
  addressOf,
  type DhcpMessage,
  type DhcpType,
  decodeDhcp,
  encodeDhcp,
  type Ipv4,
  optionCodes,
  type PiModel,
  textOctets,
  textOf,
  typeOctets,
  typeOf,
} from "@bramble/core/boot";
import type { FirmwareFacts, Self } from "./script.ts";

/** An OFFER that the firmware takes. */
export type TakenOffer = {
  readonly address: Ipv4;
  /** Where it will ask for files. */
  readonly tftp: Ipv4;
  /** Option 54, for the REQUEST of a Pi 4. */
  readonly serverId: Ipv4 | null;
};

/** The transaction id of every Pi 3 at every boot, ROM and bootcode.bin alike (raspberrypi/firmware issues 764, 862, 1605). */
export const romXid = 0x26f30339;

/** The DISCOVER of this board: 320 octets on a 3B, 322 on a 3B+ and later, broadcast flag off. */
export function discoverOf(facts: FirmwareFacts, xid: number): Uint8Array {
  return encodeDhcp(message(facts, xid, "discover", [[optionCodes.vendorClass, vendorClass]]), 0);
}

/** The REQUEST of a Pi 4 or 5: without option 60, though its DISCOVER has one (raspberrypi/rpi-eeprom issues 82, 87). */
export function requestOf(facts: FirmwareFacts, xid: number, offer: TakenOffer): Uint8Array {
  const more: [number, Uint8Array][] = [[optionCodes.requested, addressOctets(offer.address)]];
  if (offer.serverId !== null) more.push([optionCodes.server, addressOctets(offer.serverId)]);
  return encodeDhcp(message(facts, xid, "request", more), 0);
}

/** The reply that these octets are, if they are one to this board's `xid`; null for everybody else's and for rubbish. */
export function replyTo(self: Self, xid: number, bytes: Uint8Array): { type: DhcpType; message: DhcpMessage } | null {
  try {
    const message = decodeDhcp(bytes);
    const type = typeOf(message);
    if (message.op !== "reply" || message.xid !== xid || message.chaddr !== self.facts.mac || type === null)
      return null;
    // A 3B takes what came through a relay that counted itself for not meant for it (boot-net documentation page).
    if (self.facts.model === "3b" && message.hops !== 0) return null;
    if (self.quirks.padHidesReply && hasPadBeforeEnd(bytes)) return null;
    return { type, message };
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/**
 * What the firmware makes of an OFFER: null when it does not want it.
 *
 * A Pi 3 wants option 43 with the words `Raspberry Pi Boot` (then the server is whoever sent the OFFER) or option 66 with
 * an address in digits; of both the last in the packet wins. siaddr, sname, file and option 67 are never looked at. A
 * Pi 4 or 5 wants the words too, and takes option 66, else siaddr.
 */
export function takeOffer(model: PiModel, offer: DhcpMessage, from: Ipv4): TakenOffer | null {
  if (offer.yiaddr === "0.0.0.0") return null;
  const serverId = addressOf(offer, optionCodes.server);
  let tftp: Ipv4 | null = null;
  switch (model) {
    case "3b":
    case "3b+":
      for (const code of offer.options.keys()) {
        if (code === optionCodes.vendor && hasBootWords(model, offer)) tftp = from;
        if (code === optionCodes.tftpName) tftp = dotted(textOf(offer, code)) ?? tftp;
      }
      break;
    case "4":
    case "5":
      if (!hasBootWords(model, offer)) return null;
      tftp = dotted(textOf(offer, optionCodes.tftpName)) ?? (offer.siaddr === "0.0.0.0" ? from : offer.siaddr);
      break;
    default:
      return unreachable(model);
  }
  return tftp === null ? null : { address: offer.yiaddr, tftp, serverId };
}

function message(
  facts: FirmwareFacts,
  xid: number,
  type: DhcpType,
  more: readonly [number, Uint8Array][],
): DhcpMessage {
  return {
    op: "request",
    hops: 0,
    xid,
    secs: 0,
    isBroadcast: false,
    ciaddr: "0.0.0.0",
    yiaddr: "0.0.0.0",
    siaddr: "0.0.0.0",
    giaddr: "0.0.0.0",
    chaddr: facts.mac,
    sname: "",
    file: "",
    options: new Map<number, Uint8Array>([
      [optionCodes.type, typeOctets(type)],
      [optionCodes.wanted, wantedBy[facts.model]],
      // "x86 BIOS": every Raspberry Pi says so (raspberrypi/rpi-eeprom issue 182).
      [optionCodes.arch, Uint8Array.of(0, 0)],
      [optionCodes.undi, Uint8Array.of(1, 2, 1)],
      [optionCodes.uuid, uuidOf(facts)],
      ...more,
    ]),
  };
}

/** Option 97: 17 octets, of which the first says what kind the others are. */
function uuidOf({ model, mac, serial }: FirmwareFacts): Uint8Array {
  const uuid = new Uint8Array(17);
  const view = new DataView(uuid.buffer);
  const low = Number.parseInt(serial, 16);
  if (model === "3b") return uuid.fill(0x44, 1);
  if (model === "3b+") {
    for (let at = 1; at < 17; at += 4) view.setUint32(at, low, true);
    return uuid;
  }
  uuid.set(textOctets(`RPi${model}`), 1);
  view.setUint32(5, revisions[model], true);
  for (let octet = 0; octet < 4; octet++) uuid[9 + octet] = Number.parseInt(mac.split(":")[2 + octet]!, 16);
  view.setUint32(13, low, true);
  return uuid;
}

/**
 * Option 43 with the words. A 3B counts their length wrong: as a bare string they need three spaces behind them; within a
 * PXE menu (sub-options, the first of which is 6) they do not (boot-net documentation page, firmware issue 941).
 */
function hasBootWords(model: PiModel, offer: DhcpMessage): boolean {
  const value = offer.options.get(optionCodes.vendor);
  if (value === undefined) return false;
  const text = String.fromCharCode(...value.subarray(0, 255));
  return text.includes(model === "3b" && value[0] !== pxeControl ? `${bootWords}   ` : bootWords);
}

/** An address in digits; the firmware has no resolver. */
function dotted(text: string | null): Ipv4 | null {
  if (text === null || !/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null;
  return text.split(".").every((octet) => Number(octet) < 256) ? text : null;
}

function hasPadBeforeEnd(bytes: Uint8Array): boolean {
  let at = 240;
  while (at < bytes.length && bytes[at] !== 255) {
    if (bytes[at] === 0) return true;
    at += 2 + (bytes[at + 1] ?? 0);
  }
  return false;
}

const bootWords = "Raspberry Pi Boot";
const pxeControl = 6;
const vendorClass = textOctets("PXEClient:Arch:00000:UNDI:002001");
const wantedOfThree = [43, 60, 67, 128, 129, 130, 131, 132, 133, 134, 135, 66];
const wantedBy: Readonly<Record<PiModel, Uint8Array>> = {
  "3b": Uint8Array.from(wantedOfThree),
  "3b+": Uint8Array.from([1, 3, ...wantedOfThree]),
  "4": Uint8Array.from([1, 3, ...wantedOfThree]),
  "5": Uint8Array.from([1, 3, ...wantedOfThree]),
};
/** Board revisions: a Pi 4 with 4 GB, a Pi 5 with 8 GB. */
const revisions = { "4": 0xc03111, "5": 0xd04170 } as const;
