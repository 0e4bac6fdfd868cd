import { createHash } from "node:crypto";
import type { Logger } from "@bramble/core/base";
import { messageOf } from "@bramble/core/base";
import { roleLimits } from "@bramble/core/cluster";
import { decodeRole, type RoleBundle, type RoleFile, type RoleRef, type RoleStart, roleUser } from "@bramble/core/work";
import { failureOf, RoleFailure } from "./failure.ts";
import type { RoleFiles } from "./role-files.ts";
import type { RoleApplier } from "./role-keeper.ts";
import { roleUnits } from "./role-units.ts";
import type { ProgramEnd, RunProgram } from "./run-program.ts";

/** What a role is applied with. */
export type DiskApplierParts = {
  /** The board's file system: roles' files, units, users. */
  readonly files: RoleFiles;
  /** Where the last good role is kept, a folder of `files`. */
  readonly state: string;
  /** Whether roles that ask for root are taken. */
  readonly allowsRoot: boolean;
  /** Whether the agent itself is root. */
  readonly isRoot: boolean;
  /** New at every start of the board. */
  readonly bootId: string;
  readonly run: RunProgram;
  readonly log: Logger;
};

/**
 * Applies roles to this machine. `<state>/good` is the last good role, `<state>/boot` the start of the board that it was
 * applied in, `<state>/next` one that is being applied: where that is found at a start, a crash left it.
 */
