import { mac } from "@bramble/core/base";
import type { FileClaim, TftpPacket } from "@bramble/core/boot";
import { encodeTftp } from "@bramble/core/boot";
import { describe, expect, test } from "vitest";
import type { Sent } from "./fake-desk.ts";
import { bytesClaim, client, contentOf, fakeDesk } from "./fake-desk.ts";

const board = mac("b8:27:eb:00:00:01");
const content = contentOf(1300);
const tree: Readonly<Record<string, FileClaim>> = {
  "start.elf": { kind: "bytes", bytes: content, board },
  "config.txt": bytesClaim(contentOf(10)),
  secret: { kind: "refused", why: "outside of the image", board: null },
};
const resolve = ({ path }: { readonly path: string }): FileClaim => tree[path] ?? { kind: "missing", board };

const ack = (block: number): TftpPacket => ({ kind: "ack", block });
const earlyTerminate: TftpPacket = { kind: "error", code: 0, message: "Early terminate" };
const packets = (sent: readonly Sent[]): TftpPacket[] => sent.map(({ packet }) => packet);

describe("a request is answered", () => {
  test("with DATA at once when nothing is asked: the ROM of a Pi 3 cannot read an OACK", () => {
    const { read, reply, news } = fakeDesk(resolve);
    let [packet] = read("start.elf");
    const got: number[] = [];
    for (let block = 1; packet !== undefined; block++) {
      if (packet.packet.kind !== "data") throw new Error("only DATA was expected");
      expect(packet.packet.block).toBe(block);
      got.push(...packet.packet.bytes);
      [packet] = reply(packet, ack(block));
    }
    expect(Uint8Array.from(got)).toEqual(content);
    expect(news.map((told) => told.news)).toEqual([
      { news: "begun", sizeBytes: 1300 },
      { news: "done", sentBytes: 1300, resends: 0, tookMs: 0 },
    ]);
  });

  test("with one OACK when the size is asked, and not twice within a second", async () => {
    const { read, wait, reply } = fakeDesk(resolve);
    const [first] = read("start.elf", { tsize: "0" });
    expect(first?.packet).toEqual({ kind: "oack", options: new Map([["tsize", "1300"]]) });
    expect(read("start.elf", { tsize: "0" })).toEqual([]);
    expect(await wait(1000)).toEqual([]);
    expect(packets(await wait(200))).toEqual([first?.packet]);
    expect(packets(reply(first!, ack(0)))).toMatchObject([{ kind: "data", block: 1 }]);
  });

  test.each([
    ["a file that is not there", "other", { code: 1 }, "missing"],
    ["a file that may not be had", "secret", { code: 2 }, "failed"],
  ])("with an error: %s", (_, path, error, news) => {
    const rig = fakeDesk(resolve);
    expect(packets(rig.read(path))).toMatchObject([{ kind: "error", ...error }]);
    expect(rig.news).toMatchObject([{ path, news: { news } }]);
    expect(rig.desk.counters().live).toBe(0);
  });

  test.each([
    ["a write", { kind: "write", path: "start.elf", mode: "octet", options: new Map() }, 2],
    [
      "netascii, which would spoil a kernel",
      { kind: "read", path: "start.elf", mode: "netascii", options: new Map() },
      0,
    ],
  ] as const)("with an error: %s", (_, packet, code) => {
    const { desk, sent } = fakeDesk(resolve);
    desk.asked(encodeTftp(packet), client);
    expect(packets(sent())).toMatchObject([{ kind: "error", code }]);
  });

  test("with an error when the tree cannot tell, now or later", async () => {
    for (const broken of [
      () => Promise.reject(new Error("no head")),
      (): never => {
        throw new Error("no head");
      },
    ]) {
      const { read, wait, news } = fakeDesk(broken);
      const sent = [...read("start.elf"), ...(await wait(0))];
      expect(packets(sent)).toMatchObject([{ kind: "error", code: 0 }]);
      expect(news).toMatchObject([{ news: { news: "failed", why: "no head" } }]);
    }
  });
});

