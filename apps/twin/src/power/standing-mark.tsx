import type { ReactNode } from "react";
import type { Standing } from "./graph.ts";

/** How something stands, by shape: a full disc is on, a ring is off, a ring with a gap is unknown, a triangle is not believed. */
export function StandingMark({ standing }: { standing: Standing }): ReactNode {
  return (
    <svg className="standing-mark" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" data-is={standing}>
      {standing === "on" && <circle className="mark-fill" cx="7" cy="7" r="6" />}
      {standing === "off" && <circle className="mark-line" cx="7" cy="7" r="5" />}
      {standing === "unknown" && <circle className="mark-line" cx="7" cy="7" r="5" strokeDasharray="3 2.2" />}
      {standing === "doubted" && (
        <>
          <path className="mark-line" d="M7 1.4 13 12.4H1Z" />
          <path className="mark-line" d="M7 5v3.4M7 10v1" />
        </>
      )}
    </svg>
  );
}

/** The word beside it. */
export const standingWords: Readonly<Record<Standing, string>> = {
  on: "on",
  off: "off",
  unknown: "not known",
  doubted: "not believed",
};
