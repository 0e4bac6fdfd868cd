import { builtins } from "@bramble/warble";
import type { ReactNode } from "react";
import { useState } from "react";

/** Every word that the language knows, from its own table. */
export function Reference(): ReactNode {
  // On a desk there is room for all of it under the editor; on a phone it would stand between the program and its result.
  const [isWide] = useState(() => window.matchMedia("(min-width: 861px)").matches);
  return (
    <details className="reference" open={isWide}>
      <summary>All {builtins.length} words of the language</summary>
      <dl>
        {builtins.map(({ name, signature, summary }) => (
          <div key={name}>
            <dt>{signature}</dt>
            <dd>{summary}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
