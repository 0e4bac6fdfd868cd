import type { Role, RoleContent } from "../cluster/index.ts";
import type { RoleBundle } from "./role-bundle.ts";

/**
 * A role of the cluster file with all its contents.
 *
 * @param read gives a file beside the cluster file; may throw.
 * @throws TypeError for a unit that is not UTF-8.
 */
export function bundleOf(role: Role, read: (from: string) => Uint8Array): RoleBundle {
  const bytesOf = (content: RoleContent): Uint8Array =>
    content.kind === "text" ? new TextEncoder().encode(content.text) : read(content.from);
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  return {
    id: role.id,
    isRoot: role.isRoot,
    env: Object.entries(role.env),
    files: role.files.map(({ path, mode, content }) => ({ path, mode, bytes: bytesOf(content) })),
    units: role.units.map(({ name, isEnabled, content }) => ({
      ...{ name, isEnabled },
      text: content.kind === "text" ? content.text : utf8.decode(bytesOf(content)),
    })),
    start: role.start,
  };
}
