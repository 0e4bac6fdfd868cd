import type { PowerSetAnswer } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useParts } from "../live/context.tsx";
import type { Action } from "./words.ts";
import { count, labels } from "./words.ts";

/** What asking needs. */
export type AskBarProps = {
  readonly set: string;
  readonly onSet: (set: string) => void;
  readonly onAsk: (action: Action) => void;
};

const actions: readonly Action[] = ["on", "off", "cycle"];

/** Which boards, what that set means, and what to do with them. Nothing is switched from here: a plan is shown first. */
export function AskBar({ set, onSet, onAsk }: AskBarProps): ReactNode {
  const found = useSet(set.trim());
  return (
    <form className="card ask-bar" aria-labelledby="ask-title" onSubmit={(event) => event.preventDefault()}>
      <h2 id="ask-title" className="unseen">
        Switch boards
      </h2>
      <label className="field">
        <span>A node set; rows chosen below stand here too</span>
        <input
          value={set}
          placeholder="@k01, @g03, b[1-42], all"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-describedby="ask-found"
          onChange={({ target }) => onSet(target.value)}
        />
      </label>
      <p className="ask-buttons">
        {actions.map((action) => (
          <Button
            key={action}
            className={action === "on" ? "button primary" : "button"}
            isDisabled={found.kind !== "found" || found.answer.boards === 0}
            onPress={() => onAsk(action)}
          >
            {labels[action]} …
          </Button>
        ))}
      </p>
      <p id="ask-found" className="ask-found" role="status">
        {found.kind === "none" && <span className="quiet">You see what will be touched before anything is.</span>}
        {found.kind === "asking" && <span className="quiet">Asking …</span>}
        {found.kind === "wrong" && <span className="bad">{found.message}</span>}
        {found.kind === "found" && <Found answer={found.answer} />}
      </p>
    </form>
  );
}

function Found({ answer }: { answer: PowerSetAnswer }): ReactNode {
  const { set, boards, up, groups } = answer;
  if (boards === 0) return <span className="bad">no board that power can reach is in it</span>;
  const names = groups.length > 6 ? count(groups.length, "group") : groups.join(", ");
  return (
    <>
      <b>{count(boards, "board")}</b>, {up === boards ? "all up" : `${up} up`}: <span className="nodes">{set}</span>
      {groups.length > 0 && <span className="quiet"> in {names}</span>}
    </>
  );
}

type FoundSet =
  | { readonly kind: "none" }
  | { readonly kind: "asking" }
  | { readonly kind: "found"; readonly answer: PowerSetAnswer }
  | { readonly kind: "wrong"; readonly message: string };

/** What a node set means, asked a moment after the last letter, and again now and then: boards come up. */
function useSet(set: string): FoundSet {
  const { rest, clock } = useParts();
  const [found, setFound] = useState<FoundSet>({ kind: "none" });
  useEffect(() => {
    if (set === "") {
      setFound({ kind: "none" });
      return;
    }
    setFound({ kind: "asking" });
    const ended = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const path = `/power/set?set=${encodeURIComponent(set)}`;
        setFound({ kind: "found", answer: await rest.get<PowerSetAnswer>(path, ended.signal) });
      } catch (thrown) {
        if (!ended.signal.aborted) setFound({ kind: "wrong", message: messageOf(thrown) });
      }
    };
    const soon = clock.after(250, () => void ask());
    const again = clock.every(5000, () => void ask());
    return () => {
      soon.cancel();
      again.cancel();
      ended.abort();
    };
  }, [set, rest, clock]);
  return found;
}
