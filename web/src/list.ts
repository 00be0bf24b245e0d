// Lists that filter at once and take in what is new without a jump. The server renders the rows; here they are only put
// in place, those that did not change being left alone.
import { all, one } from "./dom.ts";
import { Feed } from "./feed.ts";
import { tick } from "./time.ts";

export function watchLists(): void { for (const box of all("[data-list-src]")) new LiveList(box); }

class LiveList {
  private busy = false;
  private again = false;
  private timer = 0;
  private due = Infinity; // when it goes off
  private was = new WeakMap<HTMLElement, string>(); // rows as the server gave them, before anybody opened or chose something in them

  constructor(private box: HTMLElement) {
    this.note(box);
    const form = one<HTMLFormElement>(`form[data-filter="${box.id}"]`);
    if (form) this.filter(form);
    const every = Number(box.dataset["every"] ?? 0);
    if (every) setInterval(() => { if (!document.hidden) this.soon(0); }, every);
    if (box.dataset["feed"] !== undefined) this.listen();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.soon(0); });
  }

  private listen(): void {
    const scenario = this.box.dataset["feed"];
    const after = this.box.dataset["after"];
    new Feed({
      query: scenario ? { scenario } : {}, after: after === undefined ? -1 : Number(after),
      onState: (state) => { if (state === "open" && after === undefined) this.soon(0); }, // what came in before it opened
      onEntries: (entries) => { if (entries.some((e) => e.kind.startsWith("run.") || this.box.dataset["kinds"] === "all")) this.soon(250); },
    });
  }

  private filter(form: HTMLFormElement): void {
    const go = () => {
      const query = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (typeof value === "string" && value) query.append(name, value);
      const path = `${new URL(form.action).pathname}${query.size ? `?${query}` : ""}`;
      this.box.dataset["listSrc"] = path;
      if (new URL(form.action).pathname === location.pathname) history.replaceState(null, "", path);
      this.soon(0);
    };
    let wait = 0;
    form.addEventListener("input", (e) => {
      clearTimeout(wait);
      wait = window.setTimeout(go, (e.target as HTMLInputElement).type === "search" ? 180 : 0);
    });
    form.addEventListener("submit", (e) => { e.preventDefault(); go(); });
  }

  private soon(ms: number): void {
    if (this.busy) { this.again = true; return; }
    const due = performance.now() + ms;
    if (due >= this.due) return; // entries without a pause do not put it off
    clearTimeout(this.timer);
    this.due = due;
    this.timer = window.setTimeout(() => void this.load(), ms);
  }

  private async load(): Promise<void> {
    this.busy = true;
    this.due = Infinity;
    const src = this.box.dataset["listSrc"]!;
    try {
      const answer = await fetch(src, { headers: { "X-Fragment": "list" }, credentials: "same-origin" });
      if (answer.ok && src === this.box.dataset["listSrc"]) this.put(await answer.text());
    } catch { /* the next entry or the next look tries again */ } finally {
      this.busy = false;
      if (this.again) { this.again = false; this.soon(300); }
    }
  }

  private note(within: ParentNode): void {
    for (const row of all("[data-id]", within)) if (!this.was.has(row)) this.was.set(row, plain(row));
  }

  private put(html: string): void {
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    for (const part of all("[data-part]", this.box)) {
      const next = one(`[data-part="${part.dataset["part"]}"]`, fresh);
      if (next && next.outerHTML !== part.outerHTML) part.replaceWith(next);
    }
    const rows = one("[data-rows]", this.box), next = one("[data-rows]", fresh);
    if (!rows || !next) { // from or to an empty list
      this.note(fresh);
      tick(fresh);
      this.box.replaceChildren(...fresh.childNodes);
      this.box.dispatchEvent(new Event("listed"));
      return;
    }
    const scroller = scrolls(this.box);
    const anchor = all("[data-id]", rows).find((r) => r.getBoundingClientRect().bottom > scroller.getBoundingClientRect().top + 40);
    const before = anchor?.getBoundingClientRect().top ?? 0;
    const known = new Map(all("[data-id]", rows).map((r) => [r.dataset["id"]!, r]));
    this.note(fresh);
    const ordered = all("[data-id]", next).map((row) => {
      const old = known.get(row.dataset["id"]!);
      if (!old) row.classList.add("new");
      return old && this.was.get(old) === this.was.get(row) ? old : row;
    });
    tick(next);
    arrange(rows, ordered);
    this.box.dispatchEvent(new Event("listed"));
    // who reads further down keeps the same rows under the eyes
    if (anchor?.isConnected && scroller.scrollTop > 30) scroller.scrollTop += anchor.getBoundingClientRect().top - before;
  }
}

/** Puts rows in order. Those that stay are not moved, so that they keep the focus and what is open in them. */
function arrange(rows: HTMLElement, ordered: HTMLElement[]): void {
  const stay = new Set(ordered);
  const focused = document.activeElement?.closest<HTMLElement>("[data-id]");
  const spot = focused && rows.contains(focused) && !stay.has(focused) ? all(FOCUSABLE, focused).indexOf(document.activeElement as HTMLElement) : -1;
  for (const row of [...rows.children]) if (!stay.has(row as HTMLElement)) row.remove();
  let at = rows.firstElementChild;
  for (const row of ordered) {
    if (row === at) at = at.nextElementSibling;
    else rows.insertBefore(row, at);
  }
  const again = spot < 0 ? undefined : ordered.find((row) => row.dataset["id"] === focused?.dataset["id"]);
  if (again) all(FOCUSABLE, again)[spot]?.focus();
}

const FOCUSABLE = "a, button, summary, input";

function scrolls(e: HTMLElement): HTMLElement {
  for (let p: HTMLElement | null = e; p; p = p.parentElement) if (/auto|scroll/.test(getComputedStyle(p).overflowY)) return p;
  return document.documentElement;
}

/** A row without its running times. */
function plain(row: HTMLElement): string {
  const copy = row.cloneNode(true) as HTMLElement;
  for (const t of all("time[data-ago]", copy)) t.textContent = "";
  for (const t of all("time[data-until]", copy)) t.textContent = "";
  return copy.outerHTML;
}
