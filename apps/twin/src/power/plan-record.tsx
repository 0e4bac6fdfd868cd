import type { PowerPlanAnswer } from "@bramble/core/api";
import { messageOf } from "@bramble/core/base";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useParts } from "../live/context.tsx";
import { span } from "../parts/words.ts";
import { Missing } from "./run-card.tsx";
import { StepRow } from "./run-steps.tsx";
import { askers, progressInWords, verbs } from "./words.ts";

/** One plan of the journal: every step, when it was, what was read back, what was drawn then. */
export function PlanRecord({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const { rest } = useParts();
  const [plan, setPlan] = useState<PowerPlanAnswer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    rest.get<PowerPlanAnswer>(`/power/plans/${encodeURIComponent(id)}`, ended.signal).then(setPlan, (thrown) => {
      if (!ended.signal.aborted) setProblem(messageOf(thrown));
    });
    return () => ended.abort();
  }, [id, rest]);
  return (
    <ModalOverlay className="overlay" isOpen onOpenChange={(isOpen) => !isOpen && onClose()} isDismissable>
      <Modal className="modal ask-modal record-modal">
        <Dialog>
          <Heading slot="title">
            Plan {id}
            {plan !== null &&
              `: ${verbs[plan.action]} ${plan.set.length > 60 ? `${plan.set.slice(0, 59)}…` : plan.set}`}
          </Heading>
          {plan === null && problem === null && <p className="quiet">Asking the head …</p>}
          {problem !== null && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
          {plan !== null && (
            <>
              <p>
                <b>{plan.state}</b>
                {plan.endedAt !== null && ` after ${span(plan.endedAt - plan.at)}`}: {plan.message}.{" "}
                {progressInWords(plan)}. Asked for by {askers[plan.by]}
                {plan.why !== null && `: ${plan.why}`}.
              </p>
              <Missing plan={plan} />
              {plan.notes.map((note) => (
                <p key={note} className="planned-note">
                  {note}
                </p>
              ))}
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
              <ol className="record-steps" tabIndex={0} aria-label="Steps">
                {plan.steps.map((step) => (
                  <StepRow key={step.id} step={step} />
                ))}
              </ol>
            </>
          )}
          <Button className="button" onPress={onClose}>
            Close
          </Button>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
