import type { RoleRef } from "@bramble/core/work";
import type { RoleApplier } from "./role-keeper.ts";

/** A role that is applied to nothing: for simulated boards. What came is fetched and looked at as on a real one. */
export function pretendApplier(): RoleApplier {
  let good: RoleRef | null = null;
  return {
    begin: async () => good,
    async apply(ref) {
      good = ref;
      return null;
    },
    async remove() {
      good = null;
    },
  };
}
