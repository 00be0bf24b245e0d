// Making elements without a line of HTML text, so that nothing from outside is ever read as markup.

type Child = Node | string | null | undefined | false;

export function el(tag: string, attributes: Record<string, string | boolean | undefined> = {}, ...children: Child[]): HTMLElement {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.filter((c): c is Node | string => c !== null && c !== undefined && c !== false));
  return e;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Record<string, string> = {}): SVGElement {
  const e = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  return e;
}

export function icon(name: string, cls = ""): SVGElement {
  const e = svg("svg", { class: `icon ${cls}`, "aria-hidden": "true" });
  e.append(svg("use", { href: `${document.body.dataset["icons"]}#${name}` }));
  return e;
}

export const one = <T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T | null => within.querySelector<T>(selector);
export const all = <T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] => [...within.querySelectorAll<T>(selector)];

/** The data that the server wrote into the page under an id. */
export function data<T>(id: string): T | null {
  const script = document.getElementById(id);
  return script?.textContent ? (JSON.parse(script.textContent) as T) : null;
}

/** Sets a text only where it differs, so that nothing is painted or read out for nothing. */
export function say(e: Element | null, text: string): void {
  if (e && e.textContent !== text) e.textContent = text;
}

export function toast(text: string, bad = false): void {
  const box = one("[data-toasts]");
  if (!box) return;
  const close = el("button", { type: "button", "aria-label": "Close" });
  close.append(icon("x", "icon-s"));
  const e = el("div", { class: bad ? "toast bad" : "toast", "data-toast": true }, icon(bad ? "circle-alert" : "circle-check"), el("span", {}, text), close);
  box.append(e);
  fade(e, close, bad ? 9000 : 4500);
}

export function fade(e: HTMLElement, close: HTMLElement | null, after: number): void {
  const go = () => { e.classList.add("leaving"); setTimeout(() => e.remove(), 250); };
  close?.addEventListener("click", go);
  setTimeout(go, after);
}
