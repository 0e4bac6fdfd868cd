import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuildParts, buildImage } from "./build.ts";
import { checkImage, loadManifest } from "./manifest.ts";
import type { ImageArch, ImageRequest } from "./request.ts";

/**
 * The whole build with programs that do as mmdebstrap and the others do, in a moment: what is put where, and what is left
 * when something fails. The real ones are called by test/e2e/boot-image.e2e.ts.
 */
const home = mkdtempSync(join(tmpdir(), "bramble-build-"));
const bin = join(home, "bin");
const saved = join(home, "said");
afterAll(() => rmSync(home, { recursive: true }));
beforeAll(() => {
  mkdirSync(bin);
  program("apt-config", "true");
  program("unshare", 'while [ "$1" != mmdebstrap ]; do shift; done; exec "$@"');
  program("depmod", "true");
  program("xz", 'shift; for file in "$@"; do mv "$file" "$(echo "$file" | sed s/.xz$//)"; done');
  program("sqfstar", 'for each in "$@"; do case "$each" in *.squashfs) cat >"$each" ;; esac; done');
  program("mmdebstrap", debian);
});

function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\nset -e\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

// Makes what the hooks leave: parts of a kernel, busybox and firmware below .bramble.
const debian = `
echo "$@" >"${saved}"
for each in "$@"; do case "$each" in *.tar) tar=$each ;; esac; done
root=$(mktemp -d)
parts=$root/.bramble
modules=$parts/kernel/usr/lib/modules/6.1
mkdir -p "$modules/kernel/net" "$parts/kernel/boot" "$parts/busybox/usr/bin" "$root/usr/lib/systemd"
echo a kernel >"$parts/kernel/boot/vmlinuz-6.1"
echo busybox >"$parts/busybox/usr/bin/busybox"
for name in overlay squashfs loop nfsv3 nfsv4 virtio_net lan78xx smsc95xx genet dwc2; do
  echo "$name" >"$modules/kernel/net/$name.ko.xz"
  echo "kernel/net/$name.ko.xz:" >>"$parts/modules.dep"
done
touch "$modules/modules.builtin" "$modules/modules.builtin.modinfo" "$modules/modules.order"
pi=$parts/firmware/usr/lib/raspi-firmware
mkdir -p "$pi/overlays" "$parts/kernel/usr/lib/linux-image-6.1/broadcom"
for name in bootcode.bin start.elf fixup.dat start4.elf fixup4.dat start_db.elf overlays/disable-bt.dtbo; do echo x >"$pi/$name"; done
echo tree >"$parts/kernel/usr/lib/linux-image-6.1/broadcom/bcm2837-rpi-3-b-plus.dtb"
tar -cf "$tar" -C "$root" .
rm -r "$root"`;

function requestOf(arch: ImageArch, more: Partial<ImageRequest> = {}): ImageRequest {
  const name = more.name ?? `test-${arch}`;
  const usual = { arch, suite: "trixie", name, out: join(home, "images", name), mirror: "http://m.example/debian" };
  return { ...usual, include: [], boardToken: null, roles: "user", ...more };
}

function parts(more: Partial<BuildParts> = {}): BuildParts {
  return {
    note: () => {},
    now: () => 1_800_000_000_000,
    signal: new AbortController().signal,
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, SOURCE_DATE_EPOCH: "1700000000" },
    machine: { arch: "arm64", isRoot: true },
    agentFile: join(bin, "mmdebstrap"),
    ...more,
  };
}

