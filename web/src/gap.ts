// What is said of a run whose page has the first and the last entries of a long journal: of a step whose end may stand
// between them, never that it still moves. web/runs/gap.go says the same.
import type { StepView } from "./fold.ts";

/** The status of a step whose end is not among what is shown, and what is said of it. */
export const UNKNOWN = "unknown", NOT_SHOWN = "not shown here";

const moves = (status: string): boolean => status === "running" || status === "retrying" || status === "undoing";

export class Gap {
  private cut: StepView[] = []; // what was open before it
  private was = new Map<StepView, string>();

  /** Entries are left out before `at`. What moved then is over, unless more is heard of it. */
  open(steps: StepView[], at: string): void {
    for (const s of steps) {
      if (s.ended || s.status === UNKNOWN) continue;
      this.cut.push(s);
      if (!moves(s.status) && !(s.status === "waiting" && s.until && Date.parse(s.until) < Date.parse(at))) continue;
      this.was.set(s, s.status);
      s.status = UNKNOWN;
    }
  }

  /** Takes a step, and those around it, for what they were: something is heard of it behind the gap. */
  heard(path: string, byPath: Map<string, StepView>): void {
    for (; path; path = path.slice(0, Math.max(path.lastIndexOf("."), path.lastIndexOf("["), 0))) {
      const s = byPath.get(path);
      if (s?.status === UNKNOWN) s.status = this.was.get(s) ?? "";
    }
  }

  /** Says of what was open that it is so no more: the step around it has ended. An empty path is the run. */
  over(path: string): void {
    this.cut = this.cut.filter((s) => {
      const inside = !path || s.path.startsWith(`${path}.`) || s.path.startsWith(`${path}[`);
      if (inside && !s.ended) s.status = UNKNOWN;
      return !inside && !s.ended;
    });
  }
}

/** In a run that ended nothing moves. */
export function settle(steps: StepView[]): void {
  for (const s of steps) if (!s.ended && (moves(s.status) || s.status === "waiting")) s.status = UNKNOWN;
}

/** The steps of a node without those that are all of its rounds together, as an action with each is. */
export function rounds(steps: StepView[]): StepView[] {
  const whole = new Set(steps.filter((s) => s.path.endsWith("]")).map((s) => s.path.slice(0, s.path.lastIndexOf("["))));
  return whole.size ? steps.filter((s) => !whole.has(s.path)) : steps;
}

/** The number of a round in its loop, from zero; -1: it is in none. */
export const numberOf = (path: string): number => Number(/.*\[(\d+)\]/.exec(path)?.[1] ?? -1);

/** How many rounds a node had. Where some are not shown, the highest number tells. */
export function countRounds(list: StepView[], gap?: boolean): number {
  return gap ? list.reduce((n, s) => Math.max(n, numberOf(s.path) + 1), list.length) : list.length;
}
