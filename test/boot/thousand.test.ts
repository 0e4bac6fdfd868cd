import type { BootAnswer } from "@bramble/core/api";
import { expect, test } from "vitest";
import { pretendImage } from "../../apps/head/src/boot/files/pretend-image.ts";
import { noQuirks } from "../../apps/sim/src/firmware/script.ts";
import { boardOf, clock, openBootStage } from "./clients.ts";

test("1050 boards powered within one second all boot, each from its own address, every octet as it should be", async () => {
  await using stage = await openBootStage("police-box.yaml", 30);
  const { slots, network } = stage;
  const image = pretendImage({ full: false });
  let checked = 0;
  const inspect = (path: string, offset: number, bytes: Uint8Array): boolean => {
    const whole = image.file(`firmware/${path.slice(path.indexOf("/") + 1)}`);
    if (whole?.kind !== "bytes") return true;
    checked += bytes.length;
    return Buffer.compare(bytes, whole.bytes.subarray(offset, offset + bytes.length)) === 0;
  };
  const verdicts = await Promise.all(
    slots.map(async (slot) => {
      await clock.sleep((1_000 * slot.index) / slots.length);
      return network.boot(boardOf(slot, "3b+", { inspect, quirks: { ...noQuirks, padHidesReply: true } }), never);
    }),
  );
  expect(verdicts.filter((verdict) => verdict?.kind !== "up")).toEqual([]);
  expect(verdicts.map((verdict) => (verdict?.kind === "up" ? verdict.address : null))).toEqual(
    slots.map(({ address }) => address),
  );
  expect(new Set(slots.map(({ address }) => address)).size).toBe(1050);
  expect(checked).toBeGreaterThan(slots.length * 20_000);
  const { servers } = await stage.get<BootAnswer>("/boot");
  expect(servers?.dhcp?.counts).toMatchObject({ requests: 0, poolEmpty: 0, conflicts: 0 });
  expect(servers?.tftp?.counts.failed).toBe(0);
}, 240_000);

const never = new AbortController().signal;
