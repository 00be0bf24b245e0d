// The text editor for JSON, loaded when a page with one is shown. It lives in a shadow root, where its styles need no
// permission of the page's content policy.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import type { SyntaxNode } from "@lezer/common";
import { tags } from "@lezer/highlight";

export interface Problem { path: string; line?: number; column?: number; severity?: string; message: string; app?: string; connection?: string; secret?: string }
export interface CodeEditor {
  text(): string;
  problems(list: Problem[]): void;
  goTo(line: number, column: number): void;
  /** Goes to the value at a JSON Pointer. */
  find(pointer: string): void;
}

const theme = EditorView.theme({
  "&": { height: "100%", fontSize: "12.5px", color: "var(--text)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", fontFeatureSettings: "'calt' 0", lineHeight: "1.65", overflow: "auto", scrollbarWidth: "thin" },
  ".cm-content": { caretColor: "var(--accent)", padding: "10px 0" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-3)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 6px 0 10px", minWidth: "34px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in oklab, var(--accent) 6%, transparent)" },
  ".cm-activeLineGutter": { color: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in oklab, var(--accent) 22%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in oklab, var(--ok) 22%, transparent)", outline: "none" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--surface-3)", border: "none", color: "var(--text-3)", padding: "0 6px", borderRadius: "5px" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", borderRadius: "9px", boxShadow: "var(--sh-3)", overflow: "hidden" },
  ".cm-diagnostic": { padding: "7px 11px", fontFamily: "var(--font)", fontSize: "12px", maxWidth: "380px", borderLeft: "3px solid var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-lint-marker": { width: "0.8em", height: "0.8em", marginTop: "0.225em" }, // its cell pads it by 0.2em
  ".cm-lint-marker-error": { content: "''", backgroundColor: "var(--bad)", borderRadius: "3px" },
  ".cm-lint-marker-warning": { content: "''", backgroundColor: "var(--warn)", borderRadius: "50% 50% 50% 0" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad) 1.2px", textUnderlineOffset: "3px" },
  ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--warn) 1.2px", textUnderlineOffset: "3px" },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--json-key)" },
  { tag: tags.string, color: "var(--ok-ink)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--json-num)" },
  { tag: [tags.brace, tags.squareBracket, tags.separator], color: "var(--text-3)" },
]);

export function mount(host: HTMLElement, text: string, on: { change(): void; save(): void }): CodeEditor {
  const root = host.attachShadow({ mode: "open" });
  const view = new EditorView({
    root, parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), lintGutter(), foldGutter(), highlightSpecialChars(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), highlightActiveLineGutter(),
        EditorView.lineWrapping, json(), syntaxHighlighting(colours), theme, EditorState.tabSize.of(2),
        EditorView.contentAttributes.of({ "aria-label": "The scenario as JSON", tabindex: "0" }),
        keymap.of([{ key: "Mod-s", preventDefault: true, run: () => { on.save(); return true; } }, indentWithTab, ...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap]),
        EditorView.updateListener.of((u) => { if (u.docChanged) on.change(); }),
      ],
    }),
  });
  const show = (at: number) => {
    view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    view.focus();
  };
  /** A column counts bytes; the editor counts UTF-16 units. */
  const position = (line: number, column: number): number => {
    const l = view.state.doc.line(Math.max(1, Math.min(line, view.state.doc.lines)));
    const bytes = new TextEncoder().encode(l.text).slice(0, Math.max(0, column - 1));
    return Math.min(l.to, l.from + new TextDecoder().decode(bytes).length);
  };
  return {
    text: () => view.state.doc.toString(),
    problems(list) {
      const found: Diagnostic[] = list.map((p) => {
        const from = p.line ? position(p.line, p.column ?? 1) : 0;
        const node = syntaxTree(view.state).resolveInner(from, 1);
        const line = view.state.doc.lineAt(from);
        const to = node.from === from && node.to <= line.to ? node.to : line.to;
        return { from, to: Math.max(from, to), severity: p.severity === "warning" ? "warning" : "error", message: p.message };
      });
      view.dispatch(setDiagnostics(view.state, found));
    },
    goTo: (line, column) => show(position(line, column)),
    find(pointer) {
      let node: SyntaxNode | null = syntaxTree(view.state).topNode.firstChild;
      for (const part of pointer.split("/").slice(1)) {
        if (!node) return;
        const name = part.replace(/~1/g, "/").replace(/~0/g, "~");
        node = node.name === "Array" ? items(node)[Number(name)] ?? null : member(node, name);
      }
      if (node) show(node.from);
    },
  };

  function items(list: SyntaxNode): SyntaxNode[] {
    const out: SyntaxNode[] = [];
    for (let c = list.firstChild; c; c = c.nextSibling) if (!/^[[\],]$/.test(c.name)) out.push(c);
    return out;
  }

  function member(object: SyntaxNode, name: string): SyntaxNode | null {
    for (const property of object.getChildren("Property")) {
      const key = property.getChild("PropertyName");
      if (key && view.state.sliceDoc(key.from, key.to) === JSON.stringify(name)) return property.lastChild;
    }
    return null;
  }
}
