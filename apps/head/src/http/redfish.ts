import { errorTable, statusOf } from "@bramble/core/api";
import type { Logger } from "@bramble/core/base";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyReply } from "fastify";
import Type from "typebox";
import {
  type DeskAction,
  type DeskBoard,
  type DeskOutlet,
  type DeskPdu,
  isEnded,
  type PowerDesk,
} from "../power-service/desk.ts";
import {
  collection,
  computerSystem,
  outletOf,
  powerEquipment,
  type ResetType,
  type Resource,
  rackPdu,
  redfishError,
  redfishRoot,
  refusal,
  resetTypes,
  serviceRoot,
  task,
  taskPath,
  taskService,
} from "../power-service/redfish.ts";
import type { Access } from "./security.ts";

const Id = Type.Object({ id: Type.String({ maxLength: 64 }) });
const OutletId = Type.Object({ id: Type.String({ maxLength: 64 }), n: Type.String({ maxLength: 8 }) });
const ResetBody = Type.Object({ ResetType: Type.Optional(Type.String({ maxLength: 40 })) });
const PowerBody = Type.Object({ PowerState: Type.String({ maxLength: 40 }) });

/** Redfish: each board a ComputerSystem that can be reset, each PDU a PowerDistribution. For tools that know no Pi. */
export function redfishRoutes(parts: {
  readonly desk: PowerDesk;
  readonly version: string;
  readonly log: Logger;
}): FastifyPluginAsync {
  const { desk, version, log } = parts;
  return async (root) => {
    await root.register(
      async (plain) => {
        const app = plain.withTypeProvider<TypeBoxTypeProvider>();
        speakRedfish(app as unknown as FastifyInstance, log);
        const get = (path: string, summary: string, answer: (params: { id: string; n: string }) => Resource): void => {
          // With and without the last slash it is the same resource (DSP0266, section 6.5.1).
          for (const url of path === "" ? ["/"] : [path, `${path}/`])
            app.get(
              url,
              { config: readers(path), schema: { ...hidden(url), summary, tags: ["redfish"] } },
              (request, reply) => send(reply, answer(request.params as { id: string; n: string })),
            );
        };

        get("", "Redfish: the service root", () => serviceRoot(version));
        get("/odata", "Redfish: the service document", odata);
        get("/Systems", "Redfish: all boards", () =>
          collection("/Systems", "ComputerSystemCollection", "Boards", desk.boards()),
        );
        get("/Systems/:id", "Redfish: one board", ({ id }) => computerSystem(boardOf(desk, id)));
        get("/PowerEquipment", "Redfish: power equipment", powerEquipment);
        get("/PowerEquipment/RackPDUs", "Redfish: all PDUs", () => {
          const ids = desk.pdus().map((pdu) => pdu.id);
          return collection("/PowerEquipment/RackPDUs", "PowerDistributionCollection", "PDUs", ids);
        });
        get("/PowerEquipment/RackPDUs/:id", "Redfish: one PDU", ({ id }) => rackPdu(pduOf(desk, id)));
        get("/PowerEquipment/RackPDUs/:id/Outlets", "Redfish: outlets of a PDU", ({ id }) => {
          const numbers = pduOf(desk, id).outlets.map(({ number }) => String(number));
          const path = `/PowerEquipment/RackPDUs/${encodeURIComponent(id)}/Outlets`;
          return collection(path, "OutletCollection", `Outlets of ${id}`, numbers);
        });
        get("/PowerEquipment/RackPDUs/:id/Outlets/:n", "Redfish: one outlet", ({ id, n }) =>
          outletOf(...outletAt(desk, id, n)),
        );
        get("/TaskService", "Redfish: plans under way", taskService);
        get("/TaskService/Tasks", "Redfish: plans under way and the newest that ended", () =>
          collection(
            "/TaskService/Tasks",
            "TaskCollection",
            "Power plans",
            desk.plans().map(({ id }) => id),
          ),
        );
        get("/TaskService/Tasks/:id", "Redfish: one plan", ({ id }) => task(planOf(desk, id)));

        app.get("/*", { config: { access: "viewer", takesBasic: true }, schema: { hide: true } }, ({ url }) => {
          throw new ClusterError("not-found", `there is no ${url.slice(0, 100)}`);
        });
        app.get(
          "/TaskService/Tasks/:id/Monitor",
          {
            config: { access: "viewer", takesBasic: true },
            schema: { tags: ["redfish"], summary: "Redfish: 202 while the plan runs", params: Id },
          },
          ({ params }, reply) => {
            const plan = planOf(desk, params.id);
            return send(reply.code(isEnded(plan) ? 200 : 202), task(plan));
          },
        );
        app.post(
          "/Systems/:id/Actions/ComputerSystem.Reset",
          {
            config: { access: "operator", takesBasic: true },
            schema: {
              tags: ["redfish"],
              summary: "Redfish: reset a board",
              params: Id,
              body: Type.Union([ResetBody, Type.Null()]),
            },
          },
          async ({ params, body }, reply) => {
            const board = boardOf(desk, params.id);
            // Without a kind the service chooses (schema ComputerSystem); to choose a way that takes power would be bold.
            const said = body?.ResetType ?? "GracefulRestart";
            if (!isResetType(said)) return refuseValue(reply, "ResetType", said, resetTypes);
            return act(reply, { desk, log }, { action: actionOf(said, board), boards: [board.name], what: said });
          },
        );
        app.post(
          "/PowerEquipment/RackPDUs/:id/Outlets/:n/Actions/Outlet.PowerControl",
          {
            config: { access: "operator", takesBasic: true },
            schema: {
              tags: ["redfish"],
              summary: "Redfish: switch an outlet with all boards on it",
              params: OutletId,
              body: PowerBody,
            },
          },
          async ({ params, body }, reply) => {
            const [, { boards }] = outletAt(desk, params.id, params.n);
            const action = outletActions[body.PowerState];
            if (action === undefined)
              return refuseValue(reply, "PowerState", body.PowerState, Object.keys(outletActions));
            if (boards.length === 0)
              throw new ClusterError(
                "power.refused",
                "no board hangs on this outlet; it goes with the plans that need it",
              );
            return act(reply, { desk, log }, { action, boards, what: body.PowerState });
          },
        );
      },
      { prefix: redfishRoot },
    );
    root.get("/redfish", { config: { access: "open" }, schema: { hide: true } }, (_, reply) =>
      send(reply, { v1: `${redfishRoot}/` }),
    );
  };
}

