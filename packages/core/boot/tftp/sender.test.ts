import { describe, expect, test } from "vitest";
import type { TftpSend } from "./sender.ts";
import { TftpSender } from "./sender.ts";

const patience = { firstMs: 1000, longestMs: 4000, resends: 4 };
const data = (from: number, to = from): TftpSend => ({ kind: "data", from, to });
const nothing: TftpSend = { kind: "nothing" };

describe("in lockstep", () => {
  test("each ACK brings the next block, the last ends it", () => {
    const sender = new TftpSender(3, 1, false, patience);
    expect(sender.start(0)).toEqual(data(1));
    expect(sender.ack(1, 1)).toEqual(data(2));
    expect(sender.ack(2, 2)).toEqual(data(3));
    expect(sender.hasSentAll).toBe(true);
    expect(sender.ack(3, 3)).toEqual({ kind: "done" });
    expect(sender.resends).toBe(0);
    expect(sender.dueAt).toBe(Number.POSITIVE_INFINITY);
    expect(sender.ack(3, 4)).toEqual(nothing);
  });

  test("an OACK is acknowledged as block 0, and by nothing else", () => {
    const sender = new TftpSender(2, 1, true, patience);
    expect(sender.start(0)).toEqual({ kind: "oack" });
    expect(sender.acked).toBe(0);
    expect(sender.ack(1, 1)).toEqual(nothing);
    expect(sender.ack(0, 1)).toEqual(data(1));
  });

  test("a duplicate ACK never sends a block twice (RFC 1123 §4.2.3.1)", () => {
    const sender = new TftpSender(9, 1, true, patience);
    sender.start(0);
    sender.ack(0, 1);
    expect(sender.ack(0, 2)).toEqual(nothing);
    sender.ack(1, 3);
    expect([0, 1, 1, 0].map((block) => sender.ack(block, 4))).toEqual([nothing, nothing, nothing, nothing]);
    expect(sender.sent).toBe(2);
  });

  test("an ACK for what was not sent is passed over", () => {
    const sender = new TftpSender(9, 1, false, patience);
    sender.start(0);
    expect([2, 9, 32768, 65535].map((block) => sender.ack(block, 1))).toEqual([nothing, nothing, nothing, nothing]);
  });

  test("the number of a block goes on from 65535 to 0", () => {
    const sender = new TftpSender(200_000, 1, false, patience);
    sender.start(0);
    const wrong: number[] = [];
    for (let block = 1; block < 200_000; block++) {
      const next = sender.ack(block & 0xffff, block);
      if (next.kind !== "data" || next.from !== block + 1 || next.to !== block + 1) wrong.push(block);
      if (sender.ack((block - 1) & 0xffff, block).kind !== "nothing") wrong.push(-block);
    }
    expect(wrong).toEqual([]);
    expect(sender.ack(200_000 & 0xffff, 0)).toEqual({ kind: "done" });
  });
});

describe("when nothing is heard", () => {
  test("it waits a second, then twice as long each time, and gives up", () => {
    const sender = new TftpSender(2, 1, false, patience);
    sender.start(0);
    const waits: number[] = [];
    let now = 0;
    for (let turn = 0; turn < 4; turn++) {
      waits.push(sender.dueAt - now);
      now = sender.dueAt;
      expect(sender.silence(now)).toEqual(data(1));
    }
    waits.push(sender.dueAt - now);
    expect(waits).toEqual([1000, 2000, 4000, 4000, 4000]);
    expect(sender.silence(sender.dueAt)).toEqual({ kind: "given-up" });
    expect(sender.resends).toBe(4);
  });

  test("progress makes it patient again", () => {
    const sender = new TftpSender(9, 1, true, patience);
    sender.start(0);
    expect(sender.silence(1000)).toEqual({ kind: "oack" });
    sender.silence(3000);
    sender.ack(0, 3100);
    expect(sender.dueAt).toBe(4100);
    for (let turn = 0; turn < 4; turn++) expect(sender.silence(sender.dueAt).kind).toBe("data");
    sender.ack(1, 0);
    expect(sender.silence(sender.dueAt)).toEqual(data(2));
  });

  test("a client that asked for a longer silence gets it", () => {
    const sender = new TftpSender(9, 1, false, { ...patience, firstMs: 60_000 });
    sender.start(0);
    sender.silence(60_000);
    expect(sender.dueAt).toBe(120_000);
  });
});

describe("in windows (RFC 7440)", () => {
  const started = (): TftpSender => {
    const sender = new TftpSender(20, 4, true, patience);
    sender.start(0);
    expect(sender.ack(0, 0)).toEqual(data(1, 4));
    return sender;
  };

  test("one ACK brings the next window, the last is as short as it is", () => {
    const sender = started();
    for (const block of [4, 8, 12]) expect(sender.ack(block, 1)).toEqual(data(block + 1, block + 4));
    expect(sender.ack(16, 1)).toEqual(data(17, 20));
    expect(sender.ack(20, 1)).toEqual({ kind: "done" });
  });

  test("an ACK in the middle starts the window again behind it", () => {
    const sender = started();
    expect(sender.ack(2, 1)).toEqual(data(3, 6));
    expect(sender.resends).toBe(1);
  });

  test("when its first block was lost the window is sent again, once: echoes do not feed each other", () => {
    const sender = started();
    sender.ack(4, 1);
    expect(sender.ack(4, 2)).toEqual(data(5, 8));
    expect([4, 4].map((block) => sender.ack(block, 3))).toEqual([nothing, nothing]);
    expect(sender.ack(8, 4)).toEqual(data(9, 12));
    // The client saw 5 to 8 twice and says so.
    expect(sender.ack(8, 5)).toEqual(nothing);
    expect(sender.ack(12, 6)).toEqual(data(13, 16));
    expect(sender.ack(12, 7)).toEqual(data(13, 16));
  });

  test("a whole window that was lost is sent again after the silence", () => {
    const sender = started();
    expect(sender.silence(1000)).toEqual(data(1, 4));
    expect(sender.ack(0, 1001)).toEqual(nothing);
    expect(sender.ack(4, 1002)).toEqual(data(5, 8));
  });
});
