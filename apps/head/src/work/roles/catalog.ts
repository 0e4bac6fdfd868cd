import { createHash } from "node:crypto";
import { ClusterError, messageOf } from "@bramble/core/base";
import type { Role } from "@bramble/core/cluster";
import { bundleOf, encodeRole, faultOfRole, type RoleBundle } from "@bramble/core/work";

/** A role that is ready to be given out. */
export type CatalogRole = {
  readonly role: Role;
  readonly bundle: RoleBundle;
  /** Its bytes, and their SHA-256 in hex. */
  readonly bytes: Uint8Array;
  readonly checksum: string;
};

/** The roles of the cluster file, with their contents in memory. */
export type Catalog = {
  /** In the order of the file. */
  all(): readonly CatalogRole[];
  byId(id: string): CatalogRole | null;
  /** The role that the file gives to each board. */
  filed(): ReadonlyMap<string, string>;
  /** The bytes of a role as it is, or as it was before the last reload: a board may be about to fetch them. */
  bytes(id: string, checksum: string): Uint8Array | null;
  /**
   * Read the file again.
   *
   * @throws ClusterError `role.file` when it is wrong now; then all stays as it was.
   */
  reload(): void;
};

/** What a catalog reads. */
export type CatalogSource = {
  /** The roles of the file now. May throw. */
  readonly roles: () => readonly Role[];
  /** A file beside it. May throw. */
  readonly read: (from: string) => Uint8Array;
};

/** @throws ClusterError `role.file` naming the role and what is wrong with it. */
export function openCatalog(source: CatalogSource, first: readonly Role[]): Catalog {
  let now = build(first, source.read);
  let before = now;
  return {
    all: () => [...now.roles.values()],
    byId: (id) => now.roles.get(id) ?? null,
    filed: () => now.filed,
    bytes(id, checksum) {
      const found = [now.roles.get(id), before.roles.get(id)].find((role) => role?.checksum === checksum);
      return found?.bytes ?? null;
    },
    reload() {
      let next: typeof now;
      try {
        next = build(source.roles(), source.read);
      } catch (thrown) {
        throw thrown instanceof ClusterError && thrown.code === "role.file"
          ? thrown
          : new ClusterError("role.file", messageOf(thrown), { cause: thrown });
      }
      const isSame =
        next.roles.size === now.roles.size &&
        [...next.roles].every(([id, { checksum }]) => now.roles.get(id)?.checksum === checksum);
      // Two reloads of one file must not push out what boards fetch still.
      if (!isSame) before = now;
      now = next;
    },
  };
}

function build(roles: readonly Role[], read: (from: string) => Uint8Array) {
  const built = new Map<string, CatalogRole>();
  const filed = new Map<string, string>();
  for (const role of roles) {
    const bundle = contentOf(role, read);
    const fault = faultOfRole(bundle);
    if (fault !== null) throw new ClusterError("role.file", `the role ${role.id}: ${fault}`);
    const bytes = encodeRole(bundle);
    built.set(role.id, { role, bundle, bytes, checksum: createHash("sha256").update(bytes).digest("hex") });
    for (const board of role.boards) filed.set(board, role.id);
  }
  return { roles: built, filed };
}

function contentOf(role: Role, read: (from: string) => Uint8Array): RoleBundle {
  try {
    return bundleOf(role, read);
  } catch (thrown) {
    throw new ClusterError("role.file", `the role ${role.id}: ${messageOf(thrown)}`, { cause: thrown });
  }
}
