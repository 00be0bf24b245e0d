// The editor's page: the text and the drawing beside it, problems where they are, saving and publishing. Every check is
// the server's, so what is shown here is what publishing says.
import "./canvas.ts";
import type { FlowCanvas } from "./canvas.ts";
import type { CodeEditor, Problem } from "./code.ts";
import { all, data, el, icon, one, say, toast } from "./dom.ts";
import { eachNode, type Flow } from "./types.ts";

interface Reply { revision?: number; name?: string; problems: Problem[]; canvas?: string; error?: string; conflict?: boolean }

class Editor {
  private code: CodeEditor | null = null;
  private saved: string;
  private wait = 0;
  private asked = 0;
  private form = one<HTMLFormElement>("#draft")!;
  private area = one<HTMLTextAreaElement>("textarea", this.form)!;

  constructor(private slug: string, private revision: number, private problems: Problem[], private mayConnect: boolean) {
    this.saved = this.area.value;
    this.form.addEventListener("submit", (e) => { e.preventDefault(); e.stopPropagation(); void this.save(); }, true);
    this.area.addEventListener("input", () => this.changed());
    one("[data-overwrite]")?.addEventListener("click", () => { this.revision = 0; one<HTMLDialogElement>("#conflict")?.close(); void this.save(); });
    one<HTMLFormElement>("form[data-publish]")?.addEventListener("submit", (e) => void this.publish(e));
    one("[data-issues]")?.addEventListener("click", () => { pane("pane-json"); const p = this.problems[0]; if (p?.line) this.goTo(p.line, p.column ?? 1); });
    one("[data-problems]")?.addEventListener("click", (e) => {
      const b = (e.target as Element).closest<HTMLElement>("[data-line]");
      if (b && Number(b.dataset["line"])) this.goTo(Number(b.dataset["line"]), Number(b.dataset["column"]));
    });
    document.addEventListener("pick", (e) => {
      e.preventDefault();
      this.pick((e as CustomEvent<string>).detail);
    });
    document.addEventListener("keydown", (e) => { if ((e.ctrlKey || e.metaKey) && e.key === "s") { e.preventDefault(); void this.save(); } });
    addEventListener("beforeunload", (e) => { if (this.text() !== this.saved) e.preventDefault(); });
    const made = () => { if (!document.hidden && this.problems.some((p) => p.app || p.connection || p.secret)) void this.check(); }; // or mended, meanwhile and on another page
    document.addEventListener("visibilitychange", made);
    addEventListener("focus", made);
    void this.load().then(made);
  }

  private async load(): Promise<void> {
    const host = one(".code-host", this.form)!;
    const { mount } = await import("./code.ts");
    this.code = mount(host, this.area.value, { change: () => this.changed(), save: () => void this.save() });
    host.hidden = false;
    this.area.hidden = true;
    this.code.problems(this.problems);
  }

  private text(): string { return this.code?.text() ?? this.area.value; }

  private goTo(line: number, column: number): void {
    if (this.code) return this.code.goTo(line, column);
    const before = this.area.value.split("\n").slice(0, line - 1).join("\n").length;
    this.area.focus();
    this.area.setSelectionRange(before + column, before + column);
  }

  private pick(key: string): void {
    const flow = data<Flow>("flow"), canvas = one<FlowCanvas>("flow-canvas");
    if (!flow || !canvas) return;
    canvas.select(key);
    const node = [...flow.triggers, ...eachNode(flow.steps)].find((n) => n.key === key);
    pane("pane-json");
    if (node?.place) this.code?.find(node.place);
  }

  private changed(): void {
    state(this.text() === this.saved ? "saved" : "not saved");
    clearTimeout(this.wait);
    this.wait = window.setTimeout(() => void this.check(), 350);
  }

  private async ask(what: string, body: Record<string, string>): Promise<Reply | null> {
    const answer = await fetch(`/scenarios/${encodeURIComponent(this.slug)}/${what}`, { method: "POST", body: new URLSearchParams(body), headers: { "X-Fragment": "json" } });
    if (!answer.headers.get("content-type")?.startsWith("application/json")) throw new Error(`the server answered ${answer.status}`);
    return (await answer.json()) as Reply;
  }

  private async check(): Promise<void> {
    const turn = ++this.asked;
    try {
      const reply = await this.ask("check", { definition: this.text() });
      if (reply && turn === this.asked) this.take(reply);
    } catch { /* the next change asks again; saving tells what is wrong */ }
  }

