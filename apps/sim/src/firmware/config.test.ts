import fc from "fast-check";
import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

test("the settings of its own sections hold, the later one wins", () => {
  const text =
    "kernel=a.img # not b.img\n[pi4]\nkernel=four.img\n[pi3]\r\nkernel=three.img\n[all]\ninitramfs rd.img followkernel\n";
  expect(readConfig(text, "3b+")).toEqual({ kernel: "three.img", initrd: "rd.img", overlays: [] });
  expect(readConfig(text, "4").kernel).toBe("four.img");
  expect(readConfig(text, "5").kernel).toBe("a.img");
});

test("what is not said is as the firmware has it", () => {
  expect(readConfig("", "3b")).toEqual({ kernel: "kernel8.img", initrd: null, overlays: [] });
  expect(readConfig("arm_64bit=0", "3b").kernel).toBe("kernel7.img");
  expect(readConfig("arm_64bit=0", "4").kernel).toBe("kernel7l.img");
  expect(readConfig("", "5").kernel).toBe("kernel_2712.img");
  expect(readConfig("ramfsfile=r\ndtoverlay=one,param=2\ndtoverlay=two", "5")).toMatchObject({
    initrd: "r",
    overlays: ["one", "two"],
  });
});

test("any text is read", () => {
  fc.assert(fc.property(fc.string(), (text) => void readConfig(text, "3b+")));
  expect(readConfig("dtoverlay=x\n".repeat(10_000), "4").overlays).toHaveLength(32);
});
