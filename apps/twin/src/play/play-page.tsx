import type { ReactNode } from "react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Button } from "react-aria-components/Button";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { TextField } from "react-aria-components/TextField";
import { useParts } from "../live/context.tsx";
import { read, write } from "../parts/theme.ts";
import type { Shorter } from "./compose.ts";
import { compose, postLength, shorterOf } from "./compose.ts";
import { Counter } from "./counter.tsx";
import { Editor } from "./editor.tsx";
import { examples } from "./examples.ts";
import { Lamp } from "./lamp.tsx";
import { Lately } from "./lately.tsx";
import { ProblemList } from "./problem-list.tsx";
import type { Mark } from "./problems.ts";
import { mended, problemsIn, problemsOfRun } from "./problems.ts";
import { Reference } from "./reference.tsx";
import { Result } from "./result.tsx";
import type { Refusal, Running } from "./running.ts";
import { runHere, sendToCluster, takeBack } from "./running.ts";
import { useRunner } from "./use-runner.ts";
import "../style/play.css";

const kept = {
  name: "bramble.player",
  program: "bramble.program",
  token: (name: string) => `bramble.token.${name}`,
} as const;

/** What reading a program finds, without running it. */
type Checked = { readonly typed: string; readonly marks: readonly Mark[]; readonly shorter: Shorter | null };

/** Where anybody writes a Warble, tries it and sends it to the cluster. */
export function PlayPage(): ReactNode {
  const { rest, clock, twin, random } = useParts();
  const runner = useRunner();
  const [typed, setTyped] = useState(() => read(kept.program) ?? examples[0]!.program);
  const [name, setName] = useState(() => read(kept.name) ?? "");
  const [running, setRunning] = useState<Running>({ kind: "idle" });
  /** Why what is waited for could not be taken back. */
  const [notTakenBack, setNotTakenBack] = useState<Refusal | null>(null);
  /** What ran last: marks belong to it and vanish when it is edited. */
  const [ran, setRan] = useState("");
  const following = useRef<AbortController | null>(null);
  useEffect(() => () => following.current?.abort(), []);

  const composed = useMemo(() => compose(typed), [typed]);
  const isTooLong = composed.length > postLength;
  // A run here is over at once, or ended by the next one.
  const isBusy = running.kind === "sending" || running.kind === "waiting";
  const user = name.trim();

  const [checked, setChecked] = useState<Checked | null>(null);
  useEffect(() => {
    // A pause first: nobody wants to be corrected in the middle of a word.
    const timer = clock.after(500, () => setChecked({ typed, marks: problemsIn(typed), shorter: shorterOf(composed) }));
    return () => timer.cancel();
  }, [typed, composed, clock]);

  const marks = useMemo<readonly Mark[]>(() => {
    const found = checked?.typed === typed ? checked.marks : [];
    if (running.kind !== "ended" || ran !== typed) return found;
    // What reading finds knows its remedy; a run tells what reading cannot see.
    const told = problemsOfRun(typed, composed, running.answer);
    return [...found, ...told.filter(({ message }) => !found.some((each) => each.message === message))];
  }, [running, ran, typed, composed, checked]);

  const begin = (): AbortController => {
    following.current?.abort();
    const next = new AbortController();
    following.current = next;
    setNotTakenBack(null);
    setRan(typed);
    write(kept.program, typed);
    write(kept.name, user);
    return next;
  };
  const here = (): void => {
    if (isTooLong || composed.text === "" || runner === null) return;
    const { signal } = begin();
    setRunning({ kind: "here" });
    const world = {
      user: user === "" ? "guest" : user,
      board: 0,
      boards: Math.max(1, twin.names.length),
      temperatureC: null,
      nowMs: clock.now(),
      seed: random.whole(2 ** 31),
    };
    void runHere(runner, composed.text, world, signal).then((ended) => {
      if (ended !== null) setRunning(ended);
    });
  };
  const stop = (): void => {
    if (running.kind === "waiting") {
      const followed = following.current;
      void takeBack(running.id, running.token, rest).then((refused) => {
        if (following.current === followed) setNotTakenBack(refused);
      });
      return;
    }
    following.current?.abort();
    setRunning({ kind: "idle" });
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
          <Editor value={typed} marks={marks} describedBy="play-keys" onChange={setTyped} onRun={here} />
          <div className="editor-foot">
            {composed.isWrapped ? (
              <p className="sent">
                <span className="quiet">sent as</span> <code>{composed.text}</code>
              </p>
            ) : (
              <span />
            )}
            <Counter
              length={composed.length}
              shorter={checked?.typed === typed ? checked.shorter : null}
              onShrink={setTyped}
            />
          </div>
          <ProblemList marks={marks} onFix={(fix) => setTyped(mended(typed, fix))} />
        </div>
        <p className="play-keys quiet" id="play-keys">
          <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs it, <kbd>Ctrl</kbd> <kbd>Space</kbd> offers words, <kbd>Ctrl</kbd>{" "}
          <kbd>I</kbd> explains the one at the cursor, <kbd>F8</kbd> goes to the next problem, <kbd>Tab</kbd> leaves.
        </p>
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
          <Result running={running} notStopped={notTakenBack} onStop={stop} />
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
