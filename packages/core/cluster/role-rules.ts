/** How large a role may be. */
export const roleLimits = {
  fileBytes: 2 ** 20,
  roleBytes: 8 * 2 ** 20,
  files: 200,
  units: 20,
  unitChars: 65_536,
  env: 100,
  envChars: 4096,
  words: 64,
  wordChars: 4096,
  startSeconds: 600,
  /** Of the whole bundle: its files, and what tells of them. */
  bundleBytes: 10 * 2 ** 20,
} as const;

/** A role's name: it stands in paths, URLs and file names. */
export const roleIdPattern = "^[a-z][a-z0-9-]{0,31}$";
/** An absolute path of plain characters, one slash between two names. */
export const rolePathPattern = "^(/[A-Za-z0-9._@+:,=~-]{1,200}){1,32}$";
/** A path beside the cluster file. */
export const besidePattern = "^[A-Za-z0-9._@+:,=~-]{1,200}(/[A-Za-z0-9._@+:,=~-]{1,200}){0,15}$";
/** A unit that systemd reads. */
export const unitNamePattern = "^[A-Za-z0-9_.@:-]{1,100}\\.(service|timer|socket|path|target)$";
/** A variable's name. */
export const envNamePattern = "^[A-Za-z_][A-Za-z0-9_]{0,99}$";
/** One line of text. */
export const linePattern = "^[^\\u0000-\\u001f\\u007f]*$";

/** Words of the command line and the API that no role may be called by. */
export const reservedRoleIds: ReadonlySet<string> = new Set(["none", "file", "state", "apply", "assignments"]);

/** No step of it leads back or nowhere: `/a/../b`, `./a`, `/a/.`. */
export function isCleanPath(path: string): boolean {
  return !path.split("/").some((step) => step === "." || step === "..");
}

/** The folders that belong to a role: it may write there, and nowhere else unless it is a root role. */
export function foldersOfRole(id: string): readonly string[] {
  return [`/etc/bramble/roles/${id}/`, `/opt/bramble/${id}/`, `/run/bramble/roles/${id}/`];
}

/** Whether a file of this role may stand at `path`. */
export function mayWrite(role: { readonly id: string; readonly isRoot: boolean }, path: string): boolean {
  if (!new RegExp(rolePathPattern).test(path) || !isCleanPath(path)) return false;
  return role.isRoot || foldersOfRole(role.id).some((folder) => path.startsWith(folder));
}
