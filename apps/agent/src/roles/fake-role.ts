import { createHash } from "node:crypto";
import { encodeRole, type RoleBundle, type RoleRef } from "@bramble/core/work";

/** A role of one file, changed as `change` says. For tests. */
export function fakeRole(change: Partial<RoleBundle> = {}): RoleBundle {
  return {
    ...{ id: "worker", isRoot: false, env: [], units: [], start: null },
    files: [{ path: "/opt/bramble/worker/a", mode: 0o644, bytes: new TextEncoder().encode("one") }],
    ...change,
  };
}

/** Its bytes, and what the head calls it. For tests. */
export function packed(role: RoleBundle): { readonly bytes: Uint8Array; readonly ref: RoleRef } {
  const bytes = encodeRole(role);
  return { bytes, ref: { id: role.id, checksum: createHash("sha256").update(bytes).digest("hex") } };
}

/** A file with this text. For tests. */
export function fileOf(path: string, text: string, mode = 0o644): RoleBundle["files"][number] {
  return { path, mode, bytes: new TextEncoder().encode(text) };
}
