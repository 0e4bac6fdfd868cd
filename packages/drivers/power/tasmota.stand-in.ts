import { type StandIn, type StandInParts, standInHttp } from "./made.stand-in.ts";

/** A device that runs Tasmota. */
export type TasmotaParts = StandInParts & {
  readonly login?: { readonly user: string; readonly password: string };
  /** `each`: a list of watts by relay; `sum`: one number for all; `none`: no energy sensor. Absent: `each`. */
  readonly energy?: "each" | "sum" | "none";
};

/** A pretend device that runs Tasmota: `/cm?cmnd=Power1%20On`, `Status 8`, `Status 11`. */
export function standInTasmota(parts: TasmotaParts): Promise<StandIn> {
  const { login, energy = "each" } = parts;
  return standInHttp(parts, ({ path, query }, outlets) => {
    const said = new URLSearchParams(query);
    const tell = (value: object) => ({ body: JSON.stringify(value) });
    if (path !== "/cm") return { status: 404, body: "" };
    if (login !== undefined && (said.get("user") !== login.user || said.get("password") !== login.password))
      return tell({ WARNING: "Need user=<username>&password=<password>" });
    const all = Array.from({ length: outlets.count }, (_, at) => at + 1);
    const name = (outlet: number): string => (outlets.count === 1 ? "POWER" : `POWER${outlet}`);
    const state = (outlet: number) => [name(outlet), outlets.isOn(outlet) ? "ON" : "OFF"];
    const command = said.get("cmnd") ?? "";
    if (/^status 11$/i.test(command)) {
      return tell({ StatusSTS: { Time: "2024-05-01T12:00:00", Heap: 25, ...Object.fromEntries(all.map(state)) } });
    }
    if (/^status 8$/i.test(command)) {
      const watts = all.map((outlet) => outlets.watts(outlet));
      const power = energy === "each" && watts.length > 1 ? watts : watts.reduce((sum, each) => sum + each, 0);
      return tell({
        StatusSNS: { Time: "2024-05-01T12:00:00", ...(energy === "none" ? {} : { ENERGY: { Power: power } }) },
      });
    }
    const set = /^power(\d) (on|off)$/i.exec(command);
    if (set === null) return tell({ Command: "Unknown" });
    const [outlet, want] = [Number(set[1]), set[2]?.toLowerCase() === "on"];
    if (outlets.ask(outlet, want) === "refused") return tell({ Command: "Error" });
    return tell({ [name(outlet)]: want ? "ON" : "OFF" });
  });
}
