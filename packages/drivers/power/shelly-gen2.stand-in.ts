import { createHash } from "node:crypto";
import { type Heard, type Said, type StandIn, type StandInParts, standInHttp } from "./made.stand-in.ts";

/** A Shelly with or without a password. */
export type ShellyParts = StandInParts & { readonly password?: string };

/** A pretend Shelly of the second generation: `Switch.Set`, `Switch.GetStatus`, digest login with SHA-256. */
export function standInShelly(parts: ShellyParts): Promise<StandIn> {
  const { password } = parts;
  let count = 0;
  return standInHttp(parts, (heard, outlets) => {
    if (password !== undefined && !isProven(heard, password, `nonce${count}`)) {
      const said = `Digest qop="auth", realm="${realm}", nonce="nonce${++count}", algorithm=SHA-256`;
      return { status: 401, headers: { "www-authenticate": said }, body: "" };
    }
    // A nonce is good for one question, as it was before firmware 2.
    count++;
    const query = new URLSearchParams(heard.query);
    const id = Number(query.get("id"));
    if (!/^\d$/.test(query.get("id") ?? "") || id >= parts.outlets)
      return failure(-105, `Argument 'id', value ${id} not found!`);
    if (heard.path === "/rpc/Switch.Set") {
      const wasOn = outlets.isOn(id + 1);
      if (outlets.ask(id + 1, query.get("on") === "true") === "refused") return failure(-109, "Locked by scheduler");
      return { body: JSON.stringify({ was_on: wasOn }) };
    }
    if (heard.path !== "/rpc/Switch.GetStatus") return { status: 404, body: "No handler for it" };
    const meter = { apower: outlets.watts(id + 1), voltage: 230.4, current: 0.1, aenergy: { total: 12.5 } };
    return { body: JSON.stringify({ id, source: "HTTP_in", output: outlets.isOn(id + 1), ...meter }) };
  });
}

const realm = "shellyplus1pm-a8032ab12345";

function failure(code: number, message: string): Said {
  return { status: 500, body: JSON.stringify({ code, message }) };
}

/** RFC 7616 section 3.4.1, written again from the document. */
function isProven({ method, path, query, headers }: Heard, password: string, nonce: string): boolean {
  const said = headers.authorization ?? "";
  const word = (key: string): string => new RegExp(`\\b${key}="?([^",]*)`).exec(said)?.[1] ?? "";
  const hash = (...parts: readonly string[]): string => createHash("sha256").update(parts.join(":")).digest("hex");
  const one = hash("admin", realm, password);
  const two = hash(method, `${path}?${query}`);
  const expected = hash(one, nonce, word("nc"), word("cnonce"), "auth", two);
  return said.startsWith("Digest ") && word("nonce") === nonce && word("response") === expected;
}
