export { formatIpv4, type Ipv4Network, isHostOf, parseCidr, parseIpv4 } from "./address.ts";
export { filesBeside } from "./beside.ts";
export { describeTruths } from "./describe.ts";
export { makes } from "./makes.ts";
export type {
  Bank,
  BoardSlot,
  Boot,
  Cluster,
  Device,
  FilePlan,
  Group,
  Limits,
  Need,
  Network,
  Outlet,
  OutletId,
  Pdu,
  Rack,
  Role,
  RoleContent,
  Rule,
  Supply,
  Switch,
} from "./model.ts";
export { expandNames, foldNodeSet } from "./names.ts";
export { groupsOf, type NodeSetContext, type NodeSetResult, resolveNodeSet } from "./node-set.ts";
export { type ParseOptions, type ParseResult, parseCluster } from "./parse.ts";
export { type Problem, type ProblemCode, problemCodes } from "./problem.ts";
export {
  envNamePattern,
  foldersOfRole,
  linePattern,
  mayWrite,
  reservedRoleIds,
  roleIdPattern,
  roleLimits,
  unitNamePattern,
} from "./role-rules.ts";
export { type ClusterFile, clusterJsonSchema, clusterSchema } from "./schema.ts";
export { expectedOf, isOfForm, type Make, type SettingForm } from "./setting-form.ts";
export type {
  AddressTruth,
  BreakerTruth,
  GroupTruth,
  HalfTruth,
  OutletTruth,
  Power,
  ProfileTruth,
  SupplyTruth,
  Truths,
} from "./truths.ts";
export { deriveTruths } from "./truths.ts";