describe("a client that", () => {
  test("only wanted to know whether the file is there is dropped at once, and has not failed", async () => {
    const { desk, read, reply, wait, news } = fakeDesk(resolve);
    const [oack] = read("start.elf", { tsize: "0" });
    expect(reply(oack!, earlyTerminate)).toEqual([]);
    const [data] = read("start.elf");
    reply(data!, earlyTerminate);
    expect(news.map((told) => told.news.news)).toEqual(["begun", "probed", "begun", "probed"]);
    expect(await wait(60_000)).toEqual([]);
    expect(desk.counters()).toMatchObject({ live: 0, probed: 2, failed: 0 });
  });

  test("ends it in the middle has failed, with its reason", () => {
    const { read, reply, news } = fakeDesk(resolve);
    const [data] = read("start.elf");
    reply(data!, ack(1));
    reply(data!, { kind: "error", code: 3, message: "disk full" });
    expect(news.at(-1)?.news).toEqual({
      news: "failed",
      sentBytes: 512,
      why: "the board ended it: disk full (error 3)",
    });
  });

  test("falls silent is asked again with growing pauses, then given up and told", async () => {
    const { desk, read, wait, news } = fakeDesk(resolve);
    read("start.elf");
    const resent = await wait(40_000);
    expect(packets(resent).map(({ kind }) => kind)).toEqual(["data", "data", "data", "data", "data", "error"]);
    expect(news.at(-1)?.news).toMatchObject({ news: "failed", why: "the board fell silent behind block 0" });
    expect(desk.counters()).toMatchObject({ live: 0, failed: 1, resends: 5 });
  });

  test("asks for another file from the same port has left the first, and gets another port of ours", () => {
    const { read, reply, news } = fakeDesk(resolve);
    const [first] = read("start.elf");
    reply(first!, ack(1));
    reply(first!, ack(2));
    const [second] = read("config.txt");
    expect(second?.slot).not.toBe(first?.slot);
    // All of the first was sent: its last ACK was lost.
    expect(news.map(({ path, news: told }) => [path, told.news])).toEqual([
      ["start.elf", "begun"],
      ["start.elf", "done"],
      ["config.txt", "begun"],
    ]);
    const [third] = read("start.elf");
    reply(third!, ack(1));
    read("config.txt");
    expect(news.map(({ news: told }) => told.news).slice(3)).toEqual(["probed", "begun", "failed", "begun"]);
  });

  test("sends what has no place in a transfer is told so", () => {
    const { read, reply, news } = fakeDesk(resolve);
    const [data] = read("start.elf");
    expect(packets(reply(data!, { kind: "data", block: 1, bytes: content }))).toMatchObject([
      { kind: "error", code: 4 },
    ]);
    expect(news.at(-1)?.news.news).toBe("failed");
  });

  test("nobody knows hears of its unknown transfer; one that was just served does not", () => {
    const { desk, read, reply, sent } = fakeDesk(resolve);
    desk.heard(3, encodeTftp(ack(7)), client);
    expect(packets(sent())).toMatchObject([{ kind: "error", code: 5 }]);
    const [data] = read("config.txt");
    reply(data!, ack(1));
    expect(reply(data!, ack(1))).toEqual([]);
  });
});

test("a large file tells that it moves, now and then", () => {
  const { read, reply, news } = fakeDesk(() => bytesClaim(contentOf(60_000)));
  let [packet] = read("kernel", { blksize: "8", windowsize: "64" });
  for (let block = 0; packet !== undefined; block = Math.min(block + 64, 7501)) [packet] = reply(packet, ack(block));
  expect(news.map((told) => told.news.news)).toEqual(["begun", ...new Array(9).fill("moving"), "done"]);
});

test("when the thread stood still nobody is blamed before what came in was heard", async () => {
  const { desk, clock, read, sent } = fakeDesk(resolve);
  read("start.elf");
  await clock.advance(900);
  // No sweep for five seconds: the clock of a desk of its own.
  const late = fakeDesk(resolve);
  late.read("start.elf");
  const skipped = late.clock.monotonic;
  late.clock.monotonic = () => skipped() + 5000;
  late.desk.sweep();
  expect(late.sent()).toEqual([]);
  late.desk.sweep();
  expect(late.sent()).toHaveLength(1);
  expect(sent()).toEqual([]);
  expect(desk.counters().live).toBe(1);
});

test("a client that gave up while the head was asked is not answered any more", async () => {
  let tell: (claim: FileClaim) => void = () => {};
  const rig = fakeDesk(({ path }) =>
    path === "slow"
      ? new Promise((resolve) => {
          tell = resolve;
        })
      : resolve({ path }),
  );
  expect(rig.read("slow")).toEqual([]);
  // The same request again is still being asked about; another one replaces it.
  expect(rig.read("slow")).toEqual([]);
  expect(rig.read("config.txt")).toHaveLength(1);
  tell(bytesClaim(content));
  expect(await rig.wait(0)).toEqual([]);
  expect(rig.news.map((told) => told.news.news)).toEqual(["probed", "begun"]);
});
