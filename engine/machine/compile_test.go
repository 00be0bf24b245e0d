package machine

import (
	"fmt"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// TestCredentialsAreMasked: the headers of a request that carry credentials are masked without a word in the scenario.
func TestCredentialsAreMasked(t *testing.T) {
	doc, problems, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "s", "trigger": {"uses": "webhook"}, "steps": [
		{"id": "a", "uses": "core.http_request", "with": {"headers": {"authorization": "Bearer x", "Accept": "text/plain"}, "json": {"token": "kept"}}},
		{"id": "b", "each": "{{ [1] }}", "uses": "core.http_request", "with": {"headers": {"X-Api-Key": "{{ item }}"}}},
		{"id": "c", "uses": "core.http_request", "with": {"headers": "{{ trigger.headers }}"}}]}`))
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	program, problems := Compile(doc.Scenario, run.Facts{"core.http_request": {Effect: run.Idempotent, Headers: "headers"}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got, want := fmt.Sprintf("%d %s %d %d", len(program.Masks()["a"]), program.Masks()["a"][0][1].Name, len(program.Masks()["b"]), len(program.Masks()["c"])), "1 authorization 2 0"; got != want {
		t.Errorf("masked are %s, not %s", got, want)
	}
}
