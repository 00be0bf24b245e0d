// How every node of the drawing is lit. web/runs/lights.go does the same for the first paint.
import { ended, lacks, wordOf, type StepView, type View } from "./fold.ts";
import { countRounds, NOT_SHOWN, rounds as roundsOf, UNKNOWN } from "./gap.ts";
import { between, took } from "./time.ts";
import type { Flow, FlowList, FlowNode } from "./types.ts";

export interface NodeState { state: string; meta: string }
export interface Lights { nodes: Record<string, NodeState>; branches: Record<string, string> }

const order = ["", UNKNOWN, "skipped", "succeeded", "ignored", "undone", "cancelled", "failed", "waiting", "retrying", "undoing", "running", "parked", "uncertain"];
/** The state whose look a status takes. */
export const drawn = (status: string): string => ({ parked: "uncertain", undoing: "retrying", undone: "cancelled" })[status] ?? status;
/** The same at a node: a stop that ends the run as failed did that, and looks so. */
export const looks = (n: FlowNode | undefined, status: string): string => (n?.fails && status === "succeeded" ? "failed" : drawn(status));
const count = (n: number, one: string, many: string): string => (n === 1 ? `1 ${one}` : `${n.toLocaleString("en")} ${many}`);

export function light(flow: Flow, view: View, now: number): Lights {
  const out: Lights = { nodes: {}, branches: {} };
  const rounds = new Map<string, StepView[]>();
  for (const s of view.steps) (rounds.get(s.key) ?? rounds.set(s.key, []).get(s.key)!).push(s);
  for (const t of flow.triggers) out.nodes[t.key] = { state: "succeeded", meta: "" };
  lightList(flow.steps, false);
  return out;

  function lightList(nodes: FlowNode[], passed: boolean): void {
    for (const n of nodes) {
      const own = rounds.get(n.key) ?? [];
      out.nodes[n.key] = lightNode(n, own, passed);
      for (const l of n.lists ?? []) {
        const state = branch(n, l, own, passed);
        out.branches[`${n.key}/${l.id}`] = state;
        lightList(l.steps, state === "off");
      }
    }
  }

  function lightNode(n: FlowNode, own: StepView[], passed: boolean): NodeState {
    const first = own[0];
    if (!first) {
      if (passed) return { state: "skipped", meta: "skipped" };
      if (ended(view.status) && lacks(view, n.key)) return { state: UNKNOWN, meta: NOT_SHOWN };
      return ended(view.status) ? { state: "skipped", meta: "not reached" } : { state: "", meta: "" };
    }
    const strongest = own.reduce((a, b) => (order.indexOf(b.status) > order.indexOf(a.status) ? b : a), first);
    // a router has done its work when it chose; the steps of the branch show theirs themselves
    if (n.kind === "router" && ["running", "succeeded", UNKNOWN].includes(strongest.status) && !strongest.handled) return { state: "succeeded", meta: "" };
    return { state: looks(n, strongest.status), meta: meta(strongest, own) };
  }

  function meta(s: StepView, own: StepView[]): string {
    const parts: string[] = [];
    if (["skipped", "waiting", "uncertain", "parked", "cancelled", "undoing", "undone", UNKNOWN].includes(s.status)) parts.push(wordOf(s));
    else if (s.started) parts.push(took(between(s.started, s.ended, now)));
    const n = countRounds(roundsOf(own), view.gap);
    if (n > 1) parts.push(count(n, "round", "rounds"));
    else if (s.attempt > 1) parts.push(count(s.attempt, "try", "tries"));
    return parts.join(" · ");
  }

  function branch(n: FlowNode, l: FlowList, own: StepView[], passed: boolean): string {
    if (passed || (own.length === 0 && ended(view.status) && !lacks(view, n.key))) return "off";
    if (l.role === "error") {
      if (own.some((r) => r.handled)) return "taken";
      return own.length === 0 || own.some((r) => !r.ended) ? "" : "off";
    }
    if (n.kind === "router") {
      if (own.some((r) => r.taken?.includes(l.id))) return "taken";
      if (view.gap && countRounds(own, true) > own.length) return ""; // a round that is not shown may have taken it
      return own.length === 0 || own.some((r) => r.tries.length === 0 && !r.ended) ? "" : "off";
    }
    if (own.length === 0) return "";
    return own.some((r) => r.tries.length > 0) ? "taken" : "off";
  }
}
