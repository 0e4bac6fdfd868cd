import Type from "typebox";
import { bootSteps } from "../boot/index.ts";
import { roleSteps } from "../work/index.ts";

/*
 * The link: WebSocket /api/v1/link, opened by the agent. Text frames carry these messages, binary frames samples
 * (core/observe encodeSamples). The board speaks first, with `hello`.
 */

const text = (maxLength: number) => Type.String({ maxLength });
const outcome = Type.Object({
  out: Type.Array(text(1_200_000), { maxItems: 100_000 }),
  effects: Type.Array(
    Type.Array(Type.Union([Type.String({ maxLength: 65_536 }), Type.Number()]), { minItems: 1, maxItems: 16 }),
    { maxItems: 10_000 },
  ),
  error: Type.Union([
    Type.Null(),
    Type.Object({ class: text(16), pos: Type.Integer({ minimum: 0 }), message: text(1000) }),
  ]),
  warnings: Type.Array(Type.Object({ pos: Type.Integer({ minimum: 0 }), message: text(1000) }), { maxItems: 300 }),
  steps: Type.Integer({ minimum: 0 }),
  saves: Type.Record(Type.String(), text(20_000)),
  data: Type.Record(Type.String(), text(20_000)),
});

const count = Type.Integer({ minimum: 0 });
/** Whole numbers of a program: below 2^53 either way. */
const whole = Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });
const slot = Type.Integer({ minimum: 0, maximum: 1000 });
const slots = Type.Array(Type.Tuple([slot, text(20_000)]), { maxItems: 300 });

/** A big fold of a running Warble: what another board needs to compute its chunks. */
const FoldOrder = Type.Object({
  ...{ at: count, first: whole, last: whole, chunks: Type.Integer({ minimum: 1 }), steps: count, fuel: count },
  ...{ precision: count, depth: count, stack: count, cells: count, held: count, globals: slots, locals: slots },
});
/** One chunk's value and what it took; null: the board that runs the Warble computes it. */
const ChunkAnswer = Type.Union([
  Type.Null(),
  Type.Object({ value: text(100_000), steps: count, cells: count, made: count }),
]);

/** The first message of a board. */
export const Hello = Type.Object({
  type: Type.Literal("hello"),
  mac: text(17),
  serial: Type.Union([text(64), Type.Null()]),
  model: Type.Union([text(128), Type.Null()]),
  address: Type.Union([text(64), Type.Null()]),
  /** Version of the agent. */
  agent: text(32),
  /** Version of its Node. */
  node: text(32),
  cores: Type.Integer({ minimum: 1, maximum: 1024 }),
  memoryMb: Type.Number({ minimum: 0 }),
  /** New at every start of the board. */
  bootId: text(64),
  simulated: Type.Optional(Type.Boolean()),
  /** The board token of a head that is bound wider than loopback. */
  token: Type.Optional(text(200)),
});

/** A boot step that the board has begun, or failed at. */
export const BootMessage = Type.Object({
  type: Type.Literal("boot"),
  step: Type.Enum([...bootSteps]),
  failed: Type.Optional(Type.Union([text(200), Type.Null()])),
});

/** The board can take this many Warbles now. Sent again whenever that number changes; 0 withdraws. */
export const Ready = Type.Object({
  type: Type.Literal("ready"),
  slots: Type.Integer({ minimum: 0, maximum: 64 }),
  /** With the first after a welcome: every lease that the board holds, running or not yet `taken`. It knows of no other. */
  held: Type.Optional(Type.Array(text(64), { maxItems: 64 })),
  /** With the same: how many batches of chunks it computes at a time; absent or 0: it takes none. */
  chunks: Type.Optional(Type.Integer({ minimum: 0, maximum: 64 })),
});

/** A run has come to a big fold, its `fold`th from 0, and waits for `folded`. Said again after a reconnect. */
export const FoldMessage = Type.Object({
  type: Type.Literal("fold"),
  lease: text(64),
  fold: Type.Integer({ minimum: 0, maximum: 64 }),
  order: FoldOrder,
});

/** A batch of chunks, in order; maybe fewer than asked, none when it could not be computed. Not sent again. */
export const Chunked = Type.Object({
  type: Type.Literal("chunked"),
  lease: text(64),
  answers: Type.Array(ChunkAnswer, { maxItems: 20_000 }),
  ms: Type.Number({ minimum: 0 }),
});

/** The end of one run. Sent again until `taken` comes. */
export const Result = Type.Object({
  type: Type.Literal("result"),
  lease: text(64),
  outcome,
  ms: Type.Number({ minimum: 0 }),
});

const roleRef = Type.Union([Type.Null(), Type.Object({ id: text(64), checksum: text(64) })]);

/** How the board stands with its role: after each welcome that tells of one, and at each change. */
export const RoleStateMessage = Type.Object({
  type: Type.Literal("role-state"),
  state: Type.Enum(["none", "wanted", "fetching", "fetched", "applied", "removing", "failed", "kept", "off"]),
  /** What it should have, as far as it knows. */
  want: roleRef,
  /** What is in force. */
  good: roleRef,
  /** Where applying ended badly, and why. */
  step: Type.Union([Type.Null(), Type.Enum([...roleSteps])]),
  error: Type.Union([Type.Null(), text(2000)]),
});

