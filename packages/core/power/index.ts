export type { GroupEvent, GroupState, GroupTerms } from "./bring-up.ts";
export { groupTerms, isDecided, stepGroup } from "./bring-up.ts";
export { type Budget, type BudgetAct, type BudgetTerms, stepBudget, withinBudget } from "./budget.ts";
export { checkTrace, type Move, type Violation } from "./check.ts";
export { addReading, costOf, type EnergyBook, holdMs, keptDays, noEnergy } from "./cost.ts";
export { type CutoutAct, type CutoutStage, cool, type Heat, hysteresisC, stepCutout, stepHeat } from "./cutout.ts";
export type { DriverContext, OutletReading, PowerConfig, PowerDriver, PowerLoad, PowerSwitch } from "./driver.ts";
export { definePowerDriver } from "./driver.ts";
export { PowerError } from "./errors.ts";
export { explainLimits, type LimitReason } from "./explain.ts";
export type { FakeCircuit } from "./fake-cluster.ts";
export { fakeCluster } from "./fake-cluster.ts";
export { type PowerGraph, powerGraph } from "./graph.ts";
export { gapAfter, type LoadBook, loadBook } from "./load.ts";
export { type LimitReading, loadWatts, type MeterFacts, readMeters } from "./meter.ts";
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
export { planPower } from "./planner.ts";
export {
  type Alarm,
  type AlarmDoes,
  type DailyTerms,
  dateIn,
  lateMs,
  nextAlarm,
  nextMoment,
  snooze,
  stepAlarm,
} from "./schedule.ts";
export { parseSecrets, type Secrets } from "./secrets.ts";
export type { Setting, Settings, SettingsOf, SettingValue } from "./settings.ts";
export {
  checkPowerConfig,
  choice,
  flag,
  list,
  pattern,
  readAddress,
  readSettings,
  text,
  whole,
} from "./settings.ts";
export type {
  HostPort,
  HttpAnswer,
  HttpRequest,
  HttpTrust,
  Line,
  RunResult,
  SnmpBinding,
  SnmpSession,
  SnmpTarget,
  SnmpValue,
  SnmpWrite,
  Transport,
} from "./transport.ts";
export type { Wave } from "./waves.ts";
export { outletGraph, planWaves } from "./waves.ts";
