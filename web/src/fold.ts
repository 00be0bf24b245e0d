// A journal folded into what the page shows of a run. web/runs/fold.go makes the same of the same entries; the files in
// web/runs/testdata/fold hold both to it.
import { Gap, NOT_SHOWN, settle } from "./gap.ts";
import type { Entry, Exchange, Failure, Large } from "./types.ts";

export interface Try { started: string; ended?: string; error?: Failure; http?: Exchange; lost?: boolean }
export interface StepView {
  path: string; key: string; status: string; attempt: number; started?: string; ended?: string; until?: string;
  input?: unknown; output?: unknown; error?: Failure; http?: Exchange; taken?: string[]; handled?: boolean; asks?: boolean; message?: string; tries: Try[];
}
export interface View {
  status: string; seq: number; label?: string; queued?: string; started?: string; ended?: string; until?: string;
  error?: Failure; output?: unknown; gap?: boolean; gap_in?: string; steps: StepView[];
}

export const ended = (status: string): boolean => status === "succeeded" || status === "failed" || status === "cancelled";
export const keyOf = (path: string): string => path.replace(/\[[^\]]*\]/g, "");
const word = (kind: string): string => kind.slice(kind.indexOf(".") + 1);

const startless = /^step\.(succeeded|failed|ignored|handling|retrying|parked|uncertain|lost)$/;
const given = (v: unknown): boolean => v !== undefined && v !== null;

/** Whether something may have been heard of the step at a key that is not shown. */
export const lacks = (v: View, key: string): boolean => !!v.gap && (!v.gap_in || key.startsWith(`${v.gap_in}.`));

/** What a step's status is called on screens. */
export function wordOf(s: StepView): string {
  if (s.status === "waiting" && s.asks) return "needs a decision";
  return { undoing: "taking back", undone: "taken back", unknown: NOT_SHOWN }[s.status] ?? s.status;
}

/** Sets a member, or takes it away where there is nothing to say, as the server's JSON does. */
function put<T extends object, K extends keyof T>(o: T, name: K, value: T[K] | null | undefined): void {
  if (value === undefined || value === null || value === "" || value === false) delete o[name];
  else o[name] = value;
}

/** Says of a value that is kept apart where it is. */
function inWords(large: Large): string {
  return `${large.bytes} bytes of data, kept apart; the API gives them below this run as /values/${large.hash}.`;
}

/** A run as its entries so far tell it. */
export class Fold {
  readonly view: View = { status: "queued", seq: 0, steps: [] };
  private byPath = new Map<string, StepView>();
  private gap = new Gap();
  private last = ""; // path of the last entry that had one
  private marked = new Set<string>(); // repeats that a mark was seen of: beside what is inside them nothing happens

  constructor(entries: Entry[] = []) { for (const e of entries) this.apply(e); }

  apply(entry: Entry): void {
    const { input_large, output_large, ...data } = entry.data;
    const e = { ...entry, data };
    if (input_large) data.input = inWords(input_large);
    if (output_large) data.output = inWords(output_large);
    const v = this.view;
    if (e.kind === "loop.marked") this.marked.add(e.path ?? "");
    if (v.seq > 0 && e.seq > v.seq + 1) {
      const within = this.repeats(e.path ?? "");
      put(v, "gap_in", v.gap && v.gap_in !== within ? "" : within);
      v.gap = true;
      this.gap.open(v.steps, e.at);
    }
    if (e.path) this.last = e.path;
    if (v.gap && e.kind !== "step.kept") this.gap.heard(e.path ?? "", this.byPath);
    v.seq = e.seq;
    if (e.kind === "item.ended" || e.kind === "loop.marked" || e.kind === "step.kept") return;
    if (e.kind === "round.started") return this.nextRound(e.path ?? "");
    if (e.path) {
      const s = this.step(e.path), fresh = !s.started;
      this.applyStep(s, e);
      if (v.gap && fresh && startless.test(e.kind)) delete s.started; // it began where nothing is shown
      if (s.ended) this.gap.over(e.path);
      return this.takeBack(e.path, e);
    }
    switch (e.kind) {
      case "run.queued": v.queued = e.at; break;
      case "run.started": v.status = "running"; v.started = e.at; put(v, "label", e.data.label); break;
      case "run.waiting": v.status = "waiting"; put(v, "until", e.data.until); break;
      case "run.resumed": case "run.cancelling": v.status = "running"; delete v.until; delete v.error; break;
      case "run.incomplete": case "run.uncertain": v.status = word(e.kind); put(v, "error", e.data.error); break;
      case "run.succeeded": case "run.failed": case "run.cancelled":
        v.status = word(e.kind); v.ended = e.at; delete v.until;
        put(v, "error", e.data.error); put(v, "output", e.data.output);
        this.gap.over("");
        if (v.gap) settle(v.steps);
        break;
    }
  }

