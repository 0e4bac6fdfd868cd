import { expandNames } from "@bramble/core/cluster";

/** The names that a folded node set of an answer stands for: `b[0001-0003],x-00beef`. */
export function namesOf(set: string): readonly string[] {
  return set.split(/,(?![^[]*\])/).flatMap((part) => {
    const found = expandNames(part, 25_000);
    return found.kind === "ok" ? found.names : [part];
  });
}
