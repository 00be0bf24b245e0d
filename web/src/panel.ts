// The panel beside the drawing: what went into the open step and what came out, its tries, its requests, and the
// timeline of the whole run.
import type { FlowCanvas } from "./canvas.ts";
import { el, icon, one, say } from "./dom.ts";
import { ended, lacks, wordOf, type StepView, type Try, type View } from "./fold.ts";
import { fileList, valueBox } from "./json.ts";
import { countRounds, NOT_SHOWN, numberOf, rounds as roundsOf, UNKNOWN } from "./gap.ts";
import { looks } from "./lights.ts";
import type { RunData } from "./run.ts";
import { between, clock, took, until } from "./time.ts";
import { keyOfWord, wordFor } from "./words.ts";
import { eachNode, type Exchange, type Failure, type Flow, type FlowNode } from "./types.ts";

const tones: Record<string, string> = { succeeded: "ok", failed: "bad", running: "run", retrying: "warn", waiting: "warn", uncertain: "warn", parked: "warn", undoing: "warn", ignored: "warn" };
type Tab = "data" | "tries" | "http";

const NEAR = 100; // rounds to choose from, on either side of the one that is shown

export class Panel {
  private tab: Tab = "data";
  private round = -1; // of the open step; -1: the last one
  private key = "";
  private drawn = "";
  private last: { view: View; now: number } | null = null;
  private timeline: Timeline;
  private nodes: Map<string, FlowNode>;

  constructor(private box: HTMLElement, private page: RunData, private flow: Flow, private canvas: FlowCanvas, pick: (key: string) => void) {
    this.timeline = new Timeline(canvas, this.nodes = new Map([...eachNode(flow.steps)].map((n) => [n.key, n])), pick);
  }

