import type { ReactNode } from "react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { TextField } from "react-aria-components/TextField";
import { useParts } from "../live/context.tsx";
import { read, write } from "../parts/theme.ts";
import type { Found } from "./check.ts";
import { check } from "./check.ts";
import { compose, offsetOf, postLength } from "./compose.ts";
import type { Mark } from "./editor.tsx";
import { Editor } from "./editor.tsx";
import { examples } from "./examples.ts";
import { Lamp } from "./lamp.tsx";
import { Lately } from "./lately.tsx";
import { Reference } from "./reference.tsx";
import { Result } from "./result.tsx";
import type { Running } from "./running.ts";
import { runHere, sendToCluster } from "./running.ts";
import "../style/play.css";

const kept = {
  name: "bramble.player",
  program: "bramble.program",
  token: (name: string) => `bramble.token.${name}`,
} as const;

/** Where anybody writes a Warble, tries it and sends it to the cluster. */
export function PlayPage(): ReactNode {
  const { rest, clock } = useParts();
  const [typed, setTyped] = useState(() => read(kept.program) ?? examples[0]!.program);
  const [name, setName] = useState(() => read(kept.name) ?? "");
  const [running, setRunning] = useState<Running>({ kind: "idle" });
  /** What ran last: marks belong to it and vanish when it is edited. */
  const [ran, setRan] = useState("");
  const following = useRef<AbortController | null>(null);
  useEffect(() => () => following.current?.abort(), []);

  const composed = useMemo(() => compose(typed), [typed]);
  const isTooLong = composed.length > postLength;
  const isBusy = running.kind === "here" || running.kind === "sending" || running.kind === "waiting";
  const user = name.trim();

  const [checked, setChecked] = useState<{ readonly text: string; readonly found: Found } | null>(null);
  useEffect(() => {
    // A pause first: nobody wants to be corrected in the middle of a word.
    const timer = clock.after(500, () => setChecked({ text: composed.text, found: check(composed.text) }));
    return () => timer.cancel();
  }, [composed.text, clock]);

  const marks = useMemo<readonly Mark[]>(() => {
    const isAnswered = running.kind === "ended" && ran === typed;
    const found = isAnswered ? running.answer : checked?.text === composed.text ? checked.found : null;
    if (found === null) return [];
    const { error, warnings } = found;
    return [
      ...warnings.map(({ pos, message }) => ({
        at: offsetOf(typed, composed, pos),
        message,
        severity: "warning" as const,
      })),
      ...(error === null
        ? []
        : [
            {
              at: offsetOf(typed, composed, error.pos),
              message: `${error.class}: ${error.message}`,
              severity: "error" as const,
            },
          ]),
    ];
  }, [running, ran, typed, composed, checked]);

  const begin = (): AbortController => {
    following.current?.abort();
    const next = new AbortController();
    following.current = next;
    setRan(typed);
    write(kept.program, typed);
    write(kept.name, user);
    return next;
  };
  const here = (): void => {
    if (isTooLong || composed.text === "") return;
    const { signal } = begin();
    setRunning({ kind: "here" });
    void runHere(rest, composed.text, user === "" ? "guest" : user).then((ended) => {
      if (!signal.aborted) setRunning(ended);
    });
  };
  const send = (): void => {
    const { signal } = begin();
    void sendToCluster(composed.text, user, {
      rest,
      signal,
      token: read(kept.token(user)),
      onToken: (token) => write(kept.token(user), token),
      onStep: (step) => {
        if (!signal.aborted) setRunning(step);
      },
    });
  };

  return (
    <div className="play">
      <section className="play-write" aria-labelledby="play-title">
        <h1 id="play-title">Play</h1>
        <p className="quiet">
          A Warble is a program of at most 280 characters. Try it here, then send it to the cluster: a board with time
          to spare runs it.
        </p>
        <fieldset className="chips">
          <legend className="unseen">Examples</legend>
          {examples.map(({ label, program }) => (
            <Button key={label} className="chip" onPress={() => setTyped(program)}>
              {label}
            </Button>
          ))}
        </fieldset>
        <div className="editor-frame" data-over={isTooLong}>
          <Editor value={typed} marks={marks} onChange={setTyped} onRun={here} />
          <div className="editor-foot">
            {composed.isWrapped ? (
              <p className="sent">
                <span className="quiet">sent as</span> <code>{composed.text}</code>
              </p>
            ) : (
              <span />
            )}
            <p className="count" role="status">
              {isTooLong ? <b>{composed.length - postLength} too many</b> : postLength - composed.length}
              <span className="unseen"> of {postLength} characters left</span>
            </p>
          </div>
        </div>
        <form className="play-bar" onSubmit={(event) => event.preventDefault()}>
          <TextField className="field" value={name} onChange={setName} maxLength={64}>
            <Label>Your name, to send</Label>
            <Input placeholder="ada" autoComplete="nickname" />
          </TextField>
          <Button className="button" isDisabled={isBusy || isTooLong || composed.text === ""} onPress={here}>
            Run here
          </Button>
          <Button
            className="button primary"
            isDisabled={isBusy || isTooLong || composed.text === "" || user === ""}
            onPress={send}
          >
            Send to the cluster
          </Button>
        </form>
        <Reference />
      </section>
      <section className="play-result" aria-labelledby="result-title">
        <h2 id="result-title">Result</h2>
        <div className="card result" aria-live="polite">
          <Result running={running} />
        </div>
        <h2>The lamp</h2>
        <div className="card">
          <Lamp />
        </div>
        <Lately />
      </section>
    </div>
  );
}
