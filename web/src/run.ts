// The page of one run: the drawing, the panel, the timeline and the log, all from the same entries, first those that the
// server wrote into the page and then those of the live feed.
import "./canvas.ts";
import type { FlowCanvas } from "./canvas.ts";
import { Attention } from "./attention.ts";
import { data, el, one, say } from "./dom.ts";
import { Feed } from "./feed.ts";
import { ended, Fold } from "./fold.ts";
import { light } from "./lights.ts";
import { Log } from "./log.ts";
import { Panel } from "./panel.ts";
import { between, took } from "./time.ts";
import type { Word } from "./words.ts";
import { eachNode, type Entry, type Flow } from "./types.ts";

export interface RunData {
  run: string; scenario: string; trigger: string; event: unknown; after: number; selected: string;
  entries: Entry[]; words: Record<string, Word>; replayFrom: boolean; now: number;
}

const pills: Record<string, string> = { queued: "", running: "run", waiting: "warn", incomplete: "warn", uncertain: "warn", succeeded: "ok", failed: "bad", cancelled: "" };
const capital = (s: string): string => s.slice(0, 1).toUpperCase() + s.slice(1);

class RunPage {
  private fold: Fold;
  private panel: Panel;
  private log: Log;
  private attention: Attention;
  private feed: Feed | null = null;
  private chosen = false; // the person picked a step: nothing is opened for them any more
  private selected: string;
  private opened = ""; // the path of the step that the panel follows
  private moved = false; // the panel went to another step since the last drawing
  private due = 0; // the timer of the next drawing
  private drawn = 0; // when the last one was done, and how long it took
  private cost = 0;
  private said = 0;
  private skew: number; // of the server's clock against this one

  constructor(private page: RunData, private flow: Flow, private canvas: FlowCanvas) {
    this.skew = page.now - Date.now();
    this.fold = new Fold(page.entries);
    this.selected = page.selected;
    this.opened = this.fold.view.steps.find((s) => s.key === page.selected)?.path ?? "";
    this.panel = new Panel(one("#panel")!, page, flow, canvas, (key) => this.choose(key));
    this.log = new Log(one(".log")!, (key) => canvas.titled(key), (key, id) => canvas.branch(key, id), (key) => this.choose(key));
    this.log.add(page.entries);
    this.attention = new Attention(one("#attention")!, page.run, this.fold.view);
    // after a form that was refused the page stands at the form's address
    if (location.pathname !== `/runs/${page.run}`) history.replaceState(null, "", `/runs/${page.run}`);
    canvas.addEventListener("pick", (e) => {
      e.preventDefault();
      this.choose((e as CustomEvent<string>).detail);
    });
    one("#siblings")?.addEventListener("listed", () => this.row()); // it may have been read before the last entry came
    this.show();
    canvas.fit();
    this.connect();
    setInterval(() => { if (!ended(this.fold.view.status)) this.soon(); }, 250);
  }

  private now(): number { return Date.now() + this.skew; }

  private connect(): void {
    const badge = one("[data-live]");
    const setState = (state: string) => {
      if (!badge) return;
      badge.dataset["state"] = state;
      say(one("b", badge), { open: "Live", connecting: "Connecting…", lost: "No answer, trying again", done: "Ended" }[state] ?? "");
    };
    if (ended(this.fold.view.status)) return setState("done");
    const feed = new Feed({
      query: { run: this.page.run }, after: this.page.after,
      onEntries: (entries) => this.take(entries), onState: setState,
    });
    feed.known(this.page.run, this.fold.view.seq);
    addEventListener("online", () => feed.poke());
    this.feed = feed;
  }

  private take(entries: Entry[]): void {
    for (const e of entries) {
      if (e.run && e.run !== this.page.run) continue;
      this.fold.apply(e);
      if (e.path && !this.chosen && /^step\.(started|failed|parked|uncertain)$/.test(e.kind)) this.open(e);
    }
    this.log.add(entries);
    this.soon();
    this.announce(entries);
    if (ended(this.fold.view.status)) this.feed?.stop();
  }

  /** Draws what came in: at once, or, where drawing takes long, a quarter of the time. What comes in meanwhile is drawn together. */
  private soon(): void {
    if (this.due) return;
    const wait = this.drawn + 3 * this.cost - performance.now();
    if (wait <= 0) return this.draw();
    this.due = window.setTimeout(() => { this.due = 0; this.draw(); }, wait);
  }