/** Headers, refusals and errors as DSP0266 has them. */
function speakRedfish(app: FastifyInstance, log: Logger): void {
  app.addHook("onRequest", async (request, reply) => {
    const asked = Object.keys((request.query as object | undefined) ?? {}).find((key) => key.startsWith("$"));
    // Silence would be a wrong answer: a client that asked for $expand would take links for resources.
    if (asked !== undefined)
      return send(reply.code(501), redfishError("QueryNotSupported", `the query ${asked.slice(0, 30)} is not served`));
  });
  app.setErrorHandler((thrown: FastifyError | Error, _request, reply) => {
    const { code, message, status } = readError(thrown);
    if (code === "internal") log.error({ error: messageOf(thrown) }, "a Redfish request failed");
    if (status === 401) void reply.header("www-authenticate", 'Basic realm="bramble"');
    return send(reply.code(status), redfishError(kinds[code] ?? "GeneralError", message));
  });
}

function readError(thrown: FastifyError | Error): { code: string; message: string; status: number } {
  if (thrown instanceof ClusterError) {
    const code = Object.hasOwn(errorTable, thrown.code) ? thrown.code : "internal";
    return { code, message: code === "internal" ? sorry : thrown.message, status: statusOf(code) };
  }
  const status = (thrown as Partial<FastifyError>).statusCode ?? 500;
  if (status >= 400 && status < 500) return { code: "input.invalid", message: thrown.message.slice(0, 500), status };
  return { code: "internal", message: sorry, status: 500 };
}

const sorry = "something went wrong here";