/** The board stops on purpose. */
export const Bye = Type.Object({ type: Type.Literal("bye"), reason: text(200) });

/** What a board may say. */
export const BoardMessage = Type.Union([
  Hello,
  BootMessage,
  Ready,
  FoldMessage,
  Chunked,
  Result,
  RoleStateMessage,
  Bye,
]);

/** A role that is there to be fetched, `GET /roles/{id}/bundle/{checksum}`, and how many octets that is. */
const RoleOffer = Type.Object({ id: Type.String(), checksum: Type.String(), bytes: Type.Integer() });
const offered = Type.Union([Type.Null(), RoleOffer]);

// The same as the head says them: boards check the shape, the head has checked the rest.
const number = Type.Integer();
const values = Type.Array(Type.Tuple([number, Type.String()]));
const HeadFoldOrder = Type.Object({
  ...{ at: number, first: number, last: number, chunks: number, steps: number, fuel: number, precision: number },
  ...{ depth: number, stack: number, cells: number, held: number, globals: values, locals: values },
});
const HeadChunkAnswer = Type.Union([
  Type.Null(),
  Type.Object({ value: Type.String(), steps: number, cells: number, made: number }),
]);

/** What the head may say. */
export const HeadMessage = Type.Union([
  Type.Object({
    type: Type.Literal("welcome"),
    name: Type.String(),
    place: Type.Union([Type.Null(), Type.Object({ rack: Type.String(), bank: Type.String(), slot: Type.Integer() })]),
    /** Names this start of the head: another epoch means that it forgot what was unanswered. */
    epoch: Type.String(),
    intervalMs: Type.Number(),
    heartbeatMs: Type.Number(),
    /** A board takes Warbles only below this CPU percentage. */
    cpuLimit: Type.Number(),
    /** Node number and count for NODE() and NODES(). */
    board: Type.Integer(),
    boards: Type.Integer(),
    /** The role that the board should have, null for none; absent: it keeps what it has. It waits for `role` to fetch it. */
    role: Type.Optional(offered),
  }),
  Type.Object({
    type: Type.Literal("refused"),
    code: Type.String(),
    message: Type.String(),
    retryAfterMs: Type.Number(),
  }),
  /** All samples up to this time, ms UTC, are durable. */
  Type.Object({ type: Type.Literal("stored"), upTo: Type.Number() }),
  Type.Object({
    type: Type.Literal("run"),
    lease: Type.String(),
    post: Type.String(),
    user: Type.String(),
    saved: Type.Record(Type.String(), Type.String()),
    /** What this user set on this board with SETDATA, kept by the head. */
    data: Type.Record(Type.String(), Type.String()),
    seed: Type.Number(),
    nowMs: Type.Number(),
    timeoutMs: Type.Number(),
    /** Big folds may be left to other boards: say `fold` at one. */
    spread: Type.Optional(Type.Boolean()),
  }),
  /** Compute chunks `from` and on, `count` of them or as many as `budget` steps allow, and answer `chunked`. */
  Type.Object({
    type: Type.Literal("chunks"),
    lease: Type.String(),
    post: Type.String(),
    order: HeadFoldOrder,
    from: Type.Integer(),
    count: Type.Integer(),
    budget: Type.Number(),
    timeoutMs: Type.Number(),
  }),
  /** Answers to a fold, in order, over one or more messages; run again when `isLast` has come. */
  Type.Object({
    type: Type.Literal("folded"),
    lease: Type.String(),
    fold: Type.Integer(),
    answers: Type.Array(HeadChunkAnswer),
    isLast: Type.Boolean(),
  }),
  /** The result of this lease is durable (or the lease is no longer this board's): forget it. */
  Type.Object({ type: Type.Literal("taken"), lease: Type.String() }),
  /** Stop that run, or that batch of chunks. */
  Type.Object({ type: Type.Literal("cancel"), lease: Type.String() }),
  /** Say goodbye and halt: the board's power goes off; or with `restart` start anew. */
  Type.Object({ type: Type.Literal("halt"), reason: Type.String(), restart: Type.Optional(Type.Boolean()) }),
  /** The board's turn: take this role now, or with null remove the one that you have. */
  Type.Object({ type: Type.Literal("role"), role: offered }),
]);

/** A role as the head offers it over the link. */
export type RoleOffer = Type.Static<typeof RoleOffer>;
/** What a board says of its role. */
export type RoleStateMessage = Type.Static<typeof RoleStateMessage>;
/** The first message of a board on its link. */
export type Hello = Type.Static<typeof Hello>;
/** What a board says. */
export type BoardMessage = Type.Static<typeof BoardMessage>;
/** What the head says. */
export type HeadMessage = Type.Static<typeof HeadMessage>;
