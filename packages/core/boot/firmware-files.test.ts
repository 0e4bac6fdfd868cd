import { describe, expect, test } from "vitest";
import { filesAskedBy, pathFor, pretendNames, stepOfFile } from "./firmware-files.ts";
import { bootSteps } from "./steps.ts";

const models = ["3b", "3b+", "4", "5"] as const;
const asked = (model: (typeof models)[number]) => filesAskedBy(model, pretendNames);

describe.each(models)("the firmware of a Pi %s", (model) => {
  test("never goes back by a step, and each file's step is told by its path too", () => {
    let before = 0;
    let hasFixup = model === "5";
    for (const file of asked(model)) {
      const at = bootSteps.indexOf(file.step);
      expect(at, file.path).toBeGreaterThanOrEqual(before);
      expect(stepOfFile(file.path, hasFixup), file.path).toBe(
        // Asked by every stage; what is missing moves no lane.
        /(recovery\.elf|pieeprom\.sig)$/.test(file.path) ? "start" : file.step,
      );
      before = at;
      hasFixup ||= /fixup4?\.dat$/.test(file.path);
    }
  });

  test("reads kernel and RAM disk last, and every file that it reads is small in a pretend image", () => {
    const read = asked(model).filter((file) => file.asks !== "probe" && !file.isExpectedMissing);
    expect(read.slice(-2).map(({ path }) => path)).toEqual(["<serial>/kernel8.img", "<serial>/initrd.img"]);
    const small = new Map(read.map((file) => [file.path, file.smallBytes]));
    expect([...small.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(40_000);
    for (const file of read) expect(file.sizeBytes).toBeGreaterThanOrEqual(file.smallBytes);
  });
});

test("the mask ROM sends no options, start.elf only tsize, the EEPROMs a block size", () => {
  expect(new Set(asked("3b+").map(({ options }) => JSON.stringify(options)))).toEqual(
    new Set(['{"tsize":false,"blockSize":null}', '{"tsize":true,"blockSize":null}']),
  );
  for (const [model, size] of [["4", 1024] as const, ["5", 1468] as const])
    for (const { options } of asked(model)) expect(options).toEqual({ tsize: true, blockSize: size });
});

test("a Pi 3 asks without prefix until bootcode.bin runs, then below its serial", () => {
  const paths = asked("3b+").map(({ path }) => pathFor(path, "a2ef5644"));
  expect(paths.slice(0, 4)).toEqual(["bootcode.bin", "bootsig.bin", "a2ef5644/start.elf", "a2ef5644/start.elf"]);
  expect(paths.slice(2).every((path) => path.startsWith("a2ef5644/"))).toBe(true);
});

test("a Pi 3 reads config.txt as often as was logged", () => {
  const times = asked("3b+")
    .filter(({ path }) => path.endsWith("config.txt"))
    .reduce((sum, { asks }) => sum + (asks === "probe-then-read" ? 2 : 1), 0);
  expect(times).toBe(7);
});

test("each overlay of config.txt is asked for", () => {
  const files = filesAskedBy("4", { ...pretendNames, overlays: ["disable-bt"] });
  expect(files.map(({ path }) => path)).toContain("<serial>/overlays/disable-bt.dtbo");
});

test("the models differ in their device tree", () => {
  const trees = models.map((model) => asked(model).find(({ path }) => /bcm.*\.dtb$/.test(path))?.path);
  expect(new Set(trees).size).toBe(4);
});

test.each([
  ["bootcode.bin", "bootcode"],
  ["snponly.efi", "bootcode"],
  ["grubnetaa64.efi", "bootcode"],
  ["a2ef5644/start4.elf", "start"],
  ["boot.sig", "start"],
  ["a2ef5644/overlays/anything", "config"],
  ["pxelinux.cfg/01-b8-27-eb-00-00-01", "config"],
  ["ipxe/b8-27-eb-00-00-01", "config"],
  ["grub/grub.cfg", "config"],
  ["boot.scr.uimg", "config"],
  ["b8-27-eb-00-00-01/kernel", "kernel"],
  ["a2ef5644/vmlinuz-6.12.9", "kernel"],
  ["boot.img", "kernel"],
  ["b8-27-eb-00-00-01/initrd-live", "initrd"],
  ["a2ef5644/root.squashfs", "root"],
  ["a2ef5644/notes.txt", null],
])("%s belongs to the step %s", (path, step) => {
  expect(stepOfFile(path)).toBe(step);
});
