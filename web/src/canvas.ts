// <flow-canvas>: takes the nested lists that the server wrote, lays them out as a drawing, lights them, and lets people
// move about in it by wheel, touch, buttons and arrow keys. The document keeps its order, so it reads as before.
import { select } from "d3-selection";
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomBehavior } from "d3-zoom";
import { all, el, icon, one, say, svg } from "./dom.ts";
import { NOT_SHOWN, UNKNOWN } from "./gap.ts";
import { END, layout, type Drawing, type Edge, type Spot } from "./layout.ts";
import type { Lights } from "./lights.ts";
import type { Flow } from "./types.ts";

const badges: Record<string, string> = { succeeded: "check", failed: "x", ignored: "minus", waiting: "clock", retrying: "rotate-ccw", uncertain: "circle-help", cancelled: "ban" };
const SMALLEST = 0.2, LARGEST = 2, READABLE = 0.62, SMALL = 0.45;

export class FlowCanvas extends HTMLElement {
  private drawing!: Drawing;
  private world!: HTMLElement;
  private nodes = new Map<string, HTMLElement>();
  private frames = new Map<string, HTMLElement>();
  private labels = new Map<string, HTMLElement>();
  private ways: { edge: Edge; path: SVGElement; state: string }[] = [];
  private low!: SVGElement;
  private high!: SVGElement;
  private end: HTMLElement | null = null;
  private zoom!: ZoomBehavior<HTMLElement, unknown>;
  private scale = 1;
  private moved = false; // by the person: nothing moves on its own any more
  /** The node that is to be in view where the whole drawing does not fit; empty: the first. */
  home = "";
  private size: ResizeObserver | null = null;

  connectedCallback(): void {
    if (this.world) return;
    const flow = one("script", this);
    this.world = one(".world", this)!;
    this.listen();
    this.draw(JSON.parse(flow?.textContent || '{"triggers":[],"steps":[]}') as Flow);
    this.size = new ResizeObserver(() => { if (!this.moved) this.fit(); });
    this.size.observe(this);
  }

  disconnectedCallback(): void { this.size?.disconnect(); }

  /** Lays the flow out; the lists in the page must be those of the flow. */
  draw(flow: Flow): void {
    this.drawing = layout(flow);
    this.classList.add("drawn");
    for (const e of all(".edges, .frame, .finish", this.world)) e.remove();
    const edges = svg("svg", { class: "edges", "aria-hidden": "true" });
    edges.append((this.low = svg("g")), (this.high = svg("g")));
    this.ways = this.drawing.edges.map((edge) => {
      const path = svg("path", { d: edge.d, ...(edge.error ? { "data-error": "" } : {}) });
      this.low.append(path);
      return { edge, path, state: "" };
    });
    this.frames.clear();
    const boxes: HTMLElement[] = [];
    for (const [key, spot] of this.drawing.frames) {
      const box = el("div", { class: "frame", "aria-hidden": "true" });
      place(box, spot, true);
      this.frames.set(key, box);
      boxes.push(box);
    }
    this.world.prepend(...boxes, edges);
    this.nodes = new Map(all(".node", this).map((n) => [n.dataset["key"]!, n]));
    for (const [key, node] of this.nodes) {
      const spot = this.drawing.nodes.get(key);
      if (spot) place(node, spot, node.classList.contains("head"));
    }
    this.labels = new Map(all(".edge-label", this).map((l) => [l.dataset["list"]!, l]));
    for (const [key, at] of this.drawing.labels) {
      const label = this.labels.get(key);
      if (label) { label.style.left = `${at.x}px`; label.style.top = `${at.y}px`; }
    }
    const end = this.drawing.nodes.get(END);
    this.end = end ? el("span", { class: "finish", "aria-hidden": "true" }) : null;
    if (this.end && end) { place(this.end, end, false); this.world.append(this.end); }
    this.fit();
  }

