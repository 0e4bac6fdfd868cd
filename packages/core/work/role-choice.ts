/** A role by its name and the SHA-256 of its bytes, in hex. */
export type RoleRef = { readonly id: string; readonly checksum: string };

/** What an operator says of a board that is to have no role at all. */
export const noRole = "none";

/**
 * The role that a board is to have: the operator's newest word, else the cluster file's; null for none.
 *
 * @param said by board, the newest word only. @param filed by board, as the cluster file gives roles.
 */
export function roleOf(
  board: string,
  said: ReadonlyMap<string, string>,
  filed: ReadonlyMap<string, string>,
): string | null {
  const word = said.get(board) ?? filed.get(board) ?? noRole;
  return word === noRole ? null : word;
}

/** Whether two references mean the same bytes, or both nothing. */
export function isSameRole(a: RoleRef | null, b: RoleRef | null): boolean {
  return a === b || (a !== null && b !== null && a.id === b.id && a.checksum === b.checksum);
}
