import {
  ApplyRolesAnswer,
  ApplyRolesBody,
  RoleAnswer,
  RoleAssignmentBody,
  RoleStatesAnswer,
  RolesAnswer,
} from "@bramble/core/api";
import type { Clock, Logger } from "@bramble/core/base";
import { ClusterError } from "@bramble/core/base";
import type { RoleStanding } from "@bramble/core/work";
import { type FastifyPluginAsyncTypebox, Type } from "@fastify/type-provider-typebox";
import type { CatalogRole } from "../work/roles/catalog.ts";
import type { Roles } from "../work/roles/room.ts";

/** What the routes of roles are made of. */
export type RoleRouteParts = {
  readonly roles: Roles;
  /** The boards that a node set names. @throws ClusterError `input.node-set`. */
  readonly boardsOf: (set: string) => readonly string[];
  /** Every board there is, strangers too. */
  readonly everyBoard: () => readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
};

const Id = Type.Object({ id: Type.String({ maxLength: 64 }) });

/** Roles: what there is, who has what, and the bundles that boards fetch. */
export function roleRoutes({ roles, boardsOf, everyBoard, clock, log }: RoleRouteParts): FastifyPluginAsyncTypebox {
  const meant = (set: string | undefined): readonly string[] => (set === undefined ? everyBoard() : boardsOf(set));
  const summaries = () => {
    const states = roles.states(everyBoard());
    return (entry: CatalogRole) => {
      const has = states.filter(({ wanted }) => wanted?.id === entry.role.id);
      return {
        ...{ id: entry.role.id, text: entry.role.text, for: entry.role.for, root: entry.role.isRoot },
        ...{ checksum: entry.checksum, bytes: entry.bytes.length },
        ...{ files: entry.bundle.files.length, units: entry.bundle.units.length, start: entry.bundle.start !== null },
        ...{ boards: has.length, applied: has.filter(({ state }) => state === "applied").length },
      };
    };
  };
  return async (app) => {
    app.get(
      "/roles",
      {
        config: { access: "viewer" },
        schema: { summary: "The roles of the cluster file", response: { 200: RolesAnswer } },
      },
      async () => ({ roles: roles.catalog.all().map(summaries()) }),
    );
    app.get(
      "/roles/state",
      {
        config: { access: "viewer" },
        schema: {
          summary: "What each board should have, what it has, and how it stands",
          querystring: Type.Object({ set: Type.Optional(Type.String({ maxLength: 2000 })) }),
          response: { 200: RoleStatesAnswer },
        },
      },
      async ({ query }) => {
        const boards = roles.states(meant(query.set));
        const counts: Partial<Record<RoleStanding, number>> = {};
        for (const { state } of boards) counts[state] = (counts[state] ?? 0) + 1;
        return { now: clock.now(), counts, boards: [...boards] };
      },
    );
    app.get(
      "/roles/:id",
      {
        config: { access: "viewer" },
        schema: { summary: "One role, with everything it brings", params: Id, response: { 200: RoleAnswer } },
      },
      async ({ params }) => {
        const entry = roles.find(params.id);
        const { bundle } = entry;
        return {
          ...summaries()(entry),
          env: bundle.env.map(([name, value]): [string, string] => [name, value]),
          files: bundle.files.map(({ path, mode, bytes }) => ({
            ...{ path, mode: mode.toString(8).padStart(4, "0"), bytes: bytes.length },
          })),
          units: bundle.units.map(({ name, isEnabled }) => ({ name, enable: isEnabled })),
          start: bundle.start === null ? null : { ...bundle.start, run: [...bundle.start.run] },
        };
      },
    );
    app.put(
      "/roles/assignments",
      {
        config: { access: "operator" },
        schema: {
          summary: "Say which role boards should have; they take it when they link, or by POST /roles/apply",
          description: "`none` is no role at all. null takes the word back: then the cluster file's counts.",
          body: RoleAssignmentBody,
          response: { 200: Type.Object({ boards: Type.Integer() }) },
        },
      },
      async ({ body }) => {
        const boards = boardsOf(body.set);
        await roles.assign(boards, body.role);
        log.info({ set: body.set, role: body.role, boards: boards.length }, "role assigned");
        return { boards: boards.length };
      },
    );
    app.post(
      "/roles/apply",
      {
        config: { access: "operator" },
        schema: {
          summary:
            "Read the cluster file's roles again and let boards take theirs now; progress is in GET /roles/state",
          body: Type.Union([ApplyRolesBody, Type.Null()]),
          response: { 202: ApplyRolesAnswer },
        },
      },
      async ({ body }, reply) => {
        const answer = roles.apply(meant(body?.set));
        log.info({ set: body?.set ?? null, ...answer }, "roles asked to be applied");
        return reply.code(202).send(answer);
      },
    );
    app.get(
      "/roles/:id/bundle/:checksum",
      {
        config: { access: "board" },
        schema: {
          summary: "A role's bytes, for boards",
          params: Type.Object({ ...Id.properties, checksum: Type.String({ maxLength: 64 }) }),
        },
      },
      async ({ params, headers }, reply) => {
        const bytes = roles.catalog.bytes(params.id, params.checksum);
        if (bytes === null) throw new ClusterError("role.unknown", "there is no role with this checksum");
        const etag = `"${params.checksum}"`;
        reply.header("etag", etag).header("cache-control", "private, max-age=31536000, immutable");
        if (headers["if-none-match"]?.split(/\s*,\s*/).includes(etag)) return reply.code(304).send();
        // The octets of the catalog themselves: a thousand boards share them.
        return reply
          .type("application/octet-stream")
          .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      },
    );
  };
}