  show(view: View, key: string, now: number): void {
    this.last = { view, now };
    if (key !== this.key) {
      this.key = key;
      this.round = -1;
      if (this.tab === "http" && !this.nodes.get(key)?.calls && !view.steps.some((s) => s.key === key && s.http)) this.tab = "data";
    }
    const rounds = view.steps.filter((s) => s.key === key);
    const at = this.round < 0 ? rounds.length - 1 : Math.min(this.round, rounds.length - 1);
    const step = rounds[at];
    const drawn = JSON.stringify([key, this.tab, at, rounds.length, step?.status, step?.attempt, step?.tries.length, step?.ended, step?.handled, view.status]);
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      this.draw(view, step, rounds, at);
    }
    if (step && !step.ended) say(one("[data-ticking]", this.box), ticking(step, now));
    this.timeline.show(view, key, now);
  }

  private redraw(): void {
    this.drawn = "";
    if (this.last) this.show(this.last.view, this.key, this.last.now);
  }

  private draw(view: View, step: StepView | undefined, rounds: StepView[], at: number): void {
    const focus = document.activeElement?.getAttribute("data-tab");
    const about = this.canvas.about(this.key);
    const trigger = this.key.startsWith("trigger:");
    const state = trigger ? "succeeded" : step ? (this.nodes.get(this.key)?.fails && step.status === "succeeded" ? "failed" : step.status) : !ended(view.status) ? "" : lacks(view, this.key) ? UNKNOWN : "skipped";
    const word = trigger ? "received" : step && state === step.status ? wordOf(step) : state === UNKNOWN ? NOT_SHOWN : state || "not yet";
    const sub = [about.app, step && step.attempt > 1 ? `try ${step.attempt}` : "", this.key.replace(/^trigger:/, "")].filter(Boolean).join(" · ");
    const pill = el("span", { class: `pill ${tones[state] ?? ""}` }, el("i"), word);
    const header = el("header", {}, about.tile, el("div", {}, el("h2", {}, about.title), el("p", {}, sub)), pill);
    const body = el("div", { class: "body", tabindex: "0", role: "region", "aria-label": "Details of the step" });
    if (rounds.length > 1) body.append(this.rounds(view, rounds, at));
    if (trigger) {
      body.append(valueBox("Event", this.page.event ?? undefined, "The event is no longer kept."));
      const files = fileList(`/runs/${this.page.run}`, this.page.event);
      if (files) body.append(files);
    }
    else if (!step) body.append(el("p", { class: "quiet" }, !ended(view.status) ? "The run has not come here yet." : lacks(view, this.key) ? GONE : "The run did not come by here."));
    else this.fill(body, step, view);
    if (this.tab === "data" || trigger) {
      if (view.status === "failed" && view.error && !step) body.prepend(this.failure(view.error, view.steps.find((s) => s.path === view.error?.path)));
      body.append(this.timeline.box);
    }
    this.box.replaceChildren(header, this.tabs(step, trigger), body);
    if (focus) one(`[data-tab="${focus}"]`, this.box)?.focus();
  }

  private tabs(step: StepView | undefined, trigger: boolean): HTMLElement {
    const bar = el("div", { class: "tabs", role: "tablist", "aria-label": "Details" });
    const exchanges = step?.tries.filter((t) => t.http).length ?? 0;
    const list: [Tab, string, number][] = trigger ? [["data", "Data", 0]] : [["data", "Data", 0], ["tries", "Attempts", step?.tries.length ?? 0]];
    if (!trigger && (exchanges || this.nodes.get(this.key)?.calls)) list.push(["http", "HTTP", exchanges]);
    for (const [tab, name, count] of list) {
      const button = el("button", { type: "button", role: "tab", "data-tab": tab, "aria-selected": String(tab === this.tab || trigger) }, name, count > 1 ? el("span", { class: "count" }, String(count)) : null);
      button.addEventListener("click", () => { this.tab = tab; this.redraw(); });
      bar.append(button);
    }
    return bar;
  }

  private rounds(view: View, rounds: StepView[], at: number): HTMLElement {
    const select = el("select", { class: "input", "aria-label": "Round" }) as HTMLSelectElement;
    rounds.forEach((r, i) => { // thousands would take the browser seconds
      if (i === 0 || i === rounds.length - 1 || Math.abs(i - at) <= NEAR) select.append(el("option", { value: String(i), selected: i === at }, `${r.path} · ${wordOf(r)}`));
    });
    select.addEventListener("change", () => { this.round = Number(select.value); this.redraw(); });
    const own = roundsOf(rounds), open = rounds[at]!, n = own.indexOf(open);
    const label = n < 0 ? "All its rounds" : `Round ${(view.gap ? numberOf(open.path) : n) + 1} of ${countRounds(own, view.gap)}`;
    return el("div", { class: "field" }, el("span", { class: "label" }, label), select);
  }

  private fill(body: HTMLElement, step: StepView, view: View): void {
    if (this.tab === "tries") return void body.append(...tries(step));
    if (this.tab === "http") return void body.append(...exchanges(step));
    if (step.error) body.append(this.failure(step.error, step, step.handled ? "Its error path took over." : "", step.status === "retrying" ? step.until : undefined));
    if (step.status === "skipped") body.append(el("p", { class: "quiet" }, step.message ? `Skipped: ${step.message}` : "Skipped."));
    else if (step.message) body.append(el("p", { class: "lines" }, step.message));
    if (step.status === UNKNOWN) body.append(el("p", { class: "quiet" }, GONE));
    const failed = step.error && keyOfWord(step.error, step.http !== undefined);
    const idle = ["waiting", "skipped", UNKNOWN].includes(step.status);
    const over = step.ended && step.tries.length === 0; // it was not done, here
    if (step.input !== undefined || !(step.taken || idle || over)) body.append(valueBox("Input", step.input, failed === "expression" ? "It could not be made." : step.ended ? "It takes no input." : "Nothing yet."));
    const waiting = step.ended || ended(view.status) ? undefined : el("span", { class: `pill ${tones[step.status] ?? ""}`, "data-ticking": true }, wordOf(step));
    const none = step.ended ? (step.status === "succeeded" ? "It gave nothing." : "It gave nothing: the step did not succeed.") : step.status === "waiting" && step.until ? `${step.asks ? "Nobody has decided yet; the wait" : "The wait"} ends ${when(step.until)}.` : "No answer yet.";
    if (step.status === "skipped" || step.status === UNKNOWN) return;
    body.append(valueBox("Output", step.output, none, waiting));
    const files = fileList(`/runs/${this.page.run}`, step.output);
    if (files) body.append(files);
    const guarantee = this.guarantee();
    if (guarantee) body.append(el("p", { class: "quiet" }, guarantee));
    if (this.page.replayFrom && ended(view.status) && this.canvas.about(step.key).tile) body.append(this.again(step));
  }

  /** What a crash in the middle means for the step. */
  private guarantee(): string {
    for (const n of eachNode(this.flow.steps)) if (n.key === this.key) return n.guarantee ?? "";
    return "";
  }

  /** Starts another run that begins with this step. */
  private again(step: StepView): HTMLElement {
    const button = el("button", { class: "btn small" }, icon("rotate-ccw", "icon-s"), "Retry from here");
    return el("form", { method: "post", action: `/runs/${this.page.run}/replay` }, el("input", { type: "hidden", name: "from", value: step.path }), button);
  }

  /** What went wrong; `after` says what the run did about it, `again` when it is tried once more. */
  private failure(f: Failure, step?: StepView, after = "", again?: string): HTMLElement {
    const known = wordFor(this.page.words, f, step?.http !== undefined), parked = step?.status === "parked" || step?.status === "uncertain";
    const box = el("div", { class: again ? "alert warn" : "alert", role: again ? "note" : "alert" }, icon(again ? "triangle-alert" : "circle-alert"),
      el("div", {}, el("b", {}, known?.title ?? "The step failed"), el("p", {}, f.message)));
    const advice = again ? `It is tried again ${when(again)}.` : [after, (parked && known?.parked) || known?.fix].filter(Boolean).join(" ");
    const facts = [f.status ? `HTTP ${f.status}` : known ? "" : f.class, advice].filter(Boolean).join(" · ");
    if (facts) box.append(el("p", { class: "more" }, facts));
    if (f.body !== undefined && f.body !== null && f.body !== "") {
      const answer = el("details", { class: "more" }, el("summary", { class: "link fold" }, "The answer as it came"));
      answer.append(el("code", { class: "code" }, pretty(f.body)));
      box.append(answer);
    }
    return box;
  }
}

