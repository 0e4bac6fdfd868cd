import fc from "fast-check";
import { expect, test } from "vitest";
import type { Random } from "../../base/index.ts";
import { seededRandom } from "../../base/index.ts";
import { blocksOf, negotiateTftp } from "./negotiate.ts";
import { decodeTftp, encodeTftp } from "./packet.ts";
import type { TftpSend } from "./sender.ts";
import { TftpSender } from "./sender.ts";

/** A sender and a model of a client over a network that loses, doubles and delays; time is virtual. */

type Network = { readonly loss: number; readonly twice: number; readonly spreadMs: number };
type Ended = {
  readonly bytes: Uint8Array | null;
  readonly client: "done" | "given-up";
  readonly server: "done" | "given-up" | "waiting";
  readonly dataSent: number;
  readonly resends: number;
};

const patience = { firstMs: 1000, longestMs: 8000, resends: 5 };

test("whatever the network does, the client has the right bytes or both know of the failure", () => {
  const network = fc.record({
    loss: fc.double({ min: 0, max: 0.4, noNaN: true }),
    twice: fc.double({ min: 0, max: 0.5, noNaN: true }),
    spreadMs: fc.integer({ min: 0, max: 2500 }),
  });
  fc.assert(
    fc.property(
      network,
      fc.nat(),
      fc.nat(12_000),
      fc.constantFrom(1, 2, 4, 16),
      fc.boolean(),
      (net, seed, size, window, isChatty) => {
        const content = contentOf(size, seed);
        const ended = transfer({ content, window, isChatty, network: net, random: seededRandom(seed) });
        if (ended.client === "done") expect(ended.bytes).toEqual(content);
        else expect(["given-up", "done"]).toContain(ended.server);
        expect(ended.server).not.toBe("waiting");
      },
    ),
    { numRuns: 300 },
  );
});

test("a bad network, but not a hopeless one, is overcome", () => {
  for (let seed = 0; seed < 20; seed++) {
    const content = contentOf(20_000, seed);
    const network = { loss: 0.05, twice: 0.05, spreadMs: 20 };
    const ended = transfer({
      content,
      window: 1 + (seed % 5) * 3,
      isChatty: seed % 2 === 0,
      network,
      random: seededRandom(seed),
    });
    expect(ended).toMatchObject({ client: "done", bytes: content });
  }
});

test("where nothing is lost, doubled packets never make the server send a block twice in lockstep", () => {
  for (let seed = 0; seed < 20; seed++) {
    const content = contentOf(15_000, seed);
    const network = { loss: 0, twice: 0.5, spreadMs: 100 };
    const ended = transfer({ content, window: 1, isChatty: true, network, random: seededRandom(seed) });
    expect(ended).toMatchObject({ client: "done", server: "done", dataSent: blocksOf(15_000, 512), resends: 0 });
  }
});

test("in windows, what doubled and late packets cost stays bounded", () => {
  for (let seed = 0; seed < 20; seed++) {
    const content = contentOf(60_000, seed);
    const network = { loss: 0, twice: 0.3, spreadMs: 10 };
    const ended = transfer({ content, window: 8, isChatty: true, network, random: seededRandom(seed) });
    expect(ended.bytes).toEqual(content);
    expect(ended.dataSent).toBeLessThan(8 * blocksOf(60_000, 512));
  }
});

