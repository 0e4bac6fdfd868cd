import { choice, definePowerDriver, flag, PowerError, readSettings } from "@bramble/core/power";
import {
  isObject,
  type JsonObject,
  loginOf,
  notUnderstood,
  parseObject,
  type Web,
  type WebLogin,
  webOf,
  webSettings,
} from "./web.ts";

const settings = {
  ...webSettings,
  tls: flag("Speak https, as its firmware does since 2.0.", true),
  login: choice("How the login of the secrets file is told.", ["bearer", "basic"], "bearer"),
};

/**
 * The four modules of a Turing Pi 2 by its BMC (docs.turingpi.com, "BMC API"): `opt=set&type=power&node1=1`,
 * `opt=get&type=power`; since firmware 2.0 with a token of `/api/bmc/authenticate`, or a basic login.
 */
export const turingPi2 = definePowerDriver({
  id: "turing-pi-2",
  summary: "Turing Pi 2: the power of its four modules, by its BMC over HTTP; tells no watts.",
  address: "host[:443]",
  settings,
  secrets: { user: "absent: root", password: "the password of the BMC" },
  async open(config, context) {
    const { pdu, outlets } = config;
    if (outlets > 4) throw new PowerError("power.config", pdu, `a Turing Pi 2 has 4 modules, not ${outlets}`);
    const { login: way, ...rest } = readSettings(config, settings);
    const login = loginOf(config, "basic", "root");
    const web = webOf(config, context, rest, way === "basic" ? login : null);
    const ask = way === "bearer" && login !== null ? withToken(web, pdu, login) : web.askJson;
    const power = async (query: string, signal: AbortSignal): Promise<unknown> => {
      const answer = await ask(`/api/bmc?opt=${query}`, signal);
      const [first]: readonly unknown[] = Array.isArray(answer.response) ? answer.response : [];
      if (!isObject(first)) throw notUnderstood(pdu, JSON.stringify(answer), '{"response": […]}');
      // Firmware 2 puts it under `result`, firmware 1 told the nodes directly.
      const result = first.result ?? first;
      return Array.isArray(result) ? result[0] : result;
    };
    return {
      outlets,
      async set(outlet, on, signal) {
        const result = await power(`set&type=power&node${outlet}=${on ? 1 : 0}`, signal);
        if (result === "ok") return;
        if (typeof result === "string") throw new PowerError("power.refused", pdu, `it says "${result.slice(0, 100)}"`);
        throw notUnderstood(pdu, JSON.stringify(result ?? null), '"ok"');
      },
      async read(signal) {
        const nodes = await power("get&type=power", signal);
        if (!isObject(nodes) || !("node1" in nodes))
          throw notUnderstood(pdu, JSON.stringify(nodes ?? null), "node1 to node4");
        return Array.from({ length: outlets }, (_, at) => {
          const said = String(nodes[`node${at + 1}`]);
          return { on: said === "1" ? true : said === "0" ? false : null, watts: null };
        });
      },
      async [Symbol.asyncDispose]() {},
    };
  },
});

/** Questions with a token, fetched at the first one and once more when it is no longer taken. */
function withToken(web: Web, pdu: string, { user, password }: WebLogin): Web["askJson"] {
  let token: string | null = null;
  const fetchToken = async (signal: AbortSignal): Promise<string> => {
    const body = JSON.stringify({ username: user, password });
    const headers = { "content-type": "application/json" };
    const answer = await web.ask("/api/bmc/authenticate", signal, { method: "POST", headers, body });
    const said = answer.headers["x-auth-token"] ?? parseObject(answer.body)?.id;
    if (typeof said === "string" && /^[\x21-\x7e]{1,1000}$/.test(said)) return said;
    throw new PowerError("power.answer", pdu, "it gives no token for the login");
  };
  return async (path, signal): Promise<JsonObject> => {
    const isFresh = token === null;
    token ??= await fetchToken(signal);
    try {
      return await web.askJson(path, signal, { headers: { authorization: `Bearer ${token}` } });
    } catch (thrown) {
      if (isFresh || !(thrown instanceof PowerError && thrown.message.includes("401"))) throw thrown;
      token = await fetchToken(signal);
      return web.askJson(path, signal, { headers: { authorization: `Bearer ${token}` } });
    }
  };
}
