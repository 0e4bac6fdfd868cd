import type { PowerPlanAnswer } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { ReactNode } from "react";
import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useParts } from "../live/context.tsx";
import { isSilence } from "../live/rest.ts";
import { count } from "./words.ts";

/** What cancelling needs. */
export type CancelDialogProps = {
  readonly plan: PowerPlanAnswer;
  readonly onClose: () => void;
  /** It is cancelled; told in words. */
  readonly onDone: (words: string) => void;
};

/** End a plan where it stands, or put back what it has switched. */
export function CancelDialog({ plan, onClose, onDone }: CancelDialogProps): ReactNode {
  const { rest } = useParts();
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const switched = plan.steps.filter(({ kind, state }) => kind === "switch" && state === "done");
  const path = `/power/plans/${encodeURIComponent(plan.id)}/cancel`;

  const cancel = async (undo: boolean): Promise<void> => {
    setIsSending(true);
    setProblem(null);
    try {
      const signal = AbortSignal.timeout(8000);
      const said = await rest.post<{ cancelled: boolean; undo: string | null }>(path, { undo }, null, { signal });
      const undoing = said.undo === null ? "" : ` Plan ${said.undo} puts back what it had switched.`;
      onDone(
        said.cancelled ? `Plan ${plan.id} is cancelled.${undoing}` : `Plan ${plan.id} had ended already.${undoing}`,
      );
    } catch (thrown) {
      setIsSending(false);
      setProblem(
        isSilence(thrown)
          ? "The head did not answer: it is not known whether the plan is cancelled."
          : messageOf(thrown),
      );
    }
  };

  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={(isOpen) => !isOpen && onClose()} isDismissable>
      <Modal className="modal cancel-modal">
        <Dialog>
          <Heading slot="title">Cancel plan {plan.id}?</Heading>
          <p>
            It has switched <b>{count(switched.length, "outlet")}</b>
            {switched.length > 0 &&
              `: ${switched
                .map(({ what }) => what)
                .slice(-8)
                .join(", ")}`}
            . Cancelled where it stands, these stay as they are; undone, a plan of its own puts them back.
          </p>
          {problem !== null && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
          <details className="curl">
            <summary>The same as a command</summary>
            <pre className="code">
              {`curl -X POST ${window.location.origin}/api/v1${path} -H 'content-type: application/json' -d '{"undo":false}'`}
            </pre>
          </details>
          <p className="plan-buttons">
            <Button className="button" onPress={onClose}>
              Let it go on
            </Button>
            <Button
              className="button"
              isDisabled={isSending || switched.length === 0}
              onPress={() => void cancel(true)}
            >
              Cancel and undo
            </Button>
            <Button className="button primary" isDisabled={isSending} onPress={() => void cancel(false)}>
              Cancel it here
            </Button>
          </p>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
