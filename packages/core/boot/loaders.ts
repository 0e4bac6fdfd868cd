import { ByteWriter } from "../base/index.ts";
import { loaderFiles } from "./ipxe.ts";
import { type BoardFacts, type BootWork, cmdlineFor, folderOf } from "./render.ts";

/**
 * What U-Boot's `pxe get` reads (`pxelinux.cfg/01-<mac>`): one entry, started at once. Without FDT it takes the device tree
 * that the firmware gave to U-Boot.
 */
export function pxelinuxCfg(work: BootWork, facts: BoardFacts): string {
  const files = inFolder(work, facts);
  return `default bramble
label bramble
kernel ${files.kernel}
initrd ${files.initrd}
append ${cmdlineFor(work, facts)}
`;
}

/** What GRUB reads from the server that it came from (`grub.cfg`); kernel and RAM disk come from there too. */
export function grubCfg(work: BootWork, facts: BoardFacts): string {
  const files = inFolder(work, facts);
  return `set timeout=0
menuentry bramble {
  linux ${files.kernel} ${quoted(cmdlineFor(work, facts))}
  initrd ${files.initrd}
}
`;
}

/** The script that U-Boot runs as `boot.scr.uimg`, as text. */
export function ubootScript(work: BootWork, facts: BoardFacts): string {
  const files = inFolder(work, facts);
  return `echo Bramble: ${facts.mac}, plan ${work.plan}
setenv bootargs '${cmdlineFor(work, facts)}'
if test -n "\${fdt_addr}"; then setenv fdt "\${fdt_addr}"; else setenv fdt "\${fdtcontroladdr}"; fi
if tftpboot \${kernel_addr_r} ${files.kernel}; then
  if tftpboot \${ramdisk_addr_r} ${files.initrd}; then
    ${work.manifest.arch === "arm" ? "bootz" : "booti"} \${kernel_addr_r} \${ramdisk_addr_r}:\${filesize} \${fdt}
  fi
fi
echo Bramble: kernel or RAM disk could not be had, or would not start
sleep 15
reset
`;
}

/**
 * A script as U-Boot loads it: its legacy image (64 octets of header with two CRCs, then a list of one length, then the
 * text), as doc/usage/cmd/source.rst and include/image.h of U-Boot define it.
 *
 * @param at seconds since 1970, kept in the header; 0 gives the same bytes each time.
 */
export function encodeUbootScript(script: string, name: string, arch: "arm" | "arm64", at = 0): Uint8Array {
  const text = new TextEncoder().encode(script);
  const data = new ByteWriter();
  data.u32(text.length);
  data.u32(0);
  data.raw(text);
  const body = data.finish();
  const header = (headerCrc: number): Uint8Array => {
    const writer = new ByteWriter();
    writer.u32(0x27051956);
    writer.u32(headerCrc);
    writer.u32(at);
    writer.u32(body.length);
    // Load address and entry point: a script has neither.
    writer.u32(0);
    writer.u32(0);
    writer.u32(crc32(body));
    for (const octet of [osLinux, arch === "arm" ? 2 : 22, typeScript, 0]) writer.u8(octet);
    const field = new Uint8Array(32);
    field.set(new TextEncoder().encode(name).subarray(0, 32));
    writer.raw(field);
    return writer.finish();
  };
  const whole = new Uint8Array(64 + body.length);
  whole.set(header(crc32(header(0))));
  whole.set(body, 64);
  return whole;
}

/** CRC-32 as Ethernet, zlib and U-Boot reckon it. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const octet of bytes) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const osLinux = 5;
const typeScript = 6;

/** Absolute in the boot tree, because loaders look below the folder that they came from otherwise. */
function inFolder(work: BootWork, { mac }: BoardFacts): { kernel: string; initrd: string } {
  const files = loaderFiles(work);
  return { kernel: `/${folderOf(mac)}/${files.kernel}`, initrd: `/${folderOf(mac)}/${files.initrd}` };
}

/** Each word in quotes of its own, in which GRUB expands nothing; the manifest's rules keep the quote itself out. */
function quoted(cmdline: string): string {
  return cmdline
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => `'${word}'`)
    .join(" ");
}