  /** Shows how far a run came. */
  light(lights: Lights, status: string): void {
    for (const [key, node] of this.nodes) {
      const s = lights.nodes[key];
      if (!s) continue;
      say(one("[data-meta]", node), s.meta);
      if (node.dataset["state"] === s.state) continue;
      node.dataset["state"] = s.state;
      say(one("[data-word]", node), s.state === UNKNOWN ? NOT_SHOWN : s.state || "not yet");
      const badge = badges[s.state];
      one("[data-badge]", node)?.replaceChildren(...(badge ? [icon(badge)] : []));
      const box = this.frames.get(key);
      if (box) box.dataset["state"] = s.state;
    }
    for (const [name, label] of this.labels) label.dataset["state"] = lights.branches[name] ?? "";
    if (this.end && this.end.dataset["state"] !== status) {
      this.end.dataset["state"] = status;
      const mark = badges[status];
      this.end.replaceChildren(...(mark && status !== "waiting" ? [icon(mark)] : []));
    }
    for (const way of this.ways) {
      const state = wayState(way.edge, lights, status);
      if (way.state === state) continue;
      way.state = state;
      way.path.setAttribute("class", state);
      (state === "done" || state === "act" || state === "bad" ? this.high : this.low).append(way.path);
    }
  }

  select(key: string): void {
    for (const [k, node] of this.nodes) {
      if (k === key) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    }
  }

  /** The app, the title and a copy of the tile of a node. */
  about(key: string): { app: string; title: string; tile: HTMLElement | null } {
    const node = this.nodes.get(key);
    return {
      app: node ? one(".over > span", node)?.textContent ?? "" : "",
      title: this.titled(key),
      tile: node ? (one(".tile", node)?.cloneNode(true) as HTMLElement) : null,
    };
  }

  titled(key: string): string {
    const node = this.nodes.get(key);
    return node ? one(".name", node)?.textContent ?? key : key;
  }

  /** What a branch of a node is called. */
  branch(key: string, id: string): string { return this.labels.get(`${key}/${id}`)?.textContent || id; }

  /** Brings a node into view, unless the person is looking somewhere else. */
  follow(key: string): void {
    const spot = this.drawing.nodes.get(key), node = this.nodes.get(key);
    if (this.moved || !spot || !node) return;
    const view = this.getBoundingClientRect(), n = node.getBoundingClientRect();
    if (n.top < view.top + 10 || n.bottom > view.bottom - 10 || n.left < view.left || n.right > view.right) this.centre(spot);
  }

  fit(whole = false): void {
    const w = this.clientWidth, h = this.clientHeight, b = this.drawing.bounds;
    if (!w || !h) return;
    const room = w < 600 ? 28 : 72;
    const width = b.right - b.left, height = b.bottom - b.top;
    const across = (w - room) / width, down = (h - 56) / height;
    // a drawing that would be shrunk to a thread is shown in part, at a size that can be read
    const k = Math.max(SMALLEST, Math.min(1, across, whole || down > SMALL ? down : READABLE));
    const home = this.drawing.nodes.get(this.home);
    let y = Math.min((h - height * k) / 2, 60);
    if (height * k > h - 40) y = home ? Math.min(28, Math.max(h / 2 - (home.y + home.h / 2) * k, h - 72 - height * k)) : 28;
    this.to(zoomIdentity.translate(w / 2 - ((b.left + b.right) / 2) * k, y).scale(k));
    this.moved = false;
  }

  private centre(spot: Spot): void {
    const k = Math.max(this.scale, READABLE);
    this.to(zoomIdentity.translate(this.clientWidth / 2 - spot.x * k, this.clientHeight / 2 - (spot.y + spot.h / 2) * k).scale(k));
  }

  private to(t: typeof zoomIdentity): void { this.zoom.transform(select(this as HTMLElement), t); }

