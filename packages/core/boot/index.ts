export type { BootArch, BootClient } from "./client.ts";
export { decodeDhcp, encodeDhcp } from "./dhcp/codec.ts";
export type { DhcpMessage, DhcpType, Ipv4 } from "./dhcp/message.ts";
export { dhcpTypes } from "./dhcp/message.ts";
export {
  addressOctets,
  addressOf,
  optionCodes,
  textOctets,
  textOf,
  typeOctets,
  typeOf,
  u8Of,
  u16Octets,
  u16Of,
  u32Octets,
  u32Of,
} from "./dhcp/options.ts";
export type { BootEvent, FileNews } from "./events.ts";
export type { FirmwareFile, FirmwareNames, PiModel } from "./firmware-files.ts";
export { filesAskedBy, pathFor, stepOfFile } from "./firmware-files.ts";
export type { BootPlanKind, ImageManifest, ImagePlan } from "./plan.ts";
export { bootPlans } from "./plan.ts";
export type { BootReport, BootStep } from "./steps.ts";
export { bootSteps } from "./steps.ts";
export type { TftpAgreement, TftpLimits } from "./tftp/negotiate.ts";
export { blocksOf, negotiateTftp, plainBlockBytes } from "./tftp/negotiate.ts";
export type { TftpOptions, TftpPacket } from "./tftp/packet.ts";
export { blockOfAck, decodeTftp, encodeTftp, frameTftpData, maxRequestOctets, tftpErrors } from "./tftp/packet.ts";
export type { TftpPatience, TftpSend } from "./tftp/sender.ts";
export { TftpSender } from "./tftp/sender.ts";
export type { FileClaim, FileRequest, FileRoute } from "./tree.ts";
