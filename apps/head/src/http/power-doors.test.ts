import { silentLog } from "@bramble/core/base";
import { describe, expect, test } from "vitest";
import { type FakeDesk, fakeDesk } from "../power-service/fake-desk.ts";
import { httpLimits } from "./limits.ts";
import { maasRoutes } from "./maas.ts";
import { redfishRoutes } from "./redfish.ts";
import { createGuard } from "./security.ts";
import { createApp } from "./server.ts";

const token = "operator-token-1";

async function doors({ withToken = false }: { withToken?: boolean } = {}) {
  const desk: FakeDesk = fakeDesk();
  const app = await createApp({
    guard: createGuard({ listen: "127.0.0.1", operatorToken: withToken ? token : null, boardToken: null }),
    ...{ limits: httpLimits, log: silentLog, version: "1", api: [] },
    root: [redfishRoutes({ desk, version: "1", log: silentLog }), maasRoutes({ desk })],
    upgrades: { accept: () => {}, close: () => {} },
  });
  const ask = async (method: "GET" | "POST", url: string, payload?: object, headers: Record<string, string> = {}) => {
    const body = payload === undefined ? {} : { payload };
    const answer = await app.inject({ method, url, headers: { host: "localhost", ...headers }, ...body });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body === "" ? null : answer.json() };
  };
  return { desk, ask, [Symbol.asyncDispose]: () => app.close() };
}