const GONE = "What became of it stands in the part of the journal that is not shown here. The API has all of it.";

const when = (iso: string): string => {
  const at = until(iso);
  return at.includes(",") ? `on ${at}` : `at ${at}`;
};

/** A body as it reads best: JSON laid out, anything else as it came. */
function pretty(body: unknown): string {
  if (typeof body !== "string") return JSON.stringify(body, null, 2);
  try { return JSON.stringify(JSON.parse(body), null, 2); } catch { return body; }
}

function ticking(step: StepView, now: number): string {
  if (step.status === UNKNOWN) return NOT_SHOWN;
  if (step.until) {
    const left = Date.parse(step.until) - now;
    return left > 0 ? `${wordOf(step)}, ${took(left)} left` : wordOf(step);
  }
  return `${wordOf(step)}, ${took(between(step.started, undefined, now))}`;
}

function tries(step: StepView): HTMLElement[] {
  if (!step.tries.length) return [el("p", { class: "quiet" }, "It was not tried.")];
  const line = (t: Try, i: number) => {
    const tone = t.error ? "bad" : t.lost ? "warn" : t.ended ? "ok" : "run";
    const what = t.error ? t.error.message : t.lost ? "The server stopped while it was in flight." : t.ended ? "Succeeded" : "In flight";
    return el("li", {}, el("i", { class: `dot ${tone}` }), el("b", {}, `Try ${i + 1}`),
      el("span", { class: "num quiet" }, `${clock(t.started)}${t.ended ? ` · ${took(between(t.started, t.ended, 0))}` : ""}`), el("p", {}, what));
  };
  return [el("ol", { class: "tries" }, ...step.tries.map(line))];
}

