import { mac } from "@bramble/core/base";
import { decodeDhcp, encodeDhcp, optionCodes, portOf, relayOf } from "@bramble/core/boot";
import fc from "fast-check";
import { expect, test } from "vitest";
import { answerDhcp } from "../firmware/fake-servers.ts";
import { discoverOf, romXid, takeOffer } from "../firmware/packets.ts";
import { boardOf, relayAddress, relayed, rogueAddress, rogueOffer } from "./relay.ts";

const board = mac("b8:27:eb:00:00:01");
const discover = discoverOf({ model: "3b+", mac: board, serial: "eb000001" }, romXid);

test("a broadcast goes on with one hop, the relay's address and the board's place", () => {
  const message = decodeDhcp(relayed(discover, "127.30.1.7", { switch: "s07", port: 13 }));
  expect(message).toMatchObject({ hops: 1, giaddr: "127.30.1.7", xid: romXid, chaddr: board });
  expect(portOf(relayOf(message), message.giaddr)).toEqual({ switch: "s07", port: 13 });
  expect([...message.options.keys()].at(-1)).toBe(optionCodes.relay);
});

test("a board on no switch has no place to tell", () => {
  const message = decodeDhcp(relayed(discover, relayAddress(null), { switch: null, port: null }));
  expect(message.giaddr).toBe("127.30.1.254");
  expect(message.options.has(optionCodes.relay)).toBe(false);
});

test("switches have addresses of their own, however many there are", () => {
  const addresses = Array.from({ length: 2_000 }, (_, at) => relayAddress(at + 1));
  expect(new Set([...addresses, relayAddress(null)]).size).toBe(2_001);
  expect(addresses.slice(252, 254)).toEqual(["127.30.1.253", "127.30.2.1"]);
});

test("a reply is for whom it names, anything else is for nobody", () => {
  expect(boardOf(encodeDhcp(answerDhcp(decodeDhcp(discover), "127.0.0.1")))).toBe(board);
  expect(boardOf(discover)).toBeNull();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void boardOf(bytes)));
});

test("a rogue's OFFER has an address of another network and nothing to boot", () => {
  const offer = decodeDhcp(rogueOffer(discover));
  expect(offer).toMatchObject({ op: "reply", xid: romXid, chaddr: board, yiaddr: "192.168.1.101" });
  expect([...offer.options.keys()]).toEqual([53, 54, 1, 3]);
  for (const model of ["3b", "3b+", "4", "5"] as const) expect(takeOffer(model, offer, rogueAddress)).toBeNull();
});
