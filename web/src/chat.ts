// A chat sends what is written without leaving its page, and asks again for answers that take longer. Without this script the
// page sends the same form, and carries what was said along.
import { all, el, icon, one, say } from "./dom.ts";

type Said = { answer: string; later?: boolean; error?: string; next?: string };

const askAfter = 2_000, askMost = 40;

const form = one<HTMLFormElement>("[data-write]")!, list = one<HTMLOListElement>("[data-said]")!, wrong = one("[data-wrong]")!;
const box = one<HTMLTextAreaElement>("#message")!, button = one<HTMLButtonElement>("button", form)!;
let sending = false;

function input(name: string, within: HTMLFormElement = form): HTMLInputElement { return one<HTMLInputElement>(`input[name="${name}"]`, within)!; }

function add(own: boolean, text: string): HTMLElement {
  const line = el("li", { class: own ? "own" : undefined }, el("span", { class: "unseen" }, own ? "You: " : "Answer: "), el("p", { class: "lines" }, text));
  list.append(line);
  line.scrollIntoView({ block: "end" });
  return line;
}

function complain(text: string): void {
  wrong.replaceChildren();
  box.toggleAttribute("aria-invalid", false);
  box.removeAttribute("aria-describedby");
  if (!text) return;
  const note = el("p", { class: "wrong", id: "message-wrong", role: "alert" }, text);
  note.prepend(icon("circle-alert", "icon-s"));
  wrong.append(note);
  box.setAttribute("aria-invalid", "true");
  box.setAttribute("aria-describedby", "message-wrong");
}

// The token says which message it is: sent twice it is one.
async function post(message: string, token: string): Promise<Said> {
  const body = new URLSearchParams({ message, "form-token": token, conversation: input("conversation").value });
  for (const name of ["form-user", "form-hash"]) {
    const given = one<HTMLInputElement>(`input[name="${name}"]`, form);
    if (given) body.set(name, given.value);
  }
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!(answer.headers.get("content-type") ?? "").startsWith("application/json")) throw new Error(String(answer.status));
  return await answer.json() as Said;
}

async function follow(line: HTMLElement, message: string, token: string): Promise<void> {
  for (let n = 0; n < askMost; n++) {
    await new Promise((done) => setTimeout(done, askAfter));
    const said = await post(message, token).catch(() => null);
    if (said && !said.error && !said.later) {
      line.classList.remove("waits");
      say(one("p", line), said.answer);
      return;
    }
  }
}

async function send(): Promise<void> {
  const message = box.value.trim(), token = input("form-token").value;
  if (!message || sending) return;
  sending = true;
  complain("");
  const own = add(true, message), line = add(false, "…");
  line.classList.add("waits");
  box.value = "";
  grow();
  button.setAttribute("aria-busy", "true");
  try {
    const said = await post(message, token);
    if (said.next) input("form-token").value = said.next;
    if (said.error) {
      unsend(own, line, message, said.error);
    } else {
      say(one("p", line), said.answer);
      if (said.later) void follow(line, message, token);
      else line.classList.remove("waits");
      line.scrollIntoView({ block: "end" });
    }
  } catch {
    unsend(own, line, message, "It did not get through. Send it again; it is taken once.");
  }
  sending = false;
  button.removeAttribute("aria-busy");
}

// What was not taken goes back to where it was written.
function unsend(own: HTMLElement, line: HTMLElement, message: string, why: string): void {
  own.remove();
  line.remove();
  if (!box.value) box.value = message;
  grow();
  complain(why);
  box.focus();
}

function grow(): void {
  box.rows = Math.min(6, box.value.split("\n").length);
}

form.addEventListener("submit", (e) => { e.preventDefault(); void send(); });
box.addEventListener("input", grow);
box.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
    e.preventDefault();
    void send();
  }
});

// A page that was sent as a form and still waits: its answer is asked for here, and nothing is sent along any more.
const again = one<HTMLFormElement>("[data-again]"), waiting = list.lastElementChild as HTMLElement | null;
if (again && waiting) {
  void follow(waiting, input("message", again).value, input("form-token", again).value);
  again.remove();
}
for (const carried of all<HTMLInputElement>('input[name="line"]', form)) carried.remove();
list.lastElementChild?.scrollIntoView({ block: "end" });
box.focus();
