import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** The player token that `user` got from this head at the first post, or null. */
export function tokenOf(head: string, user: string): string | null {
  return readTokens()[`${head} ${user}`] ?? null;
}

/** Keeps a player token for the next post, readable by this user of the computer only. */
export function rememberToken(head: string, user: string, token: string): void {
  const file = tokenFile();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify({ ...readTokens(), [`${head} ${user}`]: token }, null, 2), { mode: 0o600 });
}

function readTokens(): Record<string, string> {
  try {
    return JSON.parse(readFileSync(tokenFile(), "utf8")) as Record<string, string>;
  } catch {
    return {};
  }
}

function tokenFile(): string {
  return join(process.env.XDG_CONFIG_HOME ?? join(homedir(), ".config"), "bramble", "players.json");
}
