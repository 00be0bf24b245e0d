package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A form is filled in by its labels, says beside each field what is wrong, keeps what was typed, and is sent.
func TestForm(t *testing.T) {
	b := start(t, false)
	b.open("/forms/bug?summary=It+broke&where=Mail")
	b.until(`document.readyState === "complete"`)
	if got := b.eval(`[document.querySelector("#summary").value, document.querySelector("#where-2").checked, document.cookie].join()`); got != "It broke,true," {
		t.Errorf("it begins with %s", got)
	}
	unlabelled := b.eval(`[...document.querySelectorAll("form :is(input, select, textarea):not([type=hidden])")].filter((e) => !e.labels.length).map((e) => e.id).join()`)
	if unlabelled != "" {
		t.Errorf("without a label are %s", unlabelled)
	}
	fill := func(id, text string) {
		b.eval(`(() => { const e = document.getElementById("` + id + `"); e.value = "` + text + `"; return e.value; })()`)
	}
	fill("email", "ada@")
	fill("details", "<b>kept</b>")
	b.eval(`document.querySelector("form").noValidate = true`)
	b.eval(`document.querySelector("form button").click()`)
	b.until(`document.querySelectorAll(".wrong").length === 3`)
	for _, c := range []struct{ expression, want string }{
		{`document.querySelector("#email-wrong").innerText.trim()`, "Write a mail address, as ada@example.com."},
		{`document.querySelector("#email").getAttribute("aria-describedby")`, "email-wrong"},
		{`document.querySelector("#details").value`, "<b>kept</b>"},
		{`document.querySelector("#where-2").checked`, "true"},
		{`document.querySelector("[role=alert]").innerText.includes("marked")`, "true"},
	} {
		if got := b.eval(c.expression); got != c.want {
			t.Errorf("%s is %q, want %q", c.expression, got, c.want)
		}
	}
	b.bad = nil // that the answer was 422
	b.eval(`document.querySelector("#email").focus()`)
	fill("email", "ada@example.com")
	fill("severity", "Annoying")
	b.eval(`document.querySelector("#contact").click()`)
	b.eval(`document.querySelector("form button").focus()`)
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent("\r")); err != nil { // by the keyboard
		t.Fatal(err)
	}
	b.until(`document.querySelector("h1").textContent === "Thank you"`)
	if got := b.eval(`document.querySelector(".reply").textContent`); got != "Your ticket is SUP-1042." {
		t.Errorf("the answer is %q", got)
	}
	b.clean("the form")
}

// A chat shows what is said and answered, as text; an answer that takes longer comes later; a page that is sent without the script
// works too.
func TestChat(t *testing.T) {
	b := start(t, false)
	b.open("/chat/help")
	b.until(`document.activeElement.id === "message"`)
	say := func(text string) {
		b.eval(`(() => { const e = document.querySelector("#message"); e.focus(); e.value = "` + text + `"; e.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true})); return 1; })()`)
	}
	talk := b.eval(`document.querySelector("[name=conversation]").value`)
	say("hello")
	b.until(`document.querySelectorAll("[data-said] li").length === 2 && document.querySelector("[data-said] li:last-child p").textContent.startsWith("You said: hello")`)
	if got := b.eval(`document.querySelectorAll("[data-said] b").length + " " + document.querySelector("[data-said] li:last-child p").innerText`); !strings.HasPrefix(got, "0 ") || !strings.Contains(got, "<b>Thank you.</b>") {
		t.Errorf("the answer is %s", got)
	}
	say("slow")
	b.until(`document.querySelector("[data-said] li:last-child p").textContent.includes("takes longer")`)
	say("more")
	b.until(`document.querySelectorAll("[data-said] li").length === 6 && document.querySelector("[data-said] li:last-child p").textContent.startsWith("You said: more")`)
	if got := b.eval(`document.querySelector("[name=conversation]").value`); got != talk {
		t.Error("the conversation is another one")
	}
	b.eval(`(() => { document.querySelector("#message").value = "by hand"; HTMLFormElement.prototype.submit.call(document.querySelector("[data-write]")); return 1; })()`)
	b.until(`document.querySelectorAll("[data-said] li").length === 2 && document.querySelector("[data-said] li:last-child p").textContent.startsWith("You said: by hand") && document.readyState === "complete"`)
	if got := b.eval(`document.querySelector("[name=conversation]").value`); got != talk {
		t.Error("sent as a form, the conversation is another one")
	}
	b.clean("the chat")
}
