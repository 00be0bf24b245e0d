// Times as people say them, in the words of web/ui/text.go.

import { all, say } from "./dom.ts";

export function ago(iso: string, now = Date.now()): string {
  const d = now - Date.parse(iso);
  const min = 60_000, hour = 60 * min, day = 24 * hour;
  if (d < -min) return "in " + ago(new Date(now + d).toISOString(), now).replace(/ ago$/, "");
  if (d < 10_000) return "just now";
  if (d < min) return `${Math.floor(d / 1000)} s ago`;
  if (d < hour) return `${Math.floor(d / min)} min ago`;
  if (d < day) return `${Math.floor(d / hour)} h ago`;
  if (d < 2 * day) return "yesterday";
  if (d < 30 * day) return `${Math.floor(d / day)} days ago`;
  const t = new Date(iso);
  return `${t.getUTCDate()} ${t.toLocaleString("en", { month: "short", timeZone: "UTC" })} ${t.getUTCFullYear()}`;
}

export function took(ms: number): string {
  ms = Math.floor(ms);
  if (ms < 0) return "0 ms";
  if (ms < 1000) return `${ms} ms`;
  if (ms < 10_000) return `${Math.floor(ms / 10) / 100} s`;
  if (ms < 60_000) return `${Math.floor(ms / 100) / 10} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ${Math.floor((ms % 3_600_000) / 60_000)} min`;
  return `${Math.floor(ms / 86_400_000)} d ${Math.floor((ms % 86_400_000) / 3_600_000)} h`;
}

export const between = (from: string | undefined, to: string | undefined, now: number): number =>
  from ? (to ? Date.parse(to) : now) - Date.parse(from) : 0;

/** The time of day with milliseconds, in the reader's own zone. */
export function clock(iso: string): string {
  const t = new Date(iso);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}.${String(t.getMilliseconds()).padStart(3, "0")}`;
}

/** When a wait ends: the time of day alone where it is the day of `from`; `short` leaves it out on other days. */
export function until(iso: string, from = new Date(), short = false): string {
  const t = new Date(iso);
  const day = t.toDateString() === from.toDateString() ? "" : `${t.getDate()} ${t.toLocaleString("en", { month: "short" })}`;
  if (day && short) return day;
  return (day && `${day}, `) + clock(iso).slice(0, Math.abs(t.getTime() - from.getTime()) < 600_000 ? 8 : 5);
}

/** Brings the times of a page up to now, and waits into the reader's own zone. */
export function tick(within: ParentNode = document): void {
  for (const t of all<HTMLTimeElement>("time[data-ago]", within)) say(t, ago(t.dateTime));
  for (const t of all<HTMLTimeElement>("time[data-until]", within)) say(t, `until ${until(t.dateTime, new Date(), t.dataset["until"] === "short")}`);
}
