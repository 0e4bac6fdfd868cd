import { closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import type { Diagnostic } from "@codemirror/lint";
import { nextDiagnostic, previousDiagnostic, setDiagnostics } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, keymap, placeholder } from "@codemirror/view";
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import type { Mark } from "./problems.ts";
import { inWords } from "./problems.ts";
import { warbleSupport } from "./warble-support.ts";
import "../style/code.css";

/** What an editor needs. */
export type EditorProps = {
  readonly value: string;
  readonly marks: readonly Mark[];
  /** The id of the element that says how much room is left and which keys there are. */
  readonly describedBy: string;
  readonly onChange: (value: string) => void;
  readonly onRun: () => void;
};

/** The editor of one Warble: colours, completion, help, marks at errors. Tab leaves it, as in every text field. */
export function Editor({ value, marks, describedBy, onChange, onRun }: EditorProps): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onChange, onRun });
  latest.current = { onChange, onRun };

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; later values come by dispatch
  useEffect(() => {
    if (host.current === null) return;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          plainEditor(describedBy),
          warbleSupport(),
          keys(() => latest.current.onRun()),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    const made = view.current;
    if (made === null || made.state.doc.toString() === value) return;
    made.dispatch({ changes: differenceOf(made.state.doc.toString(), value) });
  }, [value]);

  useEffect(() => {
    const made = view.current;
    if (made === null) return;
    made.dispatch(setDiagnostics(made.state, marks.map(diagnosticOf(made.state.doc.length))));
  }, [marks]);

  return <div ref={host} className="editor" />;
}

function plainEditor(describedBy: string): Extension {
  return [
    history(),
    drawSelection(),
    closeBrackets(),
    EditorState.languageData.of(() => [{ closeBrackets: { brackets: ["(", "[", "{", '"'] } }]),
    EditorView.lineWrapping,
    placeholder('PRINT("hello cluster")'),
    EditorView.contentAttributes.of({
      "aria-label": "Your Warble",
      "aria-describedby": describedBy,
      autocapitalize: "off",
      autocorrect: "off",
      spellcheck: "false",
    }),
  ];
}

function keys(run: () => void): Extension {
  return [
    Prec.highest(
      keymap.of([
        {
          key: "Mod-Enter",
          run() {
            run();
            return true;
          },
        },
      ]),
    ),
    keymap.of([
      { key: "F8", run: nextDiagnostic, shift: previousDiagnostic },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...historyKeymap,
      ...defaultKeymap,
    ]),
  ];
}

function diagnosticOf(length: number): (mark: Mark) => Diagnostic {
  return (mark) => {
    const { from, to, severity, fix } = mark;
    const at = { from: Math.min(from, length), to: Math.min(to, length) };
    const message = inWords(mark);
    if (fix === null) return { ...at, severity, message };
    const apply = (view: EditorView, now: number): void => {
      // What stands before may have grown or shrunk since.
      const by = now - from;
      view.dispatch({ changes: { from: fix.from + by, to: fix.to + by, insert: fix.insert } });
    };
    return { ...at, severity, message, actions: [{ name: fix.label, apply }] };
  };
}

/** The one piece in which two texts differ: the cursor and the selection stay where the text stays. */
function differenceOf(before: string, after: string): { from: number; to: number; insert: string } {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from++;
  let [to, end] = [before.length, after.length];
  while (to > from && end > from && before[to - 1] === after[end - 1]) {
    to--;
    end--;
  }
  return { from, to, insert: after.slice(from, end) };
}