function exchanges(step: StepView): HTMLElement[] {
  const list = step.tries.map((t) => t.http).filter((x): x is Exchange => x !== undefined);
  if (!list.length) return [el("p", { class: "quiet" }, "This step sent no request.")];
  return list.map((x) => {
    const tone = x.status === undefined ? "bad" : x.status < 400 ? "ok" : "bad";
    const rows: [string, string][] = [["URL", x.url]];
    if (!x.sandboxed) rows.push(["Answered in", took(x.ms)]);
    if (x.connection) rows.push(["Connection", x.connection]);
    if (x.request_id) rows.push(["The vendor's request id", x.request_id]);
    const facts = el("dl", { class: "facts" });
    for (const [name, value] of rows) facts.append(el("div", {}, el("dt", {}, name), el("dd", { class: "mono" }, value)));
    const box = el("section", { class: "box" }, el("header", {}, el("b", { class: "mono" }, x.method), el("span", { class: "grow" }),
      x.sandboxed ? el("span", { class: "pill outline" }, "recorded, not sent") : el("span", { class: `pill ${tone}` }, x.status ? String(x.status) : "no answer")), el("div", { class: "in" }, facts));
    if (x.sandboxed) box.append(el("footer", {}, el("a", { class: "link", href: "/outbox" }, "See it in the outbox")));
    return box;
  });
}

/** One bar for each step, over the time of the run. */
class Timeline {
  readonly box = el("section", { class: "timeline" });
  private total = el("span", { class: "num" });
  private list = el("ol");
  private rows = new Map<string, { row: HTMLElement; time: HTMLElement; bar: HTMLElement; tries: HTMLElement }>();

  constructor(private canvas: FlowCanvas, private nodes: Map<string, FlowNode>, private pick: (key: string) => void) {
    this.box.append(el("h3", {}, "Timeline", this.total), this.list);
  }

  show(view: View, selected: string, now: number): void {
    const first = Date.parse(view.started ?? view.queued ?? new Date(now).toISOString());
    const last = view.ended ? Date.parse(view.ended) : now;
    const span = Math.max(1, last - first);
    say(this.total, took(last - first));
    const paths = new Set(view.steps.map((s) => s.path));
    for (const s of view.steps.slice(0, 400)) {
      if (s.taken) continue; // a router takes no time of its own
      const r = this.rows.get(s.path) ?? this.add(s);
      r.row.hidden = paths.has(`${s.path}[0]`); // its rounds stand here
      const lost = s.status === UNKNOWN || !s.started, from = Date.parse(s.started ?? s.ended ?? view.started ?? "");
      const to = lost ? from : s.ended ? Date.parse(s.ended) : now;
      r.row.dataset["state"] = looks(this.nodes.get(s.key), s.status);
      r.row.toggleAttribute("data-open", s.key === selected);
      say(r.time, s.status === "skipped" ? "skipped" : lost ? "not shown" : took(to - from));
      say(r.tries, s.attempt > 1 ? `${s.attempt} tries` : "");
      r.bar.style.marginLeft = `${Math.max(0, Math.min(99, ((from - first) / span) * 100))}%`;
      r.bar.style.width = `${Math.max(0.8, Math.min(100, ((to - from) / span) * 100))}%`;
    }
  }

  private add(s: StepView) {
    const about = this.canvas.about(s.key);
    about.tile?.classList.add("s");
    const time = el("span", { class: "num took" }), bar = el("i"), tries = el("small");
    const round = [...s.path.matchAll(/\[(\d+)\]/g)].map((m) => Number(m[1]) + 1).join(".");
    const row = el("li", {}, el("button", { type: "button" }, about.tile, el("span", { class: "name" }, about.title, round ? ` ${round}` : "", tries), time, el("span", { class: "bar" }, bar)));
    row.addEventListener("click", () => this.pick(s.key));
    this.list.append(row);
    const out = { row, time, bar, tries };
    this.rows.set(s.path, out);
    return out;
  }
}
