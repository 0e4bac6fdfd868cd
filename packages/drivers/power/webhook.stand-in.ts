import { type StandIn, type StandInParts, standInHttp } from "./made.stand-in.ts";

/** A pretend service with `/power/3/on`, `/power/3/off` and `/power/3`, in the manner of those that people write. */
export function standInHook(parts: StandInParts & { readonly authorization?: string }): Promise<StandIn> {
  return standInHttp(parts, ({ path, headers }, outlets) => {
    if (parts.authorization !== undefined && headers.authorization !== parts.authorization)
      return { status: 401, body: "" };
    const [, number, want] = /^\/power\/(\d{1,2})(?:\/(on|off))?$/.exec(path) ?? [];
    const outlet = Number(number);
    if (number === undefined || outlet < 1 || outlet > outlets.count) return { status: 404, body: "" };
    if (want !== undefined && outlets.ask(outlet, want === "on") === "refused") return { status: 409, body: "locked" };
    return {
      body: JSON.stringify({ status: outlets.isOn(outlet) ? "running" : "stopped", watts: outlets.watts(outlet) }),
    };
  });
}
