export type { GroupEvent, GroupState, GroupTerms } from "./bring-up.ts";
export { groupTerms, isDecided, stepGroup } from "./bring-up.ts";
export type {
  DriverContext,
  HostPort,
  Line,
  OutletReading,
  PowerConfig,
  PowerDriver,
  PowerSwitch,
  Transport,
} from "./driver.ts";
export { definePowerDriver } from "./driver.ts";
export { PowerError } from "./errors.ts";
export type { FakeCircuit } from "./fake-cluster.ts";
export { fakeCluster } from "./fake-cluster.ts";
export type {
  Alternative,
  Collateral,
  Condition,
  LimitUse,
  Planned,
  PlanStep,
  PowerFacts,
  PowerPlan,
  PowerRequest,
  Problem,
  StepDo,
} from "./plan.ts";
export type { Wave } from "./waves.ts";
export { outletGraph, planWaves } from "./waves.ts";
