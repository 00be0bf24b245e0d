// Where everything of a drawing stands. A list of steps is a column; a container measures what is inside it and is
// measured as one thing by what is around it. Pure numbers: it touches no document.
import type { Flow, FlowList, FlowNode } from "./types.ts";

// css/tokens.css has the same sizes
const NODE = { w: 248, h: 68 }, PILL = { w: 208, h: 52 };
const GAP_X = 32, GAP_Y = 52, BRANCH = 80, LABEL = 54, JOIN = 36, ROUND = 14;
const FRAME = { pad: 24, head: 60, top: 36, bottom: 26 };

export interface Spot { x: number; y: number; w: number; h: number } // x is the middle, y the top
export interface Edge { d: string; from: string; to: string; via: string[]; error?: boolean } // via: "node/list" it runs through
export interface Drawing {
  nodes: Map<string, Spot>; labels: Map<string, { x: number; y: number }>; frames: Map<string, Spot>; edges: Edge[];
  bounds: { left: number; right: number; top: number; bottom: number };
}

/** A loose end at the bottom of a block, from which the way goes on. */
interface Exit { x: number; y: number; from: string; via: string[]; error?: boolean }
/** What was measured, and how to draw it with its spine at x and its top at y. `tail` is the room at its bottom for joining. */
interface Block { left: number; right: number; height: number; tail?: number; draw(x: number, y: number, via: string[]): Exit[] }

export const END = "@end";

export function layout(flow: Flow): Drawing {
  const out: Drawing = { nodes: new Map(), labels: new Map(), frames: new Map(), edges: [], bounds: { left: 0, right: 0, top: 0, bottom: 0 } };

  const root = column(flow.steps);
  const triggers = flow.triggers;
  const span = triggers.length * NODE.w + Math.max(0, triggers.length - 1) * GAP_X;
  let exits: Exit[] = triggers.map((t, i) => {
    const x = -span / 2 + NODE.w / 2 + i * (NODE.w + GAP_X);
    out.nodes.set(t.key, { x, y: 0, ...NODE });
    return { x, y: NODE.h, from: t.key, via: [] };
  });
  let y = triggers.length ? NODE.h + (triggers.length > 1 ? JOIN : 0) : -GAP_Y;
  if (flow.steps.length) {
    join(exits, 0, y + GAP_Y, flow.steps[0]!.key, []);
    exits = root.draw(0, y + GAP_Y, []);
    y += GAP_Y + root.height;
  }
  if (exits.length) {
    out.nodes.set(END, { x: 0, y: y + 40, w: 28, h: 28 });
    join(exits, 0, y + 40, END, []);
    y += 68;
  }
  out.bounds = { left: Math.min(-root.left, -span / 2), right: Math.max(root.right, span / 2), top: 0, bottom: y };
  return out;

  /** Draws the ways from loose ends to the node at x, y. */
  function join(exits: Exit[], x: number, y: number, to: string, via: string[]): void {
    for (const e of exits) {
      out.edges.push({ d: bend(e.x, e.y, x, y), from: e.from, to, via: [...e.via, ...via], ...(e.error ? { error: true } : {}) });
    }
  }

  function column(steps: FlowNode[]): Block {
    const blocks = steps.map((s) => ({ key: s.key, block: step(s) }));
    return {
      left: Math.max(NODE.w / 2, ...blocks.map((b) => b.block.left)),
      right: Math.max(NODE.w / 2, ...blocks.map((b) => b.block.right)),
      height: blocks.reduce((sum, b) => sum + b.block.height, 0) + Math.max(0, blocks.length - 1) * GAP_Y,
      tail: blocks.at(-1)?.block.tail ?? 0,
      draw(x, y, via) {
        let exits: Exit[] = [];
        blocks.forEach(({ key, block }, i) => {
          if (i > 0) join(exits, x, y, key, via);
          exits = block.draw(x, y, via);
          y += block.height + GAP_Y;
        });
        return exits;
      },
    };
  }

  function step(n: FlowNode): Block {
    const handler = n.lists?.find((l) => l.role === "error" && l.id === "error");
    const inner = (n.lists ?? []).filter((l) => l !== handler);
    const own = n.kind === "router" || n.kind === "parallel" ? branches(n, inner)
      : n.kind === "group" || n.kind === "for_each" || n.kind === "repeat" ? frame(n, inner[0])
      : plain(n);
    return handler ? handled(n, own, handler) : own;
  }

  function plain(n: FlowNode): Block {
    return {
      left: NODE.w / 2, right: NODE.w / 2, height: NODE.h,
      draw(x, y) {
        out.nodes.set(n.key, { x, y, ...NODE });
        return n.ends ? [] : [{ x, y: y + NODE.h, from: n.key, via: [] }];
      },
    };
  }

  /** Branches side by side below a pill; their loose ends are joined by whatever comes next. */
  function branches(n: FlowNode, lists: FlowList[]): Block {
    const columns = lists.map((l) => (l.steps.length ? column(l.steps) : { left: 70, right: 70, height: 0, draw: () => [] }));
    const width = columns.reduce((sum, c) => sum + c.left + c.right, 0) + Math.max(0, columns.length - 1) * GAP_X;
    const height = Math.max(0, ...columns.map((c) => c.height));
    const spines: number[] = [];
    let at = 0;
    for (const c of columns) { spines.push(at + c.left); at += c.left + c.right + GAP_X; }
    // the pill stands over the middle branch, or between the middle two
    const mid = spines.length ? (spines[Math.floor((spines.length - 1) / 2)]! + spines[Math.ceil((spines.length - 1) / 2)]!) / 2 : 0;
    return {
      left: Math.max(PILL.w / 2, mid), right: Math.max(PILL.w / 2, width - mid), height: PILL.h + BRANCH + height + JOIN, tail: JOIN,
      draw(x, y, via) {
        out.nodes.set(n.key, { x, y, ...PILL });
        const exits: Exit[] = [];
        lists.forEach((l, i) => {
          const spine = x + spines[i]! - mid, top = y + PILL.h + BRANCH, name = `${n.key}/${l.id}`;
          out.labels.set(name, { x: spine, y: y + PILL.h + LABEL });
          const first = l.steps[0]?.key ?? "";
          out.edges.push({ d: fan(x, y + PILL.h, spine, top), from: n.key, to: first, via: [...via, name], ...(l.role === "error" ? { error: true } : {}) });
          const ends = l.steps.length ? columns[i]!.draw(spine, top, [...via, name]) : [{ x: spine, y: top, from: n.key, via: [] }];
          if (!l.ends) for (const e of ends) exits.push({ ...e, via: [...e.via, name] });
        });
        return exits;
      },
    };
  }

  /** A box with a head around a column. */
  function frame(n: FlowNode, body: FlowList | undefined): Block {
    const inside = column(body?.steps ?? []);
    const left = Math.max(inside.left, 150) + FRAME.pad, right = Math.max(inside.right, 150) + FRAME.pad;
    const empty = !body?.steps.length;
    const height = FRAME.head + (empty ? FRAME.bottom : FRAME.top + inside.height - (inside.tail ?? 0) + FRAME.bottom);
    return {
      left, right, height,
      draw(x, y, via) {
        const middle = x + (right - left) / 2;
        out.frames.set(n.key, { x: middle, y, w: left + right, h: height });
        out.nodes.set(n.key, { x: middle, y, w: left + right, h: FRAME.head });
        if (body && !empty) {
          const name = `${n.key}/${body.id}`;
          out.edges.push({ d: line(x, y + FRAME.head, y + FRAME.head + FRAME.top), from: n.key, to: body.steps[0]!.key, via: [...via, name] });
          inside.draw(x, y + FRAME.head + FRAME.top, [...via, name]);
        }
        return [{ x, y: y + height, from: n.key, via: [] }];
      },
    };
  }

  /** A block with the steps of its error path at its right. */
  function handled(n: FlowNode, own: Block, l: FlowList): Block {
    const side = column(l.steps);
    const boxed = own.height > NODE.h;
    const head = n.kind === "router" || n.kind === "parallel" ? PILL : { w: own.left + own.right, h: boxed ? FRAME.head : NODE.h };
    const edgeRight = n.kind === "router" || n.kind === "parallel" ? PILL.w / 2 : own.right;
    const spine = own.right + GAP_X + side.left;
    const drop = head.h / 2 + BRANCH - 6;
    const goesOn = !l.ends && l.steps.length > 0;
    return {
      left: own.left, right: spine + side.right,
      height: Math.max(own.height, drop + side.height) + (goesOn ? JOIN : 0), tail: goesOn ? JOIN : own.tail ?? 0,
      draw(x, y, via) {
        const exits = own.draw(x, y, via);
        const name = `${n.key}/${l.id}`, sx = x + spine, top = y + drop;
        out.labels.set(name, { x: sx, y: y + head.h / 2 + 42 });
        out.edges.push({ d: turn(x + edgeRight, y + head.h / 2, sx, top), from: n.key, to: l.steps[0]?.key ?? "", via: [...via, name], error: true });
        const ends = side.draw(sx, top, [...via, name]);
        if (goesOn) for (const e of ends) exits.push({ ...e, via: [...e.via, name], error: true });
        return exits;
      },
    };
  }
}