export function diskApplier(parts: DiskApplierParts): RoleApplier {
  const { files, state, log } = parts;
  const [good, next, boot] = [`${state}/role.good`, `${state}/role.next`, `${state}/role.boot`];
  const never = new AbortController().signal;

  const kept = async (path: string): Promise<{ role: RoleBundle; ref: RoleRef } | null> => {
    const bytes = await files.read(path);
    if (bytes === null) return null;
    try {
      const role = decodeRole(bytes);
      return { role, ref: { id: role.id, checksum: createHash("sha256").update(bytes).digest("hex") } };
    } catch (thrown) {
      log.warn({ path, why: messageOf(thrown) }, "kept role cannot be read");
      await files.remove(path);
      return null;
    }
  };
  const systemctl = (...words: readonly string[]): Promise<ProgramEnd> =>
    parts.run(["/usr/bin/systemctl", ...words], { env: plainEnv, timeoutMs: systemctlMs, signal: never });
  const units = roleUnits({ files, systemctl });
  const hasSystemd = (): Promise<boolean> => files.exists("/run/systemd/system");

  /** Puts `role` in the place of `before`. Each step may be done again. */
  const replace = async (role: RoleBundle | null, before: RoleBundle | null, isUndo: boolean): Promise<void> => {
    const withUnits = await hasSystemd();
    const paths = new Set(role?.files.map(({ path }) => path));
    const names = new Set(role?.units.map(({ name }) => name));
    const gone = before?.files.filter(({ path }) => !paths.has(path)) ?? [];
    if (withUnits) {
      const old = before?.units.filter(({ name }) => !names.has(name)) ?? [];
      await at("units", () => units.remove(old, !isUndo));
    }
    await at(role === null ? "remove" : "files", () => changeFiles(role, before, gone));
    if (role === null || !withUnits || role.units.length === 0) return;
    await at("units", () => units.place(role, before?.units ?? []));
    await at("units", () => units.start(role));
  };
  const changeFiles = async (role: RoleBundle | null, before: RoleBundle | null, gone: readonly RoleFile[]) => {
    for (const { path } of gone) await files.remove(path);
    for (const { path, bytes, mode } of role?.files ?? []) await files.write(path, bytes, mode);
    if (before !== null)
      await files.tidy(
        before.id,
        gone.map(({ path }) => path),
      );
  };

  const start = async ({ id, isRoot, env, start }: RoleBundle, signal: AbortSignal): Promise<void> => {
    if (start === null) return;
    const user = await userFor({ isRoot, start });
    const ended = await at("start", () =>
      parts.run(start.run, {
        env: { ...plainEnv, ...user?.env, BRAMBLE_ROLE: id, ...Object.fromEntries(env) },
        user,
        ...{ timeoutMs: start.timeoutMs, signal },
      }),
    );
    if (ended.code === 0) return;
    const printed = ended.output === "" ? "" : `: ${ended.output}`;
    if (ended.isTimedOut)
      throw new RoleFailure("start", `ended after ${start.timeoutMs / 1000} s without an end${printed}`);
    throw new RoleFailure("start", ended.code === null ? `was killed${printed}` : `exit code ${ended.code}${printed}`);
  };

  /** The account that a start runs under; undefined: the agent's own. @throws RoleFailure */
  const userFor = async ({ isRoot, start }: { isRoot: boolean; start: RoleStart | null }) => {
    const name = isRoot ? (start?.as ?? null) : roleUser;
    if (!parts.isRoot || name === null || name === "root") return undefined;
    const users = new TextDecoder().decode((await files.read("/etc/passwd")) ?? new Uint8Array());
    const line = users.split("\n").find((each) => each.startsWith(`${name}:`));
    const [, , uid = "", gid = "", , folder = "/"] = line?.split(":") ?? [];
    if (!/^[1-9]\d*$/.test(uid) || !/^\d+$/.test(gid))
      throw new RoleFailure("allow", `there is no user ${name} on this board`);
    return { uid: Number(uid), gid: Number(gid), env: { USER: name, LOGNAME: name, HOME: folder } };
  };

  const allow = async (role: RoleBundle): Promise<void> => {
    if (role.isRoot && !parts.allowsRoot)
      throw new RoleFailure(
        "allow",
        "this agent takes no role that asks for root (it was not started with --roles root)",
      );
    if (role.isRoot && !parts.isRoot)
      throw new RoleFailure("allow", "the role asks for root, and the agent is not root");
    if (role.units.length > 0 && !parts.isRoot && (await hasSystemd()))
      throw new RoleFailure("allow", "the role has units, and an agent that is not root cannot give them to systemd");
    if (role.units.length > 0 || role.start !== null) await userFor(role);
  };

  const undo = async (role: RoleBundle, before: RoleBundle | null): Promise<string> => {
    try {
      await replace(before, role, true);
      await files.remove(next);
      return "";
    } catch (thrown) {
      log.error({ role: role.id, why: messageOf(thrown) }, "what was before a role cannot be put back");
      return `; and what was before could not be put back whole: ${messageOf(thrown)}`;
    }
  };

  return {
    async begin(signal) {
      const [half, last] = [await kept(next), await kept(good)];
      if (half !== null) {
        log.warn({ role: half.role.id }, "a role was half applied; putting back what was before");
        await undo(half.role, last?.role ?? null);
      }
      if (last === null) return null;
      const appliedIn = new TextDecoder().decode((await files.read(boot)) ?? new Uint8Array());
      if (appliedIn === parts.bootId) return last.ref;
      await allow(last.role);
      await replace(last.role, null, false);
      await start(last.role, signal);
      await files.write(boot, new TextEncoder().encode(parts.bootId), 0o600);
      return last.ref;
    },
    async apply(_ref, role, bytes, signal) {
      await allow(role);
      const before = (await kept(good))?.role ?? null;
      if (bytes.length > roleLimits.bundleBytes) throw new RoleFailure("files", "the role is too large");
      await at("files", () => files.write(next, bytes, 0o600));
      try {
        await replace(role, before, false);
        await start(role, signal);
        await at("files", () => files.write(boot, new TextEncoder().encode(parts.bootId), 0o600));
        await at("files", () => files.write(good, bytes, 0o600));
      } catch (thrown) {
        const { step, message } = failureOf("files", thrown);
        throw new RoleFailure(step, `${message}${await undo(role, before)}`, { cause: thrown });
      }
      await files.remove(next);
      const leftOut = role.units.length > 0 && !(await hasSystemd());
      return leftOut ? `no systemd on this board: ${role.units.length} units left out` : null;
    },
    async remove() {
      const last = await kept(good);
      if (last !== null) await replace(null, last.role, false);
      await files.remove(good);
      await files.remove(boot);
    },
  };
}

/** Whatever goes wrong in `work` goes wrong at `step`. */
async function at<T>(step: RoleFailure["step"], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw failureOf(step, thrown);
  }
}

const plainEnv = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LANG: "C.UTF-8",
} as const;
const systemctlMs = 90_000;
