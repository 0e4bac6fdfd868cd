import { definePowerDriver, readSettings, whole } from "@bramble/core/power";
import { loginOf, notUnderstood, wattsOf, webOf, webSettings } from "./web.ts";

const settings = {
  ...webSettings,
  first: whole("Number of the first switch component, from 0.", 0, 15, 0),
};

/**
 * Shelly plugs and relays of the second generation and later, by their RPC over HTTP: `Switch.Set`, `Switch.GetStatus`
 * (`output`, `apower` in watts), digest login with SHA-256 as user `admin` (shelly-api-docs.shelly.cloud, Gen2+).
 */
export const shellyGen2 = definePowerDriver({
  id: "shelly-gen2",
  summary: "Shelly of the second generation or later, over HTTP; measures watts.",
  address: "host[:80]",
  settings,
  secrets: { password: "the device's password; its user is always admin" },
  async open(config, context) {
    const { pdu, outlets } = config;
    const { first, ...rest } = readSettings(config, settings);
    const web = webOf(config, context, rest, loginOf(config, "digest", "admin"));
    return {
      outlets,
      async set(outlet, on, signal) {
        const answer = await web.askJson(`/rpc/Switch.Set?id=${first + outlet - 1}&on=${on}`, signal);
        if (typeof answer.was_on !== "boolean") throw notUnderstood(pdu, JSON.stringify(answer), '{"was_on": …}');
      },
      async read(signal) {
        const readings = [];
        for (let id = first; id < first + outlets; id++) {
          const answer = await web.askJson(`/rpc/Switch.GetStatus?id=${id}`, signal);
          if (typeof answer.output !== "boolean") throw notUnderstood(pdu, JSON.stringify(answer), '{"output": …}');
          if (Array.isArray(answer.errors) && answer.errors.length > 0)
            context.log.warn({ pdu, switch: id, errors: answer.errors.slice(0, 4).map(String) }, "switch tells errors");
          readings.push({ on: answer.output, watts: wattsOf(answer.apower) });
        }
        return readings;
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});
