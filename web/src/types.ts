// What the server says: the drawn tree, and the feed of journal entries.

export interface FlowNode { key: string; kind: string; title: string; app: string; detail?: string; place?: string; guarantee?: string; lists?: FlowList[]; ends?: boolean; fails?: boolean; calls?: boolean }
export interface FlowList { id: string; role: "branch" | "body" | "error"; label?: string; hint?: string; ends?: boolean; steps: FlowNode[] }
export interface Flow { triggers: FlowNode[]; steps: FlowNode[] }

export interface Failure { class: string; message: string; step?: string; path?: string; run?: string; status?: number; body?: unknown }
export interface Exchange { method: string; url: string; ms: number; status?: number; sandboxed?: boolean; request_id?: string; connection?: string }

/** Stands for an input or output that is kept apart because of its size. */
export interface Large { hash: string; bytes: number }

/** One journal entry as the websocket, the event stream and the journal give it. */
export interface Entry {
  seq: number; pos?: number; run?: string; scenario?: string; kind: string; path?: string; at: string;
  data: { attempt?: number; input?: unknown; output?: unknown; input_large?: Large; output_large?: Large; error?: Failure; until?: string; branches?: string[]; message?: string; http?: Exchange; label?: string; event?: string; cut?: { after: number; before?: number; rounds: number } };
}

/** Every step of the tree, outer ones first. */
export function* eachNode(nodes: FlowNode[]): Generator<FlowNode> {
  for (const n of nodes) {
    yield n;
    for (const l of n.lists ?? []) yield* eachNode(l.steps);
  }
}
