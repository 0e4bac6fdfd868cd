import Type from "typebox";
import { bootSteps } from "../boot/index.ts";
import { stateKinds } from "../observe/index.ts";

/* The nouns of REST under /api/v1: requests and answers. OpenAPI at /api/docs is made from these. */

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const number = (minimum?: number, maximum?: number) =>
  nullable(
    Type.Number({ ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) }),
  );

/** One of the five busiest processes. */
export const ProcessBody = Type.Object({
  pid: Type.Integer({ minimum: 0, maximum: 4_194_304 }),
  name: Type.String({ maxLength: 64 }),
  user: Type.String({ maxLength: 64 }),
  cpu: Type.Number({ minimum: 0, maximum: 100_000 }),
  memory: Type.Number({ minimum: 0, maximum: 100 }),
});

/** One sample as anybody may POST it. What a board cannot measure is null or absent. */
export const SampleBody = Type.Object({
  mac: Type.String({ maxLength: 17 }),
  at: Type.Integer({ minimum: 0, maximum: 8_640_000_000_000 }),
  cpu: Type.Optional(number(0, 100)),
  load: Type.Optional(number(0, 100_000)),
  memoryUsedMb: Type.Optional(number(0, 1e9)),
  memoryTotalMb: Type.Optional(number(0, 1e9)),
  diskUsedGb: Type.Optional(number(0, 1e9)),
  diskTotalGb: Type.Optional(number(0, 1e9)),
  temperatureC: Type.Optional(number(-60, 200)),
  throttled: Type.Optional(number(0, 4_294_967_295)),
  rxKbps: Type.Optional(number(0, 1e9)),
  txKbps: Type.Optional(number(0, 1e9)),
  uptimeS: Type.Optional(number(0, 1e10)),
  processes: Type.Optional(Type.Array(ProcessBody, { maxItems: 5 })),
});

/** POST /samples: one sample or a list. */
export const SamplesBody = Type.Union([SampleBody, Type.Array(SampleBody, { maxItems: 5000 })]);

/** The readings shown with a board. */
export const LatestBody = Type.Object({
  at: Type.Number(),
  cpu: number(),
  load: number(),
  memoryUsedMb: number(),
  memoryTotalMb: number(),
  memory: number(),
  diskUsedGb: number(),
  diskTotalGb: number(),
  temperatureC: number(),
  throttled: number(),
  rxKbps: number(),
  txKbps: number(),
  uptimeS: number(),
  processes: Type.Array(ProcessBody),
});

/** A board, everywhere. `id` is its MAC, or its name while no MAC is known for its slot. */
export const BoardBody = Type.Object({
  id: Type.String(),
  name: Type.String(),
  index: Type.Integer(),
  mac: nullable(Type.String()),
  serial: nullable(Type.String()),
  model: nullable(Type.String()),
  address: nullable(Type.String()),
  place: nullable(
    Type.Object({
      rack: Type.String(),
      bank: Type.String(),
      slot: Type.Integer(),
      switch: nullable(Type.String()),
      port: nullable(Type.Integer()),
      group: nullable(Type.String()),
    }),
  ),
  state: Type.Enum([...stateKinds]),
  /** Of a silent or failed board: the cause as far as known, in words. */
  cause: nullable(Type.String()),
  since: Type.Number(),
  simulated: Type.Boolean(),
  agent: nullable(Type.String()),
  cores: nullable(Type.Integer()),
  memoryMb: number(),
  boot: nullable(
    Type.Object({
      step: Type.Enum([...bootSteps]),
      failed: nullable(Type.String()),
      at: Type.Number(),
    }),
  ),
  working: Type.Boolean(),
  latest: nullable(LatestBody),
});

/** GET /boards */
export const BoardsAnswer = Type.Object({ boards: Type.Array(BoardBody), next: nullable(Type.String()) });

/** GET /boards/:id/samples: the newest hour, oldest first. */
export const BoardSamplesAnswer = Type.Object({
  samples: Type.Array(Type.Omit(LatestBody, ["memory"])),
  next: nullable(Type.String()),
});