  private draw(): void {
    const began = performance.now();
    if (this.moved && !this.chosen) this.canvas.follow(this.selected);
    this.moved = false;
    this.show();
    this.attention.show(this.fold.view);
    this.drawn = performance.now();
    this.cost = this.drawn - began;
  }

  /** While nobody picked a step the panel follows the run, and stays with what failed. */
  private open(e: Entry): void {
    const step = this.fold.at(e.path!), current = this.fold.at(this.opened);
    if (!step || (e.kind === "step.started" && current?.status === "failed")) return;
    this.selected = step.key;
    this.opened = step.path;
    this.moved = true;
  }

  private choose(key: string): void {
    this.chosen = true;
    this.selected = key;
    this.show();
    const url = new URL(location.href);
    url.searchParams.set("step", key);
    history.replaceState(null, "", url);
    if (matchMedia("(max-width: 760px)").matches) one("#panel")?.scrollIntoView({ behavior: "smooth", block: "start" });
  }

  /** The step to look at first: the one that was asked for, that needs somebody, or that moved last. */
  private home(): string {
    const steps = this.fold.view.steps, needs = steps.filter((s) => s.status === "parked" || s.status === "uncertain" || s.status === "waiting" && s.asks);
    if (this.chosen || new URL(location.href).searchParams.has("step")) return this.selected;
    return (needs.at(-1) ?? steps.findLast((s) => s.status !== "skipped" && !s.taken))?.key ?? "";
  }

  private show(): void {
    const view = this.fold.view, now = this.now();
    this.canvas.home = this.home();
    const lights = light(this.flow, view, now);
    this.canvas.light(lights, view.status);
    this.canvas.select(this.selected);
    this.panel.show(view, this.selected, now);
    const pill = one("[data-status]");
    if (pill && pill.dataset["status"] !== view.status) {
      pill.dataset["status"] = view.status;
      pill.className = `pill ${pills[view.status] ?? ""}`;
      pill.replaceChildren(el("i"), capital(view.status));
    }
    this.row();
    say(one("[data-elapsed]"), took(between(view.started ?? view.queued, view.ended, now)));
    const states = [...eachNode(this.flow.steps)].map((n) => lights.nodes[n.key] ?? { state: "", meta: "" });
    const due = states.filter((s) => s.state !== "unknown").filter((s) => s.state !== "skipped" || s.meta === "not reached" && view.status !== "succeeded").map((s) => s.state);
    const done = due.filter((s) => s && !["skipped", "running", "waiting", "retrying", "uncertain", "cancelled"].includes(s));
    const hidden = states.filter((s) => s.state === "unknown").length;
    say(one("[data-steps]"), `${done.length} of ${due.length}${hidden ? `, ${hidden} not shown` : ""}`);
    say(one("[data-retries]"), String(view.steps.reduce((sum, s) => sum + Math.max(0, s.attempt - 1), 0)));
    for (const e of document.querySelectorAll<HTMLElement>("[data-while]")) {
      e.hidden = (e.dataset["while"] === "running") === ended(view.status);
    }
  }

  /** The run's own row in the list beside it says what the page says; the list itself is read again a moment later. */
  private row(): void {
    const status = this.fold.view.status, row = one(`#siblings [data-id="${CSS.escape(this.page.run)}"] .row`);
    if (!row) return;
    const dot = one(".dot", row), cls = `dot ${pills[status] ?? ""}`.trim();
    if (dot && dot.className.trim() !== cls) dot.className = cls;
    say(one("[data-word]", row), capital(status));
    const asks = status === "waiting" && this.fold.view.steps.some((s) => s.status === "waiting" && s.asks);
    row.classList.toggle("needs", status === "incomplete" || status === "uncertain" || asks);
  }

  /** Tells a screen reader what happened, at most once a second. */
  private announce(entries: Entry[]): void {
    const last = entries.findLast((e) => ended(e.kind.slice(4)) || /^step\.(succeeded|failed|retrying|waiting|parked|uncertain)$/.test(e.kind));
    if (!last) return;
    clearTimeout(this.said);
    this.said = window.setTimeout(() => {
      const what = last.path ? this.canvas.titled(last.path.replace(/\[[^\]]*\]/g, "")) : "The run";
      say(one("[data-progress]"), `${what}: ${last.kind.slice(last.kind.indexOf(".") + 1)}`);
    }, 1000);
  }
}

const page = data<RunData>("run"), flow = data<Flow>("flow"), canvas = one<FlowCanvas>("flow-canvas");
if (page && flow && canvas) new RunPage(page, flow, canvas);
