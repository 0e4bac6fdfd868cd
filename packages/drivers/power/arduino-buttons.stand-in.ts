import { type StandIn, type StandInParts, standInHttp } from "./made.stand-in.ts";

/** How long a button is held for. */
export const pulseMs = 1000;

/** A pretend box of two solenoids: a button counts as on while it is held. */
export async function standInButtons(parts: Omit<StandInParts, "outlets">): Promise<StandIn> {
  const box: StandIn = await standInHttp({ ...parts, outlets: 2, isMute: true }, ({ method, query }, outlets) => {
    const words = /^reset=([01])&power=([01])$/.exec(query);
    if (method !== "GET" || words === null) return { status: 400, body: "reset and power were expected" };
    const pressed = [words[2] === "1" ? [1] : [], words[1] === "1" ? [2] : []].flat();
    for (const outlet of pressed) {
      if (outlets.ask(outlet, true) === "refused") return { status: 403, body: "no" };
      parts.clock.after(pulseMs, () => box.press(outlet, false));
    }
    return { body: "ok" };
  });
  return box;
}
