/** Who posts: `web:ada`, `cli:ada`, `mastodon:ada@example.org`. Saved values and order belong to the whole of it. */
export type User = { readonly scheme: string; readonly name: string };

/** Schemes that anybody may post under through REST; a name in them belongs to whoever posts first. */
export const claimedSchemes: readonly string[] = ["web", "cli"];

/**
 * Read a user as people type it: `ada` is `web:ada`. Letters, marks, digits and `_ . - @ '`, single spaces inside; 64 at most.
 *
 * @returns null when the text is no user.
 */
export function parseUser(text: string): User | null {
  const parts = SHAPE.exec(text.normalize("NFC").trim());
  if (parts === null || parts[2]!.length > 64) return null;
  return { scheme: parts[1] ?? "web", name: parts[2]! };
}

/** The user in one word, as it is stored. */
export function userText(user: User): string {
  return `${user.scheme}:${user.name}`;
}

/** What USER() gives inside a program: the name without its scheme. */
export function nameOfUser(text: string): string {
  return text.slice(text.indexOf(":") + 1);
}

const SHAPE = /^(?:([a-z]{2,16}):)?([\p{L}\p{M}\p{N}_.@'-]+(?: [\p{L}\p{M}\p{N}_.@'-]+)*)$/u;
