import type { Clock, Random } from "@bramble/core/base";
import { createContext, useContext, useSyncExternalStore } from "react";
import type { Rest } from "./rest.ts";
import type { Twin } from "./twin.ts";

/** What every part of the page may need, made in main.tsx. */
export type Parts = { readonly twin: Twin; readonly rest: Rest; readonly clock: Clock; readonly random: Random };

/** Hands the parts down the tree. */
export const PartsContext = createContext<Parts | null>(null);

/** The parts of this page. */
export function useParts(): Parts {
  const parts = useContext(PartsContext);
  if (parts === null) throw new Error("PartsContext is missing");
  return parts;
}

/** The twin, and a new render whenever it told of a change. */
export function useTwin(): Twin {
  const { twin } = useParts();
  useSyncExternalStore(twin.subscribe, twin.getVersion);
  return twin;
}
