import type { StateKind } from "@bramble/core/observe";
import { stateKinds } from "@bramble/core/observe";
import type { ReactNode } from "react";
import { useId } from "react";
import { wakeLevels } from "../picture/look.ts";

/** A state as the picture draws it, small: outline, level or pattern, so that colour never stands alone. */
export function Swatch({ state }: { state: StateKind }): ReactNode {
  const pattern = useId();
  const level = wakeLevels[stateKinds.indexOf(state)];
  return (
    <svg className="swatch" viewBox="0 0 10 20" width="10" height="20" aria-hidden="true" data-state={state}>
      {level !== undefined && (
        <rect className="swatch-fill" x="0" y={20 * (1 - level)} width="10" height={20 * level} />
      )}
      {state === "up" && <rect className="swatch-fill" width="10" height="20" rx="2" />}
      {(state === "silent" || state === "draining" || state === "maintenance") && (
        <>
          <pattern
            id={pattern}
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform={state === "silent" ? "rotate(-45)" : ""}
          >
            {state === "maintenance" ? (
              <circle className="swatch-mark" cx="2.5" cy="2.5" r="1.3" />
            ) : (
              <rect className="swatch-mark" width="5" height="2.4" />
            )}
          </pattern>
          {state !== "silent" && <rect className="swatch-fill" width="10" height="20" rx="2" />}
          <rect fill={`url(#${pattern})`} width="10" height="20" rx="2" />
        </>
      )}
      {state === "failed" && <path className="swatch-line" d="M1 1 9 19M9 1 1 19" />}
      {state !== "up" && state !== "draining" && state !== "maintenance" && (
        <rect className="swatch-line" x="0.7" y="0.7" width="8.6" height="18.6" rx="1.8" />
      )}
    </svg>
  );
}