const line = (x: number, y1: number, y2: number): string => `M${x} ${y1}V${y2}`;

/** Down, across just above the goal, and down into it. */
function bend(x1: number, y1: number, x2: number, y2: number): string {
  if (x1 === x2) return line(x1, y1, y2);
  const r = Math.min(ROUND, Math.abs(x2 - x1) / 2), s = Math.sign(x2 - x1), y = y2 - Math.min(GAP_Y, (y2 - y1) / 2 + 8);
  return `M${x1} ${y1}V${y - r}Q${x1} ${y} ${x1 + s * r} ${y}H${x2 - s * r}Q${x2} ${y} ${x2} ${y + r}V${y2}`;
}

/** Down a little, across, and down to a branch. */
function fan(x1: number, y1: number, x2: number, y2: number): string {
  if (x1 === x2) return line(x1, y1, y2);
  const r = Math.min(ROUND, Math.abs(x2 - x1) / 2), s = Math.sign(x2 - x1), y = y1 + 20;
  return `M${x1} ${y1}V${y - r}Q${x1} ${y} ${x1 + s * r} ${y}H${x2 - s * r}Q${x2} ${y} ${x2} ${y + r}V${y2}`;
}

/** Across from the side of a node, and down. */
function turn(x1: number, y1: number, x2: number, y2: number): string {
  const r = Math.min(ROUND, (x2 - x1) / 2);
  return `M${x1} ${y1}H${x2 - r}Q${x2} ${y1} ${x2} ${y1 + r}V${y2}`;
}
