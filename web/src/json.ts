// A value as lines that fold, as web/ui/json.templ draws it, and the box around it.
import { el, icon } from "./dom.ts";

const size = (v: object): string => {
  const n = Array.isArray(v) ? v.length : Object.keys(v).length;
  return Array.isArray(v) ? `${n} ${n === 1 ? "item" : "items"}` : `${n} ${n === 1 ? "field" : "fields"}`;
};

const members = (v: object): [string, unknown][] =>
  Array.isArray(v) ? v.map((item, i) => [String(i), item]) : Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1));

const isFull = (v: unknown): v is object => typeof v === "object" && v !== null && Object.keys(v).length > 0;

function plain(v: unknown): HTMLElement {
  if (typeof v === "string") return el("span", { class: "s" }, JSON.stringify(v));
  if (typeof v === "number") return el("span", { class: "n" }, String(v));
  if (typeof v === "object" && v !== null) return el("span", { class: "c" }, "empty");
  return el("span", { class: "c" }, String(v));
}

const MOST = 200; // lines of one list; the rest is a button

function lines(v: object, depth: number): HTMLElement {
  const list = el("ul");
  const inside = members(v);
  const add = (from: number) => {
    for (const [name, item] of inside.slice(from, from + MOST)) list.append(lineOf(name, item, depth));
    const left = inside.length - from - MOST;
    if (left > 0) {
      const more = el("button", { type: "button", class: "link" }, `${left} more`);
      more.addEventListener("click", () => { more.parentElement?.remove(); add(from + MOST); });
      list.append(el("li", {}, more));
    }
  };
  add(0);
  return list;
}

function lineOf(name: string, v: unknown, depth: number): HTMLElement {
  const key = el("span", { class: "k" }, name);
  if (!isFull(v)) return el("li", {}, el("span", { class: "row" }, key, " ", plain(v)));
  const open = depth < 3 && Object.keys(v).length < 20;
  const details = el("details", { open }, el("summary", {}, key, " ", el("span", { class: "c" }, size(v)))) as HTMLDetailsElement;
  if (open) details.append(lines(v, depth + 1));
  else details.addEventListener("toggle", () => { if (details.children.length === 1) details.append(lines(v, depth + 1)); });
  return el("li", {}, details);
}

export function tree(v: unknown): HTMLElement {
  return el("div", { class: "json" }, isFull(v) ? lines(v, 1) : plain(v));
}

interface FileRef { file: string; name?: unknown; type?: unknown; size: number }

const isFile = (v: object): v is FileRef => {
  const f = v as Partial<FileRef>;
  return typeof f.file === "string" && f.file.length === 64 && typeof f.size === "number";
};

/** The files in a value, as ui.FilesOf finds them. */
function filesIn(v: unknown, depth = 0): FileRef[] {
  if (typeof v !== "object" || v === null) return [];
  if (!Array.isArray(v) && isFile(v)) return [v];
  if (depth >= 4) return [];
  return members(v).flatMap(([, item]) => filesIn(item, depth + 1)).slice(0, 500);
}

/** The files that a value refers to, to be downloaded below a page; nothing where there is none. */
export function fileList(page: string, v: unknown): HTMLElement | null {
  const files = filesIn(v);
  if (!files.length) return null;
  const list = el("ul", { class: "in plain files" });
  for (const f of files) {
    const name = typeof f.name === "string" ? f.name : "", type = typeof f.type === "string" ? f.type : "";
    const link = el("a", { class: "link", href: `${page}/files/${f.file}?${new URLSearchParams({ name, type })}`, download: true }, name || "a file without a name");
    list.append(el("li", {}, link, " ", el("span", { class: "quiet" }, `${type}, ${bytes(f.size)}`)));
  }
  return el("section", { class: "box" }, el("header", {}, el("h3", {}, "Files")), list);
}

const bytes = (n: number): string => n < 1000 ? `${n} bytes` : n < 1e6 ? `${Math.floor(n / 1000)} kB` : `${Math.floor(n / 1e5) / 10} MB`;

let boxes = 0;

/** The same box as ui.ValueBox; `note` stands in it while there is no value. */
export function valueBox(title: string, v: unknown, note: string, chip?: HTMLElement): HTMLElement {
  const given = v !== undefined;
  const id = `value-${++boxes}`;
  const head = el("header", {}, el("h3", { class: "grow" }, title), chip);
  const inside = el("div", { class: "in" });
  if (given) {
    const copy = el("button", { type: "button", class: "btn ghost small square", "data-copy": id, "aria-label": `Copy ${title}`, title: `Copy ${title}` }, icon("copy", "icon-s"));
    head.append(el("span", { class: "choice", role: "group", "aria-label": `How to show ${title}` },
      el("button", { type: "button", "aria-pressed": "true", "data-show": "tree" }, "Tree"),
      el("button", { type: "button", "aria-pressed": "false", "data-show": "json" }, "JSON")), copy);
    inside.append(el("div", { "data-as": "tree" }, tree(v)), el("code", { class: "code", "data-as": "json", id, hidden: true }, JSON.stringify(v, null, 2)));
  } else {
    inside.append(el("span", { class: "quiet" }, note));
  }
  return el("section", { class: "box", "data-value": true }, head, inside);
}
