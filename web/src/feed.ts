// The live feed: journal entries over a websocket, or as server-sent events where websockets do not get through. It
// resumes from the last position seen, so a dropped connection loses nothing, and hands entries over once a frame.
import type { Entry } from "./types.ts";

export type FeedState = "connecting" | "open" | "lost" | "done";
export interface FeedOptions {
  query: Record<string, string>; // run or scenario; empty: everything
  after: number; // the last position known; below 0: from now on
  onEntries(entries: Entry[]): void;
  onState?(state: FeedState): void;
}

/** What of the surroundings a feed needs; tests bring their own. */
export interface World {
  socket(url: string): SocketLike;
  events(url: string): EventsLike;
  later(ms: number, f: () => void): unknown;
  frame(f: () => void): void;
  origin: string; // "https://host"
  chance(): number;
}
export interface SocketLike { onopen: (() => void) | null; onmessage: ((e: { data: unknown }) => void) | null; onclose: (() => void) | null; close(): void }
export interface EventsLike { onopen: (() => void) | null; onmessage: ((e: { data: string }) => void) | null; onerror: (() => void) | null; close(): void }

const FIRST = 250, LONGEST = 10_000;
const SILENT = 3; // failures in a row after which it is said

export class Feed {
  private after: number;
  private fails = 0; // in a row
  private everOpen = false;
  private stopped = false;
  private queue: Entry[] = [];
  private current: { close(): void } | null = null;
  private last = new Map<string, number>(); // run → last seq, where each is known from its beginning

  constructor(private options: FeedOptions, private world: World = browser()) {
    this.after = options.after;
    this.connect();
  }

  /** From which seq on a run is known here; a gap after it makes the feed ask again. */
  known(run: string, seq: number): void { this.last.set(run, seq); }

  stop(): void {
    this.stopped = true;
    this.current?.close();
    this.options.onState?.("done");
  }

  /** Tries again at once, as when the network comes back. */
  poke(): void { if (!this.current && !this.stopped) { this.fails = 0; this.connect(); } }

  private address(path: string): string {
    const query = new URLSearchParams(this.options.query);
    if (this.after >= 0) query.set("after", String(this.after));
    return `${this.world.origin}${path}?${query}`;
  }

  private connect(): void {
    if (this.stopped || this.current) return;
    this.options.onState?.(this.fails >= SILENT ? "lost" : "connecting");
    // two sockets that never opened: something between does not let them through
    if (!this.everOpen && this.fails >= 2 && this.fails % 2 === 0) this.connectEvents();
    else this.connectSocket();
  }

  private connectSocket(): void {
    const socket = this.world.socket(this.address("/api/v1/stream").replace(/^http/, "ws"));
    this.current = socket;
    socket.onopen = () => this.opened(true);
    socket.onmessage = (e) => this.take(String(e.data));
    socket.onclose = () => this.lost(socket);
  }

  private connectEvents(): void {
    const events = this.world.events(this.address("/api/v1/stream.sse"));
    this.current = events;
    events.onopen = () => this.opened(false);
    events.onmessage = (e) => this.take(e.data);
    events.onerror = () => { events.close(); this.lost(events); };
  }

  private opened(socket: boolean): void {
    this.everOpen ||= socket;
    if (socket) this.fails = 0;
    this.options.onState?.("open");
  }

  private lost(which: { close(): void }): void {
    if (this.current !== which) return;
    this.current = null;
    if (this.stopped) return;
    this.fails++;
    this.options.onState?.(this.fails >= SILENT ? "lost" : "connecting");
    const wait = Math.min(LONGEST, FIRST * 2 ** Math.min(this.fails - 1, 8)) * (0.7 + 0.6 * this.world.chance());
    this.world.later(wait, () => this.connect());
  }

  private take(text: string): void {
    let entry: Entry;
    try { entry = JSON.parse(text) as Entry; } catch { return; }
    if (!entry || typeof entry.kind !== "string") return;
    const pos = entry.pos ?? 0;
    if (pos && pos <= this.after) return; // seen before the connection dropped
    const known = entry.run === undefined ? undefined : this.last.get(entry.run);
    if (known !== undefined) {
      if (entry.seq <= known) return;
      if (entry.seq > known + 1) { // one is missing: ask again from what is whole
        const dropped = this.current;
        dropped?.close();
        if (dropped) this.lost(dropped);
        return;
      }
      this.last.set(entry.run!, entry.seq);
    }
    if (pos) this.after = pos;
    this.queue.push(entry);
    if (this.queue.length === 1) this.world.frame(() => this.flush());
  }

  private flush(): void {
    const entries = this.queue;
    this.queue = [];
    if (entries.length) this.options.onEntries(entries);
  }
}

function browser(): World {
  return {
    socket: (url) => new WebSocket(url) as unknown as SocketLike,
    events: (url) => new EventSource(url) as unknown as EventsLike,
    later: (ms, f) => setTimeout(f, ms),
    // a hidden page gets no frames, but its entries still count
    frame: (f) => { if (document.hidden) setTimeout(f, 50); else requestAnimationFrame(f); },
    origin: location.origin,
    chance: Math.random,
  };
}
