import { fakeClock, type Mac, mac, silentLog } from "@bramble/core/base";
import type { BootClient, BootPlanKind, ChosenPlan } from "@bramble/core/boot";
import type { Cluster } from "@bramble/core/cluster";
import { expect, test } from "vitest";
import type { HeadEvents } from "../bus.ts";
import { fakeConfig } from "../fake-config.ts";
import type { Image, Images } from "./files/images.ts";
import { pretendImage } from "./files/pretend-image.ts";
import { createServing } from "./serving.ts";

const board = mac("b8:27:eb:00:00:01");
const stranger = mac("dc:a6:32:00:00:09");
const rom: BootClient = { kind: "pi-rom", model: "3b+", serial: null };
const pretended = pretendImage({ full: false });

function rig(
  { plan = "live", root = null, images = [pretended], client = rom as BootClient | null } = {} as {
    plan?: BootPlanKind;
    root?: "nfs" | "http" | null;
    images?: readonly Image[];
    client?: BootClient | null;
  },
) {
  using config = fakeConfig(["--boot", "simulated"]);
  const alarms: HeadEvents["event"][] = [];
  const reported: unknown[] = [];
  const serving = createServing({
    config,
    cluster: {
      ...{ boot: { plan: "live", image: null, root, plans: [] }, boards: [] },
      network: { cidr: "10.0.0.0/24", gateway: null, head: "10.0.0.1", pool: [] },
    } as unknown as Cluster,
    registry: {
      roster: { all: () => [], byMac: () => null, byName: () => null, at: () => null },
      discover: async () => ({ name: "b1" }) as never,
      async reportBoot(seen, report) {
        reported.push([seen, report]);
        return {} as never;
      },
    },
    images: { all: () => images, named: () => null } as unknown as Images,
    loaders: { names: () => ["undionly.kpxe"], file: () => null },
    lanes: { clientOf: () => client },
    plans: {
      planOf: (): ChosenPlan => ({ plan, from: "file", set: null }),
      set: async () => [],
      words: () => [],
    },
    where: {
      ...{
        place: () => ({ address: null, name: null, isPlugged: false }),
        nameOf: () => "b1",
        slotOf: () => null,
        slotAt: () => null,
      },
      ...{ addressOf: () => "10.0.0.5", boardBySerial: () => null, serialOf: () => "0a", learn: () => {} },
      boardAt: (address): Mac | null => (address === "10.0.0.5" ? board : null),
      knows: (each) => each === board,
    },
    alarms: { raise: (alarm) => void alarms.push(alarm), now: () => [] },
    ...{ api: () => "http://10.0.0.1:8880", bootUrl: () => "http://10.0.0.1:8882", clock: fakeClock(), log: silentLog },
  });
  return { serving, alarms, reported };
}
const from = (address: string) => ({ address, port: 1 });

test("a board boots its plan from an image of its processor, and nothing by plan local", () => {
  expect(rig().serving.boardBoot(board)).toMatchObject({
    ...{ plan: "live", image: pretended, nfs: null, isStranger: true },
    facts: {
      name: "b1",
      serial: "0a",
      address: "10.0.0.5",
      head: "http://10.0.0.1:8880",
      boot: "http://10.0.0.1:8882",
    },
  });
  expect(rig().serving.boardBoot(stranger)).toBeNull();
  expect(rig().serving.bootOf(board, rom)).toEqual({ server: "127.0.0.1", file: "bootcode.bin", url: null });
  expect(rig({ plan: "local" }).serving.bootOf(board, rom)).toBeNull();
  expect(rig({ client: { kind: "bios" } }).serving.boardBoot(board)?.image).toBeNull();
});

test("its root comes by NFS where the image or the cluster file says so", () => {
  const nfs = (root: "nfs" | "http" | null, image: Image, plan?: BootPlanKind) =>
    rig({ root, images: [image], ...(plan === undefined ? {} : { plan }) }).serving.boardBoot(board)?.nfs;
  const unpacked: Image = { ...pretended, nfsRoot: "/srv/root" };
  expect(nfs("nfs", unpacked)).toBe("10.0.0.1:/srv/root");
  expect(nfs("nfs", unpacked, "local")).toBeNull();
  expect(nfs("nfs", pretended)).toBeNull();
  expect(nfs(null, unpacked)).toBeNull();
  const { manifest } = pretended;
  const live = { ...manifest.plans.live, root: { kind: "nfs" as const, export: "/exports/root" } };
  const byNfs: Image = { ...pretended, manifest: { ...manifest, plans: { ...manifest.plans, live } } };
  expect(nfs(null, byNfs)).toBe("10.0.0.1:/exports/root");
  expect(nfs("http", byNfs)).toBeNull();
});

test("a board for whose processor there is no image is told to people, once in a while", () => {
  const { serving, alarms } = rig({ images: [] });
  for (let n = 0; n < 5; n++) serving.bootOf(board, { kind: "bios" });
  serving.bootOf(board, { kind: "os" });
  expect(alarms).toEqual([expect.objectContaining({ kind: "boot.no-image", board: "b1" })]);
});

test("a step is taken from the board itself only", async () => {
  const { serving, reported } = rig();
  const report = { step: "root", failed: null } as const;
  await serving.told(board, report, from("10.0.0.5"));
  await serving.told(board, report, from("10.0.0.77"));
  expect(reported).toEqual(Array(2).fill([{ mac: board }, report]));
  await expect(serving.told(stranger, report, from("10.0.0.5"))).rejects.toMatchObject({ code: "auth.forbidden" });
  await expect(serving.told(stranger, report, from("10.0.0.77"))).rejects.toMatchObject({ code: "board.unknown" });
});
