export { maskOf } from "./addresses.ts";
export { classify, isRaspberryPi, raspberryPiPrefixes } from "./classify.ts";
export type { BootArch, BootClient } from "./client.ts";
export type { BoardTerms, Delivery, DhcpAnswer, DhcpTerms, DhcpVerdict } from "./dhcp/answer.ts";
export { answerDhcp } from "./dhcp/answer.ts";
export type { BootTerms } from "./dhcp/boot-options.ts";
export { decodeDhcp, encodeDhcp } from "./dhcp/codec.ts";
export type {
  Lease,
  LeaseAuthority,
  LeaseBook,
  LeaseChange,
  LeaseTerms,
  LeaseWrites,
  OfferDecision,
  RequestDecision,
} from "./dhcp/lease.ts";
export { createLeaseBook } from "./dhcp/lease-book.ts";
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
export { follows, nameOfClient, type Quirk, type QuirkId, quirks } from "./dhcp/quirks.ts";
export { portOf, type RelayInfo, relayOctets, relayOf, type SwitchPort } from "./dhcp/relay.ts";
export { type RequestAsk, readRequest } from "./dhcp/request.ts";
export type { Circumstances, Diagnosis, Neighbours } from "./diagnose.ts";
export { diagnose } from "./diagnose.ts";
export { clientInWords, eventInWords } from "./event-words.ts";
export type { BootEvent, FileNews } from "./events.ts";
export type { FirmwareFile, FirmwareNames, PiModel } from "./firmware-files.ts";
export { filesAskedBy, pathFor, pretendNames, stepOfFile } from "./firmware-files.ts";
export type { ManifestResult } from "./image.ts";
export { pathFault, readManifest } from "./image.ts";
export { ipxeFirst, ipxeLocal, ipxeMenu, ipxeScript, loaderFiles } from "./ipxe.ts";
export type { Lane, LaneState, LaneStep, LaneTerms, PastBoot } from "./lane.ts";
export { bootTook, laneTerms, newLane, orderOfStep, stepLane, stopLane, tookOf } from "./lane.ts";
export type { LanePace } from "./lane-deadlines.ts";
export { dueAt, quietMs } from "./lane-deadlines.ts";
export type { FileEvent, LaneFile } from "./lane-files.ts";
export type { LaneBrief, LaneRow } from "./lane-row.ts";
export { laneStates, packLane, unpackLane } from "./lane-row.ts";
export { encodeUbootScript, grubCfg, pxelinuxCfg, ubootScript } from "./loaders.ts";
export type { BootPlanKind, ChosenPlan, ImageManifest, ImagePlan, PlanAssignment } from "./plan.ts";
export { bootPlans, planOf } from "./plan.ts";
export type { BoardFacts, BootWork } from "./render.ts";
export { cmdlineTxt, configTxt, folderOf, piFiles, rootFile } from "./render.ts";
export type { BootReport, BootStep } from "./steps.ts";
export { bootSteps } from "./steps.ts";
export * from "./tftp/index.ts";
export type { FileClaim, FileRequest, FileRoute } from "./tree.ts";