const reset = (board: string): string => `/redfish/v1/Systems/${board}/Actions/ComputerSystem.Reset`;
const basic = (pair: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(pair).toString("base64")}`,
});

describe("Redfish", () => {
  test("from the root everything is found by its links, with and without the last slash", async () => {
    await using head = await doors();
    const seen = new Set<string>();
    const walk = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const { status, headers, body } = await head.ask("GET", path);
      expect({ path, status, version: headers["odata-version"] }).toEqual({ path, status: 200, version: "4.0" });
      expect(body["@odata.id"]).toBe(path);
      expect(body["@odata.type"]).toMatch(/^#\w+(\.v\d+_\d+_\d+)?\.\w+$/);
      expect((await head.ask("GET", `${path}/`)).body).toEqual(body);
      for (const link of JSON.stringify(body).matchAll(/\{"@odata.id":"([^"]+)"\}/g)) await walk(link[1]!);
    };
    expect((await head.ask("GET", "/redfish")).body).toEqual({ v1: "/redfish/v1/" });
    await walk("/redfish/v1");
    expect(seen).toContain("/redfish/v1/Systems/b0011");
    expect(seen).toContain("/redfish/v1/PowerEquipment/RackPDUs/pdu0/Outlets/3");
  });

  test("a board tells whether it has power, and null where nobody knows", async () => {
    await using head = await doors();
    head.desk.states.set("b0002", "on").set("b0003", "unknown");
    const states = ["b0001", "b0002", "b0003"].map(
      async (id) => (await head.ask("GET", `/redfish/v1/Systems/${id}`)).body,
    );
    expect(
      (await Promise.all(states)).map(({ PowerState, Status }) => [PowerState, Status.State, Status.Health]),
    ).toEqual([
      ["Off", "Disabled", "OK"],
      ["On", "Enabled", "OK"],
      [null, "UnavailableOffline", "Critical"],
    ]);
  });

  test.each([
    ["On", "b0001", "on"],
    ["ForceOff", "b0011", "off"],
    ["ForceRestart", "b0011", "cycle"],
    ["PowerCycle", "b0011", "cycle"],
    ["GracefulShutdown, with an outlet of its own", "b0011", "shutdown"],
  ])("%s of %s begins a plan: %s", async (kind, board, action) => {
    await using head = await doors();
    const answer = await head.ask("POST", reset(board), { ResetType: kind.split(",")[0] });
    expect(answer).toMatchObject({ status: 202, headers: { location: "/redfish/v1/TaskService/Tasks/1/Monitor" } });
    expect(head.desk.asked).toEqual([`${action} ${board} by redfish`]);
  });

  test.each([
    ["GracefulShutdown", "halt"],
    ["GracefulRestart", "restart"],
  ])("%s of a board that shares its outlet goes to its agent", async (kind, action) => {
    await using head = await doors();
    expect((await head.ask("POST", reset("b0001"), { ResetType: kind })).status).toBe(204);
    expect(head.desk.asked).toEqual([`${action} b0001 by redfish`]);
  });

  test("without a kind a reset is the softest one", async () => {
    await using head = await doors();
    expect((await head.ask("POST", reset("b0001"))).status).toBe(204);
    expect(head.desk.asked).toEqual(["restart b0001 by redfish"]);
  });

  test("a plan is a task: pending, running, then done with what is missing, and its monitor tells when", async () => {
    await using head = await doors();
    head.desk.isQuick = false;
    const { headers } = await head.ask("POST", reset("b0001"), { ResetType: "On" });
    const monitor = String(headers.location);
    expect(await head.ask("GET", monitor)).toMatchObject({
      status: 202,
      body: { TaskState: "Running", PercentComplete: 0 },
    });
    const missing = [{ board: "b0001", step: "dhcp" }];
    head.desk.set("1", { state: "done", stepsDone: 2, endedAt: 1_800_000_000_000, missing });
    expect(await head.ask("GET", monitor)).toMatchObject({
      status: 200,
      body: {
        TaskState: "Completed",
        TaskStatus: "Warning",
        PercentComplete: 100,
        EndTime: "2027-01-15T08:00:00.000Z",
      },
    });
    expect((await head.ask("GET", "/redfish/v1/TaskService/Tasks")).body["Members@odata.count"]).toBe(1);
    expect((await head.ask("GET", "/redfish/v1/TaskService/Tasks/9/Monitor")).status).toBe(404);
  });

  test("a reset that takes neighbours along is refused with their names and another way", async () => {
    await using head = await doors();
    const reasons = ["off takes b[0002-0010] along"];
    head.desk.answer = { kind: "refused", code: "power.collateral", reasons, instead: ["halt b0001 by its agent"] };
    const { status, body } = await head.ask("POST", reset("b0001"), { ResetType: "ForceOff" });
    expect(status).toBe(409);
    expect(body.error).toMatchObject({
      code: "Base.1.18.OperationNotAllowed",
      "@Message.ExtendedInfo": [{ Message: reasons[0], Resolution: "Instead: halt b0001 by its agent." }],
    });
  });

  test("an outlet is switched with all boards on it, and one without boards goes with the plans", async () => {
    await using head = await doors();
    const control = (n: number) => `/redfish/v1/PowerEquipment/RackPDUs/pdu0/Outlets/${n}/Actions/Outlet.PowerControl`;
    expect((await head.ask("POST", control(2), { PowerState: "PowerCycle" })).status).toBe(202);
    expect(head.desk.asked).toEqual(["cycle b0011 by redfish"]);
    expect((await head.ask("POST", control(3), { PowerState: "On" })).status).toBe(409);
    expect((await head.ask("POST", control(2), { PowerState: "Sideways" })).status).toBe(400);
    expect((await head.ask("POST", control(9), { PowerState: "On" })).status).toBe(404);
  });

  test.each([
    [
      "a button that boards do not have",
      "POST",
      reset("b0001"),
      { ResetType: "PushPowerButton" },
      400,
      "ActionParameterValueNotInList",
    ],
    ["a kind that is no word", "POST", reset("b0001"), { ResetType: 7 }, 400, "MalformedJSON"],
    ["a kind without end", "POST", reset("b0001"), { ResetType: "x".repeat(500) }, 400, "MalformedJSON"],
    ["a board that there is not", "POST", reset("b9999"), { ResetType: "On" }, 404, "ResourceMissingAtURI"],
    ["an address that there is not", "GET", "/redfish/v1/Managers", undefined, 404, "ResourceMissingAtURI"],
    ["a PDU that there is not", "GET", "/redfish/v1/PowerEquipment/RackPDUs/x", undefined, 404, "ResourceMissingAtURI"],
    ["a query that is not served", "GET", "/redfish/v1/Systems?$expand=.", undefined, 501, "QueryNotSupported"],
  ] as const)("%s is refused in Redfish's form", async (_what, method, url, body, status, kind) => {
    await using head = await doors();
    const answer = await head.ask(method, url, body);
    expect(answer.status).toBe(status);
    expect(answer.body.error.code).toBe(`Base.1.18.${kind}`);
    expect(answer.body.error["@Message.ExtendedInfo"]).toHaveLength(1);
    expect(head.desk.asked).toEqual([]);
  });

  test("with a token the root is open, the rest asks for it as a password or a bearer's", async () => {
    await using head = await doors({ withToken: true });
    const path = "/redfish/v1/Systems/b0001";
    expect((await head.ask("GET", "/redfish/v1")).status).toBe(200);
    const refused = await head.ask("GET", path);
    expect(refused).toMatchObject({ status: 401, headers: { "www-authenticate": 'Basic realm="bramble"' } });
    expect(refused.body.error.code).toBe("Base.1.18.NoValidSession");
    expect((await head.ask("GET", path, undefined, basic(`bramble:${token}`))).status).toBe(200);
    expect((await head.ask("GET", path, undefined, { authorization: `Bearer ${token}` })).status).toBe(200);
    for (const wrong of [`root:${token}`, "bramble:guess", "bramble", `bramble:${"x".repeat(900)}`])
      expect((await head.ask("POST", reset("b0001"), { ResetType: "On" }, basic(wrong))).status).toBe(401);
    expect(head.desk.asked).toEqual([]);
  });
});

describe("MAAS's webhook", () => {
  test("a board's power is told in the words that MAAS looks for", async () => {
    await using head = await doors();
    head.desk.states.set("b0002", "on").set("b0003", "unknown");
    const told = ["b0001", "b0002", "b0003"].map(async (id) => (await head.ask("GET", `/maas/${id}/power`)).body);
    const text = (await Promise.all(told)).map((body) => JSON.stringify(body));
    expect(text.map((body) => [/status.*:.*running/.test(body), /status.*:.*stopped/.test(body)])).toEqual([
      [false, true],
      [true, false],
      [false, false],
    ]);
  });

  test("on and off are posted without a body, and go through the desk", async () => {
    await using head = await doors();
    expect((await head.ask("POST", "/maas/b0011/on")).status).toBe(202);
    expect((await head.ask("POST", "/maas/b0011/off")).status).toBe(202);
    expect(head.desk.asked).toEqual(["on b0011 by maas", "off b0011 by maas"]);
    head.desk.answer = { kind: "nothing", why: "it is off" };
    expect((await head.ask("POST", "/maas/b0011/off")).status).toBe(200);
  });

  test("a refusal, an unknown board and a missing token are errors that MAAS shows", async () => {
    await using head = await doors({ withToken: true });
    const may = basic(`bramble:${token}`);
    head.desk.answer = { kind: "refused", code: "power.collateral", reasons: ["off takes b0002 along"], instead: [] };
    expect(await head.ask("POST", "/maas/b0001/off", undefined, may)).toMatchObject({
      status: 409,
      body: { error: { message: "off takes b0002 along" } },
    });
    expect((await head.ask("GET", "/maas/b9999/power", undefined, may)).status).toBe(404);
    expect(await head.ask("POST", "/maas/b0001/off")).toMatchObject({
      status: 401,
      headers: { "www-authenticate": 'Basic realm="bramble"' },
    });
  });
});
