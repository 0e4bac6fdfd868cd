import type { FileClaim } from "@bramble/core/boot";
import { encodeTftp } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { bytesClaim, client, contentOf, fakeDesk } from "./fake-desk.ts";
import { storm } from "./fake-storm.ts";

const octets = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const never: () => FileClaim = () => ({ kind: "missing", board: null });

test.each([
  ["ten thousand letters", `\0\x01${"../".repeat(3334)}\0octet\0`],
  ["more than a request may have", `\0\x01${"a".repeat(510)}\0octet\0`],
  ["not UTF-8", "\0\x01\xff\xfe\0octet\0"],
  ["a zero in the path", "\0\x01kernel\0.txt\0octet\0tsize"],
  ["no end", "\0\x01kernel"],
])("a path is refused before anybody looks at it: %s", (_, text) => {
  const asked: string[] = [];
  const { desk, sent } = fakeDesk(({ path }) => {
    asked.push(path);
    return { kind: "missing", board: null };
  });
  desk.asked(octets(text), client);
  expect(sent()).toMatchObject([{ packet: { kind: "error", code: 4 } }]);
  expect(asked).toEqual([]);
});

test("a path comes to the tree as the client said it: confining it is the tree's work", () => {
  const asked: string[] = [];
  const { read } = fakeDesk(({ path }) => {
    asked.push(path);
    return { kind: "missing", board: null };
  });
  const paths = ["../../etc/passwd", "/etc/passwd", "a\\..\\b", "ä/ö", "%2e%2e/x", " "];
  for (const path of paths) read(path);
  expect(asked).toEqual(paths);
});

test("what is no request is not answered at the port of requests, nor is anything from port 0", () => {
  const { desk, sent } = fakeDesk(never);
  for (const packet of [
    "",
    "\0",
    "\x01\x01x\0octet\0",
    "\0\x03\0\x01abc",
    "\0\x04\0\x01",
    "\0\x05\0\0no\0",
    "\0\x06a\0b\0",
  ]) {
    desk.asked(octets(packet), client);
  }
  desk.asked(octets("\0\x01x\0octet\0"), { ...client, port: 0 });
  desk.heard(0, octets("\0\x04\0\x01"), { ...client, port: 0 });
  desk.heard(0, octets("\0\x05\0\x01no\0"), client);
  expect(sent()).toEqual([]);
  expect(desk.counters()).toMatchObject({ requests: 0, strays: 10 });
});

test("a flood of ACKs with invented senders is hardly answered", async () => {
  const { desk, sent, wait } = fakeDesk(never);
  for (let n = 0; n < 100_000; n++) {
    const from = { address: `10.${n & 255}.${(n >> 8) & 255}.1`, port: 1 + (n & 0x7fff) };
    desk.heard(n & 7, encodeTftp({ kind: "ack", block: n & 0xffff }), from);
  }
  expect(sent()).toHaveLength(20);
  await wait(100);
  desk.heard(0, encodeTftp({ kind: "ack", block: 1 }), client);
  expect(sent()).toHaveLength(1);
});

test("invented ACKs for a live transfer change nothing unless they fit", () => {
  const { desk, read, sent } = fakeDesk(() => bytesClaim(contentOf(50_000)));
  const [first] = read("kernel");
  for (let block = 2; block < 65536; block++) desk.heard(first!.slot, encodeTftp({ kind: "ack", block }), client);
  expect(sent()).toEqual([]);
  expect(desk.counters().live).toBe(1);
});

test("a peer that asks for ten thousand transfers gets its share, and the others theirs", async () => {
  const { desk, read, wait, sent } = fakeDesk(() => bytesClaim(contentOf(2000)), { transfers: 200 });
  for (let n = 0; n < 10_000; n++) read("kernel", {}, { address: "10.0.0.66", port: 1000 + n });
  expect(desk.counters()).toMatchObject({ live: 64, refused: 10_000 - 64 });
  expect(read("kernel")).toMatchObject([{ packet: { kind: "data", block: 1 } }]);
  for (let n = 0; n < 1000; n++) read("kernel", {}, { address: `10.1.${n >> 8}.${n & 255}`, port: 5000 });
  expect(desk.counters().live).toBe(200);
  expect(read("kernel", {}, { ...client, port: 9 })).toMatchObject([{ packet: { kind: "error", code: 0 } }]);
  sent();
  await wait(60_000);
  expect(desk.counters().live).toBe(0);
});

test("a hundred thousand random datagrams break nothing and leave nothing behind", async () => {
  const { most, after } = await storm(100_000, "a storm");
  const { requests, done, probed, failed, missing, refused } = after;
  expect(Math.min(requests, done, probed, failed, missing, refused)).toBeGreaterThan(0);
  expect(most.live).toBeLessThanOrEqual(300);
  expect(most.cacheBytes).toBeLessThan(2 * 2 ** 20);
  expect(after.live).toBe(0);
});
