import fc from "fast-check";
import { expect, test } from "vitest";
import { type CpioEntry, encodeCpio } from "./cpio.ts";

/** Reads an archive as the kernel's init/initramfs.c does: header of 110 octets, name, content, each to a multiple of 4. */
function read(
  archive: Uint8Array,
): { path: string; mode: number; bytes: Uint8Array; device: number[]; time: number }[] {
  const text = new TextDecoder();
  const found = [];
  for (let at = 0; ; ) {
    const field = (n: number): number =>
      Number.parseInt(text.decode(archive.subarray(at + 6 + 8 * n, at + 14 + 8 * n)), 16);
    expect(text.decode(archive.subarray(at, at + 6))).toBe("070701");
    const path = text.decode(archive.subarray(at + 110, at + 110 + field(11) - 1));
    const from = (at + 110 + field(11) + 3) & ~3;
    const size = field(6);
    if (path === "TRAILER!!!") {
      expect((from + size + 3) & ~3).toBe(archive.length);
      return found;
    }
    found.push({
      path,
      mode: field(1),
      bytes: archive.slice(from, from + size),
      device: [field(9), field(10)],
      time: field(5),
    });
    at = (from + size + 3) & ~3;
  }
}

test("folders, files, links and devices come out with their modes and contents", () => {
  const entries: CpioEntry[] = [
    { path: "bin", kind: "folder" },
    { path: "bin/busybox", kind: "file", bytes: Uint8Array.of(1, 2, 3), isExecutable: true },
    { path: "bin/sh", kind: "link", to: "busybox" },
    { path: "dev/console", kind: "device", major: 5, minor: 1 },
  ];
  const found = read(encodeCpio(entries, 1_700_000_000));
  expect(found.map(({ path, mode }) => `${path} ${mode.toString(8)}`)).toEqual([
    "bin 40755",
    "bin/busybox 100755",
    "bin/sh 120777",
    "dev/console 20600",
  ]);
  expect(new TextDecoder().decode(found[2]!.bytes)).toBe("busybox");
  expect(found[3]!.device).toEqual([5, 1]);
  expect(found.every(({ time }) => time === 1_700_000_000)).toBe(true);
});

test("whatever is packed is there again, and twice the same is the same", () => {
  const file = fc.record({
    path: fc.stringMatching(/^[a-zé]{1,9}(\/[a-z]{1,9})?$/u),
    bytes: fc.uint8Array({ maxLength: 40 }),
  });
  fc.assert(
    fc.property(fc.array(file, { maxLength: 8 }), fc.nat(4_000_000_000), (files, at) => {
      const entries = files.map((each): CpioEntry => ({ ...each, kind: "file", isExecutable: false }));
      const archive = encodeCpio(entries, at);
      expect(read(archive).map(({ path, bytes }) => ({ path, bytes }))).toEqual(
        files.map(({ path, bytes }) => ({ path, bytes: bytes.slice() })),
      );
      expect(encodeCpio(entries, at)).toEqual(archive);
    }),
  );
});
