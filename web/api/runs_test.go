package api

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

func TestRuns(t *testing.T) {
	h := newHouse(t)
	var r run.Run
	for range 3 {
		r = h.newRun()
	}
	a := h.want(200, "GET", "/runs?scenario=w1&status=failed,cancelled&limit=2&since=2025-12-31T00:00:00Z&until=2026-01-02T00:00:00%2B01:00", "")
	items := a.body["items"].([]any)
	first := items[0].(map[string]any)
	if len(items) != 2 || a.body["total"] != 3.0 || a.body["more"] != nil || first["id"] != r.ID || first["scenario"] != "w1" || first["version"] != 1.0 || first["status"] != "failed" ||
		first["event"] != r.EventID || first["created_at"] != "2026-01-01T00:00:00.123Z" || first["ended_at"] != "2026-01-01T00:01:00.123Z" {
		t.Errorf("%s", a.text)
	}
	a = h.want(200, "GET", "/runs?scenario=w1&limit=2&cursor="+a.body["next_cursor"].(string), "")
	if len(a.body["items"].([]any)) != 1 || a.body["next_cursor"] != nil {
		t.Errorf("the second page: %s", a.text)
	}
	if a := h.want(200, "GET", "/runs?status=succeeded", ""); fmt.Sprint(a.body["items"]) != "[]" || a.body["total"] != 0.0 {
		t.Errorf("%s", a.text)
	}
	for _, query := range []string{"status=done", "limit=0", "limit=501", "limit=x", "since=yesterday", "until=2026-01-01", "cursor=zzz", "q=" + strings.Repeat("q", 201)} {
		h.want(422, "GET", "/runs?"+query, "")
	}
	a = h.want(200, "GET", "/runs/"+r.ID, "")
	for _, part := range []string{`"trigger":{"body":{"id":9007199254740993}}`, `"output":null`, `"error":{"class":"unauthorized","message":"Refused.","step":"b"`,
		`{"path":"a","status":"succeeded","attempts":1,"input":{"n":9007199254740993},"output":"fine","error":null,"started_at":"2026-01-01T00:00:01.123Z","ended_at":"2026-01-01T00:00:02.123Z"}`} {
		if !strings.Contains(a.text, part) {
			t.Errorf("the run has no %s: %s", part, a.text)
		}
	}
	for _, hash := range []string{strings.Repeat("0", 64), "%2e%2e", "x"} {
		h.want(404, "GET", "/runs/"+r.ID+"/values/"+hash, "")
	}
	a = h.want(200, "GET", "/runs/"+r.ID+"/journal", "")
	last := int64(0)
	for i, item := range a.body["items"].([]any) {
		e := item.(map[string]any)
		if e["seq"] != float64(i+1) || int64(e["pos"].(float64)) <= last || e["run"] != r.ID || e["kind"] == "" || e["at"] == "" || e["data"] == nil {
			t.Errorf("entry %d is %v", i, e)
		}
		last = int64(e["pos"].(float64))
	}
	if len(a.body["items"].([]any)) != 7 {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "GET", "/runs/"+r.ID+"/journal?after=6", ""); len(a.body["items"].([]any)) != 1 {
		t.Errorf("%s", a.text)
	}
	for _, id := range []string{"none", "..%2F..%2Fetc", "%00", strings.Repeat("x", 60), "' OR 1=1 --"} {
		for _, rest := range []string{"", "/journal"} {
			h.want(404, "GET", "/runs/"+strings.ReplaceAll(id, " ", "%20")+rest, "")
		}
	}
}

// TestRunWaits: of a run whose step is tried again once its app takes calls, the answer says when that is.
func TestRunWaits(t *testing.T) {
	h := newHouse(t)
	r := h.queuedRun()
	until := r.CreatedAt.Add(7 * time.Minute)
	failure := &run.Failure{Class: "rate_limited", Message: "It asks to slow down.", Step: "a", Path: "a", Status: 429}
	entries := []run.Entry{{Kind: run.RunStarted}, {Kind: run.StepStarted, Path: "a", Data: run.Data{Attempt: 1}},
		{Kind: run.StepRetrying, Path: "a", Data: run.Data{Attempt: 1, Failure: failure, Until: until}}, {Kind: run.RunWaiting, Data: run.Data{Until: until}}}
	for i := range entries {
		r.Seq++
		entries[i].Seq, entries[i].At = r.Seq, r.CreatedAt
	}
	r.Status, r.StartedAt, r.WakeAt = run.Waiting, r.CreatedAt, until
	h.commit(&run.Write{Append: &run.Append{Run: r, Owner: "me", Entries: entries, Release: true}})
	a := h.want(200, "GET", "/runs/"+r.ID, "")
	step := a.body["steps"].([]any)[0].(map[string]any)
	if a.body["until"] != "2026-01-01T00:07:00.123Z" || step["until"] != a.body["until"] || step["status"] != "retrying" {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "GET", "/runs?status=waiting", ""); !strings.Contains(a.text, `"until":"2026-01-01T00:07:00.123Z"`) {
		t.Errorf("%s", a.text)
	}
}

