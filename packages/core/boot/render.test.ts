import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mac } from "../base/index.ts";
import { ipxeFirst, ipxeLocal, ipxeMenu, ipxeScript } from "./ipxe.ts";
import { encodeUbootScript, grubCfg, pxelinuxCfg, ubootScript } from "./loaders.ts";
import { type BootWork, cmdlineFor, cmdlineTxt, configTxt, piFiles } from "./render.ts";
import { testFacts as facts, testManifest as manifest } from "./testing.ts";

const live: BootWork = { manifest, plan: "live", nfs: null, settings: "" };
const folder = "http://172.20.0.10:8882/boot/b8-27-eb-ef-56-44";

describe("a kernel's command line", () => {
  test("names the root over HTTP, below the board's own folder", () => {
    expect(cmdlineFor(live, facts)).toBe(
      `console=ttyS1 bramble.name=b0412 bramble.root=${folder}/root.squashfs bramble.nfs= bramble.plan=live`,
    );
  });

  test("names the export instead where the root comes by NFS", () => {
    expect(cmdlineFor({ ...live, nfs: "172.20.0.10:/srv/root" }, facts)).toContain(
      "bramble.root= bramble.nfs=172.20.0.10:/srv/root ",
    );
  });

  test("names neither where all is in the RAM disk, and leaves out what is not known", () => {
    const strangers = { ...facts, serial: null, address: null };
    expect(cmdlineFor({ ...live, plan: "discovery", nfs: "172.20.0.10:/srv/root" }, facts)).toBe(
      "bramble.boot=http://172.20.0.10:8882 mac=b8:27:eb:ef:56:44",
    );
    expect(cmdlineFor({ ...live, plan: "rescue" }, strangers)).toBe("rescue serial= at= head=https://172.20.0.10:8880");
  });

  test("has the names of NFS and root empty in a plan without a root", () => {
    const none = {
      ...manifest,
      plans: { ...manifest.plans, live: { ...manifest.plans.live, root: { kind: "none" } } },
    } as const;
    expect(cmdlineFor({ ...live, manifest: none, nfs: "a:/b" }, facts)).toContain("bramble.root= bramble.nfs= ");
  });
});

describe("config.txt", () => {
  test("names kernel and RAM disk, and tells the firmware of Debian's device trees", () => {
    expect(configTxt(live, facts)).toBe(`# b0412 (b8:27:eb:ef:56:44): plan live, image trixie-arm64. Made by Bramble.
arm_64bit=1
enable_uart=1
disable_splash=1
upstream_kernel=1
kernel=kernel8.img
initramfs initrd.img followkernel
`);
  });

  test("takes lines of the image's own, but not what is decided here", () => {
    const settings = "# a comment\n\ndtoverlay=disable-bt\r\nkernel=other.img\ninitramfs x\n[pi4]\narm_boost=1\n";
    expect(configTxt({ ...live, settings }, facts)).toMatch(
      /followkernel\n# From the image's own config.txt:\ndtoverlay=disable-bt\n\[pi4\]\narm_boost=1\n$/,
    );
  });

  test("has no line longer than the firmware reads", () => {
    const long = { ...facts, name: "x".repeat(200) };
    for (const line of configTxt({ ...live, settings: "y".repeat(200) }, long)?.split("\n") ?? [])
      expect(line.length).toBeLessThanOrEqual(98);
  });

  test("is not made for an image without a tree, nor are 64 bits asked of one that has 32", () => {
    const bare = { ...manifest, tree: null, piKernel: null };
    expect(configTxt({ ...live, manifest: bare }, facts)).toBeNull();
    const small = configTxt({ ...live, manifest: { ...manifest, arch: "arm" } }, facts);
    expect(small).not.toContain("arm_64bit");
  });

  test("leaves the vendor's kernel to the vendor's device trees", () => {
    const files = { ...manifest.files, "tree/bcm2710-rpi-3-b-plus.dtb": manifest.files.vmlinuz! };
    expect(configTxt({ ...live, manifest: { ...manifest, files } }, facts)).not.toContain("upstream_kernel");
  });
});

