import type { BootClient } from "../client.ts";
import type { Ipv4 } from "./message.ts";
import { optionCodes, textOctets } from "./options.ts";
import { follows } from "./quirks.ts";

/** Where a board finds what to boot; null in its place: it boots from its own disk and only gets an address. */
export type BootTerms = {
  /** The server of files, for TFTP and in `url`. */
  readonly server: Ipv4;
  /** The first file by TFTP. */
  readonly file: string | null;
  /** The first file by HTTP; iPXE and UEFI HTTP boot. */
  readonly url: string | null;
};

/** What a reply says about booting. */
export type BootOptions = {
  readonly siaddr: Ipv4;
  readonly file: string;
  readonly options: readonly (readonly [number, Uint8Array])[];
};

/**
 * What this client must be told to boot by, and nothing that another would stumble over.
 *
 * @param isProxy another server gives the address, we only tell what to boot (ProxyDHCP).
 */
export function bootOptions(client: BootClient, boot: BootTerms | null, isProxy: boolean): BootOptions {
  const file = boot === null ? null : fileFor(client, boot);
  if (boot === null || file === null) return { siaddr: "0.0.0.0", file: "", options: [] };
  const options: [number, Uint8Array][] = [];
  if (follows("http-class", client)) options.push([optionCodes.vendorClass, httpClass]);
  else if (isProxy) options.push([optionCodes.vendorClass, pxeClass]);
  if (follows("boot-words-with-spaces", client)) options.push([optionCodes.vendor, wordsWithSpaces]);
  if (follows("boot-words", client)) options.push([optionCodes.vendor, words]);
  // Beside another server: take this file, look for no menu and no other boot server (PXE specification 2.1, tag 6).
  if (isProxy && follows("no-boot-menu", client)) options.push([optionCodes.vendor, Uint8Array.of(6, 1, 8, 255)]);
  if (!isProxy && follows("no-proxy-wait", client)) options.push([optionCodes.ipxe, Uint8Array.of(176, 1, 1)]);
  if (file !== "") options.push([optionCodes.bootFile, textOctets(file)]);
  if (client.kind !== "uefi-http") options.push([optionCodes.tftpName, textOctets(boot.server)]);
  // A name too long for its field, and one that it cannot hold, is only told as an option.
  return { siaddr: boot.server, file: /^[\x20-\x7e]{1,127}$/.test(file) ? file : "", options };
}

/** The first file; empty for those that need no name, null for those that cannot boot by these terms. */
function fileFor(client: BootClient, { file, url }: BootTerms): string | null {
  if (follows("no-file-name", client)) return "";
  switch (client.kind) {
    case "os":
      return null;
    case "uefi-http":
      return url;
    case "ipxe":
      return url ?? file;
    default:
      return file;
  }
}

const httpClass = textOctets("HTTPClient");
const pxeClass = textOctets("PXEClient");
const words = textOctets("Raspberry Pi Boot");
const wordsWithSpaces = textOctets("Raspberry Pi Boot   ");