/** Messages of the Base registry for our codes. */
const kinds: Readonly<Record<string, string>> = {
  internal: "InternalError",
  "input.invalid": "MalformedJSON",
  "auth.required": "NoValidSession",
  "auth.forbidden": "InsufficientPrivilege",
  "not-found": "ResourceMissingAtURI",
  "board.unknown": "ResourceMissingAtURI",
  "outlet.unknown": "ResourceMissingAtURI",
  "power.plan-unknown": "ResourceMissingAtURI",
  "power.refused": "OperationNotAllowed",
};

function readers(path: string): { access: Access; takesBasic: boolean } {
  // The root must be readable by everybody (DSP0266, section 13.3.2): it tells nothing of this cluster.
  return { access: path === "" || path === "/odata" ? "open" : "viewer", takesBasic: true };
}

function hidden(url: string): { hide?: true } {
  return url.endsWith("/") ? { hide: true } : {};
}

function send(reply: FastifyReply, body: Resource): FastifyReply {
  return reply.header("odata-version", "4.0").header("cache-control", "no-store").type("application/json").send(body);
}

function refuseValue(reply: FastifyReply, name: string, said: string, allowed: readonly string[]): FastifyReply {
  const message = `the value ${said.slice(0, 40)} of ${name} is not served; there are ${allowed.join(", ")}`;
  return send(reply.code(400), redfishError("ActionParameterValueNotInList", message));
}

async function act(
  reply: FastifyReply,
  { desk, log }: { desk: PowerDesk; log: Logger },
  { action, boards, what }: { action: DeskAction; boards: readonly string[]; what: string },
): Promise<FastifyReply> {
  log.info({ boards: boards.length, first: boards[0] ?? "", what }, "asked for by Redfish");
  const answer = await desk.ask(action, boards, "redfish");
  if (answer.kind === "refused") return send(reply.code(statusOf(answer.code)), refusal(answer));
  if (answer.kind !== "started") return reply.header("odata-version", "4.0").code(204).send();
  const plan = desk.plan(answer.plan);
  const path = `${redfishRoot}${taskPath(answer.plan)}`;
  return send(
    reply.code(202).header("location", `${path}/Monitor`),
    plan === null ? { "@odata.id": path } : task(plan),
  );
}

function isResetType(said: string): said is ResetType {
  return (resetTypes as readonly string[]).includes(said);
}

function actionOf(reset: ResetType, { neighbours }: DeskBoard): DeskAction {
  switch (reset) {
    case "On":
      return "on";
    case "ForceOff":
      return "off";
    // Where it shares its outlet its power cannot go, but its agent can be asked.
    case "GracefulShutdown":
      return neighbours.length === 0 ? "shutdown" : "halt";
    case "GracefulRestart":
      return "restart";
    default:
      return "cycle";
  }
}

const outletActions: Readonly<Record<string, DeskAction>> = { On: "on", Off: "off", PowerCycle: "cycle" };

function odata(): Resource {
  const value = ["Service", "Systems", "PowerEquipment", "TaskService"].map((name) => ({
    name,
    kind: "Singleton",
    url: name === "Service" ? `${redfishRoot}/` : `${redfishRoot}/${name}`,
  }));
  return { "@odata.context": `${redfishRoot}/$metadata`, value };
}

function boardOf(desk: PowerDesk, id: string): DeskBoard {
  const board = desk.board(id);
  if (board === null) throw new ClusterError("board.unknown", `there is no board ${id.slice(0, 40)}`);
  return board;
}

function pduOf(desk: PowerDesk, id: string): DeskPdu {
  const pdu = desk.pdus().find((each) => each.id === id);
  if (pdu === undefined) throw new ClusterError("outlet.unknown", `there is no PDU ${id.slice(0, 40)}`);
  return pdu;
}

function outletAt(desk: PowerDesk, id: string, n: string): [DeskPdu, DeskOutlet] {
  const pdu = pduOf(desk, id);
  const outlet = pdu.outlets.find(({ number }) => String(number) === n);
  if (outlet === undefined) throw new ClusterError("outlet.unknown", `${pdu.id} has no outlet ${n}`);
  return [pdu, outlet];
}

function planOf(desk: PowerDesk, id: string) {
  const plan = desk.plan(id);
  if (plan === null) throw new ClusterError("power.plan-unknown", `there is no plan ${id.slice(0, 40)}`);
  return plan;
}
