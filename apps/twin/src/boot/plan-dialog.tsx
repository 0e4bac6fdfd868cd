import { messageOf } from "@bramble/core/base";
import type { BootPlanKind } from "@bramble/core/boot";
import { bootPlans } from "@bramble/core/boot";
import type { ReactNode } from "react";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useParts } from "../live/context.tsx";
import { planWords } from "./plans.ts";

/** What choosing a plan needs. */
export type PlanDialogProps = {
  readonly board: string;
  readonly now: BootPlanKind;
  readonly onClose: () => void;
  /** It is set; told in words. */
  readonly onDone: (words: string) => void;
};

/** Choose what a board boots, see what that touches, and say so. A failure stays to be read and tried again. */
export function PlanDialog({ board, now, onClose, onDone }: PlanDialogProps): ReactNode {
  const { rest } = useParts();
  const [chosen, setChosen] = useState<BootPlanKind | "file">(now);
  const [isSetting, setIsSetting] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const plan = chosen === "file" ? null : chosen;
  const what = plan ?? "what the cluster file says";

  const set = async (): Promise<void> => {
    setIsSetting(true);
    setProblem(null);
    try {
      // A head that does not answer must not leave the dialog waiting for ever.
      await rest.put("/boot/plans", { set: board, plan, by: "web" }, AbortSignal.timeout(8000));
      onDone(`Set: ${board} boots ${what} from its next boot on.`);
    } catch (thrown) {
      setIsSetting(false);
      const isLate = thrown instanceof DOMException;
      setProblem(
        isLate ? "The head did not answer in 8 s: it is not known whether the plan is set." : messageOf(thrown),
      );
    }
  };

  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={(isOpen) => !isOpen && onClose()} isDismissable>
      <Modal className="modal plan-modal">
        <Dialog>
          <Heading slot="title">What {board} boots</Heading>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void set();
            }}
          >
            <fieldset disabled={isSetting}>
              <legend className="unseen">Plan</legend>
              {[...bootPlans, "file" as const].map((each) => (
                <label key={each} className="plan-choice">
                  <input
                    type="radio"
                    name="plan"
                    value={each}
                    checked={chosen === each}
                    onChange={() => setChosen(each)}
                  />
                  <span>
                    <b>{each === "file" ? "as the file says" : each}</b>
                    {each === now && <em className="plan-now"> now</em>}
                    <br />
                    <span className="quiet">
                      {each === "file" ? "forget what was said here; the cluster file decides" : planWords[each]}
                    </span>
                  </span>
                </label>
              ))}
            </fieldset>
            <p className="plan-touches">
              This touches one board, <b>{board}</b>: from its next boot on it boots {what}. What it runs now goes on;
              its power is left alone.
            </p>
            {problem !== null && (
              <p className="problem" role="alert">
                {problem}
              </p>
            )}
            <details className="curl">
              <summary>The same as a command</summary>
              <pre className="code">
                {`curl -X PUT ${window.location.origin}/api/v1/boot/plans -H 'content-type: application/json' -d '${JSON.stringify({ set: board, plan })}'\nbramble boot set ${board} ${chosen}`}
              </pre>
            </details>
            <p className="plan-buttons">
              <Button className="button" onPress={onClose}>
                Leave it
              </Button>
              <Button className="button primary" type="submit" isDisabled={isSetting || chosen === now}>
                {isSetting
                  ? "Setting …"
                  : problem === null
                    ? plan === null
                      ? "As the file says"
                      : `Set ${plan}`
                    : "Try again"}
              </Button>
            </p>
          </form>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
