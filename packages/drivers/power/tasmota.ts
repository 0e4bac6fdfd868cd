import { definePowerDriver, flag, PowerError, readSettings } from "@bramble/core/power";
import { isObject, type JsonObject, loginOf, notUnderstood, wattsOf, webOf, webSettings } from "./web.ts";

const settings = {
  ...webSettings,
  meters: flag("It has an energy sensor: ask for watts too (`Status 8`).", true),
};

/**
 * Anything that runs Tasmota, by its web commands `/cm?cmnd=…`: `Power1 On`, `Status 11` for all relays, `Status 8` for
 * watts (tasmota.github.io/docs/Commands). A login goes into the query, as Tasmota wants it; it is never logged.
 */
export const tasmota = definePowerDriver({
  id: "tasmota",
  summary: "Plugs and relays that run Tasmota, over HTTP; measures watts where the plug does.",
  address: "host[:80]",
  settings,
  secrets: { user: "absent: admin", password: "Tasmota's web password" },
  async open(config, context) {
    const { pdu, outlets } = config;
    const { meters, ...rest } = readSettings(config, settings);
    const web = webOf(config, context, rest, null);
    const login = loginOf(config, "basic", "admin");
    const command = async (said: string, signal: AbortSignal): Promise<JsonObject> => {
      const who =
        login === null ? "" : `user=${encodeURIComponent(login.user)}&password=${encodeURIComponent(login.password)}&`;
      const answer = await web.askJson(`/cm?${who}cmnd=${encodeURIComponent(said)}`, signal);
      // Old firmware answers 200 and this to a wrong login.
      if (answer.WARNING !== undefined)
        throw new PowerError("power.refused", pdu, "it does not take the login; see --secrets");
      if (answer.Command !== undefined) throw new PowerError("power.refused", pdu, `it does not know "${said}"`);
      return answer;
    };
    /** A device of one relay calls it POWER, one of several POWER1, POWER2, … */
    const relay = (states: JsonObject, outlet: number): boolean | null => {
      const said = states[`POWER${outlet}`] ?? (outlet === 1 ? states.POWER : undefined);
      return said === "ON" ? true : said === "OFF" ? false : null;
    };
    return {
      outlets,
      async set(outlet, on, signal) {
        const answer = await command(`Power${outlet} ${on ? "On" : "Off"}`, signal);
        if (relay(answer, outlet) === null) throw notUnderstood(pdu, JSON.stringify(answer), `{"POWER${outlet}": …}`);
      },
      async read(signal) {
        const status = (await command("Status 11", signal)).StatusSTS;
        if (!isObject(status)) throw notUnderstood(pdu, JSON.stringify(status ?? null), "StatusSTS");
        const sensors = meters ? (await command("Status 8", signal)).StatusSNS : null;
        const energy = isObject(sensors) && isObject(sensors.ENERGY) ? sensors.ENERGY.Power : null;
        return Array.from({ length: outlets }, (_, at) => ({
          on: relay(status, at + 1),
          // One number for several relays is their sum: of no single one it is known.
          watts: Array.isArray(energy) ? wattsOf(energy[at]) : outlets === 1 ? wattsOf(energy) : null,
        }));
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});
