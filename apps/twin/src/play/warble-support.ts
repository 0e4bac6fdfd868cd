import type { Completion as Offer, TokenKind } from "@bramble/warble";
import { bracketsAt, completionsAt, helpAt, tokensOf } from "@bramble/warble";
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { autocompletion, insertBracket } from "@codemirror/autocomplete";
import type { EditorState, Extension } from "@codemirror/state";
import { StateEffect, StateField } from "@codemirror/state";
import type { DecorationSet, Tooltip } from "@codemirror/view";
import { Decoration, EditorView, hoverTooltip, keymap, showTooltip } from "@codemirror/view";
import type { Draft } from "./compose.ts";
import { draftOf, rangeOfDraft } from "./compose.ts";

/**
 * What CodeMirror has to know of Warble: colours, brackets, completion, help under the pointer and, by Ctrl I, at the cursor.
 * All of it is asked of the language itself, which reads 280 characters faster than a key is pressed.
 */
export function warbleSupport(): Extension {
  return [
    drafts,
    EditorView.decorations.compute([drafts], coloured),
    EditorView.decorations.compute([drafts, "selection"], matchedBrackets),
    autocompletion({ override: [complete], icons: false }),
    hoverTooltip((view, pos) => tooltipAt(view.state, pos), { hoverTime: 250 }),
    helpHere,
    keymap.of([
      { key: "Mod-i", run: showHelp },
      { key: "Escape", run: hideHelp },
    ]),
  ];
}

const drafts = StateField.define<Draft>({
  create: (state) => draftOf(state.doc.toString()),
  update: (draft, { docChanged, state }) => (docChanged ? draftOf(state.doc.toString()) : draft),
});

const kinds: readonly TokenKind[] = [
  ...(["keyword", "builtin", "function", "name", "number", "text"] as const),
  ...(["operator", "bracket", "mark", "outside", "strange"] as const),
];
const colours: ReadonlyMap<TokenKind, Decoration> = new Map(
  kinds.map((kind) => [kind, Decoration.mark({ class: `code-${kind}` })]),
);
const pairMark = Decoration.mark({ class: "code-pair" });
const loneMark = Decoration.mark({ class: "code-lone" });

function coloured(state: EditorState): DecorationSet {
  const draft = state.field(drafts);
  const typed = state.doc.toString();
  return Decoration.set(
    tokensOf(draft.post).flatMap(({ kind, ...range }) => {
      const { from, to } = rangeOfDraft(typed, draft, range);
      return from === to ? [] : [colours.get(kind)!.range(from, to)];
    }),
  );
}

function matchedBrackets(state: EditorState): DecorationSet {
  const { main } = state.selection;
  const draft = state.field(drafts);
  const found = main.empty ? bracketsAt(draft.post, main.head + draft.shift) : null;
  if (found === null) return Decoration.none;
  const ranges = found.pair.map((range) => rangeOfDraft(state.doc.toString(), draft, range));
  // The brace that we put around what was typed is nowhere to be seen.
  return Decoration.set(
    ranges
      .filter(({ from, to }) => from < to)
      .map(({ from, to }) => (found.isMatched ? pairMark : loneMark).range(from, to)),
    true,
  );
}

/** Words that may be meant while one is typed; with Ctrl Space also where none is. */
function complete({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const draft = state.field(drafts);
  const found = completionsAt(draft.post, pos + draft.shift);
  if (found === null || (found.from === found.to && !explicit)) return null;
  return {
    from: found.from - draft.shift,
    options: found.options.map(optionOf),
    validFor: /^[\p{L}_][\p{L}\p{M}\p{Nd}_]*$/u,
  };
}

function optionOf({ label, kind, detail, summary, opens }: Offer): Completion {
  return {
    label,
    detail,
    info: summary,
    type: kind,
    boost: kind === "name" || kind === "function" ? 2 : kind === "keyword" ? 1 : 0,
    apply(view, _, from, to) {
      view.dispatch({ changes: { from, to, insert: label }, selection: { anchor: from + label.length } });
      // As if ( were typed: the ) behind it is one that typing steps over.
      const opened = opens ? insertBracket(view.state, "(") : null;
      if (opened !== null) view.dispatch(opened);
    },
  };
}

const setHelp = StateEffect.define<Tooltip | null>();
const helpHere = StateField.define<Tooltip | null>({
  create: () => null,
  update(shown, { docChanged, selection, effects }) {
    for (const effect of effects) if (effect.is(setHelp)) return effect.value;
    return docChanged || selection !== undefined ? null : shown;
  },
  provide: (field) => showTooltip.from(field),
});

function showHelp(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  const help = helpIn(view.state, head);
  const nothing = "There is nothing to tell about this place.";
  view.dispatch({
    effects: [
      setHelp.of(tooltipAt(view.state, head)),
      EditorView.announce.of(help === null ? nothing : `${help.title}. ${help.text}`),
    ],
  });
  return true;
}

function hideHelp(view: EditorView): boolean {
  if (view.state.field(helpHere) === null) return false;
  view.dispatch({ effects: setHelp.of(null) });
  return true;
}

function helpIn(state: EditorState, pos: number) {
  const draft = state.field(drafts);
  const help = helpAt(draft.post, pos + draft.shift);
  return help === null ? null : { ...help, ...rangeOfDraft(state.doc.toString(), draft, help) };
}

function tooltipAt(state: EditorState, pos: number): Tooltip | null {
  const help = helpIn(state, pos);
  if (help === null) return null;
  const { from, to, title, text } = help;
  return {
    pos: from,
    end: to,
    above: true,
    create() {
      const dom = document.createElement("div");
      dom.className = "code-help";
      const signature = dom.appendChild(document.createElement("code"));
      signature.textContent = title;
      dom.appendChild(document.createElement("p")).textContent = text;
      return { dom };
    },
  };
}
