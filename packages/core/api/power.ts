import Type from "typebox";

/* Power over REST: plans, what carries them out, outlets against their limits. */

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const text = Type.String();
const texts = Type.Array(text);
const count = Type.Integer({ minimum: 0 });
const moment = Type.Number();
const actions = ["on", "off", "cycle"] as const;
const doers = ["operator", "schedule", "cut-out"] as const;

/** POST /power/plans. Header `idempotency-key`: the same key again gives the same plan, and starts nothing new. */
export const PostPowerPlanBody = Type.Object(
  {
    action: Type.Enum([...actions]),
    /** A node set; may not be empty. */
    set: Type.String({ minLength: 1, maxLength: 2000 }),
    profile: Type.Optional(nullable(Type.String({ maxLength: 60 }))),
    /** Switch on what the boards need, or off what nothing needs any more. */
    withParents: Type.Optional(Type.Boolean()),
    /** Boards that nobody named may lose or get power, because they share an outlet. */
    allowCollateral: Type.Optional(Type.Boolean()),
    /** Of `off` and `cycle`: power goes at once, no work is waited for and no board halts first. */
    atOnce: Type.Optional(Type.Boolean()),
    /** Plan only; nothing is switched. */
    dryRun: Type.Optional(Type.Boolean()),
    /** How many boards lose power: must be said for `off` and `cycle` above 50 boards. */
    confirm: Type.Optional(nullable(count)),
    /** For the journal. */
    why: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  },
  { additionalProperties: false },
);

/** How much of a limit is used: at the worst moment of a plan, or now. */
export const LimitUseBody = Type.Object({
  limit: text,
  unit: Type.Enum(["W", "boards"]),
  kind: Type.Enum(["steady", "peak"]),
  used: Type.Number(),
  allowed: Type.Number(),
});

/** One limit now. */
const LimitNowBody = Type.Object({
  ...LimitUseBody.properties,
  /** What it bears for less than a second, when boards start; null where it is no limit in watts. */
  peak: nullable(Type.Number()),
});

const CollateralBody = Type.Object({ outlet: text, boards: texts, working: texts });

/** One step of a plan, and how it stands. */
export const PowerStepBody = Type.Object({
  id: text,
  kind: Type.Enum(["switch", "press", "wait", "drain", "halt", "bring-up"]),
  /** What it does, in words: `pdu1.3 on`. */
  what: text,
  why: text,
  state: Type.Enum(["planned", "running", "done", "failed", "skipped"]),
  startedAt: nullable(moment),
  endedAt: nullable(moment),
  /** What came of it, or stands in its way. */
  note: nullable(text),
  /** What all outlets drew when it ended, where anything measures. */
  watts: nullable(Type.Number()),
  outlet: nullable(text),
  on: nullable(Type.Boolean()),
  groups: texts,
  boards: count,
});

const planFacts = {
  id: text,
  action: Type.Enum([...actions]),
  /** The node set as it was asked for. */
  set: text,
  profile: nullable(text),
  by: Type.Enum([...doers]),
  why: nullable(text),
  /** `waiting`: for a PDU that does not answer yet. */
  state: Type.Enum(["waiting", "running", "done", "failed", "cancelled"]),
  /** What it does now, or how it ended. */
  message: text,
  at: moment,
  endedAt: nullable(moment),
  /** Boards that gain or lose power. */
  boards: count,
  up: count,
  outlets: texts,
  moves: count,
  waves: count,
  /** From 1; 0 before the first. */
  wave: count,
  /** An estimate; null where there is none. */
  leftMs: nullable(Type.Number()),
  /** Boards that did not come up, each with the step at which it stopped. */
  missing: Type.Array(Type.Object({ board: text, step: text })),
};

/** One plan of the journal, in short. */
export const PowerPlanSummary = Type.Object({ ...planFacts, steps: count, stepsDone: count });

/** GET /power/plans/:id */
export const PowerPlanAnswer = Type.Object({
  ...planFacts,
  phases: Type.Array(Type.Object({ title: text, from: count, to: count })),
  steps: Type.Array(PowerStepBody),
  loads: Type.Array(LimitUseBody),
  collateral: Type.Array(CollateralBody),
  notes: texts,
});

/** GET /power/plans: newest first. */
export const PowerPlansAnswer = Type.Object({ plans: Type.Array(PowerPlanSummary), next: nullable(text) });

/** The plan of a dry run: as it would be carried out. */
export const PlannedBody = Type.Object({
  steps: Type.Array(PowerStepBody),
  phases: Type.Array(Type.Object({ title: text, from: count, to: count })),
  boards: texts,
  outlets: texts,
  moves: count,
  waves: count,
  loads: Type.Array(LimitUseBody),
  collateral: Type.Array(CollateralBody),
  notes: texts,
});

/** POST /power/plans: 202 `started`; 200 for everything that switches nothing. */
export const PowerPlanReply = Type.Object({
  kind: Type.Enum(["started", "plan", "refused", "nothing"]),
  /** Of the plan that was started. */
  id: nullable(text),
  /** `nothing`: all is as asked, and why. */
  why: nullable(text),
  /** Of a dry run, and of a plan that was started. */
  plan: nullable(PlannedBody),
  /** What `confirm` must say, or null where it need not. */
  confirm: nullable(count),
  problems: Type.Array(Type.Object({ rule: text, thing: text, limit: nullable(text), message: text, hint: text })),
  alternatives: Type.Array(Type.Object({ kind: text, boards: texts, message: text, thing: nullable(text) })),
});

/** POST /power/plans/:id/cancel. `undo`: what it has switched is put back by a plan of its own. */
export const CancelPowerPlanBody = Type.Object({ undo: Type.Optional(Type.Boolean()) });

