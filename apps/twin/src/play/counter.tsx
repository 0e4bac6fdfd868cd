import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Button } from "react-aria-components/Button";
import { useParts } from "../live/context.tsx";
import type { Shorter } from "./compose.ts";
import { postLength } from "./compose.ts";

/** From here on a reader of the screen is told how little room is left. */
const little = 20;

/**
 * How many characters may still be typed, and how many fewer would do. Read out only when they get few, and not at each
 * key.
 */
export function Counter({
  length,
  shorter,
  onShrink,
}: {
  readonly length: number;
  readonly shorter: Shorter | null;
  readonly onShrink: (post: string) => void;
}): ReactNode {
  const { clock } = useParts();
  const left = postLength - length;
  const [told, setTold] = useState("");
  useEffect(() => {
    const sentence = left < 0 ? `${-left} characters too many` : left <= little ? `${left} characters left` : "";
    const timer = clock.after(1000, () => setTold(sentence));
    return () => timer.cancel();
  }, [left, clock]);
  return (
    <p className="count">
      {shorter !== null && (
        <Button className="chip" onPress={() => onShrink(shorter.post)}>
          Shrink by {shorter.saves}
        </Button>
      )}{" "}
      {length} of {postLength}, {left < 0 ? <b>{-left} too many</b> : <>{left} left</>}
      <span className="unseen" role="status">
        {told}
      </span>
    </p>
  );
}
