package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
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

// TestHosted drives the real program: a form and a chat without signing in, the form within a page of another origin that it allows
// and of one that it does not, and the runs that they started.
func TestHosted(t *testing.T) {
	b := start(t, false)
	url, key := program(t)
	var page string
	frame := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><iframe src="%s" width="600" height="700"></iframe>`, page)
	}))
	t.Cleanup(frame.Close)
	ask(t, key, "POST", url+"/api/v1/scenarios", `{"slug": "bug", "definition": {"stepmill": 1, "name": "Bug report", "trigger": {"uses": "form", "with": {"respond": "ended", "allow": ["`+frame.URL+`"], "fields": [{"name": "email", "type": "email", "required": true}, {"name": "say"}]}},
		"steps": [{"id": "answer", "uses": "core.respond", "with": {"text": "Ticket <1> for {{ trigger.email }}"}}]}}`)
	ask(t, key, "POST", url+"/api/v1/scenarios/bug/publish", `{}`)
	ask(t, key, "POST", url+"/api/v1/scenarios", `{"slug": "help", "definition": {"stepmill": 1, "name": "Help", "trigger": {"uses": "form", "with": {"mode": "chat"}}, "steps": [{"id": "answer", "uses": "core.respond", "with": {"text": "You said {{ trigger.message }}"}}]}}`)
	ask(t, key, "POST", url+"/api/v1/scenarios/help/publish", `{}`)
	address := func(slug string) string {
		var s struct{ Triggers []struct{ URL string } }
		if err := json.Unmarshal([]byte(get(t, key, url+"/api/v1/scenarios/"+slug)), &s); err != nil {
			t.Fatal(err)
		}
		return s.Triggers[0].URL
	}
	b.base = ""
	b.open(address("bug"))
	b.until(`document.querySelector("#email")`)
	b.eval(`(() => { document.querySelector("form").noValidate = true; document.querySelector("#email").value = "ada"; document.querySelector("form button").click(); return 1; })()`)
	b.until(`document.querySelector("#email-wrong") && document.querySelector("#email").value === "ada"`)
	b.bad = nil // that the answer was 422
	b.eval(`(() => { document.querySelector("#email").value = "ada@example.com"; document.querySelector("form button").click(); return 1; })()`)
	b.until(`document.querySelector(".reply").textContent === "Ticket <1> for ada@example.com"`)
	b.open(address("help"))
	b.until(`document.activeElement.id === "message"`)
	b.eval(`(() => { document.querySelector("#message").value = "hello"; document.querySelector("[data-write] button").click(); return 1; })()`)
	b.until(`document.querySelector("[data-said] li:last-child p").textContent === "You said hello"`)
	b.clean("the pages")

	for at, refused := range map[string]bool{frame.URL: false, strings.Replace(frame.URL, "127.0.0.1", "localhost", 1): true} {
		page = address("bug")
		b.open(at)
		b.until(`document.readyState === "complete"`)
		b.mu.Lock()
		said := strings.Join(b.bad, "; ")
		b.bad = nil
		b.mu.Unlock()
		if strings.Contains(said, "frame-ancestors") != refused || !refused && said != "" {
			t.Errorf("within a page of %s: %q", at, said)
		}
	}
	for _, slug := range []string{"bug", "help"} {
		var list struct{ Items []struct{ Status string } }
		if err := json.Unmarshal([]byte(get(t, key, url+"/api/v1/runs?scenario="+slug)), &list); err != nil || len(list.Items) != 1 || list.Items[0].Status != "succeeded" {
			t.Errorf("%s has the runs %v (%v)", slug, list, err)
		}
	}
}

// get asks the API.
func get(t *testing.T, key, url string) string {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp.Status, string(text), err)
	}
	return string(text)
}
