import type { PowerAnswer } from "@bramble/core/api";
import type { ReactNode } from "react";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { brambleOf, curlOf } from "./commands.ts";
import { PlannedView } from "./planned-view.tsx";
import { RefusalView } from "./refusal-view.tsx";
import { useAsk } from "./use-ask.ts";
import type { Action } from "./words.ts";
import { count, labels } from "./words.ts";

/** What the dialog needs. */
export type AskDialogProps = {
  readonly action: Action;
  readonly set: string;
  readonly power: PowerAnswer;
  readonly onClose: () => void;
  /** A plan has begun. */
  readonly onStarted: (id: string) => void;
};

/** So many boards are switched without typing their number. */
const unsaid = 50;

/** What would be touched, by a plan that switches nothing; then, when it is meant, the plan itself. */
export function AskDialog({ action, set, power, onClose, onStarted }: AskDialogProps): ReactNode {
  const ask = useAsk({ action, set }, onStarted);
  const { wish, change, answer, problem, isStarting, key } = ask;
  const [typed, setTyped] = useState("");
  const plan = answer?.kind === "plan" ? answer.plan : null;
  const boards = plan?.boards.length ?? 0;
  const number = answer?.confirm ?? (boards > unsaid ? boards : null);
  const isSaid = number === null || typed.replace(/\s/g, "") === String(number);
  const confirmed = number === null ? wish : { ...wish, confirm: number };

  return (
    <ModalOverlay
      className="overlay"
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      isDismissable={!isStarting}
    >
      <Modal className="modal ask-modal">
        <Dialog>
          <Heading slot="title">
            {labels[action]} {wish.set}
          </Heading>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (plan !== null && isSaid && !isStarting) void ask.start(confirmed);
            }}
          >
            <p className="ask-options">
              {power.profiles.length > 1 && (
                <label>
                  within{" "}
                  <select
                    value={wish.profile ?? ""}
                    disabled={isStarting}
                    onChange={({ target }) => change({ profile: target.value === "" ? null : target.value })}
                  >
                    <option value="">the file's first profile</option>
                    {power.profiles.map(({ name, boards }) => (
                      <option key={name} value={name}>{`${name}: ${count(boards, "board")}`}</option>
                    ))}
                  </select>
                </label>
              )}
              <label>
                <input
                  type="checkbox"
                  checked={wish.withParents === true}
                  disabled={isStarting}
                  onChange={({ target }) => change({ withParents: target.checked })}
                />{" "}
                {action === "off" ? "also what nothing needs any more" : "also what they need and is off"}
              </label>
              {action !== "on" && (
                <label>
                  <input
                    type="checkbox"
                    checked={wish.allowCollateral === true}
                    disabled={isStarting}
                    onChange={({ target }) => change({ allowCollateral: target.checked })}
                  />{" "}
                  also boards that nobody named, where they share an outlet
                </label>
              )}
            </p>
            <div className="ask-answer" aria-live="polite">
              {answer === null && problem === null && <p className="quiet">Planning; nothing is switched …</p>}
              {plan !== null && <PlannedView plan={plan} action={action} power={power} />}
              {answer?.kind === "refused" && <RefusalView reply={answer} onChange={change} />}
              {answer?.kind === "nothing" && <p>There is nothing to do: {answer.why ?? "all is as asked"}.</p>}
              {problem !== null && (
                <p className="problem" role="alert">
                  {problem}
                </p>
              )}
            </div>
            {plan !== null && (
              <label className="field">
                <span>Why? For the journal; may stay empty</span>
                <input
                  value={wish.why ?? ""}
                  maxLength={200}
                  disabled={isStarting}
                  onChange={({ target }) => ask.say(target.value)}
                />
              </label>
            )}
            {plan !== null && number !== null && (
              <label className="field ask-count">
                <span>
                  {action === "on" ? "This gives power to" : "This takes power from"} <b>{count(number, "board")}</b>.
                  Type their number, {number}, to go on
                </span>
                <input
                  inputMode="numeric"
                  autoComplete="off"
                  value={typed}
                  disabled={isStarting}
                  onChange={({ target }) => setTyped(target.value)}
                />
              </label>
            )}
            <details className="curl">
              <summary>The same as a command</summary>
              <pre className="code">{`${brambleOf(confirmed)}\n${curlOf(window.location.origin, confirmed, key)}`}</pre>
            </details>
            <p className="plan-buttons">
              <Button className="button" onPress={onClose}>
                Leave it
              </Button>
              {(plan !== null || isStarting) && (
                <Button className="button primary" type="submit" isDisabled={isStarting || !isSaid || plan === null}>
                  {isStarting ? "Starting …" : `${labels[action]} ${count(boards, "board")}`}
                </Button>
              )}
            </p>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
