import type { BootAnswer } from "@bramble/core/api";

/** Which boards the chart shows. */
export type BootView =
  | { readonly kind: "now" }
  | { readonly kind: "stopped" }
  | { readonly kind: "all" }
  | { readonly kind: "set"; readonly set: string };

/** What to ask the head for, and what that is in words. */
export type Asked = {
  readonly query: string;
  readonly words: string;
  /** The groups that are shown because they boot now; remembered, so that a wave that ends stays to be seen. */
  readonly groups: readonly string[];
};

/** The view that an address asks for. */
export function viewFrom(params: URLSearchParams): BootView {
  const set = params.get("set")?.trim() ?? "";
  if (set !== "") return { kind: "set", set };
  const show = params.get("show");
  return show === "all" || show === "stopped" ? { kind: show } : { kind: "now" };
}

/**
 * What to ask for. Now: the groups on their way; when none is, those that were on their way last; else those with boards
 * that stopped; else those of the last wave.
 */
export function askFor(view: BootView, boot: BootAnswer, wave: readonly string[], before: readonly string[]): Asked {
  switch (view.kind) {
    case "set":
      return { query: setQuery(view.set), words: view.set, groups: before };
    case "all":
      return { query: "", words: "all boards", groups: before };
    case "stopped":
      return { query: "?state=stopped", words: "boards that stopped", groups: before };
    case "now": {
      const waking = boot.groups.filter(({ waiting, booting }) => waiting + booting > 0);
      const stopped = boot.groups.filter((group) => group.stopped > 0);
      const groups = [waking.map(({ group }) => group), before, stopped.map(({ group }) => group), wave].find(
        ({ length }) => length > 0,
      );
      if (groups === undefined)
        return { query: "?state=waiting,booting,stopped", words: "boards on their way", groups: [] };
      const names = groups.length > 4 ? `${groups.length} groups` : groups.join(", ");
      const words = groups.length > 1 ? (groups.length > 4 ? names : `groups ${names}`) : `group ${names}`;
      // The longest set that the head reads: a cluster of more groups is shown whole.
      const set = groups.map((group) => `@${group}`).join(",");
      if (set.length > 2000) return { query: "", words: "all boards", groups };
      return { query: setQuery(set), words, groups: waking.length > 0 ? groups : before };
    }
  }
}

function setQuery(set: string): string {
  return `?set=${encodeURIComponent(set)}`;
}
