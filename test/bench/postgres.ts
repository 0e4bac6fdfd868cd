import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pause } from "./process.ts";

/** A PostgreSQL of our own: its data and its socket in `folder`, no TCP, fsync on as delivered. */
export type Postgres = AsyncDisposable & { readonly folder: string };

/**
 * Make and start one. Run by root it runs as Debian's user `postgres`.
 *
 * @returns a sentence where it cannot be had.
 */
export async function startPostgres(): Promise<Postgres | string> {
  const versions = existsSync(home)
    ? readdirSync(home).filter((name) => existsSync(join(home, name, "bin/initdb")))
    : [];
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined) return "PostgreSQL is not installed (Debian: apt-get install postgresql)";
  const program = (name: string): string => join(home, newest, "bin", name);
  const folder = mkdtempSync(join(tmpdir(), "bramble-postgres-"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const [uid, gid] = ["-u", "-g"].map((flag) => Number(spawnSync("id", [flag, "postgres"]).stdout));
    chownSync(folder, uid!, gid!);
  }
  const as = (file: string, args: readonly string[]): [string, string[]] =>
    isRoot ? ["runuser", ["-u", "postgres", "--", file, ...args]] : [file, [...args]];
  const data = join(folder, "data");
  const made = spawnSync(...as(program("initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "--no-instructions"]));
  if (made.status !== 0) return `initdb failed: ${String(made.stderr).trim().split("\n").at(-1)}`;
  const settings = ["listen_addresses=", `unix_socket_directories=${folder}`, "fsync=on", "max_wal_size=4GB"];
  const flags = settings.flatMap((setting) => ["-c", setting]);
  const server = spawn(...as(program("postgres"), ["-D", data, ...flags]), { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const isReady = (): boolean => spawnSync(program("pg_isready"), ["-q", "-h", folder]).status === 0;
  for (let tries = 0; !isReady(); tries++) {
    if (tries > 100 || server.exitCode !== null) return "PostgreSQL did not start";
    await pause(100);
  }
  return {
    folder,
    async [Symbol.asyncDispose]() {
      spawnSync(...as(program("pg_ctl"), ["-D", data, "-m", "fast", "-w", "stop"]));
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const home = "/usr/lib/postgresql";