test("an arm64 image has all that its manifest names: kernel, RAM disk, root, the Pi's files", async () => {
  const request = requestOf("arm64", { boardToken: "a-board-token" });
  const manifest = await buildImage(request, parts());
  expect(loadManifest(request.out)).toEqual(manifest);
  expect(await checkImage(request.out, manifest)).toEqual([]);
  expect(manifest).toMatchObject({ tree: "pi", piKernel: "kernel8.img", builtAt: "2023-11-14T22:13:20.000Z" });
  expect(Object.keys(manifest.files)).toEqual(
    expect.arrayContaining([
      "initrd.img",
      "pi/bootcode.bin",
      "pi/bcm2837-rpi-3-b-plus.dtb",
      "pi/overlays/disable-bt.dtbo",
    ]),
  );
  expect(Object.keys(manifest.files)).not.toContain("pi/start_db.elf");
  const archive = zstdDecompressSync(readFileSync(join(request.out, "initrd.img"))).toString("latin1");
  for (const text of ["bramble/live\0", "init\0", "a-board-token", "lan78xx.ko\0", "lib/modules/6.1/"])
    expect(archive).toContain(text);
  expect(readFileSync(saved, "utf8")).toContain("trixie-updates main non-free-firmware");
});

test("the same parts make the same RAM disk; an amd64 image has nothing for a Pi", async () => {
  const request = requestOf("amd64");
  const machine = { arch: "amd64", isRoot: true } as const;
  const first = await buildImage(request, parts({ machine }));
  const second = await buildImage(request, parts({ machine }));
  expect(second).toEqual({ ...first, files: { ...first.files, "root.squashfs": second.files["root.squashfs"] } });
  expect(second.tree).toBeNull();
  expect(readdirSync(join(home, "images")).filter((name) => /building|old/.test(name))).toEqual([]);
});

test("a build that fails says why in a sentence and leaves what was there", async () => {
  const request = requestOf("arm64", { name: "fails" });
  const before = await buildImage(request, parts());
  program("mmdebstrap", 'echo "E: The repository does not have a Release file." >&2; exit 25');
  await expect(buildImage({ ...request, suite: "trixi" }, parts())).rejects.toThrow(
    'Debian packages: the mirror http://m.example/debian has no suite "trixi" for arm64',
  );
  program("mmdebstrap", "for n in 1 2 3; do echo line $n; done; exit 3");
  await expect(buildImage(request, parts())).rejects.toThrow(
    /mmdebstrap ended with 3|unshare ended with 3[\s\S]*line 3/,
  );
  program("mmdebstrap", debian.replaceAll(/\bgenet\b/g, ""));
  await expect(buildImage(request, parts())).rejects.toThrow("the kernel 6.1 has no genet");
  program("mmdebstrap", debian);
  expect(loadManifest(request.out)).toEqual(before);
});

test("a build that is ended in the middle takes its programs and its folder with it", async () => {
  const request = requestOf("arm64", { name: "ended" });
  const stop = new AbortController();
  const pidFile = join(home, "pid");
  program("mmdebstrap", `echo $$ >"${pidFile}"; sleep 60`);
  const building = buildImage(request, parts({ signal: stop.signal }));
  let hasEnded = false;
  building.catch(() => (hasEnded = true));
  while (!hasEnded && (!existsSync(pidFile) || readFileSync(pidFile, "utf8") === ""))
    await new Promise((go) => setImmediate(go));
  const pid = Number(readFileSync(pidFile, "utf8"));
  stop.abort(new Error("interrupted"));
  await expect(building).rejects.toThrow("interrupted");
  program("mmdebstrap", debian);
  expect(readdirSync(join(home, "images")).filter((name) => name.includes("ended"))).toEqual([]);
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("what a killed build left is swept by the next one of that name", async () => {
  const left = join(home, "images", ".swept.building-999999999");
  const other = join(home, "images", ".other.building-999999999");
  mkdirSync(left, { recursive: true });
  mkdirSync(other);
  await buildImage(requestOf("arm64", { name: "swept" }), parts());
  expect(existsSync(left)).toBe(false);
  expect(existsSync(other)).toBe(true);
});

test("without root, missing programs are named with the line that installs them", async () => {
  const env = { PATH: join(home, "nothing"), USER: "nobody-here" };
  const machine = { arch: "arm64", isRoot: false } as const;
  const failure = buildImage(requestOf("arm64", { name: "bare" }), parts({ env, machine }));
  await expect(failure).rejects.toMatchObject({
    message: expect.stringContaining("mmdebstrap, sqfstar"),
    hint: expect.stringContaining("sudo apt-get install mmdebstrap squashfs-tools"),
  });
});
