// A door of its own: threads that serve files need this and nothing else of core, whose schemas would cost each 20 MB.
export type { TftpAgreement, TftpLimits } from "./negotiate.ts";
export { blocksOf, negotiateTftp, plainBlockBytes } from "./negotiate.ts";
export type { TftpOptions, TftpPacket } from "./packet.ts";
export { blockOfAck, decodeTftp, encodeTftp, frameTftpData, maxRequestOctets, tftpErrors } from "./packet.ts";
export type { TftpPatience, TftpSend } from "./sender.ts";
export { TftpSender } from "./sender.ts";