  private listen(): void {
    const self = select(this as HTMLElement);
    this.zoom = zoom<HTMLElement, unknown>()
      .scaleExtent([SMALLEST, LARGEST])
      .filter((e: MouseEvent | WheelEvent) => (e.type === "wheel" ? e.ctrlKey || e.metaKey : !e.button) && !(e.target as Element).closest(".dock"))
      .on("zoom", (e: D3ZoomEvent<HTMLElement, unknown>) => {
        const { x, y, k } = e.transform;
        if (e.sourceEvent) this.moved = true;
        this.scale = k;
        this.world.style.transform = `translate(${x}px, ${y}px) scale(${k})`;
        this.style.setProperty("--x", `${x}px`);
        this.style.setProperty("--y", `${y}px`);
        this.style.setProperty("--grid", `${20 * k}px`);
        this.classList.toggle("far", k < 0.4);
        say(one("output", this), `${Math.round(k * 100)}%`);
      });
    self.call(this.zoom).on("dblclick.zoom", null);
    this.addEventListener("wheel", (e) => {
      if (e.ctrlKey || e.metaKey) return;
      e.preventDefault();
      this.moved = true;
      this.zoom.translateBy(self, -e.deltaX / this.scale, -e.deltaY / this.scale);
    }, { passive: false });
    const dock = one(".dock", this);
    if (dock) dock.hidden = false;
    this.addEventListener("click", (e) => {
      const target = e.target as Element;
      const button = target.closest<HTMLElement>("[data-zoom]");
      if (button) return this.press(button.dataset["zoom"]!);
      const node = target.closest<HTMLElement>(".node");
      if (!node || e.ctrlKey || e.metaKey || e.shiftKey) return;
      const picked = new CustomEvent("pick", { detail: node.dataset["key"], bubbles: true, cancelable: true });
      if (!this.dispatchEvent(picked)) e.preventDefault();
    });
    this.addEventListener("keydown", (e) => this.key(e));
    this.addEventListener("focusin", (e) => {
      // browsers scroll a clipped box to what has the focus; here the drawing moves instead
      this.scrollTo(0, 0);
      const node = (e.target as Element).closest<HTMLElement>(".node");
      if (node?.matches(":focus-visible")) this.follow(node.dataset["key"]!);
    });
    document.addEventListener("keydown", (e) => {
      if (e.shiftKey && e.code === "Digit1" && !(e.target as Element).closest("input, textarea, select, [contenteditable]")) this.fit(true);
    });
  }

  private press(what: string): void {
    const self = select(this as HTMLElement);
    if (what === "fit") return this.fit(true);
    this.moved = true;
    this.zoom.scaleBy(self, what === "in" ? 1.25 : 0.8);
  }

  /** Arrow keys go to the nearest node that way. */
  private key(e: KeyboardEvent): void {
    const way = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[e.key];
    const here = (e.target as Element).closest<HTMLElement>(".node");
    const from = here && this.drawing.nodes.get(here.dataset["key"]!);
    if (!way || !from || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    let best: HTMLElement | undefined, least = Infinity;
    for (const [key, node] of this.nodes) {
      const to = this.drawing.nodes.get(key);
      if (!to || to === from) continue;
      const dx = to.x - from.x, dy = to.y - from.y;
      const along = dx * way[0]! + dy * way[1]!, across = Math.abs(dx * way[1]!) + Math.abs(dy * way[0]!);
      if (along > 4 && along + 2 * across < least) { least = along + 2 * across; best = node; }
    }
    best?.focus();
  }
}

function place(e: HTMLElement, spot: Spot, sized: boolean): void {
  e.style.left = `${spot.x}px`;
  e.style.top = `${spot.y}px`;
  if (sized) { e.style.width = `${spot.w}px`; e.style.height = `${spot.h}px`; }
}

function wayState(edge: Edge, lights: Lights, status: string): string {
  if (edge.via.some((name) => lights.branches[name] === "off")) return "off";
  const lit = edge.via.some((name) => lights.branches[name] === "taken");
  if (edge.error && !lit) return "";
  if (edge.to === END) return status === "succeeded" ? "done" : status === "failed" || status === "cancelled" ? "off" : "";
  if (edge.to === "") return lit ? "done" : "";
  const to = lights.nodes[edge.to]?.state ?? "", from = lights.nodes[edge.from]?.state ?? "";
  // the error path was taken instead
  if (!edge.error && from === "ignored" && !edge.to.startsWith(`${edge.from}.`) && lights.branches[`${edge.from}/error`] === "taken") return "off";
  if (to === "skipped") return "off";
  if (to === "running" || to === "retrying") return "act";
  if (to === "" || to === UNKNOWN) return "";
  return edge.error && from !== "succeeded" ? "bad" : "done";
}

customElements.define("flow-canvas", FlowCanvas);