test("a RAM disk outside the tree is asked for by its own name", () => {
  expect(piFiles(manifest, manifest.plans.discovery)).toEqual({
    kernel: "kernel8.img",
    initrd: "discovery.img",
    initrdFile: "discovery.img",
  });
});

describe("scripts of other loaders", () => {
  test("iPXE fetches kernel and RAM disk over HTTP and tries again when it cannot", () => {
    expect(ipxeScript(live, facts)).toBe(`#!ipxe
# b0412 (b8:27:eb:ef:56:44): plan live, image trixie-arm64
isset \${ip} || dhcp || goto failed
imgfree
kernel ${folder}/kernel initrd=initrd ${cmdlineFor(live, facts)} || goto failed
initrd --name initrd ${folder}/initrd-live || goto failed
boot || goto failed
:failed
echo Bramble could not be reached or did not have a file. Once more in 15 s; any key gives a shell.
prompt --timeout 15000 && shell ||
reboot
`);
  });

  test("a board with plan local goes on to its own disk", () => {
    expect(ipxeLocal()).toBe("#!ipxe\n# plan local: on to the next boot device\nexit\n");
  });

  test("an unknown board asks with its MAC, then has a menu", () => {
    expect(ipxeFirst(facts.boot)).toContain(
      `chain --autofree http://172.20.0.10:8882/ipxe/\${mac:hexhyp} || goto failed`,
    );
    const menu = ipxeMenu({ ...live, plan: "discovery" }, facts);
    expect(menu).toContain("choose --default discovery --timeout 10000");
    expect(menu).toContain(`${folder}/initrd-rescue`);
  });

  test("U-Boot and GRUB find their files in the board's folder on the server they came from", () => {
    expect(pxelinuxCfg(live, facts)).toContain(
      "kernel /b8-27-eb-ef-56-44/kernel\ninitrd /b8-27-eb-ef-56-44/initrd-live\n",
    );
    expect(grubCfg(live, facts)).toContain("  linux /b8-27-eb-ef-56-44/kernel 'console=ttyS1' 'bramble.name=b0412' ");
    expect(ubootScript(live, facts)).toContain(
      `\n    booti \${kernel_addr_r} \${ramdisk_addr_r}:\${filesize} \${fdt}\n`,
    );
    expect(ubootScript({ ...live, manifest: { ...manifest, arch: "arm" } }, facts)).toContain("bootz");
  });

  test("a U-Boot script has its magic, its sizes and its name", () => {
    const bytes = encodeUbootScript("echo\n", "a name that is longer than thirty-two octets", "arm64");
    const view = new DataView(bytes.buffer);
    expect([view.getUint32(0), view.getUint32(12), view.getUint32(64), bytes.length]).toEqual([0x27051956, 13, 5, 77]);
    expect(new TextDecoder().decode(bytes.subarray(32, 64))).toBe("a name that is longer than thirt");
    expect(bytes.subarray(28, 32)).toEqual(Uint8Array.of(5, 22, 6, 0));
  });
});

test("nothing that a board or a name says adds a word or a line anywhere", () => {
  const nasty = fc.string({
    unit: fc.constantFrom("a", " ", "\n", "\r", "'", '"', ";", "&", "|", "$", "{", "}", "#", "`", "\\", "\0", "é"),
  });
  const shape = (text: string | null) => (text ?? "").split("\n").map((line) => line.split(" ").length);
  const makers = [configTxt, cmdlineTxt, ipxeScript, ipxeMenu, pxelinuxCfg, grubCfg, ubootScript];
  const plans = ["live", "discovery", "rescue"] as const;
  const tame = { ...facts, name: "n", serial: "s", address: "a", boot: "b", head: "h" };
  fc.assert(
    fc.property(nasty, nasty, nasty, fc.constantFrom(...plans), (name, serial, address, plan) => {
      const wild = {
        ...tame,
        name: `n${name}`,
        serial: `s${serial}`,
        address: `a${address}`,
        mac: mac("b8:27:eb:00:00:01"),
      };
      for (const make of makers) {
        const made = make({ ...live, plan, nfs: null }, wild) ?? "";
        expect(shape(made)).toEqual(shape(make({ ...live, plan, nfs: null }, tame)));
        expect(made).not.toMatch(/[\r\0\\`é]/);
      }
    }),
  );
});
