package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestRunPage drives the real program: what a stopped, a parked and a long run look like, and what is asked before something is
// done about them.
func TestRunPage(t *testing.T) {
	b := start(t, false)
	url, key := program(t)
	b.base = url
	run := func(slug, steps, event string) string {
		t.Helper()
		ask(t, key, "POST", url+"/api/v1/scenarios", `{"slug": "`+slug+`", "definition": {"stepmill": 1, "name": "Run `+slug+`", "trigger": {"uses": "webhook"}, "steps": [`+steps+`]}}`)
		ask(t, key, "POST", url+"/api/v1/scenarios/"+slug+"/publish", `{}`)
		var made struct{ Run string }
		if err := json.Unmarshal(ask(t, key, "POST", url+"/api/v1/scenarios/"+slug+"/test", `{"payload": {"body": `+event+`}}`), &made); err != nil || made.Run == "" {
			t.Fatal(made, err)
		}
		return "/runs/" + made.Run
	}
	var before []string
	for i := range 9 {
		before = append(before, fmt.Sprintf(`{"id": "s%d", "uses": "core.set", "with": {"values": {"n": 1}}}`, i))
	}
	stopped := run("stopped", `{"id": "l", "for_each": {"items": "{{ [1, 2] }}", "steps": [{"id": "leave", "stop": {"as": "break"}}]}}, {"id": "boom", "stop": {"as": "failed", "message": "boom"}}`, `{}`)
	parked := run("parked", strings.Join(before, ", ")+`, {"id": "p", "uses": "core.set", "with": {"values": {"n": "{{ parse_json(trigger.body.t) }}"}}, "on_error": {"do": "park"}}`, `{"t": "{"}`)
	long := run("long", `{"id": "l", "for_each": {"items": "{{ trigger.body }}", "steps": [{"id": "v", "uses": "core.set", "with": {"values": {"n": "{{ item }}"}}}]}}`, "["+strings.Repeat("1,", 2999)+"1]")

	b.open("/runs")
	b.until(`location.pathname === "/login" && document.querySelector("input[name=name]")`)
	b.fill(map[string]string{"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"})
	b.until(`location.pathname !== "/login"`)

	b.open(stopped)
	b.until(`document.querySelector("[data-status]").dataset.status === "failed" && document.querySelector("flow-canvas.drawn")`)
	for _, c := range []struct{ expression, want string }{
		{`[...document.querySelectorAll(".node")].map((n) => n.dataset.state).join()`, "succeeded,succeeded,succeeded,failed"},
		// a tile stands within its node, and what is written beside it
		{`[...document.querySelectorAll(".node")].filter((n) => { const t = n.querySelector(".tile").getBoundingClientRect(), w = n.querySelector(".name").getBoundingClientRect(), o = n.getBoundingClientRect(); return t.left < o.left || t.right > w.left || w.width < 40; }).length`, "0"},
		{`document.querySelector("#panel header .pill").textContent`, "failed"},
		{`document.querySelectorAll("[data-tab=http]").length`, "0"},
	} {
		if got := b.eval(c.expression); got != c.want {
			t.Errorf("stopped: %s is %q, want %q", c.expression, got, c.want)
		}
	}

	b.open(long)
	b.until(`document.querySelector("[data-status]").dataset.status === "succeeded" && document.querySelector("[data-steps]").textContent === "2 of 2"`)
	if got := b.eval(`document.querySelector("[data-key='l.v']").dataset.state + document.querySelector("[data-key='l.v'] .meta").textContent.replace(/.*·/, "")`); got != "succeeded 3,000 rounds" {
		t.Errorf("of a long run the step in the loop is %s", got)
	}

	b.open(parked)
	b.until(`document.querySelector("[data-key=p]").dataset.state === "uncertain"`)
	b.until(`(() => { const n = document.querySelector("[data-key=p]").getBoundingClientRect(), c = document.querySelector("flow-canvas").getBoundingClientRect(); return n.top > c.top && n.bottom < c.bottom; })()`) // in view
	b.eval(`document.querySelector("[data-dialog=discard]").click() ?? ""`)
	b.until(`document.querySelector("#discard").open && document.querySelector("#discard .foot").clientWidth === document.querySelector("#discard").clientWidth`)
	b.eval(`document.querySelector("#discard .foot .btn").click() ?? ""`)
	b.until(`!document.querySelector("#discard").open && location.pathname === "` + parked + `"`)

	// the event is changed for another run: first wrongly
	send := func(text string) {
		b.eval(`(() => { const d = document.querySelector("#replay"); if (!d.open) document.querySelector("[data-dialog=replay]").click(); d.querySelector("details").open = true; d.querySelector("textarea").value = ` + "`" + text + "`" + `; d.querySelector(".btn.pri").click(); return ""; })()`)
	}
	send(`{"body": `)
	b.until(`document.querySelector("#replay").open && document.querySelector("#replay .wrong")?.textContent.includes("line 1") && document.activeElement === document.querySelector("#replay textarea")`)
	b.bad = nil // that the answer was 422
	send(`{"body": {"t": "1"}}`)
	b.until(`location.pathname.startsWith("/runs/") && location.pathname !== "` + parked + `" && document.querySelector("[data-status]").dataset.status === "succeeded"`)

	b.open("/runs?status=attention")
	b.until(`document.querySelector(".alert.warn").textContent.includes("status=attention") && document.querySelector(".older summary")`)
	was := b.eval(`document.querySelector(".older summary").getBoundingClientRect().left`)
	b.eval(`document.querySelector(".older summary").click() ?? ""`)
	b.until(`document.querySelector(".older details").open`)
	if got := b.eval(`document.querySelector(".older summary").getBoundingClientRect().left`); got != was {
		t.Errorf("the button jumps from %s to %s", was, got)
	}
	b.clean("runs")
}