func TestMoves(t *testing.T) {
	h := newHouse(t)
	r := h.newRun()
	h.want(202, "POST", "/runs/"+r.ID+"/cancel", "")
	h.want(202, "POST", "/runs/"+r.ID+"/resume", `{"path": "b", "outcome": "happened", "output": {"n": 1}}`)
	h.want(202, "POST", "/runs/"+r.ID+"/resume", `{"path": "b", "outcome": "skip"}`)
	if a := h.want(202, "POST", "/scenarios/w1/test", `{"trigger": "t", "payload": {"a":  1}}`); a.body["event"] != "the event" || a.body["run"] != "the run" {
		t.Errorf("%s", a.text)
	}
	h.want(202, "POST", "/scenarios/w1/test", "")
	if a := h.want(202, "POST", "/events/"+r.EventID+"/replay", ""); a.body["run"] != "the run" {
		t.Errorf("%s", a.text)
	}
	h.want(202, "POST", "/events/"+r.EventID+"/replay", `{"payload": {"n": 1}}`)
	want := []string{"cancel " + r.ID + " by key admin", "settle " + r.ID + " b happened map[n:1]", "settle " + r.ID + " b skip <nil>", `test w1 "t" {"a":  1}`, `test w1 "" `, "replay " + r.EventID, "replay " + r.EventID + ` {"n": 1}`}
	if got := strings.Join(h.asked, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("asked:\n%s", got)
	}
	h.want(404, "POST", "/runs/none/cancel", "")
	h.want(404, "POST", "/runs/none/resume", `{"path": "b", "outcome": "skip"}`)
	h.want(422, "POST", "/runs/"+r.ID+"/resume", `{"path": "b", "outcome": "perhaps"}`)
	h.asked = nil
	h.want(202, "POST", "/runs/"+r.ID+"/resume", "")
	h.want(202, "POST", "/runs/"+r.ID+"/resume", `{"path": "b", "input": {"x": 2}}`)
	h.want(422, "POST", "/runs/"+r.ID+"/resume", `{"path": "b", "input": [1]}`)
	h.want(422, "POST", "/runs/"+r.ID+"/resume", `{"path": "b", "output": {"n": 1}}`)
	h.want(422, "POST", "/runs/"+r.ID+"/resume", `{"path": "b", "outcome": "skip", "output": {"n": 1}}`)
	h.want(422, "POST", "/runs/"+r.ID+"/resume", `{"path": "b", "outcome": "happened", "input": {"n": 1}}`)
	h.want(202, "POST", "/runs/"+r.ID+"/discard", "")
	h.want(202, "POST", "/runs/"+r.ID+"/replay", "")
	h.want(202, "POST", "/runs/"+r.ID+"/replay", `{"from": "b", "payload": {"n": 1}, "version": "latest"}`)
	h.want(202, "POST", "/runs/"+r.ID+"/replay", `{"version": 3}`)
	for _, version := range []string{`"newest"`, `0`, `-1`, `1.5`, `{}`} {
		h.want(422, "POST", "/runs/"+r.ID+"/replay", `{"version": `+version+`}`)
	}
	h.want(404, "POST", "/runs/none/discard", "")
	want = []string{"resume ID \"\" map[]", "resume ID \"b\" map[x:2]", "discard ID", `replay run ID ""  -1`, `replay run ID "b" {"n": 1} 0`, `replay run ID ""  3`}
	for i, asked := range h.asked {
		if got := strings.ReplaceAll(asked, r.ID, "ID"); i >= len(want) || got != want[i] {
			t.Errorf("asked was %s", got)
		}
	}
	if len(h.asked) != len(want) {
		t.Errorf("what is refused is asked: %v", h.asked)
	}
	for code, status := range map[fault.Code]int{fault.Conflict: 409, fault.Unavailable: 503, fault.RateLimited: 429, fault.NotFound: 404, fault.Internal: 500, fault.InvalidInput: 422} {
		h.fails, h.logged = fault.Wrap(io.ErrUnexpectedEOF, code, "It says why."), nil
		a := h.want(status, "POST", "/events/"+r.EventID+"/replay", "")
		if a.body["detail"] != "It says why." || a.body["code"] != string(code) || strings.Contains(a.text, "EOF") {
			t.Errorf("%s: %s", code, a.text)
		}
		if len(h.logged) != 1 || !strings.Contains(h.logged[0].Error(), "EOF") {
			t.Errorf("%s: the log gets %v", code, h.logged)
		}
		if wait := a.header.Get("Retry-After"); (status == 503 || status == 429) != (wait == "5") {
			t.Errorf("%s: Retry-After is %q", code, wait)
		}
	}
	h.fails = &fault.Error{Code: fault.RateLimited, Message: "Slowly.", RetryAfter: 1500 * time.Millisecond}
	if a := h.want(429, "POST", "/scenarios/w1/test", ""); a.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
}

func TestEvents(t *testing.T) {
	h := newHouse(t)
	h.newRun()
	r := h.newRun()
	a := h.want(200, "GET", "/events?scenario=w1&outcome=accepted&limit=1", "")
	e := a.body["items"].([]any)[0].(map[string]any)
	if len(a.body["items"].([]any)) != 1 || e["id"] != r.EventID || e["run"] != r.ID || e["scenario"] != "w1" || e["outcome"] != "accepted" || e["value"] != nil || a.body["next_cursor"] == nil {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "GET", "/events?limit=1&cursor="+a.body["next_cursor"].(string), ""); len(a.body["items"].([]any)) != 1 || a.body["next_cursor"] != nil {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "GET", "/events/"+r.EventID, ""); !strings.Contains(a.text, `"value":{"body":{"id":9007199254740993}}`) {
		t.Errorf("%s", a.text)
	}
	h.want(404, "GET", "/events/none", "")
	h.want(422, "GET", "/events?outcome=lost", "")
	h.want(422, "GET", "/events?since=x", "")
}
