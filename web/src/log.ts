// The live log: one line for each entry, in words.
import { el, one } from "./dom.ts";
import { keyOf } from "./fold.ts";
import { clock, took, until as untilOf } from "./time.ts";
import type { Entry } from "./types.ts";

const MOST = 1000; // lines kept in the page

export class Log {
  private list: HTMLElement;
  private follow = true;

  constructor(box: HTMLElement, private title: (key: string) => string, private branch: (key: string, id: string) => string, pick: (key: string) => void) {
    this.list = one("ol", box)!;
    const button = one("[data-follow]", box);
    const set = (on: boolean) => {
      this.follow = on;
      button?.setAttribute("aria-pressed", String(on));
      button?.classList.toggle("run", on);
      if (on) this.list.scrollTop = this.list.scrollHeight;
    };
    set(true);
    button?.addEventListener("click", () => set(!this.follow));
    this.list.addEventListener("scroll", () => {
      const end = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 24;
      if (end !== this.follow) set(end);
    });
    this.list.addEventListener("click", (e) => {
      const path = (e.target as Element).closest<HTMLElement>("[data-path]")?.dataset["path"];
      if (path) pick(keyOf(path));
    });
  }

  add(entries: Entry[]): void {
    const fresh = entries.slice(-MOST).filter(tells).map((e) => this.line(e));
    const old = [...this.list.children];
    for (const line of old.slice(0, Math.max(0, old.length + fresh.length - MOST))) line.remove();
    this.list.append(...fresh);
    if (this.follow) this.list.scrollTop = this.list.scrollHeight;
  }

  private line(e: Entry): HTMLElement {
    const { text, tone, aside } = words(e, (id) => this.branch(keyOf(e.path ?? ""), id));
    const name = e.path ? (e.path.split(".").at(-1) ?? "") : "run";
    const line = el("li", { class: tone, "data-path": e.path || undefined, title: e.path ? this.title(keyOf(e.path)) : undefined },
      el("time", { datetime: e.at }, clock(e.at)), el("b", {}, name), el("span", { title: text }, text, aside ? el("em", {}, ` ${aside}`) : null));
    return line;
  }
}

/** What only notes where a repeat stands says nothing to a person, until rounds are let go of with it. */
function tells(e: Entry): boolean {
  return e.kind !== "step.kept" && e.kind !== "run.kept" && (e.kind !== "loop.marked" || !!e.data.cut?.before);
}

function words(e: Entry, branch: (id: string) => string): { text: string; tone: string; aside: string } {
  const d = e.data, x = d.http;
  const call = x ? `${x.sandboxed ? "recorded, not sent" : x.status ?? "no answer"} · ${x.method} ${short(x.url)}` : "";
  const aside = x && !x.sandboxed ? took(x.ms) : "";
  const why = d.error ? d.error.message.replace(/\.$/, "") : "";
  const until = d.until ? untilOf(d.until, new Date(e.at)) : "";
  const line = (text: string, tone = "") => ({ text, tone, aside });
  switch (e.kind) {
    case "run.queued": return line("accepted");
    case "run.started": return line(d.label ? `started · ${d.label}` : "started");
    case "run.waiting": return line(until ? `waiting until ${until}` : "waiting", "warn");
    case "run.resumed": return line("goes on");
    case "run.succeeded": return line("succeeded", "ok");
    case "run.failed": return line(why ? `failed: ${why}` : "failed", "bad");
    case "run.incomplete": return line(`parked: ${why}`, "warn");
    case "run.uncertain": return line(`uncertain: ${why}`, "warn");
    case "run.signalled": return line("an event came in for its waits");
    case "run.rolling_back": return line(`${why}; what was done is taken back`, "warn");
    case "run.committing": return line(`${why}; it ends as succeeded all the same`, "warn");
    case "run.expired": return line(why || "ran out of time", "bad");
    case "run.cancelling": return line(d.message || "is being cancelled", "warn");
    case "run.cancelled": return line("cancelled", "warn");
    case "step.started":
      if (d.branches) return line(d.branches.length ? `takes ${d.branches.map(branch).join(", ")}` : "takes no branch");
      return line((d.attempt ?? 1) > 1 ? `try ${d.attempt}` : "started", "run");
    case "step.succeeded": return line([call, d.message].filter(Boolean).join(" · ") || "done");
    case "step.retrying": return line(`${why}; again ${until ? `at ${until}` : "soon"}`, "warn");
    case "step.handling": return line(`${why}; its error path begins`, "warn");
    case "step.failed": return line(why || "failed", "bad");
    case "step.ignored": return line(why ? `${why}; the run goes on` : d.message || "ignored", why ? "warn" : "");
    case "step.skipped": return line(d.message ? `skipped: ${d.message}` : "skipped", "off");
    case "step.waiting": return line((d.input ? "needs a decision" : "waiting") + (until ? ` until ${until}` : ""), "warn");
    case "step.parked": return line(`parked: ${why}`, "warn");
    case "step.resumed": return line(d.message?.replace(/\.$/, "") || "goes on", "run");
    case "step.undoing": return line("is taken back", "warn");
    case "item.ended": return why ? line(`its result could not be made: ${why}`, "bad") : line("item done");
    case "round.started": return line("another round", "run");
    case "loop.marked": return line(`went round ${d.cut?.rounds} times; of the rounds long before no log is kept`, "off");
    case "step.uncertain": return line(`uncertain: ${why}`, "warn");
    case "step.cancelled": return line("cancelled", "off");
    case "step.lost": return line("the server stopped while this call was in flight", "warn");
  }
  return line(e.kind.replace(".", " "));
}

function short(url: string): string {
  try {
    const u = new URL(url);
    return u.host + u.pathname;
  } catch { return url; }
}
