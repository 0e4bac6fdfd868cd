import type { PowerConfig } from "@bramble/core/power";
import { choice, definePowerDriver, PowerError, pattern, readSettings, text } from "@bramble/core/power";
import { notUnderstood, webOf, webSettings } from "./web.ts";

const settings = {
  ...webSettings,
  on: text("Path that switches an outlet on; `{outlet}` is its number from 1, `{outlet0}` from 0."),
  off: text("Path that switches it off."),
  query: text("Path that tells its state; `none`: there is no such path, and states are not known.", "none"),
  method: choice("How `on` and `off` are asked.", ["GET", "POST"], "GET"),
  body: text("Body of a POST, with the same placeholders; `none`: no body.", "none"),
  type: text("Content type of the body.", "application/json"),
  is_on: pattern("What the answer to `query` holds when the outlet is on.", /\bon\b|"?true"?|\b1\b/i),
  is_off: pattern("What it holds when the outlet is off.", /\boff\b|"?false"?|\b0\b/i),
  watts: pattern('What it holds before and around the watts, the number in brackets: `power":([0-9.]+)`.', /(?!)/),
};

/**
 * Any device or service with one path for on, one for off and perhaps one for the state, in the manner of MAAS's webhook
 * power type (maas.io/docs). A secret `authorization` is sent as that header, a `user` and `password` as basic login.
 */
export const webhook = definePowerDriver({
  id: "webhook",
  summary: "Anything with a path for on, one for off and one for the state over HTTP.",
  address: "host[:80]",
  settings,
  secrets: { authorization: "value of the Authorization header: `Bearer …`" },
  async open(config, context) {
    const { pdu, outlets } = config;
    const said = readSettings(config, settings);
    for (const key of ["on", "off", "query"] as const) checkPath(config, key, said[key]);
    const authorization = config.secret?.authorization;
    const headers = authorization === undefined ? {} : { authorization };
    const web = webOf(config, context, said, null);
    const filled = (template: string, outlet: number): string =>
      template.replaceAll("{outlet}", String(outlet)).replaceAll("{outlet0}", String(outlet - 1));
    return {
      outlets,
      async set(outlet, on, signal) {
        const path = filled(on ? said.on : said.off, outlet);
        const content = { headers: { ...headers, "content-type": said.type }, body: filled(said.body, outlet) };
        const more = said.method === "POST" && said.body !== "none" ? content : { headers };
        await web.ask(path, signal, { ...more, method: said.method });
      },
      async read(signal) {
        const readings = [];
        for (let outlet = 1; outlet <= outlets; outlet++) {
          if (said.query === "none") {
            readings.push({ on: null, watts: null });
            continue;
          }
          const { body } = await web.ask(filled(said.query, outlet), signal, { headers });
          const [isOn, isOff] = [said.is_on.test(body), said.is_off.test(body)];
          if (isOn === isOff) throw notUnderstood(pdu, body, isOn ? "only one of is_on and is_off" : "is_on or is_off");
          const watts = Number(said.watts.exec(body)?.[1] ?? Number.NaN);
          readings.push({ on: isOn, watts: watts >= 0 && watts < 1e6 ? watts : null });
        }
        return readings;
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});

function checkPath({ pdu }: PowerConfig, key: string, said: string): void {
  if (said === "none" && key === "query") return;
  const expected = "a path like /outlet/{outlet}/on was expected";
  if (!/^\/[\x21-\x7e]*$/.test(said)) throw new PowerError("power.config", pdu, `settings.${key}: ${expected}`);
}
