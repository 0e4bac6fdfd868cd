import type { OutletReading, PowerConfig } from "@bramble/core/power";
import { choice, definePowerDriver, flag, list, PowerError, readSettings, text } from "@bramble/core/power";
import { openRedfishService, type RedfishService } from "./redfish-service.ts";
import { isObject, type JsonObject, loginOf, notUnderstood, wattsOf, webOf, webSettings } from "./web.ts";

const settings = {
  ...webSettings,
  tls: flag("Speak https.", true),
  collection: text(
    "Whose members are our outlets: a PDU's outlets or OutletGroups, or /redfish/v1/Systems.",
    "/redfish/v1/PowerEquipment/RackPDUs/1/Outlets",
  ),
  members: list("The ids of the members in the order of our outlets; absent: in the order of their ids.", []),
  login: choice(
    "session: log in once and show a token; basic: show the password each time.",
    ["session", "basic"],
    "session",
  ),
};

/**
 * Redfish (DMTF DSP0266): PDUs by their outlets, and servers or blades by their power button.
 *
 * An outlet is switched by its action `Outlet.PowerControl` with `{"PowerState": "On" | "Off"}`, a system by
 * `ComputerSystem.Reset` with `{"ResetType": "On" | "ForceOff"}`: off means off here, boards are halted before by the
 * head. The target of the action is what the resource says; a service that refuses what is already so has done it.
 *
 * Read is `PowerState`: On and Off; PoweringOn, PoweringOff and Paused are not known yet. Watts are an outlet's
 * `PowerWatts.Reading` (watts); a system tells none here.
 */
export const redfish = definePowerDriver({
  id: "redfish",
  summary: "PDUs, servers and blades by DMTF Redfish.",
  address: "host[:443]",
  settings,
  secrets: { user: "Who may switch.", password: "The password of that user." },
  async open(config, context, signal) {
    const { collection, members, login, ...web } = readSettings(config, settings);
    const { pdu, outlets } = config;
    if (!/^\/redfish\/v1\/[!-~]{1,200}$/.test(collection))
      throw new PowerError(
        "power.config",
        pdu,
        `settings.collection "${collection.slice(0, 60)}" is not below /redfish/v1/`,
      );
    const known = loginOf(config, "basic", null);
    const service = openRedfishService(pdu, webOf(config, context, web, null), known, login);
    const paths = await memberPaths(service, config, collection, members, signal);
    const pathOf = (outlet: number): string => {
      const path = paths[outlet - 1];
      if (path === undefined)
        throw new PowerError("power.refused", pdu, `there are ${paths.length} outlets, no ${outlet}`);
      return path;
    };
    return {
      outlets,
      async set(outlet, on, ended) {
        const path = pathOf(outlet);
        const { target, body } = actionOf(pdu, await service.get(path, ended), on);
        try {
          await service.post(target, body, ended);
        } catch (thrown) {
          if (!(thrown instanceof PowerError) || thrown.code !== "power.refused") throw thrown;
          if (isOn(pdu, await service.get(path, ended)) !== on) throw thrown;
        }
      },
      async read(ended) {
        const readings: OutletReading[] = [];
        // A few at a time: each has a connection of its own, and a service processor is a slow computer.
        for (let at = 0; at < outlets; at += atOnce) {
          const some = paths.slice(at, Math.min(at + atOnce, outlets));
          const found = await Promise.all(some.map((path) => service.get(path, ended)));
          readings.push(...found.map((one) => readingOf(pdu, one)));
        }
        return Array.from({ length: outlets }, (_, at) => readings[at] ?? { on: null, watts: null });
      },
      [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
    };
  },
});

const atOnce = 4;
/** A2 comes before A10. */
const byNumbers = new Intl.Collator("en", { numeric: true });

async function memberPaths(
  service: RedfishService,
  { pdu, outlets }: PowerConfig,
  collection: string,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = new Map<string, string>();
  let page: string | null = collection;
  // Pages may follow (DSP0266 section 7.10); more than we have outlets for is more than enough.
  for (let pages = 0; page !== null && pages < 16 && found.size <= 1024; pages++) {
    const told: JsonObject = await service.get(page, signal);
    const members = told.Members;
    if (!Array.isArray(members)) throw notUnderstood(pdu, JSON.stringify(told), "a collection with Members");
    for (const member of members) {
      const path = isObject(member) ? pathIn(member["@odata.id"]) : null;
      if (path === null) throw notUnderstood(pdu, JSON.stringify(member) ?? "", "a member with an @odata.id");
      found.set(path.slice(path.lastIndexOf("/") + 1), path);
    }
    page = pathIn(told["Members@odata.nextLink"]);
  }
  const ids = wanted.length > 0 ? wanted : [...found.keys()].sort(byNumbers.compare);
  const missing = ids.find((id) => !found.has(id));
  if (missing !== undefined)
    throw new PowerError("power.config", pdu, `settings.members: ${collection} has no "${missing.slice(0, 60)}"`);
  return ids.slice(0, outlets).map((id) => found.get(id) ?? "");
}

/** Paths that a service names are asked of the same service, and of no other. */
function pathIn(value: unknown): string | null {
  return typeof value === "string" && /^\/redfish\/[!-~]{1,300}$/.test(value) ? value.replace(/\/$/, "") : null;
}

function actionOf(pdu: string, resource: JsonObject, on: boolean): { target: string; body: JsonObject } {
  const actions = isObject(resource.Actions) ? resource.Actions : {};
  const outlet = actions["#Outlet.PowerControl"] ?? actions["#OutletGroup.PowerControl"];
  const found = outlet ?? actions["#ComputerSystem.Reset"];
  const target = isObject(found) ? pathIn(found.target) : null;
  if (target === null)
    throw new PowerError("power.refused", pdu, "this outlet or system has no action that switches it");
  const body = outlet !== undefined ? { PowerState: on ? "On" : "Off" } : { ResetType: on ? "On" : "ForceOff" };
  return { target, body };
}

function readingOf(pdu: string, resource: JsonObject): OutletReading {
  const on = isOn(pdu, resource);
  const meter = isObject(resource.PowerWatts) ? wattsOf(resource.PowerWatts.Reading) : null;
  return { on, watts: on === null ? null : meter };
}

function isOn(pdu: string, { PowerState: state }: JsonObject): boolean | null {
  if (state === "On" || state === "Off") return state === "On";
  if (state === "PoweringOn" || state === "PoweringOff" || state === "Paused" || state === null) return null;
  throw notUnderstood(pdu, JSON.stringify(state) ?? "nothing", "a PowerState");
}
