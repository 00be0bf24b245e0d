package machine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// TestCredentialsAreMasked: the headers, the parameters and the URL of a request that carry credentials are masked without a word in the
// scenario, and what is masked of an output that is an input is masked in that.
func TestCredentialsAreMasked(t *testing.T) {
	doc, problems, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "s", "trigger": {"uses": "webhook"}, "steps": [
		{"id": "a", "uses": "core.http_request", "with": {"headers": {"authorization": "Bearer x", "Accept": "text/plain"}, "json": {"token": "kept"}}},
		{"id": "b", "each": "{{ [1] }}", "uses": "core.http_request", "with": {"headers": {"X-Api-Key": "{{ item }}"}}},
		{"id": "c", "uses": "core.http_request", "with": {"headers": "{{ trigger.headers }}"}},
		{"id": "d", "uses": "core.http_request", "with": {"query": {"API_KEY": "{{ trigger.body.key }}", "sort_key": "a", "country_code": "ch"}, "url": "https://example.com/?keys=1"}},
		{"id": "e", "uses": "core.http_request", "with": {"query": "{{ trigger.query }}", "url": "https://example.com/?a=b&key={{ trigger.body.key }}#c"}},
		{"id": "f", "uses": "core.crypto", "with": {"secret": "{{ trigger.body.key }}", "text": "a"}},
		{"id": "g", "uses": "core.crypto", "with": {"text": "a"}},
		{"id": "h", "uses": "core.set", "with": {"values": {"a": {"b": 1}}}, "mask": ["a.b"]}]}`))
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	program, problems := Compile(doc.Scenario, run.Facts{"core.http_request": {Effect: run.Idempotent, Headers: "headers", Params: "query", URL: "url"}, "core.crypto": {Effect: run.Pure, Secrets: []string{"secret"}}, "core.set": {Effect: run.Pure, Mirror: "values"}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	masks := program.Masks()
	if got, want := fmt.Sprint(masks["a"], len(masks["b"]), len(masks["c"]), masks["d"], masks["e"], masks["f"], masks["g"], masks["h"]), "[[{headers 0 0} {authorization 0 0}]] 2 0 [[{query 0 0} {API_KEY 0 0}]] [[{url 0 0}]] [[{secret 0 0}]] [] [[{a 0 0} {b 0 0}] [{values 0 0} {a 0 0} {b 0 0}]]"; got != want {
		t.Errorf("masked are %s, not %s", got, want)
	}
}

// TestChatIsInOrder: the messages of a conversation are one after the other, where nothing else is said.
func TestChatIsInOrder(t *testing.T) {
	for trigger, want := range map[string]string{
		`{"uses": "form", "with": {"mode": "chat"}}`:                                    "c1",
		`{"uses": "form", "with": {"mode": "chat"}, "order_by": "{{ trigger.user }}"}`:  "u1",
		`{"uses": "form", "with": {"mode": "chat"}, "batch": {"size": 2, "for": "1m"}}`: "",
		`{"uses": "form", "with": {"mode": "form"}}`:                                    "",
		`{"uses": "webhook", "with": {"mode": "chat"}}`:                                 "",
		`{"uses": "email"}`: "",
	} {
		doc, problems, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "s", "trigger": ` + trigger + `, "steps": []}`))
		if err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		program, problems := Compile(doc.Scenario, nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		r := run.Run{Trigger: "trigger"}
		if err := program.Flow(&r, map[string]any{"conversation": "c1", "user": "u1"}, time.Time{}, nil); err != nil || (r.Line == "") != (want == "") || !strings.Contains(r.Line, want) {
			t.Errorf("%s: the line is %q (%v), want %q", trigger, r.Line, err, want)
		}
	}
}