  /** The step at a path, if it began. */
  at(path: string): StepView | undefined { return this.byPath.get(path); }

  /** The key of the repeat that what came last and what comes now are inside of, if it was marked: so is all between them. */
  private repeats(path: string): string {
    for (let at = path; at; at = at.slice(0, Math.max(at.lastIndexOf("."), at.lastIndexOf("["), 0))) {
      if (this.marked.has(at) && (this.last === at || this.last.startsWith(`${at}[`) || this.last.startsWith(`${at}.`))) return keyOf(at);
    }
    return "";
  }

  /** Ends the pause of a repeat between two rounds. */
  private nextRound(path: string): void {
    const s = this.byPath.get(path.slice(0, Math.max(path.lastIndexOf("["), 0)));
    if (s?.status === "waiting") { s.status = "running"; delete s.until; }
  }

  /** Tells the step that is being undone how its undo, the step inside it, ended. */
  private takeBack(path: string, e: Entry): void {
    const s = this.byPath.get(path.slice(0, Math.max(path.lastIndexOf("."), 0)));
    if (s?.status !== "undoing") return;
    if (e.kind === "step.succeeded" || e.kind === "step.ignored") s.status = "undone";
    else if (e.kind === "step.failed" || e.kind === "step.cancelled") { s.status = "failed"; put(s, "error", e.data.error); }
  }

  private step(path: string): StepView {
    let s = this.byPath.get(path);
    if (!s) {
      s = { path, key: keyOf(path), status: "", attempt: 0, tries: [] };
      this.byPath.set(path, s);
      this.view.steps.push(s);
    }
    return s;
  }

  private applyStep(s: StepView, e: Entry): void {
    s.started ||= e.at;
    if (e.data.message) s.message = e.data.message;
    switch (e.kind) {
      case "step.started":
        if (s.ended) { // another round of a repeat
          for (const name of Object.keys(s) as (keyof StepView)[]) if (name !== "path" && name !== "key") delete s[name];
          Object.assign(s, { started: e.at, tries: [] });
        }
        s.status = "running"; delete s.until;
        put(s, "taken", e.data.branches);
        if (e.data.input !== undefined) s.input = e.data.input;
        s.tries.push({ started: e.at });
        s.attempt = e.data.attempt ? Math.max(e.data.attempt, s.tries.length) : 1;
        break;
      case "step.waiting":
        s.status = "waiting"; put(s, "until", e.data.until);
        put(s, "asks", given(e.data.input));
        if (s.asks) s.input = e.data.input;
        break;
      case "step.retrying": s.status = "retrying"; put(s, "until", e.data.until); this.answered(s, e); break;
      case "step.handling": s.status = "running"; s.handled = true; this.answered(s, e); break;
      case "step.uncertain": case "step.parked": s.status = word(e.kind); this.answered(s, e); break;
      case "step.resumed":
        s.status = "running"; delete s.error;
        if (given(e.data.input)) s.input = e.data.input;
        break;
      case "step.undoing": s.status = "undoing"; break;
      case "step.lost": {
        this.again(s, e);
        const last = s.tries.at(-1);
        if (last) { last.lost = true; last.ended = e.at; }
        break;
      }
      case "step.succeeded": case "step.failed": case "step.ignored": case "step.skipped": case "step.cancelled":
        s.status = word(e.kind); s.ended = e.at; delete s.until;
        this.answered(s, e);
        put(s, "output", e.data.output);
        break;
    }
  }

  // again notes that a call which was lost with the process was made again, once more is heard of it than that nobody knows what
  // became of it.
  private again(s: StepView, e: Entry): void {
    const last = s.tries.at(-1);
    if (!last?.lost || last.error || e.kind === "step.cancelled" || e.data.error?.class === "uncertain") return;
    s.tries.push({ started: last.ended ?? last.started });
    s.attempt++;
  }

  private answered(s: StepView, e: Entry): void {
    if (e.data.error || e.kind === "step.succeeded") put(s, "error", e.data.error);
    if (e.data.http) s.http = e.data.http;
    this.again(s, e);
    const last = s.tries.at(-1);
    if (last?.lost && e.data.error && !last.error) last.error = e.data.error; // nobody knows what became of it
    if (!last || last.ended) return;
    last.ended = e.at;
    put(last, "error", e.data.error);
    put(last, "http", e.data.http);
  }
}