  private async save(): Promise<boolean> {
    const text = this.text(), button = one("[data-save]");
    ++this.asked;
    button?.setAttribute("aria-busy", "true");
    state("saving…");
    try {
      const reply = await this.ask("draft", { definition: text, revision: String(this.revision) });
      if (!reply) return false;
      if (reply.conflict) {
        say(one("[data-conflict-text]"), reply.error ?? "");
        one<HTMLDialogElement>("#conflict")?.showModal();
        state("not saved");
        return false;
      }
      this.take(reply);
      if (reply.error) {
        toast(reply.error, true);
        state("not saved");
        return false;
      }
      this.saved = text;
      this.area.value = text;
      if (reply.revision) this.revision = reply.revision;
      for (const e of all<HTMLInputElement>("input[name=revision]")) e.value = String(this.revision);
      say(one("[data-revision]"), String(this.revision));
      if (reply.name) say(one(".topbar h1"), reply.name);
      state(this.text() === text ? "saved" : "not saved");
      return true;
    } catch {
      toast("The draft could not be saved: the server did not answer. It is still here; save it again.", true);
      state("not saved");
      return false;
    } finally {
      button?.removeAttribute("aria-busy");
    }
  }

  /** What is published is what is on the screen: the draft is saved first. */
  private async publish(e: SubmitEvent): Promise<void> {
    if (this.text() === this.saved) return;
    e.preventDefault();
    const form = e.target as HTMLFormElement;
    if (await this.save()) form.submit();
    else { one<HTMLDialogElement>("#publish")?.close(); delete form.dataset["sent"]; for (const b of all("[aria-busy]", form)) b.removeAttribute("aria-busy"); }
  }

  private take(reply: Reply): void {
    this.problems = reply.problems;
    this.code?.problems(reply.problems);
    const list = one("[data-problems] ol");
    list?.replaceChildren(...reply.problems.map((p) => el("li", { class: p.severity === "warning" ? "warning" : "fault" },
      el("button", { type: "button", "data-line": String(p.line ?? 0), "data-column": String(p.column ?? 0) },
        icon(p.severity === "warning" ? "triangle-alert" : "circle-alert", "icon-s"), el("span", {}, p.message), p.line ? el("span", { class: "num" }, `${p.line}:${p.column ?? 1}`) : null),
      this.mayConnect ? way(p) : null)));
    const issues = one("[data-issues]"), n = reply.problems.length;
    issues?.classList.toggle("none", n === 0);
    const faults = one<HTMLElement>("[data-faults]");
    if (faults) faults.hidden = !reply.problems.some((p) => p.severity !== "warning");
    const word = n === 1 ? "problem" : "problems";
    issues?.setAttribute("aria-label", `${n} ${word}`);
    say(one("[data-count]", issues!), String(n));
    say(one(".word", issues!), word);
    if (!reply.canvas) return;
    const fresh = new DOMParser().parseFromString(reply.canvas, "text/html");
    const next = one("flow-canvas", fresh), now = one("flow-canvas");
    if (next && now && one("#flow", fresh)?.textContent !== one("#flow")?.textContent) now.replaceWith(document.adoptNode(next));
  }
}

/** Where the connection or the secret is made, or mended, that a problem is about. */
function way(p: Problem): HTMLElement | null {
  if (p.app) return el("a", { class: "link", target: "_blank", href: `/connections/new?${new URLSearchParams({ connector: p.app, slug: p.connection ?? "" })}` }, "Make it");
  if (p.secret) return el("a", { class: "link", target: "_blank", href: `/secrets/new?${new URLSearchParams({ slug: p.secret })}` }, "Make it");
  return p.connection ? el("a", { class: "link", target: "_blank", href: `/connections/${encodeURIComponent(p.connection)}` }, "Open it") : null;
}

/** Says beside the title whether what is on the screen is kept. */
function state(word: string): void {
  const e = one("[data-saved]");
  say(e, word);
  if (e) e.dataset["state"] = word === "not saved" ? "unsaved" : "";
}

function pane(id: string): void {
  for (const b of all("[data-pane]")) b.setAttribute("aria-selected", String(b.dataset["pane"] === id));
  for (const p of all(".pane")) p.hidden = p.id !== id;
}

if (document.getElementById(location.hash.slice(1))?.matches(".pane")) pane(location.hash.slice(1));
for (const b of all("[data-pane]")) b.addEventListener("click", () => pane(b.dataset["pane"]!));
const page = data<{ slug: string; revision: number; problems: Problem[]; mayConnect: boolean }>("editor");
if (page) new Editor(page.slug, page.revision, page.problems, page.mayConnect);
