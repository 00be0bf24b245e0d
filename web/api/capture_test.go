package api

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// trap is the captures of a house.
type trap struct {
	asked string
	got   run.Capture
	fails error
}

func (c *trap) Wait(_ context.Context, _ run.Actor, scenario, trigger string) (run.Capture, error) {
	c.asked = "wait " + scenario + " " + trigger
	return c.got, c.fails
}

func (c *trap) State(_ context.Context, _ run.Actor, scenario, trigger string) (run.Capture, error) {
	c.asked = "state " + scenario + " " + trigger
	return c.got, c.fails
}

func (c *trap) Stop(_ context.Context, _ run.Actor, scenario, trigger string) error {
	c.asked = "stop " + scenario + " " + trigger
	return c.fails
}

func TestCapture(t *testing.T) {
	h := newHouse(t)
	h.trap.got = run.Capture{Until: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	if a := h.want(202, "POST", "/scenarios/w1/capture", ""); a.body["until"] != "2026-03-01T09:00:00.000Z" || h.trap.asked != "wait w1 " {
		t.Errorf("%s, asked %q", a.text, h.trap.asked)
	}
	h.want(202, "POST", "/scenarios/w1/capture", `{"trigger": "b"}`)
	h.trap.got = run.Capture{Event: "e1"}
	if a := h.want(200, "GET", "/scenarios/w1/capture?trigger=b", ""); a.body["until"] != nil || a.body["event"] != "e1" || h.trap.asked != "state w1 b" {
		t.Errorf("%s, asked %q", a.text, h.trap.asked)
	}
	h.want(204, "DELETE", "/scenarios/w1/capture?trigger=b", "")
	h.trap.fails = fault.New(fault.InvalidInput, "It takes no requests.")
	h.want(422, "POST", "/scenarios/w1/capture", "")
}

// TestSample: an event, or a value, becomes the sample of a draft's trigger, and the rest of the draft stays as it was written.
func TestSample(t *testing.T) {
	h := newHouse(t)
	text := "{\n  \"stepmill\": 1, \"name\": \"W\",\n  \"triggers\": [{\"id\": \"a\", \"uses\": \"webhook\"}, {\"id\": \"b\", \"uses\": \"webhook\", \"sample\": 1}],\n  \"steps\": []\n}"
	h.want(201, "POST", "/scenarios", created(text))
	h.want(200, "PUT", "/scenarios/w1/sample", `{"trigger": "b", "value": {"body": {"n": 9007199254740993}}}`)
	draft := h.want(200, "GET", "/scenarios/w1", "").text
	if !strings.Contains(draft, `"sample":{"body":{"n":9007199254740993}}`) || strings.Count(draft, "sample") != 1 {
		t.Errorf("the draft is %s", draft)
	}
	for body, want := range map[string]int{
		`{"trigger": "c", "value": 1}`: 404, `{"trigger": "b"}`: 422, `{"trigger": "b", "value": 1, "event": "e"}`: 422, `{"trigger": "b", "event": "none"}`: 404,
		`{"trigger": "b", "value": "` + strings.Repeat("x", 70<<10) + `"}`: 413,
	} {
		h.want(want, "PUT", "/scenarios/w1/sample", body)
	}
	h.want(200, "PUT", "/scenarios/w1/draft", `{"definition": {"stepmill": 1, "name": "W", "trigger": {"uses": "webhook", "nope": 1}, "steps": []}}`)
	h.want(409, "PUT", "/scenarios/w1/sample", `{"trigger": "trigger", "value": 1}`)
}
