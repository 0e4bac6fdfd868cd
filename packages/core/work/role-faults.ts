import {
  envNamePattern,
  linePattern,
  mayWrite,
  reservedRoleIds,
  roleIdPattern,
  roleLimits,
  unitNamePattern,
} from "../cluster/index.ts";
import type { RoleBundle, RoleStart } from "./role-bundle.ts";
import { faultOfUnit, roleUser } from "./role-unit.ts";

/**
 * Why nobody should apply this role, as a sentence; or null. The head asks before it gives a role out, and every agent asks
 * again: what came over the wire is believed by neither its name nor its sender.
 */
export function faultOfRole(role: RoleBundle): string | null {
  if (!new RegExp(roleIdPattern).test(role.id) || reservedRoleIds.has(role.id)) return "its name is none";
  return faultOfFiles(role) ?? faultOfEnv(role) ?? faultOfUnits(role) ?? faultOfStart(role);
}

function faultOfFiles(role: RoleBundle): string | null {
  const paths = new Set(role.files.map(({ path }) => path));
  if (role.files.length > roleLimits.files) return `${role.files.length} files are too many`;
  if (paths.size < role.files.length) return "a file stands twice";
  let bytes = 0;
  for (const file of role.files) {
    bytes += file.bytes.length;
    if (!mayWrite(role, file.path)) return `it may not write ${shown(file.path)}`;
    // No set-user-ID bit, no sticky one.
    if (file.mode < 0 || file.mode > 0o777) return `${file.path} has a mode that no file of a role has`;
    if (file.bytes.length > roleLimits.fileBytes) return `${file.path} is too large`;
    if (foldersAbove(file.path).some((folder) => paths.has(folder))) return `${file.path} lies in a file`;
  }
  return bytes > roleLimits.roleBytes ? "its files are too large together" : null;
}

function faultOfEnv({ env }: RoleBundle): string | null {
  if (env.length > roleLimits.env) return `${env.length} variables are too many`;
  if (new Set(env.map(([name]) => name)).size < env.length) return "a variable stands twice";
  for (const [name, value] of env) {
    if (!new RegExp(envNamePattern).test(name)) return `"${shown(name)}" is no name of a variable`;
    if (value.length > roleLimits.envChars || !new RegExp(linePattern).test(value))
      return `the value of ${name} is no line of text`;
  }
  return null;
}

function faultOfUnits(role: RoleBundle): string | null {
  if (role.units.length > roleLimits.units) return `${role.units.length} units are too many`;
  if (new Set(role.units.map(({ name }) => name)).size < role.units.length) return "a unit stands twice";
  for (const unit of role.units) {
    if (!new RegExp(unitNamePattern).test(unit.name)) return `"${shown(unit.name)}" is no name of a unit`;
    if (unit.text.length > roleLimits.unitChars) return `${unit.name} is too long`;
    const fault = faultOfUnit(role, unit);
    if (fault !== null) return fault;
  }
  return null;
}

function faultOfStart(role: RoleBundle): string | null {
  const { start } = role;
  if (start === null) return null;
  if (!role.isRoot && start.as !== null && start.as !== roleUser)
    return `only a root role may run as ${shown(start.as)}`;
  if (start.as !== null && !/^[a-z_][a-z0-9_-]{0,31}$/.test(start.as)) return "it would run as nobody's name";
  if (start.timeoutMs < 1 || start.timeoutMs > roleLimits.startSeconds * 1000) return "its start has no sound timeout";
  return faultOfWords(start, role);
}

function faultOfWords({ run }: RoleStart, role: RoleBundle): string | null {
  const [program = ""] = run;
  if (run.length === 0 || run.length > roleLimits.words) return "its start has no words, or too many";
  if (run.some((word) => word.length > roleLimits.wordChars || !new RegExp(linePattern).test(word)))
    return "its start has a word that is no line of text";
  // Whatever a role may run, its program is named by a clean path.
  if (!mayWrite({ ...role, isRoot: true }, program)) return `"${shown(program)}" is no absolute path`;
  const own = role.files.find(({ path }) => path === program);
  return own !== undefined && (own.mode & 0o111) === 0 ? `${program} is a file that nobody may run` : null;
}

function foldersAbove(path: string): readonly string[] {
  const steps = path.split("/");
  return steps.slice(2).map((_, i) => steps.slice(0, i + 2).join("/"));
}

function shown(text: string): string {
  return text.slice(0, 80);
}