/** GET /cluster: who this is and how it stands. */
export const ClusterAnswer = Type.Object({
  name: Type.String(),
  description: Type.String(),
  version: Type.String(),
  startedAt: Type.Number(),
  now: Type.Number(),
  expected: Type.Integer(),
  /** Boards by state. */
  states: Type.Record(Type.String(), Type.Integer()),
  hottest: nullable(Type.Object({ name: Type.String(), temperatureC: Type.Number() })),
  samplesPerSecond: Type.Number(),
  warbles: Type.Object({
    queued: Type.Integer(),
    leased: Type.Integer(),
    done: Type.Integer(),
    failed: Type.Integer(),
  }),
  bringUp: nullable(
    Type.Object({
      wave: Type.Integer(),
      waves: Type.Integer(),
      groups: Type.Array(Type.String()),
      /** Boards of all waves together. */
      up: Type.Integer(),
      expected: Type.Integer(),
      /** Boards of the wave that is under way, or was the last: 37 of 42. */
      waveUp: Type.Integer(),
      waveExpected: Type.Integer(),
      /** Waited for in vain, and still not up. */
      missing: Type.Array(Type.String()),
      done: Type.Boolean(),
    }),
  ),
  watts: Type.Object({ now: number(), limit: number() }),
});

/** POST /boot: a boot step told by a board before its agent runs (an initramfs with curl, the simulator's firmware). */
export const BootBody = Type.Object({
  mac: Type.String({ maxLength: 17 }),
  address: Type.Optional(nullable(Type.String({ maxLength: 64 }))),
  serial: Type.Optional(nullable(Type.String({ maxLength: 64 }))),
  model: Type.Optional(nullable(Type.String({ maxLength: 128 }))),
  step: Type.Enum([...bootSteps]),
  failed: Type.Optional(nullable(Type.String({ maxLength: 200 }))),
  simulated: Type.Optional(Type.Boolean()),
});

/** POST /warbles */
export const PostWarbleBody = Type.Object({
  text: Type.String({ maxLength: 4096 }),
  user: Type.String({ minLength: 1, maxLength: 100 }),
});

/** The answer to a post that was queued. `token` comes once, with the first post of a new name. */
export const PostedAnswer = Type.Object({
  id: Type.String(),
  place: Type.Integer(),
  waitMs: Type.Number(),
  token: Type.Optional(Type.String()),
});

const WarbleErrorBody = nullable(Type.Object({ class: Type.String(), pos: Type.Integer(), message: Type.String() }));
const EffectsBody = Type.Array(Type.Array(Type.Union([Type.String(), Type.Number()])));
const WarningsBody = Type.Array(Type.Object({ pos: Type.Integer(), message: Type.String() }));

/** GET /warbles/:id */
export const WarbleBody = Type.Object({
  id: Type.String(),
  user: Type.String(),
  text: Type.String(),
  state: Type.Union([Type.Literal("queued"), Type.Literal("leased"), Type.Literal("done"), Type.Literal("failed")]),
  /** Name of the board that ran it, or runs it. */
  board: nullable(Type.String()),
  place: nullable(Type.Integer()),
  attempts: Type.Integer(),
  postedAt: Type.Number(),
  endedAt: number(),
  out: Type.Array(Type.String()),
  effects: EffectsBody,
  error: WarbleErrorBody,
  warnings: WarningsBody,
  steps: Type.Integer(),
  ms: number(),
  /** While other boards compute a big SUM, PROD or MAP of it: chunks computed and in all, and boards that helped. */
  fold: nullable(Type.Object({ done: Type.Integer(), total: Type.Integer(), boards: Type.Integer() })),
});

/** POST /warbles/:id/cancel: false when it had ended. */
export const CancelWarbleAnswer = Type.Object({ cancelled: Type.Boolean() });

/** GET /warbles */
export const WarblesAnswer = Type.Object({ warbles: Type.Array(WarbleBody), next: nullable(Type.String()) });

/** POST /warbles/run */
export const RunBody = Type.Object({
  text: Type.String({ maxLength: 4096 }),
  user: Type.String({ minLength: 1, maxLength: 100 }),
  noSleep: Type.Optional(Type.Boolean()),
});

/** What a run in the head's own sandbox gives. */
export const RunAnswer = Type.Object({
  out: Type.Array(Type.String()),
  effects: EffectsBody,
  error: WarbleErrorBody,
  warnings: WarningsBody,
  steps: Type.Integer(),
});

