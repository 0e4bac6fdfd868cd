import { unreachable } from "../base/index.ts";
import type { BootClient } from "./client.ts";
import type { BootEvent, FileNews } from "./events.ts";

/** What the servers saw, in one line. */
export function eventInWords(event: BootEvent): string {
  switch (event.kind) {
    case "power":
      return event.on ? "power on" : "power off";
    case "discover":
      return `DISCOVER of ${clientInWords(event.client)}`;
    case "offer":
      return `OFFER of ${event.address}${event.isBoot ? "" : ", nothing to boot"}`;
    case "request":
      return "REQUEST";
    case "ack":
      return `ACK of ${event.address}`;
    case "nak":
      return `NAK: ${event.why}`;
    case "decline":
      return `DECLINE of ${event.address}: somebody else has it`;
    case "file":
      return `${event.by.toUpperCase()} ${event.path}: ${newsInWords(event)}`;
    case "told":
      return event.failed === null ? `says: at ${event.step}` : `says: stopped at ${event.step}, ${event.failed}`;
    case "registered":
      return "its agent is registered";
    default:
      return unreachable(event);
  }
}

/** What asks, in words: `Raspberry Pi 3b+ (ROM)`. */
export function clientInWords(client: BootClient): string {
  switch (client.kind) {
    case "pi-rom":
      return `Raspberry Pi ${client.model} (ROM)`;
    case "pi-eeprom":
      return `Raspberry Pi ${client.model} (EEPROM)`;
    case "ipxe":
      return `iPXE, ${client.arch}`;
    case "uefi":
      return `UEFI, ${client.arch}`;
    case "uefi-http":
      return `UEFI by HTTP, ${client.arch}`;
    case "u-boot":
      return `U-Boot, ${client.arch}`;
    case "bios":
      return "a PC's BIOS";
    case "os":
      return "an operating system";
    default:
      return unreachable(client);
  }
}

function newsInWords(news: FileNews): string {
  switch (news.news) {
    case "begun":
      return `asked for, ${news.sizeBytes} octets`;
    case "moving":
      return `${news.sentBytes} of ${news.sizeBytes} octets`;
    case "done": {
      const resends = news.resends === 0 ? "" : `, ${news.resends} sent again`;
      return `${news.sentBytes} octets in ${Math.round(news.tookMs)} ms${resends}`;
    }
    case "missing":
      return "there is none";
    case "probed":
      return "only looked for";
    case "failed":
      return `failed after ${news.sentBytes} octets: ${news.why}`;
    default:
      return unreachable(news);
  }
}
