import { nearest } from "../base/index.ts";
import type { Resolving } from "./context.ts";
import type { Path } from "./document.ts";
import type { Cluster, Role, RoleContent } from "./model.ts";
import { resolveNodeSet } from "./node-set.ts";
import { foldersOfRole, isCleanPath, mayWrite, reservedRoleIds, roleLimits } from "./role-rules.ts";
import type { ClusterFile } from "./schema.ts";

/** The roles of the file, with every node set read against the cluster and every rule of a role looked at. */
export function resolveRoles(resolving: Resolving, cluster: Cluster): readonly Role[] {
  const written = resolving.file.roles ?? [];
  const holder = new Map<string, number>();
  const roles = written.map((role, i): Role => {
    const path = ["roles", i];
    checkId(resolving, role.id, [...path, "id"]);
    for (const board of boardsOf(resolving, cluster, role.for, [...path, "for"])) holder.set(board, i);
    const bytes = { left: roleLimits.roleBytes };
    return {
      id: role.id,
      text: role.text ?? null,
      for: role.for ?? null,
      boards: [],
      isRoot: role.root ?? false,
      env: Object.fromEntries(Object.entries(role.env ?? {}).map(([name, value]) => [name, String(value)])),
      files: readFiles(resolving, role, path, bytes),
      units: readUnits(resolving, role, path, bytes),
      start: readStart(resolving, role, [...path, "start"]),
    };
  });
  return roles.map((role, i) => ({
    ...role,
    boards: cluster.boards.flatMap(({ name }) => (holder.get(name) === i ? [name] : [])),
  }));
}

type Written = NonNullable<ClusterFile["roles"]>[number];
type Left = { left: number };

function checkId(resolving: Resolving, id: string, path: Path): void {
  if (reservedRoleIds.has(id))
    resolving.error("cluster.role", path, `"${id}" is a word of the command line`, { expected: "another name" });
  else resolving.declare(id, "role", path);
}

function boardsOf(resolving: Resolving, cluster: Cluster, set: string | undefined, path: Path): readonly string[] {
  if (set === undefined) return [];
  const read = resolveNodeSet(set, { cluster });
  if (read.kind === "ok") return read.boards;
  resolving.error("cluster.node-set", path, `"${set}" at character ${read.at + 1}: ${read.message}`, {
    expected: "a node set like @k01 or b[1-42]",
    nearest: read.nearest,
  });
  return [];
}

function readFiles(resolving: Resolving, role: Written, path: Path, bytes: Left): Role["files"] {
  const files = role.files ?? [];
  const whole = { id: role.id, isRoot: role.root ?? false };
  const seen = new Set<string>();
  atMost(resolving, files.length, roleLimits.files, "files", [...path, "files"]);
  return files.map((file, i) => {
    const at = [...path, "files", i];
    if (!mayWrite(whole, file.path))
      resolving.error("cluster.role", [...at, "path"], `the role ${role.id} may not write ${file.path}`, {
        expected: isCleanPath(file.path)
          ? `a path below ${foldersOfRole(role.id).join(", ")}, or \`root: true\``
          : "a path without . and ..",
      });
    if (seen.has(file.path))
      resolving.error("cluster.role", [...at, "path"], `${file.path} stands twice in the role ${role.id}`, {
        expected: "each file once",
      });
    seen.add(file.path);
    const mode = Number.parseInt(file.mode ?? "0644", 8);
    return { path: file.path, mode, content: readContent(resolving, file, file.path, at, bytes) };
  });
}

function readUnits(resolving: Resolving, role: Written, path: Path, bytes: Left): Role["units"] {
  const units = role.units ?? [];
  const seen = new Set<string>();
  atMost(resolving, units.length, roleLimits.units, "units", [...path, "units"]);
  return units.map((unit, i) => {
    const at = [...path, "units", i];
    if (role.root !== true && !/\.(service|timer)$/.test(unit.name))
      resolving.error("cluster.role", [...at, "name"], `only a root role may bring ${unit.name}`, {
        expected: "a .service or a .timer, or `root: true`",
      });
    if (seen.has(unit.name))
      resolving.error("cluster.role", [...at, "name"], `${unit.name} stands twice in the role ${role.id}`, {
        expected: "each unit once",
      });
    seen.add(unit.name);
    return {
      name: unit.name,
      isEnabled: unit.enable ?? true,
      content: readContent(resolving, unit, unit.name, at, bytes),
    };
  });
}

function readContent(
  resolving: Resolving,
  { from, text }: { readonly from?: string; readonly text?: string },
  what: string,
  path: Path,
  bytes: Left,
): RoleContent {
  if ((from === undefined) === (text === undefined))
    resolving.error("cluster.role", path, `${what} must say either from or text`, {
      expected: "from: a file beside the cluster file; or text: its content",
    });
  const content: RoleContent = from === undefined ? { kind: "text", text: text ?? "" } : { kind: "beside", from };
  const size = from === undefined ? new TextEncoder().encode(text ?? "").length : sizeOf(resolving, from, path);
  if (size > roleLimits.fileBytes)
    tooLarge(resolving, path, `${what} has ${size} octets`, `at most ${roleLimits.fileBytes} a file`);
  else if (size > bytes.left)
    tooLarge(resolving, path, `with ${what} the role is too large`, `at most ${roleLimits.roleBytes} octets in all`);
  bytes.left -= size;
  return content;
}

function sizeOf(resolving: Resolving, from: string, path: Path): number {
  const found = isCleanPath(from)
    ? (resolving.beside?.(from) ?? { kind: "file", bytes: 0 })
    : ({ kind: "none", why: "it leads out of the folder of the cluster file" } as const);
  if (found.kind === "file") return found.bytes;
  resolving.error("cluster.role-file", [...path, "from"], `${from} cannot be read: ${found.why}`, {
    expected: "a file in the folder of the cluster file or below",
  });
  return 0;
}

function tooLarge(resolving: Resolving, path: Path, message: string, expected: string): void {
  resolving.error("cluster.role-file", path, message, { expected });
}

function readStart(resolving: Resolving, role: Written, path: Path): Role["start"] {
  if (role.start === undefined) return null;
  const { run, as, timeout_s } = role.start;
  const [program = ""] = run;
  const at = [...path, "run", 0];
  const own = (role.files ?? []).find((file) => file.path === program);
  atMost(resolving, run.length, roleLimits.words, "words", [...path, "run"]);
  if (!program.startsWith("/") || !isCleanPath(program)) {
    const near = nearest(
      program,
      (role.files ?? []).map((file) => file.path),
    );
    resolving.error("cluster.role", at, `"${program.slice(0, 60)}" is no absolute path`, {
      expected: "the path of a program, like /opt/bramble/worker/start.sh",
      nearest: near,
    });
  } else if (own !== undefined && (Number.parseInt(own.mode ?? "0644", 8) & 0o111) === 0)
    resolving.error("cluster.role", at, `${program} is a file of this role that nobody may run`, {
      expected: 'mode: "0755" with that file',
    });
  if (as !== undefined && role.root !== true && as !== "bramble")
    resolving.error("cluster.role", [...path, "as"], `only a root role may run as ${as}`, {
      expected: "bramble, or `root: true`",
    });
  return { run, as: as ?? null, timeoutMs: (timeout_s ?? 60) * 1000 };
}

function atMost(resolving: Resolving, count: number, most: number, what: string, path: Path): void {
  if (count > most)
    resolving.error("cluster.role", path, `${count} ${what} are too many`, { expected: `at most ${most} ${what}` });
}