/** GET /lights */
export const LightsAnswer = Type.Object({
  lights: Type.Array(Type.Tuple([Type.Integer(), Type.Integer(), Type.Integer()])),
});

/** GET /sounds: the last sounds played, newest last. */
export const SoundsAnswer = Type.Object({
  sounds: Type.Array(
    Type.Object({ at: Type.Number(), url: Type.String(), user: Type.String(), board: nullable(Type.String()) }),
  ),
});

/** What happened, for people. GET /events and the live stream's text frames. */
export const EventBody = Type.Object({
  id: Type.Integer(),
  at: Type.Number(),
  /** `board.up`, `board.silent`, `wave.start`, `warble.done`, … */
  kind: Type.String(),
  level: Type.Union([Type.Literal("info"), Type.Literal("warn"), Type.Literal("error")]),
  board: nullable(Type.String()),
  message: Type.String(),
});

/** GET /events */
export const EventsAnswer = Type.Object({ events: Type.Array(EventBody), next: nullable(Type.String()) });

/** GET /outlets */
export const OutletsAnswer = Type.Object({
  outlets: Type.Array(
    Type.Object({
      id: Type.String(),
      pdu: Type.String(),
      circuit: Type.String(),
      boards: Type.Integer(),
      on: nullable(Type.Boolean()),
      watts: number(),
      alwaysOn: Type.Boolean(),
      error: nullable(Type.String()),
      /** What it says is not believed, and why. */
      doubted: Type.Optional(nullable(Type.String())),
    }),
  ),
});

/** POST /power/up: bring groups up in waves. `set` is a node set; absent means all. */
export const PowerUpBody = Type.Object({ set: Type.Optional(Type.String({ maxLength: 2000 })) });

/** POST /outlets/:id {on} */
export const OutletBody = Type.Object({ on: Type.Boolean() });

/** GET /layout: every index of the stream's rows, with its place in metres. */
export const LayoutAnswer = Type.Object({
  cluster: Type.String(),
  racks: Type.Array(
    Type.Object({
      id: Type.String(),
      label: Type.String(),
      side: nullable(Type.String()),
      banks: Type.Array(Type.String()),
      /** Beside `banks`: the half of the rack, where the cluster file tells. */
      halves: Type.Optional(Type.Array(nullable(Type.Union([Type.Literal("bottom"), Type.Literal("top")])))),
    }),
  ),
  boards: Type.Array(
    Type.Object({
      index: Type.Integer(),
      name: Type.String(),
      rack: nullable(Type.String()),
      bank: nullable(Type.String()),
      slot: nullable(Type.Integer()),
    }),
  ),
  lights: Type.Integer(),
});

/** A text frame of the live stream. */
export const LiveText = Type.Union([
  Type.Object({ type: Type.Literal("event"), event: EventBody }),
  /** Strangers that appeared: rows with these indexes follow. Fetch /layout again. */
  Type.Object({ type: Type.Literal("layout"), boards: Type.Integer() }),
  /** The viewer fell behind or asked for a sequence that is gone: a snapshot follows. */
  Type.Object({ type: Type.Literal("gap"), from: Type.Integer(), to: Type.Integer() }),
]);

/** One sample as REST takes it. */
export type SampleBody = Type.Static<typeof SampleBody>;
/** One board as REST gives it. */
export type BoardBody = Type.Static<typeof BoardBody>;
/** The answer of `GET /cluster`. */
export type ClusterAnswer = Type.Static<typeof ClusterAnswer>;
/** One Warble as REST gives it. */
export type WarbleBody = Type.Static<typeof WarbleBody>;
/** The answer of `POST /warbles/run`. */
export type RunAnswer = Type.Static<typeof RunAnswer>;
/** One event as REST gives it. */
export type EventBody = Type.Static<typeof EventBody>;
/** The answer of `GET /layout`. */
export type LayoutAnswer = Type.Static<typeof LayoutAnswer>;
/** A text frame of the live stream. */
export type LiveText = Type.Static<typeof LiveText>;
/** The answer of `POST /warbles`. */
export type PostedAnswer = Type.Static<typeof PostedAnswer>;
/** The answer of `POST /warbles/:id/cancel`. */
export type CancelWarbleAnswer = Type.Static<typeof CancelWarbleAnswer>;
