import { seededRandom } from "@bramble/core/base";
import type { FileClaim } from "@bramble/core/boot";
import { encodeTftp } from "@bramble/core/boot";
import { bytesClaim, contentOf, fakeDesk } from "./fake-desk.ts";
import type { TftpCounters } from "./terms.ts";

/**
 * Feeds a desk with packets, whole, cut, flipped and invented, from a few hundred clients at random.
 *
 * @returns the most that lived and was kept at once, and what was counted when all had been given up.
 */
export async function storm(
  datagrams: number,
  seed: string,
): Promise<{ readonly most: { readonly live: number; readonly cacheBytes: number }; readonly after: TftpCounters }> {
  const random = seededRandom(seed);
  const small = bytesClaim(contentOf(100));
  const large = bytesClaim(contentOf(100_000));
  const tree: Readonly<Record<string, FileClaim | Promise<FileClaim>>> = { small, large: Promise.resolve(large) };
  const { desk, news, sent, wait } = fakeDesk(({ path }) => tree[path] ?? { kind: "missing", board: null }, {
    transfers: 300,
    replySockets: 2,
    cacheBytes: 2 ** 20,
  });
  const most = { live: 0, cacheBytes: 0 };
  for (let n = 0; n < datagrams; n++) {
    const whole = packets[random.whole(packets.length)]!;
    let bytes = random.chance(0.1) ? whole.slice(0, random.whole(whole.length + 1)) : whole.slice();
    if (random.chance(0.2) && bytes.length > 0) bytes[random.whole(bytes.length)] = random.whole(256);
    if (random.chance(0.05)) bytes = Uint8Array.from({ length: random.whole(600) }, () => random.whole(256));
    const from = { address: `10.0.0.${random.whole(20)}`, port: random.whole(25) };
    if (random.chance(0.4)) desk.asked(bytes, from);
    else desk.heard(random.whole(2), bytes, from);
    if (n % 1000 === 0) {
      await wait(100);
      const { live, cacheBytes } = desk.counters();
      most.live = Math.max(most.live, live);
      most.cacheBytes = Math.max(most.cacheBytes, cacheBytes);
      news.length = 0;
    } else if (n % 50 === 0) sent();
  }
  await wait(60_000);
  return { most, after: desk.counters() };
}

const packets: readonly Uint8Array[] = [
  ask("small", { blksize: "512", tsize: "0", windowsize: "16", timeout: "1" }),
  ask("large", { blksize: "99" }),
  ask("large", {}),
  ask("none", {}),
  encodeTftp({ kind: "write", path: "small", mode: "octet", options: new Map() }),
  encodeTftp({ kind: "data", block: 1, bytes: contentOf(9) }),
  encodeTftp({ kind: "ack", block: 0 }),
  encodeTftp({ kind: "ack", block: 1 }),
  encodeTftp({ kind: "error", code: 0, message: "Early terminate" }),
  encodeTftp({ kind: "oack", options: new Map([["tsize", "1"]]) }),
];

function ask(path: string, options: Readonly<Record<string, string>>): Uint8Array {
  return encodeTftp({ kind: "read", path, mode: "octet", options: new Map(Object.entries(options)) });
}
