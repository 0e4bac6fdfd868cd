import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BootAnswer } from "@bramble/core/api";
import { clockFrom, seededRandom, silentLog, type TimeSource } from "@bramble/core/base";
import { type BoardSlot, parseCluster } from "@bramble/core/cluster";
import { expect, test } from "vitest";
import { pretendImage } from "../../apps/head/src/boot/files/pretend-image.ts";
import { fakeConfig } from "../../apps/head/src/fake-config.ts";
import { startHead } from "../../apps/head/src/head.ts";
import { identityOf, modelOf } from "../../apps/sim/src/boards/machine.ts";
import { noQuirks, type Verdict } from "../../apps/sim/src/firmware/script.ts";
import { createBootNetwork } from "../../apps/sim/src/network/network.ts";

const time: TimeSource = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
const clock = clockFrom(time);
const speed = 30;
const file = join(import.meta.dirname, "..", "..", "examples", "police-box.yaml");
const slots = slotsOf(file);
const image = pretendImage({ full: false });

test("1050 boards powered within one second all boot, each from its own address, every octet as it should be", async () => {
  using config = fakeConfig(["--cluster", file, "--boot", "simulated", ...anyPort]);
  await using head = await startHead(config, { clock, random: seededRandom(1), log: silentLog });
  await using network = networkOf(head.url);
  let checked = 0;
  const boot = async (slot: BoardSlot): Promise<Verdict | null> => {
    await clock.sleep((1_000 * slot.index) / slots.length);
    const { mac, serial } = identityOf(slot, "");
    return network.boot(
      {
        facts: { model: modelOf(slot), mac, serial: serial!.slice(-8) },
        random: seededRandom(`board${slot.index}`),
        quirks: { ...noQuirks, padHidesReply: true },
        stopAt: null,
        jack: slot,
        loss: () => 0,
        inspect(path, offset, bytes) {
          const whole = image.file(`firmware/${path.slice(path.indexOf("/") + 1)}`);
          if (whole?.kind !== "bytes") return true;
          checked += bytes.length;
          return Buffer.compare(bytes, whole.bytes.subarray(offset, offset + bytes.length)) === 0;
        },
      },
      never,
    );
  };
  const verdicts = await Promise.all(slots.map(boot));
  expect(verdicts.filter((verdict) => verdict?.kind !== "up")).toEqual([]);
  expect(verdicts.map((verdict) => (verdict?.kind === "up" ? verdict.address : null))).toEqual(
    slots.map(({ address }) => address),
  );
  expect(new Set(slots.map(({ address }) => address)).size).toBe(1050);
  expect(checked).toBeGreaterThan(slots.length * 20_000);
  const { servers } = (await (await fetch(`${head.url}/api/v1/boot`)).json()) as BootAnswer;
  expect(servers?.dhcp?.counts).toMatchObject({ requests: 0, poolEmpty: 0, conflicts: 0 });
  expect(servers?.tftp?.counts.failed).toBe(0);
}, 120_000);

const never = new AbortController().signal;
const anyPort = ["--dhcp-port", "0", "--tftp-port", "0", "--boot-http-port", "0"];

function networkOf(url: string) {
  const get = async (path: string, signal: AbortSignal) => {
    const answer = await fetch(new URL(path, url), { signal });
    return { status: answer.status, body: await answer.text() };
  };
  const switches = [...new Set(slots.flatMap((slot) => slot.switch ?? []))];
  return createBootNetwork({ get, switches, clock, paced: clockFrom(time, speed), speed, log: silentLog });
}

function slotsOf(path: string): readonly BoardSlot[] {
  const parsed = parseCluster(readFileSync(path, "utf8"));
  if (parsed.kind !== "ok") throw new Error(parsed.problems[0]?.message);
  return parsed.cluster.boards;
}
