import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { END, layout, type Drawing, type Spot } from "./layout.ts";
import { eachNode, type Flow, type FlowNode } from "./types.ts";

const folder = join(process.env["WEB"]!, "src/testdata/layout");

/** The drawing as text: one line for each thing, in whole pixels. */
function text(d: Drawing): string {
  const lines: string[] = [];
  for (const [key, s] of d.nodes) lines.push(`node ${key} x=${s.x} y=${s.y} ${s.w}x${s.h}`);
  for (const [key, s] of d.frames) lines.push(`frame ${key} x=${s.x} y=${s.y} ${s.w}x${s.h}`);
  for (const [key, s] of d.labels) lines.push(`label ${key} x=${s.x} y=${s.y}`);
  for (const e of d.edges) lines.push(`edge ${e.from} -> ${e.to || "·"}${e.error ? " (error)" : ""} via [${e.via.join(" ")}] ${e.d}`);
  lines.push(`bounds ${d.bounds.left} ${d.bounds.right} ${d.bounds.top} ${d.bounds.bottom}`);
  return lines.join("\n") + "\n";
}

for (const file of readdirSync(folder).filter((f) => f.endsWith(".json"))) {
  const flow = JSON.parse(readFileSync(join(folder, file), "utf8")) as Flow;
  test(`${file} is drawn as recorded`, () => {
    const golden = join(folder, file.replace(".json", ".txt"));
    const got = text(layout(flow));
    if (process.env["UPDATE"]) writeFileSync(golden, got);
    assert.equal(got, readFileSync(golden, "utf8"));
  });
  test(`${file} holds together`, () => whole(flow));
}

test("random trees hold together", () => {
  let seed = 7;
  const next = (n: number): number => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff), seed % n);
  let made = 0;
  const steps = (depth: number): FlowNode[] => Array.from({ length: next(4) }, () => {
    const key = `n${made++}`, lists = [];
    const kind = depth > 3 ? "uses" : ["uses", "uses", "router", "group", "for_each", "parallel"][next(6)]!;
    if (kind === "router" || kind === "parallel") for (let i = 0; i <= next(3); i++) lists.push({ id: `b${i}`, role: "branch" as const, label: `b${i}`, steps: steps(depth + 1) });
    if (kind === "group" || kind === "for_each") lists.push({ id: "body", role: "body" as const, steps: steps(depth + 1) });
    if (next(5) === 0) lists.push({ id: "error", role: "error" as const, label: "If it fails", ends: next(2) === 0, steps: steps(depth + 1) });
    return { key, kind, title: key, app: "", lists };
  });
  for (let i = 0; i < 300; i++) whole({ triggers: [{ key: "t", kind: "trigger", title: "", app: "" }], steps: steps(0) });
});

test("200 steps are laid out within a frame", () => {
  const router = (i: number): FlowNode => ({ key: `r${i}`, kind: "router", title: "", app: "", lists: ["a", "b", "c"].map((b) => ({ id: b, role: "branch" as const, label: b, steps: [0, 1, 2].map((n) => ({ key: `r${i}${b}${n}`, kind: "uses", title: "", app: "" })) })) });
  const flow: Flow = { triggers: [{ key: "t", kind: "trigger", title: "", app: "" }], steps: Array.from({ length: 20 }, (_, i) => router(i)) };
  layout(flow);
  const from = performance.now();
  layout(flow);
  assert.ok(performance.now() - from < 16, "it took longer than 16 ms");
});

/** Nothing lies on anything else, everything lies inside the bounds, and every step is drawn once. */
function whole(flow: Flow): void {
  const d = layout(flow);
  const drawn = [...eachNode(flow.steps)];
  for (const n of drawn) assert.ok(d.nodes.has(n.key), `${n.key} is not drawn`);
  const plain = drawn.filter((n) => !d.frames.has(n.key)).map((n) => [n.key, d.nodes.get(n.key)!] as const);
  const end = d.nodes.get(END);
  if (end) plain.push([END, end]);
  for (let i = 0; i < plain.length; i++) for (let j = i + 1; j < plain.length; j++) {
    assert.ok(!overlap(plain[i]![1], plain[j]![1]), `${plain[i]![0]} lies on ${plain[j]![0]}`);
  }
  for (const [key, s] of plain) {
    assert.ok(s.x - s.w / 2 >= d.bounds.left - 0.5 && s.x + s.w / 2 <= d.bounds.right + 0.5 && s.y + s.h <= d.bounds.bottom + 0.5, `${key} is out of bounds`);
  }
  const inside = (n: FlowNode): void => {
    const box = d.frames.get(n.key);
    for (const l of n.lists ?? []) for (const s of l.steps) {
      const spot = d.nodes.get(s.key)!;
      if (box && l.role === "body") assert.ok(spot.x - spot.w / 2 > box.x - box.w / 2 && spot.x + spot.w / 2 < box.x + box.w / 2 && spot.y + spot.h < box.y + box.h, `${s.key} sticks out of ${n.key}`);
      inside(s);
    }
  };
  for (const n of flow.steps) inside(n);
  for (const e of d.edges) assert.ok(!/NaN|undefined/.test(e.d), e.d);
}

const overlap = (a: Spot, b: Spot): boolean =>
  Math.abs(a.x - b.x) < (a.w + b.w) / 2 && a.y < b.y + b.h && b.y < a.y + a.h;
