import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { BoardBody, LaneAnswer } from "@bramble/core/api";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { clusterOf, type HeadInside, headAddress, startHeadInside } from "../boot/head.ts";
import { imageFor } from "../boot/image.ts";
import { powerOn, whyNoMachine } from "../boot/machine.ts";
import type { Segment } from "../boot/segment.ts";
import { laySegment, whyNoSegment } from "../boot/segment.ts";
import { bramble } from "../support/demo-process.ts";

/**
 * Real machines (QEMU, in software) boot the real image from a real head, on a network of their own: a card's iPXE or U-Boot,
 * our DHCP, TFTP and HTTP, Debian's kernel, our RAM disk, systemd, the agent. Times are those of an emulated processor.
 */
const pc = "52:54:00:00:00:01";
const stranger = "52:54:00:00:00:99";
// U-Boot takes this one while it boots, whatever the card says.
const uboot = "52:52:52:52:52:52";
const minute = 60_000;

let segment: Segment;
let folder: string;
const opened: AsyncDisposable[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bramble-story-"));
  const laid = laySegment(`${headAddress}/24`);
  if (typeof laid === "string") throw new Error(laid);
  segment = laid;
});
afterEach(async () => {
  await segment[Symbol.asyncDispose]();
  for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function headWith(image: string, boot?: string): Promise<HeadInside> {
  const head = await startHeadInside(segment, { cluster: clusterOf([pc, uboot], boot), images: dirname(image) });
  opened.push(head);
  return head;
}

/** Waits for the agent of a board, then has it run a Warble. */
async function becomesBoard(head: HeadInside, name: string): Promise<BoardBody> {
  const board = await head.until<BoardBody>(`/boards/${name}`, ({ state }) => state === "up", 6 * minute);
  expect(head.bramble("warble", "post", '#pi{PRINT("hello cluster")}')).toContain("hello cluster");
  return board;
}

function tellTimes(title: string, { steps }: LaneAnswer): void {
  const first = steps.find(({ begunAt }) => begunAt !== null)?.begunAt ?? 0;
  const times = steps.flatMap(({ step, begunAt }) =>
    begunAt === null ? [] : [`${step} ${((begunAt - first) / 1000).toFixed(1)}`],
  );
  console.log(`${title}, seconds after the first DISCOVER: ${times.join(", ")}`);
}

const whyNot = whyNoSegment() ?? whyNoMachine("amd64");
// Where QEMU, root or a tap is not to be had nothing can boot; the reason stands in the name.
describe.skipIf(whyNot !== null)(`a PC with nothing but a network card${whyNot === null ? "" : `: ${whyNot}`}`, () => {
  let image: string;
  beforeAll(() => {
    image = imageFor("amd64");
  }, 20 * minute);

  test("becomes a board, its root fetched over HTTP, and runs a Warble", { timeout: 8 * minute }, async () => {
    const head = await headWith(image);
    powerOn(segment, { arch: "amd64", mac: pc, memoryMb: 1024, serialFile: join(folder, "serial") });
    const board = await becomesBoard(head, "b1");
    expect(board).toMatchObject({ mac: pc, address: "10.77.0.21", simulated: false });
    const lane = head.get<LaneAnswer>("/boot/lanes/b1")!;
    tellTimes("squashfs over HTTP", lane);
    expect(lane.state).toBe("up");
    for (const path of [/kernel$/, /initrd-live$/, /root\.squashfs$/])
      expect(lane.files.find((file) => path.test(file.path))).toMatchObject({ by: "http", outcome: "done" });
    expect(head.bramble("role", "apply", "b1")).toMatch(/1 applied/);
  });

  // nfs-ganesha needs no help of the kernel; where Debian's package is not installed this story is not told.
  test.skipIf(!existsSync("/usr/bin/ganesha.nfsd"))(
    "becomes a board with its root by NFS, unpacked once for all",
    { timeout: 8 * minute },
    async () => {
      const unpacked = await bramble(["image", "nfs", image, "--clients", "10.77.0.0/24"]);
      expect(unpacked).toMatchObject({ code: 0 });
      const server = segment.start(
        "ganesha.nfsd",
        ["-F", "-f", join(image, "root.ganesha.conf"), "-L", join(folder, "ganesha.log"), "-p", join(folder, "pid")],
        join(folder, "ganesha.out"),
      );
      const head = await headWith(image, "{ plan: live, root: nfs }");
      const machine = powerOn(segment, { arch: "amd64", mac: pc, memoryMb: 1024, serialFile: join(folder, "serial") });
      await machine.shows(/mounting 10\.77\.0\.1:\/\S+\/root/, 4 * minute);
      await becomesBoard(head, "b1");
      tellTimes("root by NFS", head.get<LaneAnswer>("/boot/lanes/b1")!);
      expect(server.exitCode).toBeNull();
      expect(head.get<LaneAnswer>("/boot/lanes/b1")?.files.some(({ path }) => /squashfs$/.test(path))).toBe(false);
    },
  );

  test("that nobody knows tells what it is, and boots what the head then decides", {
    timeout: 8 * minute,
  }, async () => {
    const head = await headWith(image);
    const machine = powerOn(segment, {
      arch: "amd64",
      mac: stranger,
      memoryMb: 512,
      serialFile: join(folder, "serial"),
    });
    await machine.shows(/reported to http:\/\/10\.77\.0\.1:8882/, 4 * minute);
    const board = await head.until<BoardBody>("/boards/x-000099", ({ model }) => model !== null, minute);
    expect(board).toMatchObject({ mac: stranger, model: expect.stringMatching(/PC/) });
    expect(board.memoryMb).toBeGreaterThan(400);
    head.bramble("boot", "set", "x-000099", "rescue");
    await machine.shows(/rebooting as told/, 2 * minute);
    await machine.shows(/rescue: eth0 has 10\.77\.0\.\d+/, 4 * minute);
  });
});

const whyNotArm = whyNoSegment() ?? whyNoMachine("arm64");
// As above.
describe.skipIf(whyNotArm !== null)(`an arm64 machine${whyNotArm === null ? "" : `: ${whyNotArm}`}`, () => {
  let image: string;
  beforeAll(() => {
    image = imageFor("arm64");
  }, 40 * minute);

  test("boots from U-Boot through our servers and becomes a board", { timeout: 15 * minute }, async () => {
    const head = await headWith(image);
    powerOn(segment, { arch: "arm64", mac: uboot, memoryMb: 1024, serialFile: join(folder, "serial") });
    const board = await becomesBoard(head, "b2");
    expect(board).toMatchObject({ mac: uboot, address: "10.77.0.22" });
    tellTimes("arm64 by U-Boot", head.get<LaneAnswer>("/boot/lanes/b2")!);
    expect(readFileSync(join(folder, "serial"), "latin1")).toContain("U-Boot");
  });
});
