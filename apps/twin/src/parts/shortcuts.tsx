import type { ReactNode } from "react";
import { useEffect, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useLocation } from "wouter";
import { GoTo } from "./go-to.tsx";

/** Every key of the page, for the list under `?`. */
const keys: readonly { readonly press: string; readonly does: string }[] = [
  { press: "Ctrl K", does: "go to a page, a colouring or a board" },
  { press: "/", does: "search the boards" },
  { press: "g o", does: "overview" },
  { press: "g b", does: "boards" },
  { press: "g n", does: "network boot" },
  { press: "g w", does: "power, in watts" },
  { press: "g p", does: "play" },
  { press: "← ↑ → ↓", does: "in the picture, in the boots, in power: from one to the next; → ← open and close" },
  { press: "Enter", does: "open the board under the ring" },
  { press: "Esc", does: "close what is open" },
  { press: "Ctrl Enter", does: "on Play: run here" },
  { press: "Ctrl Space", does: "on Play: words that may be meant" },
  { press: "Ctrl I", does: "on Play: what stands at the cursor, explained" },
  { press: "F8", does: "on Play: to the next problem" },
  { press: "?", does: "this list" },
];

const goTo: Readonly<Record<string, string>> = {
  o: "/",
  b: "/boards",
  n: "/boot",
  w: "/power",
  p: "/play",
  h: "/help",
};

/** Listens for the keys that work everywhere, and shows their list. */
export function Shortcuts(): ReactNode {
  const [, navigate] = useLocation();
  const [isOpen, setIsOpen] = useState(false);
  const [isGoTo, setIsGoTo] = useState(false);
  useEffect(() => {
    let isGoing = false;
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setIsGoTo(true);
        return;
      }
      const target = event.target as HTMLElement;
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        target.isContentEditable ||
        /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
      )
        return;
      const place = goTo[event.key];
      if (isGoing && place !== undefined) {
        event.preventDefault();
        navigate(place);
      } else if (event.key === "?") {
        event.preventDefault();
        setIsOpen(true);
      } else if (event.key === "/") {
        event.preventDefault();
        navigate("/boards?focus=search");
      }
      isGoing = event.key === "g";
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [navigate]);
  return (
    <>
      {isGoTo && <GoTo onClose={() => setIsGoTo(false)} />}
      <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={setIsOpen} isDismissable>
        <Modal className="modal">
          <Dialog>
            {({ close }) => (
              <>
                <Heading slot="title">Keys</Heading>
                <KeyList />
                <Button className="button" onPress={close}>
                  Close
                </Button>
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}

/** The keys as a list of terms. */
export function KeyList(): ReactNode {
  return (
    <dl className="keys">
      {keys.map(({ press, does }) => (
        <div key={press}>
          <dt>
            {press.split(" ").map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
