import { seededRandom } from "@bramble/core/base";
import type { FileClaim } from "@bramble/core/boot";
import { encodeTftp } from "@bramble/core/boot";
import { expect, test } from "vitest";
import { bytesClaim, client, contentOf, fakeDesk } from "./fake-desk.ts";

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
  const random = seededRandom("a storm");
  const small = contentOf(100);
  const large = contentOf(100_000);
  const { desk, sent, wait } = fakeDesk(
    ({ path }) => {
      if (path.length % 3 === 0) return { kind: "missing", board: null };
      return path.length % 3 === 1 ? bytesClaim(small) : Promise.resolve(bytesClaim(large));
    },
    { transfers: 300, replySockets: 2, cacheBytes: 2 ** 20 },
  );
  const seeds = [
    octets("\0\x01abcd\0octet\0blksize\x00512\0tsize\x000\0windowsize\x0016\0timeout\x001\0"),
    octets("\0\x01abcdefgh\0octet\0blksize\x0099\0"),
    octets("\0\x01abc\0octet\0"),
    octets("\0\x02abcd\0octet\0"),
    octets("\0\x03\0\x01data"),
    octets("\0\x04\0\0"),
    octets("\0\x04\0\x01"),
    octets("\0\x05\0\0Early terminate\0"),
    octets("\0\x06tsize\x001\0"),
  ];
  let largest = 0;
  for (let n = 0; n < 100_000; n++) {
    const seed = seeds[random.whole(seeds.length)]!;
    let bytes = seed.slice(0, random.chance(0.1) ? random.whole(seed.length + 1) : seed.length);
    if (random.chance(0.3) && bytes.length > 0) bytes[random.whole(bytes.length)] = random.whole(256);
    if (random.chance(0.05)) bytes = Uint8Array.from({ length: random.whole(600) }, () => random.whole(256));
    const from = { address: `10.0.0.${random.whole(20)}`, port: random.whole(25) };
    if (random.chance(0.4)) desk.asked(bytes, from);
    else desk.heard(random.whole(2), bytes, from);
    if (n % 1000 === 0) {
      await wait(100);
      largest = Math.max(largest, desk.counters().cacheBytes);
      expect(desk.counters().live).toBeLessThanOrEqual(300);
    } else if (n % 50 === 0) sent();
  }
  const { requests, done, probed, failed, missing, refused } = desk.counters();
  expect(Math.min(requests, done, probed, failed, missing, refused)).toBeGreaterThan(0);
  expect(largest).toBeLessThan(2 * 2 ** 20);
  await wait(60_000);
  expect(desk.counters().live).toBe(0);
});
