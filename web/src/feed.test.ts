import assert from "node:assert/strict";
import { test } from "node:test";
import { Feed, type EventsLike, type FeedState, type SocketLike, type World } from "./feed.ts";
import type { Entry } from "./types.ts";

/** A server with a journal, that breaks connections as it is told, and a clock that moves by hand. */
class Server implements World {
  journal: Entry[] = [];
  origin = "http://host";
  sockets: { url: string; socket: SocketLike; open: boolean }[] = [];
  asked: string[] = [];
  refuse = false; // websockets do not get through
  waits: number[] = [];
  private due: (() => void)[] = [];
  private frames: (() => void)[] = [];

  chance(): number { return 0.5; }
  later(ms: number, f: () => void): void { this.waits.push(ms); this.due.push(f); }
  frame(f: () => void): void { this.frames.push(f); }

  socket(url: string): SocketLike {
    this.asked.push(url);
    const socket: SocketLike = { onopen: null, onmessage: null, onclose: null, close: () => { this.sockets = this.sockets.filter((s) => s.socket !== socket); } };
    if (this.refuse) this.due.unshift(() => socket.onclose?.());
    else this.sockets.push({ url, socket, open: false });
    return socket;
  }

  events(url: string): EventsLike {
    this.asked.push(url);
    const events: EventsLike = { onopen: null, onmessage: null, onerror: null, close: () => { this.sockets = this.sockets.filter((s) => s.socket !== (events as unknown)); } };
    this.sockets.push({ url, socket: events as unknown as SocketLike, open: false });
    return events;
  }

  /** Sends to every connection what it has not got, at most `most` entries, of which those in `lose` never arrive. */
  send(most = Infinity, lose: number[] = []): void {
    for (const c of [...this.sockets]) {
      if (!c.open) { c.open = true; c.socket.onopen?.(); }
      const after = Number(new URL(c.url.replace("ws:", "http:")).searchParams.get("after"));
      for (const e of this.journal.filter((e) => e.pos! > after).slice(0, most)) {
        if (!lose.includes(e.pos!)) c.socket.onmessage?.({ data: JSON.stringify(e) });
      }
    }
    this.paint();
  }

  drop(): void { const gone = this.sockets; this.sockets = []; for (const c of gone) { c.socket.onclose?.(); (c.socket as unknown as EventsLike).onerror?.(); } }
  wake(): void { const due = this.due; this.due = []; for (const f of due) f(); }
  paint(): void { const frames = this.frames; this.frames = []; for (const f of frames) f(); }
}

const entries = (n: number): Entry[] => Array.from({ length: n }, (_, i) => ({ seq: i + 1, pos: 100 + 3 * i, run: "r1", scenario: "s", kind: "step.started", path: `p${i}`, at: "", data: {} }));

test("without a position it begins now, and goes on from the first entry it gets", () => {
  const server = new Server();
  const asked = (): string | null => new URL(server.asked.at(-1)!.replace("ws:", "http:")).searchParams.get("after");
  server.journal = entries(1);
  const out = open(server, -1);
  assert.equal(asked(), null);
  server.drop();
  server.wake();
  assert.equal(asked(), null);
  server.send();
  server.drop();
  server.wake();
  assert.equal(asked(), "100");
  assert.deepEqual(out.got, [1]);
});

function open(server: Server, after = 0, known?: number): { got: number[]; states: FeedState[]; calls: number; feed: Feed } {
  const out = { got: [] as number[], states: [] as FeedState[], calls: 0 } as { got: number[]; states: FeedState[]; calls: number; feed: Feed };
  out.feed = new Feed({ query: { run: "r1" }, after, onEntries: (list) => { out.calls++; out.got.push(...list.map((e) => e.seq)); }, onState: (s) => out.states.push(s) }, server);
  if (known !== undefined) out.feed.known("r1", known);
  return out;
}
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

test("entries come once, in order, many a frame", () => {
  const server = new Server();
  server.journal = entries(50);
  const f = open(server);
  server.send();
  assert.deepEqual(f.got, upTo(50));
  assert.equal(f.calls, 1);
  assert.deepEqual(f.states, ["connecting", "open"]);
});

test("a dropped socket loses nothing and repeats nothing, wherever it breaks", () => {
  for (let cut = 0; cut <= 20; cut++) {
    const server = new Server();
    server.journal = entries(20);
    const f = open(server, 0, 0);
    server.send(cut);
    server.drop();
    assert.equal(f.states.at(-1), "connecting");
    server.wake();
    server.send();
    assert.deepEqual(f.got, upTo(20), `cut after ${cut}`);
  }
});

test("an entry that is missing in the middle makes the feed ask again from there", () => {
  const server = new Server();
  server.journal = entries(10);
  const f = open(server, 0, 0);
  server.send(Infinity, [server.journal[4]!.pos!]);
  assert.deepEqual(f.got, upTo(4));
  server.wake();
  server.send();
  assert.deepEqual(f.got, upTo(10));
  assert.match(server.asked.at(-1)!, /after=109$/);
});

test("what is sent again after a reconnect is taken once", () => {
  const server = new Server();
  server.journal = entries(6);
  const f = open(server);
  server.send();
  server.sockets[0]!.url = server.sockets[0]!.url.replace(/after=\d+/, "after=0");
  server.send();
  assert.deepEqual(f.got, upTo(6));
});

test("it waits longer after each failure, and not for ever", () => {
  const server = new Server();
  const f = open(server);
  for (let i = 0; i < 12; i++) { server.drop(); server.wake(); }
  assert.deepEqual(f.states.slice(0, 7), ["connecting", "connecting", "connecting", "connecting", "connecting", "lost", "lost"]);
  assert.equal(f.states.at(-1), "lost");
  assert.ok(server.waits[0]! < 400);
  for (let i = 1; i < 6; i++) assert.ok(server.waits[i]! > server.waits[i - 1]!);
  assert.ok(Math.max(...server.waits) <= 10_000);
});

test("where websockets do not get through it takes server-sent events, and loses nothing on the way", () => {
  const server = new Server();
  server.refuse = true;
  server.journal = entries(8);
  const f = open(server);
  for (let i = 0; i < 4; i++) server.wake();
  assert.match(server.asked.at(-1)!, /^http:\/\/host\/api\/v1\/stream\.sse\?run=r1&after=0$/);
  server.send(3);
  (server.sockets[0]!.socket as unknown as EventsLike).onerror?.();
  for (let i = 0; i < 4; i++) server.wake();
  server.send();
  assert.deepEqual(f.got, upTo(8));
});

test("a message that is none, or of a kind that is not known, does no harm", () => {
  const server = new Server();
  const f = open(server);
  server.send();
  for (const data of ["", "{", "null", "[]", "7", JSON.stringify({ kind: "new.kind", seq: 1, pos: 5, run: "r1", at: "", data: {} })]) server.sockets[0]!.socket.onmessage?.({ data });
  server.paint();
  assert.deepEqual(f.got, [1]);
});

test("a feed that is stopped stays so", () => {
  const server = new Server();
  const f = open(server);
  f.feed.stop();
  server.drop(); server.wake();
  assert.equal(server.asked.length, 1);
  assert.equal(f.states.at(-1), "done");
});
