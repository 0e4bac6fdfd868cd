import Type from "typebox";
import { bootPlans, bootSteps } from "../boot/index.ts";

/* Booting over REST: the servers, each board's lane, its plan, the leases. */

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const count = Type.Integer({ minimum: 0 });
const text = Type.String();
const ms = Type.Number();
const states = ["idle", "waiting", "booting", "up", "stopped"] as const;
const where = { address: text, port: Type.Integer() };
/** A step, or `power` before the first. */
const Standpoint = Type.Enum(["power", ...bootSteps]);

/** Why a board goes no further, or is slow. */
export const DiagnosisBody = Type.Object({
  step: Standpoint,
  fault: text,
  cause: text,
  advice: text,
  source: text,
});

/** GET /boot */
export const BootAnswer = Type.Object({
  now: Type.Number(),
  kind: Type.Enum(["none", "simulated", "images"]),
  /** The servers of this head; null where another machine does it. Counts are those since its start. */
  servers: Type.Object({
    dhcp: nullable(
      Type.Object({
        ...where,
        mode: Type.Enum(["authoritative", "proxy"]),
        leases: count,
        pool: count,
        poolFree: count,
        /** Other DHCP servers that should not be there. */
        rogues: Type.Array(text),
        counts: Type.Record(text, count),
      }),
    ),
    tftp: nullable(Type.Object({ ...where, counts: Type.Record(text, count) })),
    http: nullable(Type.Object({ ...where, counts: Type.Record(text, count) })),
  }),
  images: Type.Array(
    Type.Object({
      name: text,
      arch: text,
      builtAt: text,
      /** Its files are compared with their checksums in the background. */
      check: Type.Enum(["checking", "good", "bad"]),
      bad: Type.Array(text),
    }),
  ),
  /** Folders that hold no image that can be served, and why. */
  problems: Type.Array(Type.Object({ folder: text, problems: Type.Array(text) })),
  /** Boards by the state of their lane. */
  states: Type.Object({ idle: count, waiting: count, booting: count, up: count, stopped: count }),
  /** Boards on their way, by the step they are at; `power`: they have not asked yet. */
  steps: Type.Record(text, count),
  /** Groups with boards on their way or stopped. */
  groups: Type.Array(
    Type.Object({ group: text, boards: count, waiting: count, booting: count, up: count, stopped: count }),
  ),
  /** The same fault at the same step is one line; `set` is a node set. */
  troubles: Type.Array(Type.Object({ ...DiagnosisBody.properties, boards: count, set: text, stopped: Type.Boolean() })),
  alarms: Type.Array(Type.Object({ at: Type.Number(), kind: text, level: text, board: nullable(text), message: text })),
  /** Of the boards that are up and were seen to boot. */
  took: Type.Object({ boards: count, medianMs: nullable(ms), slowestMs: nullable(ms) }),
});

/** GET /boot/lanes: rows as `unpackLane` of core/boot reads them, in the order of the layout. */
export const LanesAnswer = Type.Object({
  now: Type.Number(),
  /** Ask again with `since=` this, for the lanes that changed. */
  version: count,
  states: Type.Array(text),
  steps: Type.Array(text),
  lanes: Type.Array(
    Type.Tuple([
      Type.String({ description: "board" }),
      Type.Integer({ description: "index of `states`" }),
      Type.Integer({ description: "index of `steps`; -1 before the first" }),
      Type.Integer({ description: "attempt" }),
      Type.Integer({ description: "percent of the file on its way; -1 without" }),
      Type.Integer({ description: "kilobytes" }),
      Type.Integer({ description: "resends" }),
      Type.Integer({ description: "the whole boot, hundredths of a second; -1 when none was seen" }),
      Type.Array(Type.Integer(), { description: "each step, hundredths of a second; -1 where it was not seen" }),
      Type.String({ description: "id of the fault, or empty" }),
    ]),
  ),
});

const PastBootBody = Type.Object({
  outcome: Type.Enum(["up", "stopped", "cut"]),
  at: nullable(Type.Enum([...bootSteps])),
  tookMs: ms,
});

/** GET /boot/lanes/:board: everything that was seen of its boot. Times are ms UTC. */
export const LaneAnswer = Type.Object({
  board: text,
  mac: nullable(text),
  state: Type.Enum([...states]),
  at: nullable(Type.Enum([...bootSteps])),
  attempt: count,
  attemptsSincePower: count,
  poweredAt: nullable(ms),
  begunAt: nullable(ms),
  heardAt: nullable(ms),
  tookMs: nullable(ms),
  client: nullable(text),
  address: nullable(text),
  plan: Type.Object({ plan: Type.Enum([...bootPlans]), from: text }),
  diagnosis: nullable(DiagnosisBody),
  steps: Type.Array(
    Type.Object({
      step: Type.Enum([...bootSteps]),
      begunAt: nullable(ms),
      tookMs: nullable(ms),
      /** The same step in its boot before. */
      previousMs: nullable(ms),
      asks: count,
      bytes: count,
      resends: count,
      percent: nullable(Type.Number()),
    }),
  ),
  files: Type.Array(
    Type.Object({
      path: text,
      by: Type.Enum(["tftp", "http"]),
      step: nullable(Type.Enum([...bootSteps])),
      outcome: Type.Enum(["moving", "done", "missing", "probed", "failed"]),
      asks: count,
      bytes: count,
      sizeBytes: nullable(count),
      resends: count,
      begunAt: ms,
      heardAt: ms,
      why: nullable(text),
    }),
  ),
  /** What the servers saw, oldest first; the newest of one boot. */
  events: Type.Array(Type.Object({ at: ms, what: text })),
  previous: nullable(PastBootBody),
});

/** GET /boot/leases */
export const LeasesAnswer = Type.Object({
  leases: Type.Array(
    Type.Object({
      address: text,
      mac: text,
      board: nullable(text),
      state: Type.Enum(["offered", "bound", "declined"]),
      until: Type.Number(),
      /** The address is the board's own by the cluster file; else it comes from the pool. */
      pinned: Type.Boolean(),
    }),
  ),
  pool: count,
  poolFree: count,
});

/** GET /boot/plans: everything that holds, what was said first coming first. */
export const PlansAnswer = Type.Object({
  plans: Type.Array(
    Type.Object({
      set: text,
      plan: Type.Enum([...bootPlans]),
      /** Null: the cluster file says so. */
      by: nullable(text),
      at: nullable(Type.Number()),
      /** Boards for which it still holds. */
      boards: count,
    }),
  ),
});

/** PUT /boot/plans: from their next boot on these boards boot this plan; null: what the cluster file says. */
export const PlanBody = Type.Object({
  set: Type.String({ minLength: 1, maxLength: 2000 }),
  plan: nullable(Type.Enum([...bootPlans])),
  by: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
});

/** The answer of PUT /boot/plans, after the commit. */
export const PlanSetAnswer = Type.Object({ boards: count });

/** The answer of `GET /boot`. */
export type BootAnswer = Type.Static<typeof BootAnswer>;
/** The answer of `GET /boot/lanes/:board`. */
export type LaneAnswer = Type.Static<typeof LaneAnswer>;
/** The answer of `GET /boot/lanes`. */
export type LanesAnswer = Type.Static<typeof LanesAnswer>;
/** The answer of `GET /boot/leases`. */
export type LeasesAnswer = Type.Static<typeof LeasesAnswer>;
/** The answer of `GET /boot/plans`. */
export type PlansAnswer = Type.Static<typeof PlansAnswer>;
