import { definePowerDriver, flag, PowerError, readSettings } from "@bramble/core/power";
import { loginOf, notUnderstood, webOf, webSettings } from "./web.ts";

const settings = {
  ...webSettings,
  inverted: flag("1 means off in its status: some firmware of the NP-0801DUG2 tells it so.", false),
};

/**
 * Synaccess netBooter by its `cmd.cgi` (NP-02B, NP-05B, NP-0801D, …; user's manual, "HTTP commands"): `$A3 <outlet> <0|1>`
 * answers `$A0`, or `$AF` when it refuses; `$A5` answers `$A0,<states>[,<amps>[,<temperature>]]`, the states from the
 * last outlet to the first. The amps are those of the whole PDU: no outlet has watts of its own.
 */
export const synaccessHttp = definePowerDriver({
  id: "synaccess-http",
  summary: "Synaccess netBooter (NP-02B, NP-05B, …) by cmd.cgi over HTTP; tells amps in all, no watts.",
  address: "host[:80]",
  settings,
  secrets: { user: "absent: admin", password: "the password of its web page" },
  async open(config, context) {
    const { pdu, outlets } = config;
    const { inverted, ...rest } = readSettings(config, settings);
    const web = webOf(config, context, rest, loginOf(config, "basic", "admin"));
    const command = async (said: string, signal: AbortSignal): Promise<string> => {
      const { body } = await web.ask(`/cmd.cgi?${said.replaceAll(" ", "%20")}`, signal);
      const answer = body.trim();
      if (answer.startsWith("$AF")) throw new PowerError("power.refused", pdu, `it refuses ${said}`);
      if (!/^\$A0(,|$)/.test(answer)) throw notUnderstood(pdu, answer, "$A0 or $AF");
      return answer;
    };
    return {
      outlets,
      async set(outlet, on, signal) {
        await command(`$A3 ${outlet} ${on ? 1 : 0}`, signal);
      },
      async read(signal) {
        const answer = await command("$A5", signal);
        const states = /^\$A0,([01]{1,32})(,|$)/.exec(answer)?.[1];
        if (states === undefined) throw notUnderstood(pdu, answer, "$A0,<states>");
        return Array.from({ length: outlets }, (_, at) => {
          const state = states.at(-1 - at);
          return { on: state === undefined ? null : (state === "1") !== inverted, watts: null };
        });
      },
      async load(signal) {
        const amps = /^\$A0,[01]+,(\d{1,3}(?:\.\d{1,3})?)(,|$)/.exec(await command("$A5", signal))?.[1];
        return amps === undefined ? [] : [{ name: "input", amps: Number(amps), watts: null }];
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});
