// What every page has: the theme, copying, dialogs, notices, times that stay true, lists that filter and refresh.
import { all, el, fade, icon, one, say, toast } from "./dom.ts";
import { watchLists } from "./list.ts";
import { tick } from "./time.ts";

const themes = ["", "light", "dark"] as const;

function themeOf(): string { return document.documentElement.dataset["theme"] ?? ""; }

function setTheme(theme: string): void {
  if (theme) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
  // the server writes the theme into the page, so the next one does not flash
  document.cookie = `theme=${theme || "system"}; path=/; max-age=31536000; samesite=lax`;
  sayTheme();
}

function sayTheme(): void {
  const word = { "": "Theme: system", light: "Theme: light", dark: "Theme: dark" }[themeOf()] ?? "Theme";
  for (const e of all("[data-theme-word]")) say(e, word);
  for (const e of all("[data-theme-next]")) e.setAttribute("aria-label", word);
}

async function textFor(button: HTMLElement): Promise<string> {
  const file = button.dataset["copyFile"];
  if (file) {
    const answer = await fetch(file);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await answer.arrayBuffer());
  }
  const source = document.getElementById(button.dataset["copy"]!);
  return source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement ? source.value : source?.textContent ?? "";
}

async function copy(button: HTMLElement): Promise<void> {
  let text: string;
  try {
    text = await textFor(button);
  } catch {
    return toast("It could not be copied: the server did not give it.", true);
  }
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no clipboard without a secure context: the old way
    const area = el("textarea", { class: "unseen" }) as HTMLTextAreaElement;
    area.value = text;
    document.body.append(area);
    area.select();
    const done = (!button.dataset["copyFile"] || area.value === text) && document.execCommand("copy"); // it makes other line breaks
    area.remove();
    if (!done) return toast(`The browser did not allow copying; ${button.dataset["copyFile"] ? "download it" : "mark the text and copy it by hand"}.`, true);
  }
  const before = [...button.childNodes];
  button.replaceChildren(icon("check", "icon-s"));
  setTimeout(() => button.replaceChildren(...before), 1400);
}

function choose(button: HTMLElement): void {
  const box = button.closest("[data-value]");
  for (const b of all("[data-show]", box!)) b.setAttribute("aria-pressed", String(b === button));
  for (const part of all("[data-as]", box!)) part.hidden = part.dataset["as"] !== button.dataset["show"];
}

document.addEventListener("click", (e) => {
  const target = (e.target as Element).closest<HTMLElement>("[data-copy], [data-copy-file], [data-show], [data-theme-next], [data-dialog], [data-close]");
  if (!target) return;
  if (target.dataset["copy"] || target.dataset["copyFile"]) void copy(target);
  else if (target.dataset["show"]) choose(target);
  else if (target.hasAttribute("data-theme-next")) setTheme(themes[(themes.indexOf(themeOf() as "") + 1) % 3]!);
  else if (target.dataset["dialog"]) { e.preventDefault(); (document.getElementById(target.dataset["dialog"]) as HTMLDialogElement | null)?.showModal(); }
  else if (target.hasAttribute("data-close")) target.closest("dialog")?.close();
});

// a click beside a dialog closes it
document.addEventListener("click", (e) => {
  if (e.target instanceof HTMLDialogElement) {
    const b = e.target.getBoundingClientRect();
    if (e.clientX < b.left || e.clientX > b.right || e.clientY < b.top || e.clientY > b.bottom) e.target.close();
  }
});

// arrow keys go along a row of tabs
document.addEventListener("keydown", (e) => {
  const tab = (e.target as Element).closest<HTMLElement>("[role=tab]"), step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
  if (!tab || !step) return;
  const tabs = all("[role=tab]", tab.closest("[role=tablist]")!);
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length]!;
  next.focus();
  next.click();
});

// a form is sent once, and its button shows that it was
document.addEventListener("submit", (e) => {
  const form = e.target as HTMLFormElement;
  if (form.method !== "post" || e.defaultPrevented) return;
  if (form.dataset["sent"]) return e.preventDefault();
  form.dataset["sent"] = "1";
  (e.submitter as HTMLElement | null)?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const form of all<HTMLFormElement>("form[data-sent]")) {
    delete form.dataset["sent"];
    for (const b of all("[aria-busy]", form)) b.removeAttribute("aria-busy");
  }
});

// a file becomes the text that is sent
document.addEventListener("change", (e) => {
  const input = e.target as HTMLInputElement;
  if (input.type !== "file" || !input.dataset["into"]) return;
  const into = document.getElementById(input.dataset["into"]) as HTMLTextAreaElement | null;
  const most = Number(input.dataset["most"]);
  if (input.files?.[0] && input.files[0].size > most) { // a server that stops reading cannot answer every browser
    input.value = "";
    return toast(`The file is larger than ${most / 2 ** 20} MB, the most that a scenario may be.`, true);
  }
  void input.files?.[0]?.text().then((text) => { if (into) { into.value = text; into.focus(); } });
});

sayTheme();
tick();
setInterval(() => tick(), 15_000);
for (const t of all("[data-toast]")) fade(t, null, t.classList.contains("bad") ? 9000 : 4500);
let url = new URL(location.href);
const here = one("[data-here]")?.dataset["here"];
if (here && url.pathname !== here) history.replaceState(null, "", url = new URL(here, url)); // a form's answer, which is not asked for again
if (url.searchParams.has("done") || url.searchParams.has("ask")) { // said once
  url.searchParams.delete("done");
  url.searchParams.delete("ask");
  history.replaceState(null, "", url);
}
for (const d of all<HTMLDialogElement>("dialog[open]")) { d.close(); d.showModal(); } // it came open, and beside it nothing is done
watchLists();
one<HTMLElement>("[data-focus]")?.focus();
