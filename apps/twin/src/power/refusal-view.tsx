import type { PostPowerPlanBody, PowerPlanReply } from "@bramble/core/api";
import { foldNodeSet } from "@bramble/core/cluster";
import type { ReactNode } from "react";
import { Button } from "react-aria-components/Button";

/** What a refusal needs. */
export type RefusalViewProps = {
  readonly reply: PowerPlanReply;
  readonly onChange: (changes: Partial<PostPowerPlanBody>) => void;
};

/** Why it cannot be done, in the head's own sentences, and the other ways that there are. */
export function RefusalView({ reply, onChange }: RefusalViewProps): ReactNode {
  const { problems, alternatives } = reply;
  return (
    <div className="refusal">
      <p className="refusal-title">
        <span aria-hidden="true">✕</span> This is refused. Nothing is switched.
      </p>
      <ul>
        {problems.map(({ rule, thing, limit, message, hint }) => (
          <li key={`${rule} ${thing} ${message}`} className="problem">
            {message}
            {limit !== null && !message.includes(limit) && ` (${limit})`}
            <span className="quiet"> {hint}.</span>
          </li>
        ))}
      </ul>
      {alternatives.length > 0 && <h3>Other ways</h3>}
      <ul className="ways">
        {alternatives.map((way) => {
          const changes = changesFor(way);
          return (
            <li key={`${way.kind} ${way.message}`}>
              <span>{way.message}</span>
              {changes !== null && (
                <Button className="button small" onPress={() => onChange(changes)}>
                  Plan this instead
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** What to ask for instead; null where this page cannot ask for it. */
function changesFor({
  kind,
  boards,
  thing,
}: PowerPlanReply["alternatives"][number]): Partial<PostPowerPlanBody> | null {
  switch (kind) {
    case "with-parents":
      return { withParents: true };
    case "group":
    case "fewer":
    case "poe-port":
      return { set: foldNodeSet(boards) };
    case "profile":
      return { profile: thing };
    default:
      return null;
  }
}
