import { type StandIn, type StandInParts, standInHttp } from "./made.stand-in.ts";

/** A Turing Pi 2 by its firmware. */
export type TuringPiParts = Omit<StandInParts, "outlets"> & {
  /** 1 asks for no login and tells the nodes without `result`. Absent: 2. */
  readonly firmware?: 1 | 2;
  readonly login?: { readonly user: string; readonly password: string };
};

/** A pretend BMC of a Turing Pi 2; `forgetTokens` makes every token that it gave out void. */
export async function standInTuringPi(parts: TuringPiParts): Promise<StandIn & { forgetTokens(): void }> {
  const { firmware = 2, login } = parts;
  const tokens = new Set<string>();
  let count = 0;
  const bmc = await standInHttp({ ...parts, outlets: 4 }, ({ method, path, query, headers, body }, outlets) => {
    if (path === "/api/bmc/authenticate") {
      const wanted = JSON.stringify({ username: login?.user, password: login?.password });
      if (method !== "POST" || body !== wanted) return { status: 403, body: "Authentication failed" };
      const token = `token-${++count}`;
      tokens.add(token);
      return { body: JSON.stringify({ id: token, name: "User Session" }) };
    }
    const [way, proof = ""] = (headers.authorization ?? "").split(" ");
    const basic = login === undefined ? "" : btoa(`${login.user}:${login.password}`);
    const isIn = login === undefined || (way === "Bearer" ? tokens.has(proof) : way === "Basic" && proof === basic);
    if (!isIn) return { status: 401, body: "" };
    const said = new URLSearchParams(query);
    const tell = (result: unknown) => ({ body: JSON.stringify({ response: [result] }) });
    if (path !== "/api/bmc" || said.get("type") !== "power") return { status: 400, body: "Bad request" };
    if (said.get("opt") === "get") {
      const nodes = [1, 2, 3, 4].map((node) => [`node${node}`, outlets.isOn(node) ? 1 : 0]);
      return tell(firmware === 1 ? Object.fromEntries(nodes) : { result: [Object.fromEntries(nodes)] });
    }
    for (const node of [1, 2, 3, 4]) {
      const want = said.get(`node${node}`);
      if (want !== null && outlets.ask(node, want === "1") === "refused") return tell({ result: "node is locked" });
    }
    return tell({ result: "ok" });
  });
  return Object.assign(bmc, { forgetTokens: () => tokens.clear() });
}