function transfer(parts: {
  readonly content: Uint8Array;
  readonly window: number;
  /** A client that acknowledges whatever comes once more, as careless ones do. */
  readonly isChatty: boolean;
  readonly network: Network;
  readonly random: Random;
}): Ended {
  const { content, window, isChatty, network, random } = parts;
  const asked = window === 1 ? new Map<string, string>() : new Map([["windowsize", String(window)]]);
  const events: { at: number; run: () => void }[] = [];
  let now = 0;
  const at = (ms: number, run: () => void): void => void events.push({ at: ms, run });
  const send = (bytes: Uint8Array, to: (bytes: Uint8Array) => void): void => {
    for (let copy = random.chance(network.twice) ? 2 : 1; copy > 0; copy--) {
      if (!random.chance(network.loss)) at(now + 1 + random.next() * network.spreadMs, () => to(bytes));
    }
  };

  // The server.
  let sender: TftpSender | null = null;
  let server: Ended["server"] = "waiting";
  let dataSent = 0;
  const blockBytes = 512;
  const agreed = negotiateTftp(asked, content.length, { maxBlockBytes: 1468, maxWindow: 64 });
  const act = (wanted: TftpSend): void => {
    if (wanted.kind === "done" || wanted.kind === "given-up") server = wanted.kind;
    if (wanted.kind === "oack") send(encodeTftp({ kind: "oack", options: agreed.accepted }), toClient);
    if (wanted.kind !== "data") return;
    for (let block = wanted.from; block <= wanted.to; block++) {
      dataSent++;
      const bytes = content.subarray((block - 1) * blockBytes, block * blockBytes);
      send(encodeTftp({ kind: "data", block: block & 0xffff, bytes }), toClient);
    }
  };
  const watch = (): void => {
    if (sender === null || server !== "waiting") return;
    if (now >= sender.dueAt) act(sender.silence(now));
    if (server === "waiting") at(Math.max(now + 1, sender.dueAt), watch);
  };
  const toServer = (bytes: Uint8Array): void => {
    const packet = decodeTftp(bytes);
    if (packet.kind === "read" && sender === null) {
      sender = new TftpSender(blocksOf(content.length, blockBytes), agreed.window, agreed.accepted.size > 0, patience);
      act(sender.start(now));
      at(sender.dueAt, watch);
    } else if (packet.kind === "ack" && sender !== null && server === "waiting") act(sender.ack(packet.block, now));
  };

  // The client.
  const got: number[] = [];
  let client: Ended["client"] | null = null;
  let last = 0;
  let unacked = 0;
  let heardAt = 0;
  let tries = 0;
  let latest = encodeTftp({ kind: "read", path: "x", mode: "octet", options: asked });
  const say = (bytes: Uint8Array<ArrayBuffer>): void => {
    latest = bytes;
    send(bytes, toServer);
  };
  const acknowledge = (): void => {
    unacked = 0;
    say(encodeTftp({ kind: "ack", block: last & 0xffff }));
  };
  const toClient = (bytes: Uint8Array): void => {
    const packet = decodeTftp(bytes);
    if (packet.kind === "oack" && last === 0) acknowledge();
    if (packet.kind !== "data") return;
    const isNext = packet.block === ((last + 1) & 0xffff) && client === null;
    if (!isNext) {
      // A gap, or a copy. After the end it dallies, so that a lost last ACK is said again.
      if (isChatty || window > 1 || client === "done") acknowledge();
      return;
    }
    heardAt = now;
    tries = 0;
    last++;
    got.push(...packet.bytes);
    const isLast = packet.bytes.length < blockBytes;
    if (isLast) client = "done";
    if (++unacked >= window || isLast) acknowledge();
  };
  const clientWatch = (): void => {
    if (client !== null) return;
    if (now - heardAt >= 1500) {
      heardAt = now;
      if (++tries > 8) client = "given-up";
      else send(latest, toServer);
    }
    at(now + 500, clientWatch);
  };

  say(latest);
  at(500, clientWatch);
  for (let steps = 0; events.length > 0; steps++) {
    if (steps > 1_000_000) throw new Error("it never ends");
    events.sort((a, b) => b.at - a.at);
    const event = events.pop()!;
    now = Math.max(now, event.at);
    event.run();
  }
  const bytes = client === "done" ? Uint8Array.from(got) : null;
  // A request that never came through made no transfer: nothing to end.
  const seen = sender === null ? "given-up" : server;
  return {
    bytes,
    client: client ?? "given-up",
    server: seen,
    dataSent,
    resends: (sender as TftpSender | null)?.resends ?? 0,
  };
}

function contentOf(size: number, seed: number): Uint8Array {
  const random = seededRandom(`content ${seed}`);
  return Uint8Array.from({ length: size }, () => random.whole(256));
}
