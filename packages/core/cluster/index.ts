export type {
  Bank,
  BoardSlot,
  Cluster,
  Device,
  Group,
  Limits,
  Need,
  Network,
  Outlet,
  OutletId,
  Pdu,
  Rack,
  Rule,
  Supply,
  Switch,
} from "./model.ts";
export { foldNodeSet } from "./names.ts";
export { type ParseOptions, type ParseResult, parseCluster } from "./parse.ts";
export { type Problem, type ProblemCode, problemCodes } from "./problem.ts";
export { type ClusterFile, clusterSchema } from "./schema.ts";
