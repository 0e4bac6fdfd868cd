import { type Document, parseDocument } from "yaml";

/** What the secrets file says, by PDU; or why it cannot be used, without a word of what it holds. */
export type Secrets =
  | { readonly kind: "read"; readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>> }
  | { readonly kind: "wrong"; readonly why: string };

/**
 * Read a secrets file: YAML (or JSON), an entry of texts for each PDU: `pdu1: { user: admin, password: "…" }`.
 * Numbers are not taken for texts: `0123` would lose its nought.
 */
export function parseSecrets(source: string): Secrets {
  if (source.length > 1_000_000) return wrong("it is larger than a megabyte");
  const document = parseDocument(source, { schema: "core", uniqueKeys: true });
  const [mistake] = document.errors;
  // The library's message quotes the line: its place has to do.
  if (mistake !== undefined) return wrong(`line ${mistake.linePos?.[0].line ?? "?"} is no YAML`);
  const value = plainOf(document);
  if (value === undefined) return wrong("it has aliases (*name), which it may not");
  if (!isObject(value))
    return value === null ? { kind: "read", secrets: {} } : wrong("PDUs with their secrets were expected");
  const secrets: Record<string, Record<string, string>> = {};
  for (const [pdu, entry] of Object.entries(value)) {
    const name = pdu.slice(0, 60);
    if (!isObject(entry)) return wrong(`${name}: keys and texts were expected`);
    for (const [key, text] of Object.entries(entry)) {
      if (typeof text !== "string" || text === "" || text.length > 4096)
        return wrong(`${name}: ${key.slice(0, 60)} is not a text of 1 to 4096 characters; numbers need quotes`);
    }
    secrets[pdu] = entry as Record<string, string>;
  }
  return { kind: "read", secrets };
}

/** Its value, or undefined where it uses aliases. */
function plainOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(why: string): Secrets {
  return { kind: "wrong", why };
}
