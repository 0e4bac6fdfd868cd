import type { WarbleBody } from "@bramble/core/api";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Link } from "wouter";
import { useParts } from "../live/context.tsx";

const shown = 8;

/** What others sent, newest first. */
export function Lately(): ReactNode {
  const { rest, clock } = useParts();
  const [warbles, setWarbles] = useState<readonly WarbleBody[]>([]);
  useEffect(() => {
    const ended = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        setWarbles((await rest.get<{ warbles: WarbleBody[] }>(`/warbles?limit=${shown}`, ended.signal)).warbles);
      } catch {
        // What was shown stays; the header says when the link is lost.
      }
    };
    void ask();
    const timer = clock.every(4000, () => void ask());
    return () => {
      timer.cancel();
      ended.abort();
    };
  }, [rest, clock]);
  if (warbles.length === 0) return null;
  return (
    <section className="lately" aria-labelledby="lately-title">
      <h2 id="lately-title">Lately sent</h2>
      <ol className="card">
        {warbles.slice(0, shown).map((warble) => (
          <li key={warble.id}>
            <code>{warble.text}</code>
            <span className="quiet">
              {warble.user.replace(/^web:/, "")}
              {warble.board !== null && (
                <>
                  {" on "}
                  <Link href={`/?board=${encodeURIComponent(warble.board)}`}>{warble.board}</Link>
                </>
              )}
            </span>
            {(warble.out.length > 0 || warble.error !== null) && (
              <span className="printed">{warble.error === null ? warble.out.join("  ") : warble.error.message}</span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
