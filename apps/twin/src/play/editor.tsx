import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import type { Diagnostic } from "@codemirror/lint";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, keymap, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { completeWarble, warbleParser } from "./warble-mode.ts";

/** A place in the program to mark, UTF-16 offset. */
export type Mark = { readonly at: number; readonly message: string; readonly severity: "error" | "warning" };

/** What an editor needs. */
export type EditorProps = {
  readonly value: string;
  readonly marks: readonly Mark[];
  readonly onChange: (value: string) => void;
  readonly onRun: () => void;
};

const colours = HighlightStyle.define([
  { tag: tags.meta, color: "var(--ink-quiet)" },
  { tag: tags.keyword, color: "var(--code-keyword)", fontWeight: "600" },
  { tag: tags.standard(tags.variableName), color: "var(--code-builtin)" },
  { tag: tags.string, color: "var(--code-text)" },
  { tag: tags.number, color: "var(--code-number)" },
  { tag: [tags.operator, tags.bracket], color: "var(--ink-quiet)" },
]);

/** The editor of one Warble: colours, completion, marks at errors. Tab leaves it, as in every text field. */
export function Editor({ value, marks, onChange, onRun }: EditorProps): ReactNode {
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
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ override: [completeWarble], icons: false }),
          StreamLanguage.define(warbleParser()),
          syntaxHighlighting(colours),
          EditorView.lineWrapping,
          placeholder('PRINT("hello cluster")'),
          EditorView.contentAttributes.of({
            "aria-label": "Your Warble",
            autocapitalize: "off",
            autocorrect: "off",
            spellcheck: "false",
          }),
          Prec.highest(
            keymap.of([
              {
                key: "Mod-Enter",
                run() {
                  latest.current.onRun();
                  return true;
                },
              },
            ]),
          ),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
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
    made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const made = view.current;
    if (made === null) return;
    const length = made.state.doc.length;
    const diagnostics: Diagnostic[] = marks.map(({ at, message, severity }) => {
      const from = Math.max(0, Math.min(at, length - 1));
      return { from, to: Math.min(length, from + 1), message, severity };
    });
    made.dispatch(setDiagnostics(made.state, diagnostics));
  }, [marks]);

  return <div ref={host} className="editor" />;
}
