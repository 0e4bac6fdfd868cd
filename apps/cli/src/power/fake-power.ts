import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { PowerAnswer, PowerPlanAnswer, PowerPlanReply } from "@bramble/core/api";

/** What a fake head was asked: method, path, body and headers. */
type AskedOfHead = {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly key: string | undefined;
};

/** A head that gives its answers to `METHOD path` one after another, the last one for ever. */
export async function fakeHead(answers: Readonly<Record<string, readonly unknown[]>>) {
  const asked: AskedOfHead[] = [];
  const counts = new Map<string, number>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const path = (request.url ?? "").replace("/api/v1", "");
    const key = request.headers["idempotency-key"];
    const method = request.method ?? "";
    asked.push({
      method,
      path,
      body: body === "" ? {} : JSON.parse(body),
      key: typeof key === "string" ? key : undefined,
    });
    const door = `${method} ${path.split("?")[0]}`;
    const turn = counts.get(door) ?? 0;
    counts.set(door, turn + 1);
    const answer = answers[door]?.[turn] ?? answers[door]?.at(-1);
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer ?? { error: { code: "not-found", message: `no ${door}`, hint: "Look." } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    asked,
    head: ["--head", `http://127.0.0.1:${(server.address() as AddressInfo).port}`],
    close: () => void server.close(),
  };
}

const step: PowerPlanAnswer["steps"][number] = {
  id: "on:pdu1.3",
  kind: "switch",
  what: "pdu1.3 on",
  why: "c-g03 feeds b[0085-0126]",
  state: "planned",
  startedAt: null,
  endedAt: null,
  note: null,
  watts: null,
  outlet: "pdu1.3",
  on: true,
  groups: [],
  boards: 42,
};

/** A reply to a request for a plan. */
export function reply(news: Partial<PowerPlanReply>): PowerPlanReply {
  return { kind: "plan", id: null, why: null, plan: planned(), confirm: null, problems: [], alternatives: [], ...news };
}

/** The plan of a dry run. */
export function planned(news: Partial<NonNullable<PowerPlanReply["plan"]>> = {}): NonNullable<PowerPlanReply["plan"]> {
  return {
    ...{
      steps: [step],
      phases: [{ title: "wave 1", from: 0, to: 1 }],
      boards: ["b0085", "b0086"],
      outlets: ["pdu1.3"],
    },
    ...{ moves: 1, waves: 1, collateral: [], notes: [] },
    loads: [
      { limit: "site", unit: "W", kind: "steady", used: 400, allowed: 19_200 },
      { limit: "supply u03", unit: "W", kind: "peak", used: 315, allowed: 360 },
    ],
    ...news,
  };
}

/** A plan under way. */
export function plan(news: Partial<PowerPlanAnswer> = {}): PowerPlanAnswer {
  return {
    ...{ id: "p7", action: "on", set: "@g03", profile: null, by: "operator", why: null, state: "running" },
    ...{ message: "wave 1: g03", at: 1_800_000_000_000, endedAt: null, boards: 42, up: 12, outlets: ["pdu1.3"] },
    ...{ moves: 1, waves: 1, wave: 1, leftMs: 40_000, missing: [], phases: [], loads: [], collateral: [], notes: [] },
    steps: [{ ...step, state: "running" }],
    ...news,
  };
}

/** How power stands in all. */
export function power(news: Partial<PowerAnswer> = {}): PowerAnswer {
  const outlet = {
    ...{ pdu: "pdu1", feeds: ["u03"], boards: 42, up: 40, on: true, watts: 150, most: 210, behind: null, needs: [] },
    ...{ alwaysOn: false, error: null, doubted: null, set: null },
  };
  return {
    ...{ now: 1_800_000_000_000, speed: 1, watts: 380, pdus: [{ id: "pdu1", driver: "x", error: null, watts: null }] },
    outlets: [
      { ...outlet, id: "pdu1.1", circuit: "misc", group: null, boards: 0, feeds: ["router"], alwaysOn: true },
      { ...outlet, id: "pdu1.3", circuit: "g03", group: "g03" },
      { ...outlet, id: "pdu1.4", circuit: "g04", group: "g04", doubted: "none of its 42 boards shows life" },
      { ...outlet, id: "pdu1.5", circuit: "g05", group: "g05", on: null, watts: null, error: "no answer" },
    ],
    meters: [],
    limits: [
      { limit: "site", unit: "W", kind: "steady", used: 400, allowed: 19_200, peak: null },
      { limit: "supply u03", unit: "W", kind: "steady", used: 210, allowed: 240, peak: null },
    ],
    ...{ running: [], recent: [], profiles: [], things: [], volts: 120, loadMax: 0.8, pricePerKwh: null },
    schedules: [
      {
        ...{ id: "nightly", what: "shutdown all", at: "00:00", zone: "America/Los_Angeles", enabled: true },
        ...{ warnMinutes: [10], reason: null, next: 1_800_003_600_000, snoozedUntil: null },
      },
    ],
    energy: [{ day: "2027-01-15", kWh: 15.04, cost: null, isMeasured: true }],
    ...news,
  };
}
