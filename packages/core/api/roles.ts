import Type from "typebox";
import { roleStandings } from "../work/index.ts";

/*
 * REST of the roles: what a board runs once it is up.
 */

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const ref = Type.Object({ id: Type.String(), checksum: Type.String() });

const summary = {
  id: Type.String(),
  text: nullable(Type.String()),
  /** The node set of the cluster file. */
  for: nullable(Type.String()),
  root: Type.Boolean(),
  /** SHA-256 of its bundle. */
  checksum: Type.String(),
  bytes: Type.Integer(),
  files: Type.Integer(),
  units: Type.Integer(),
  start: Type.Boolean(),
  /** How many boards are to have it. */
  boards: Type.Integer(),
  /** How many have it. */
  applied: Type.Integer(),
};

/** GET /roles */
export const RolesAnswer = Type.Object({ roles: Type.Array(Type.Object(summary)) });

/** GET /roles/:id */
export const RoleAnswer = Type.Object({
  ...summary,
  env: Type.Array(Type.Tuple([Type.String(), Type.String()])),
  files: Type.Array(Type.Object({ path: Type.String(), mode: Type.String(), bytes: Type.Integer() })),
  units: Type.Array(Type.Object({ name: Type.String(), enable: Type.Boolean() })),
  start: nullable(
    Type.Object({ run: Type.Array(Type.String()), as: nullable(Type.String()), timeoutMs: Type.Integer() }),
  ),
});

/** PUT /roles/assignments: `none` is no role at all; null takes the operator's word back, and the cluster file's counts. */
export const RoleAssignmentBody = Type.Object({
  set: Type.String({ minLength: 1, maxLength: 2000 }),
  role: nullable(Type.String({ minLength: 1, maxLength: 32 })),
});

/** POST /roles/apply: the boards of `set`, all when absent. */
export const ApplyRolesBody = Type.Object({ set: Type.Optional(Type.String({ maxLength: 2000 })) });

/** The answer: how many boards are meant, and what happens to them. */
export const ApplyRolesAnswer = Type.Object({
  boards: Type.Integer(),
  /** They fetch and apply it now, so many at a time. */
  asked: Type.Integer(),
  /** They have what they should have. */
  current: Type.Integer(),
  /** They take it when they link. */
  unlinked: Type.Integer(),
  /** Their agents take no roles. */
  off: Type.Integer(),
  /** They are to have a role that the cluster file does not have. */
  unknown: Type.Integer(),
});

/** GET /roles/state */
export const RoleStatesAnswer = Type.Object({
  now: Type.Number(),
  /** Boards by state. */
  counts: Type.Record(Type.String(), Type.Integer()),
  boards: Type.Array(
    Type.Object({
      board: Type.String(),
      state: Type.Enum([...roleStandings]),
      /** What it should have. */
      wanted: nullable(ref),
      /** What is in force, as it says. */
      inForce: nullable(ref),
      /** When it told that, ms UTC. */
      since: nullable(Type.Number()),
      /** Where applying ended badly, and why. */
      error: nullable(Type.String()),
    }),
  ),
});

/** The answer of `GET /roles`. */
export type RolesAnswer = Type.Static<typeof RolesAnswer>;
/** The answer of `GET /roles/:id`. */
export type RoleAnswer = Type.Static<typeof RoleAnswer>;
/** The answer of `POST /roles/apply`. */
export type ApplyRolesAnswer = Type.Static<typeof ApplyRolesAnswer>;
/** The answer of `GET /roles/state`. */
export type RoleStatesAnswer = Type.Static<typeof RoleStatesAnswer>;
