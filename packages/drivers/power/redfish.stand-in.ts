import { type Heard, type Outlets, type Said, type StandIn, type StandInParts, standInHttp } from "./made.stand-in.ts";

/** How a pretend Redfish service is made. */
export type RedfishParts = StandInParts & {
  /** `pdu`: outlets of /redfish/v1/PowerEquipment/RackPDUs/1; `systems`: members of /redfish/v1/Systems. */
  readonly kind?: "pdu" | "systems";
  /** Absent: nobody needs to log in. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Places for sessions; absent: 2. */
  readonly places?: number;
  /** Members of a page of its collection; absent: 8. */
  readonly page?: number;
};

/** A pretend Redfish service. */
export type RedfishStandIn = StandIn & {
  /** Sessions that hold a place now. */
  readonly held: () => number;
  /** As after an update: outlets stay, sessions are forgotten. */
  forgetSessions(): void;
};

/**
 * A pretend Redfish service (DSP0266): root, sessions, a collection in pages, its members and their action. A system
 * refuses to be switched on when it is on, as many a service processor does.
 */
export async function standInRedfish(parts: RedfishParts): Promise<RedfishStandIn> {
  const { kind = "pdu", login, places = 2, page = 8 } = parts;
  const tokens = new Set<string>();
  let count = 0;
  const isKnown = ({ headers }: Heard): boolean => {
    if (login === undefined || tokens.has(String(headers["x-auth-token"]))) return true;
    return headers.authorization === `Basic ${btoa(`${login.user}:${login.password}`)}`;
  };
  const logIn = ({ body }: Heard): Said => {
    const { UserName, Password } = objectIn(body);
    if (UserName !== login?.user || Password !== login?.password) return failure(401, "The login is wrong.");
    if (tokens.size >= places) return failure(503, "The maximum number of sessions is in use.");
    count++;
    tokens.add(`token${count}`);
    const headers = { "x-auth-token": `token${count}`, location: `${sessions}/${count}` };
    return { ...json({ "@odata.id": `${sessions}/${count}` }), status: 201, headers };
  };
  const collection = kind === "pdu" ? "/redfish/v1/PowerEquipment/RackPDUs/1/Outlets" : "/redfish/v1/Systems";
  const idOf = (outlet: number): string => (kind === "pdu" ? `A${outlet}` : `blade${outlet}`);
  const listed = (query: string, outlets: Outlets): Said => {
    const skip = Number(new URLSearchParams(query).get("$skip") ?? 0);
    const all = Array.from({ length: outlets.count }, (_, at) => ({ "@odata.id": `${collection}/${idOf(at + 1)}` }));
    // By their names, as some services do it: A1, A10, A2.
    all.sort((a, b) => (a["@odata.id"] < b["@odata.id"] ? -1 : 1));
    const next = skip + page < all.length ? { "Members@odata.nextLink": `${collection}?$skip=${skip + page}` } : {};
    return json({ "Members@odata.count": all.length, Members: all.slice(skip, skip + page), ...next });
  };
  const member = (outlet: number, outlets: Outlets): Said => {
    const path = `${collection}/${idOf(outlet)}`;
    const [name, short] =
      kind === "pdu" ? ["Outlet.PowerControl", "Outlet"] : ["ComputerSystem.Reset", "ComputerSystem"];
    return json({
      "@odata.id": path,
      "@odata.type": `#${short}.v1_4_0.${short}`,
      Id: idOf(outlet),
      PowerState: outlets.isOn(outlet) ? "On" : "Off",
      ...(kind === "pdu" ? { PowerWatts: { Reading: outlets.watts(outlet) } } : {}),
      Actions: { [`#${name}`]: { target: `${path}/Actions/${name}` } },
    });
  };
  const act = (outlet: number, { body }: Heard, outlets: Outlets): Said => {
    const { PowerState, ResetType } = objectIn(body);
    const wanted = kind === "pdu" ? { On: true, Off: false } : { On: true, ForceOff: false };
    const on = Object.entries(wanted).find(([word]) => word === (kind === "pdu" ? PowerState : ResetType))?.[1];
    if (on === undefined) return failure(400, "The value is not one of the allowable values.");
    if (kind === "systems" && outlets.isOn(outlet) === on) return failure(409, "The system is in that state.");
    if (outlets.ask(outlet, on) === "refused") return failure(409, "The outlet is locked.");
    return { status: 204, body: "" };
  };
  const answer = (heard: Heard, outlets: Outlets): Said => {
    const { method, path } = heard;
    if (path === "/redfish/v1/")
      return json({ RedfishVersion: "1.15.0", Links: { Sessions: { "@odata.id": sessions } } });
    if (path === sessions && method === "POST") return logIn(heard);
    if (!isKnown(heard)) return failure(401, "Nobody is logged in.");
    if (path.startsWith(`${sessions}/`) && method === "DELETE")
      return tokens.delete(`token${path.slice(sessions.length + 1)}`)
        ? { status: 204, body: "" }
        : failure(404, "No session.");
    if (path === collection) return listed(heard.query, outlets);
    const [, id, action] = /^\/([A-Za-z]+\d+)(\/Actions\/[A-Za-z.]+)?$/.exec(path.slice(collection.length)) ?? [];
    const outlet = Number(/\d+$/.exec(id ?? "")?.[0]);
    if (!path.startsWith(collection) || id !== idOf(outlet) || outlet > outlets.count)
      return failure(404, "Not found.");
    return action !== undefined && method === "POST" ? act(outlet, heard, outlets) : member(outlet, outlets);
  };
  // Each question has a connection of its own: what is scarce here are sessions, not connections.
  const standIn = await standInHttp({ sessions: 16, ...parts }, answer);
  return Object.assign(standIn, { held: () => tokens.size, forgetSessions: () => tokens.clear() });
}

const sessions = "/redfish/v1/SessionService/Sessions";

function json(value: object): Said {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

function failure(status: number, message: string): Said {
  const error = { code: "Base.1.8.GeneralError", message, "@Message.ExtendedInfo": [{ Message: message }] };
  return { ...json({ error }), status };
}

function objectIn(body: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
