import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crc32, encodeUbootScript } from "./loaders.ts";

test("CRC-32 gives the check value of its catalogue", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});

const mkimage = "/usr/bin/mkimage";

// Debian's u-boot-tools are not on every machine that runs the tests; the bytes below were made by them.
test.skipIf(!existsSync(mkimage))("a U-Boot script is the same, octet for octet, as mkimage makes it", () => {
  const folder = mkdtempSync(join(tmpdir(), "bramble-uboot-"));
  try {
    for (const arch of ["arm", "arm64"] as const) {
      const text = `echo hello\nbooti \${kernel_addr_r}\n`;
      writeFileSync(join(folder, "boot.cmd"), text);
      const run = ["-A", arch, "-O", "linux", "-T", "script", "-C", "none", "-n", "bramble", "-d", "boot.cmd", "out"];
      execFileSync(mkimage, run, { cwd: folder, env: { SOURCE_DATE_EPOCH: "1700000000" } });
      expect(Buffer.from(encodeUbootScript(text, "bramble", arch, 1_700_000_000))).toEqual(
        readFileSync(join(folder, "out")),
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
