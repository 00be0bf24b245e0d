// What a person is needed for, above the drawing. The server renders it; here it is asked for again when the run comes to
// or leaves something that needs somebody, and what a person is filling in is left alone.
import { all, one } from "./dom.ts";
import type { View } from "./fold.ts";
import { tick } from "./time.ts";

export class Attention {
  private shown: string;
  private busy = false;

  constructor(private box: HTMLElement, private run: string, view: View) { this.shown = asked(view); }

  show(view: View): void {
    const now = asked(view);
    if (now === this.shown || this.busy) return;
    this.busy = true;
    void this.load().then((done) => {
      if (done) this.shown = now;
      setTimeout(() => { this.busy = false; this.show(view); }, done ? 300 : 4000); // what changed meanwhile, or did not come
    });
  }

  private async load(): Promise<boolean> {
    try {
      const answer = await fetch(`/runs/${this.run}/attention`, { headers: { "X-Fragment": "attention" }, credentials: "same-origin" });
      if (answer.ok) this.put(await answer.text());
      return answer.ok;
    } catch { return false; }
  }

  private put(html: string): void {
    const fresh = one("#attention", new DOMParser().parseFromString(html, "text/html").body);
    if (!fresh) return;
    const known = new Map(all("[data-ask]", this.box).map((e) => [e.dataset["ask"], e]));
    for (const e of all("[data-ask]", fresh)) {
      const old = known.get(e.dataset["ask"]);
      if (old) e.replaceWith(old);
    }
    tick(fresh);
    this.box.hidden = fresh.hidden;
    this.box.replaceChildren(...fresh.childNodes);
  }
}

/** What the run needs somebody for, as a text that differs when that does. */
function asked(view: View): string {
  const open = view.steps.filter((s) => s.status === "parked" || s.status === "uncertain" || s.status === "waiting");
  return JSON.stringify([view.status === "failed", open.map((s) => [s.path, s.status, s.tries.length])]);
}
