import { definePowerDriver, PowerError, readAddress, readSettings, text } from "@bramble/core/power";
import { webOf } from "./web.ts";

const settings = {
  path: text("Path before the query.", "/"),
};

/**
 * A box with two solenoids that press a server's buttons: outlet 1 is its power button, outlet 2 its reset button.
 * `GET /?reset=0&power=1` presses power once; the box holds the button for its own pulse (a second) and lets go. To
 * switch one on is to press it; to switch it off asks for nothing. Whether the server is on nobody can read here.
 */
export const arduinoButtons = definePowerDriver({
  id: "arduino-buttons",
  summary: "Solenoids on a server's power (1) and reset (2) buttons, by a GET; tells no state.",
  address: "host[:80]",
  settings,
  async open(config, context) {
    const { pdu, outlets } = config;
    const { path } = readSettings(config, settings);
    if (outlets > 2) throw new PowerError("power.config", pdu, `it has 2 buttons, not ${outlets}`);
    if (!/^\/[\w./-]*$/.test(path))
      throw new PowerError("power.config", pdu, "settings.path: a path like / was expected");
    const where = readAddress(config, 80);
    const web = webOf(config, context, { tls: false, certificate: "public" }, null);
    return {
      outlets,
      async set(outlet, on, signal) {
        if (on) await web.ask(`${path}?reset=${outlet === 2 ? 1 : 0}&power=${outlet === 1 ? 1 : 0}`, signal);
      },
      async read(signal) {
        // To ask it anything may press something: that it takes a connection is all we try.
        await using line = await context.transport.connect(where, signal);
        return line === null ? [] : Array.from({ length: outlets }, () => ({ on: null, watts: null }));
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});
