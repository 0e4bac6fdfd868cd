import type { KeyboardEvent, ReactNode } from "react";
import { useId, useState } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useLocation } from "wouter";
import { useTwin } from "../live/context.tsx";
import { colourings } from "../picture/look.ts";

type Goal = { readonly label: string; readonly kind: string; readonly href: string };

const shown = 9;
const fixed: readonly Goal[] = [
  { label: "Overview", kind: "page", href: "/" },
  { label: "Boards", kind: "page", href: "/boards" },
  { label: "Boot", kind: "page", href: "/boot" },
  { label: "Boards that stopped booting", kind: "page", href: "/boot?show=stopped" },
  { label: "Power", kind: "page", href: "/power" },
  { label: "Play", kind: "page", href: "/play" },
  { label: "Help", kind: "page", href: "/help" },
  ...colourings.map(({ id, label }) => ({ label: `Colour by ${label}`, kind: "picture", href: `/?colour=${id}` })),
];

/** Ctrl+K: a few letters, and Enter goes to the page, the colouring or the board that they name. */
export function GoTo({ onClose }: { onClose: () => void }): ReactNode {
  const { names } = useTwin();
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const goals = goalsFor(typed, names);
  const chosen = Math.min(at, goals.length - 1);

  const go = (goal: Goal | undefined): void => {
    if (goal === undefined) return;
    onClose();
    navigate(goal.href);
  };
  const onKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === "ArrowDown") setAt((chosen + 1) % Math.max(1, goals.length));
    else if (event.key === "ArrowUp") setAt((chosen + goals.length - 1) % Math.max(1, goals.length));
    else if (event.key === "Enter") go(goals[chosen]);
    else return;
    event.preventDefault();
  };

  return (
    <ModalOverlay className="overlay overlay-high" isOpen onOpenChange={(isOpen) => !isOpen && onClose()} isDismissable>
      <Modal className="modal go-to">
        <Dialog aria-label="Go to">
          <input
            autoFocus
            role="combobox"
            aria-label="Page, colour or board"
            aria-expanded={goals.length > 0}
            aria-controls={id}
            aria-activedescendant={goals.length > 0 ? `${id}-${chosen}` : undefined}
            aria-autocomplete="list"
            autoComplete="off"
            spellCheck={false}
            placeholder="b0412, play, heat …"
            value={typed}
            onChange={({ target }) => {
              setTyped(target.value);
              setAt(0);
            }}
            onKeyDown={onKey}
          />
          {goals.length === 0 ? (
            <p className="quiet">Nothing is called so.</p>
          ) : (
            <div id={id} role="listbox" aria-label="Places">
              {goals.map((goal, index) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the combobox
                <div
                  key={goal.href}
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === chosen}
                  onClick={() => go(goal)}
                >
                  {goal.label} <span className="quiet">{goal.kind}</span>
                </div>
              ))}
            </div>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Pages and colourings first, then boards whose name begins with what was typed, then those that contain it. */
function goalsFor(typed: string, names: readonly string[]): readonly Goal[] {
  const word = typed.trim().toLowerCase();
  const places = fixed.filter(({ label }) => label.toLowerCase().includes(word));
  if (word === "") return places.slice(0, shown);
  const boards = [
    ...names.filter((name) => name.startsWith(word)),
    ...names.filter((name) => !name.startsWith(word) && name.includes(word)),
  ];
  return [
    ...places,
    ...boards
      .slice(0, shown)
      .map((name) => ({ label: name, kind: "board", href: `/?board=${encodeURIComponent(name)}` })),
  ].slice(0, shown);
}