/** The answer to it. */
export const CancelPowerPlanAnswer = Type.Object({ cancelled: Type.Boolean(), undo: nullable(text) });

/** An outlet as `GET /power` tells it. */
export const PowerOutletBody = Type.Object({
  id: text,
  pdu: text,
  circuit: text,
  feeds: texts,
  /** The group of the boards directly on it. */
  group: nullable(text),
  /** These boards, folded: `b[0001-0042]`. */
  set: nullable(text),
  boards: count,
  up: count,
  on: nullable(Type.Boolean()),
  watts: nullable(Type.Number()),
  /** Watts when all that hangs on it works its hardest, by the file. */
  most: Type.Number(),
  behind: nullable(text),
  needs: texts,
  alwaysOn: Type.Boolean(),
  error: nullable(text),
  /** What it says is not believed, and why. */
  doubted: nullable(text),
});

/** A schedule of the cluster file. */
export const PowerScheduleBody = Type.Object({
  id: text,
  what: text,
  /** Time of day in `zone`; null: an operator starts it. */
  at: nullable(text),
  zone: text,
  enabled: Type.Boolean(),
  warnMinutes: Type.Array(Type.Number()),
  reason: nullable(text),
  next: nullable(moment),
  snoozedUntil: nullable(moment),
});

/** POST /power/schedules/:id/snooze */
export const SnoozeBody = Type.Object({ minutes: Type.Integer({ minimum: 1, maximum: 1440 }) });

/** GET /power */
export const PowerAnswer = Type.Object({
  now: moment,
  /** So many times faster than true time do waits pass (a simulation). */
  speed: Type.Number(),
  outlets: Type.Array(PowerOutletBody),
  pdus: Type.Array(Type.Object({ id: text, driver: text, error: nullable(text), watts: nullable(Type.Number()) })),
  /** `used`: with all that is on now at full work. */
  limits: Type.Array(LimitNowBody),
  /** What each limit carries now: measured, or by how hard its boards say they work; and how far its cut-out has gone. */
  meters: Type.Array(
    Type.Object({
      limit: text,
      watts: Type.Number(),
      isMeasured: Type.Boolean(),
      allowed: Type.Number(),
      rating: Type.Number(),
      stage: Type.Enum(["kept", "over", "drained", "thinned", "shed"]),
    }),
  ),
  /** Of the mains: watts over volts are amps. */
  volts: Type.Number(),
  /** So much of a rating may be used for long: 0.8. */
  loadMax: Type.Number(),
  /** What outlets feed, and what each is: `supply`, `switch`, `fans`, … */
  things: Type.Array(Type.Object({ id: text, kind: text })),
  watts: nullable(Type.Number()),
  running: Type.Array(PowerPlanSummary),
  recent: Type.Array(PowerPlanSummary),
  schedules: Type.Array(PowerScheduleBody),
  /** By day of the cluster's time zone, newest first. `cost` is null while nobody has told the price. */
  energy: Type.Array(
    Type.Object({ day: text, kWh: Type.Number(), cost: nullable(Type.Number()), isMeasured: Type.Boolean() }),
  ),
  /** Of a kilowatt-hour (`--price-per-kwh`), or null. */
  pricePerKwh: nullable(Type.Number()),
  profiles: Type.Array(Type.Object({ name: text, boards: count, onlyIn: nullable(text) })),
});

/** GET /power/set?set=…: what a node set means for power. Strangers have no outlet, so they are not in it. */
export const PowerSetAnswer = Type.Object({
  /** Folded. */
  set: text,
  boards: count,
  up: count,
  /** The groups that these boards are in. */
  groups: texts,
});

/** GET /power/limits: why each limit is what it is. */
export const PowerLimitsAnswer = Type.Object({
  limits: Type.Array(Type.Object({ limit: text, value: text, from: text, open: nullable(text) })),
});

/** GET /power/trace: outlets as they were seen to switch, oldest first. Times are true ones; `speed` as in `GET /power`. */
export const PowerTraceAnswer = Type.Object({
  speed: Type.Number(),
  trace: Type.Array(Type.Object({ at: moment, outlet: text, on: Type.Boolean(), plan: nullable(text) })),
});

/** What asks for a plan. */
export type PostPowerPlanBody = Type.Static<typeof PostPowerPlanBody>;
/** The answer of `GET /power`. */
export type PowerAnswer = Type.Static<typeof PowerAnswer>;
/** The answer of `GET /power/limits`. */
export type PowerLimitsAnswer = Type.Static<typeof PowerLimitsAnswer>;
/** One outlet as `GET /power` tells it. */
export type PowerOutletBody = Type.Static<typeof PowerOutletBody>;
/** One plan of the journal, whole. */
export type PowerPlanAnswer = Type.Static<typeof PowerPlanAnswer>;
/** The answer of `POST /power/plans`. */
export type PowerPlanReply = Type.Static<typeof PowerPlanReply>;
/** The answer of `GET /power/plans`. */
export type PowerPlansAnswer = Type.Static<typeof PowerPlansAnswer>;
/** One plan of the journal, in short. */
export type PowerPlanSummary = Type.Static<typeof PowerPlanSummary>;
/** The answer of `GET /power/set`. */
export type PowerSetAnswer = Type.Static<typeof PowerSetAnswer>;
/** One step of a plan as REST tells it. */
export type PowerStepBody = Type.Static<typeof PowerStepBody>;
/** The answer of `GET /power/trace`. */
export type PowerTraceAnswer = Type.Static<typeof PowerTraceAnswer>;
