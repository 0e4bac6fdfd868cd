import { builtins } from "@bramble/warble";
import type { ReactNode } from "react";

/** Every word that the language knows, from its own table. */
export function Reference(): ReactNode {
  return (
    <details className="reference">
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
