export {
  BootAnswer,
  DiagnosisBody,
  LaneAnswer,
  LanesAnswer,
  LeasesAnswer,
  PlanBody,
  PlanSetAnswer,
  PlansAnswer,
} from "./boot.ts";
export type { ErrorBody, ErrorCode, ErrorEntry } from "./errors.ts";
export { errorBody, errorTable, statusOf } from "./errors.ts";
export type { RoleOffer } from "./link.ts";
export {
  BoardMessage,
  BootMessage,
  Bye,
  Chunked,
  FoldMessage,
  HeadMessage,
  Hello,
  Ready,
  Result,
  RoleStateMessage,
} from "./link.ts";
export { bootPorts, ports } from "./ports.ts";
export {
  CancelPowerPlanAnswer,
  CancelPowerPlanBody,
  LimitUseBody,
  PlannedBody,
  PostPowerPlanBody,
  PowerAnswer,
  PowerLimitsAnswer,
  PowerOutletBody,
  PowerPlanAnswer,
  PowerPlanReply,
  PowerPlanSummary,
  PowerPlansAnswer,
  PowerScheduleBody,
  PowerSetAnswer,
  PowerStepBody,
  PowerTraceAnswer,
  SnoozeBody,
} from "./power.ts";
export { readBoardMessage, readHeadMessage } from "./read.ts";
export {
  BoardBody,
  BoardSamplesAnswer,
  BoardsAnswer,
  BootBody,
  CancelWarbleAnswer,
  ClusterAnswer,
  EventBody,
  EventsAnswer,
  LatestBody,
  LayoutAnswer,
  LightsAnswer,
  LiveText,
  OutletBody,
  OutletsAnswer,
  PostedAnswer,
  PostWarbleBody,
  PowerUpBody,
  ProcessBody,
  RunAnswer,
  RunBody,
  SampleBody,
  SamplesBody,
  SoundsAnswer,
  WarbleBody,
  WarblesAnswer,
} from "./rest.ts";
export {
  ApplyRolesAnswer,
  ApplyRolesBody,
  RoleAnswer,
  RoleAssignmentBody,
  RoleStatesAnswer,
  RolesAnswer,
} from "./roles.ts";
export { readSimCommand, SimAnswer, SimCommand, SimStatus, simVerbs } from "./sim.ts";
