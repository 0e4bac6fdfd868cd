import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bramblePath } from "../programs.ts";
import { moduleClosure, parseWanted } from "./modules.ts";

const dependencies = `kernel/fs/overlayfs/overlay.ko.xz:
kernel/drivers/net/virtio_net.ko.xz: kernel/drivers/net/net_failover.ko.xz kernel/net/core/failover.ko.xz
kernel/drivers/net/net_failover.ko.xz: kernel/net/core/failover.ko.xz
kernel/net/core/failover.ko.xz:
kernel/drivers/net/phy/bcm-phy-lib.ko.xz:
`;

test("a module comes with everything that it needs, once", () => {
  const wanted = { needed: ["virtio_net", "virtio-net"], welcome: ["bcm_phy_lib", "not_there"] };
  expect(moduleClosure(wanted, dependencies, "")).toEqual({
    paths: [
      "kernel/drivers/net/net_failover.ko.xz",
      "kernel/drivers/net/phy/bcm-phy-lib.ko.xz",
      "kernel/drivers/net/virtio_net.ko.xz",
      "kernel/net/core/failover.ko.xz",
    ],
    missing: [],
  });
});

test("what a kernel has built in is not missing; what it does not have at all is", () => {
  const wanted = { needed: ["overlay", "squashfs", "genet"], welcome: [] };
  const builtin = "kernel/fs/squashfs/squashfs.ko\n";
  expect(moduleClosure(wanted, dependencies, builtin)).toEqual({
    paths: ["kernel/fs/overlayfs/overlay.ko.xz"],
    missing: ["genet"],
  });
});

test("the list of this repository names what each processor needs", () => {
  const text = readFileSync(bramblePath("images/initrd/modules"), "utf8");
  expect(parseWanted(text, "arm64").needed).toEqual(
    expect.arrayContaining(["overlay", "lan78xx", "smsc95xx", "genet"]),
  );
  expect(parseWanted(text, "amd64").needed).not.toContain("lan78xx");
  expect(parseWanted(text, "amd64").welcome).toContain("igb");
});

test("a line that is none is named", () => {
  expect(() => parseWanted("any: overlay\nneed: squashfs\n", "amd64")).toThrow(
    'images/initrd/modules:2: "need: squashfs"',
  );
});
