package rigs

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/failpoint"
)

// TestRoundsKilled kills the program again and again while one run goes round thousands of times and its journal is shortened, and
// asks that every round was gone through once, with one key for what it sent, and that what is left of the journal is its newest part.
// STEPMILL_ROUND_KILLS says how often.
func TestRoundsKilled(t *testing.T) {
	p, release, points := must(t, template), must(t, released), must(t, pointed)
	data := copyOf(t, p, filepath.Join(t.TempDir(), "data"))
	s, err := start(options{program: release, data: data})
	if err != nil {
		t.Fatal(err)
	}
	kills := times("STEPMILL_ROUND_KILLS", 12, 200)
	rounds := 3000 + 100*kills
	s.key = p.key
	definition := `{"stepmill": 1, "name": "Rounds", "trigger": {"uses": "webhook"}, "steps": [
		{"id": "loop", "repeat": {"until": "steps.count.n >= trigger.body.n", "max": 1000000, "steps": [
			{"id": "count", "uses": "core.set", "with": {"values": {"n": "{{ (steps.count?.n ?? 0) + 1 }}", "sum": "{{ (steps.count?.sum ?? 0) + (steps.count?.n ?? 0) + 1 }}"}}},
			{"id": "post", "if": "steps.count.n % 5 == 0", "uses": "core.http_request", "with": {"method": "POST", "url": "` + receiver().URL + `/x", "json": {"n": "{{ 'round ' + string(steps.count.n) }}"}}}]}},
		{"id": "out", "uses": "core.set", "with": {"values": {"n": "{{ steps.count.n }}", "sum": "{{ steps.count.sum }}", "count": "{{ steps.loop.count }}"}}}]}`
	var made struct{ Triggers []struct{ URL string } }
	if err := s.call("POST", "/api/v1/scenarios", `{"slug": "rounds", "definition": `+definition+`}`, &made); err != nil {
		t.Fatal(err)
	}
	if err := s.call("POST", "/api/v1/scenarios/rounds/publish", `{"note": ""}`, nil); err != nil {
		t.Fatal(err)
	}
	var taken struct{ Run string }
	if err := s.call("POST", made.Triggers[0].URL[len(s.url):], fmt.Sprintf(`{"n": %d}`, rounds), &taken); err != nil {
		t.Fatal(err)
	}
	places := []string{failpoint.CommitBefore, failpoint.CommitAfter, failpoint.EffectBefore, failpoint.EffectAfter, failpoint.CheckpointBefore}
	for round := range kills {
		time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
		s.kill()
		o := options{program: release, data: data}
		if round%2 == 0 {
			o.program, o.env = points, []string{at(fmt.Sprint(places[round/2%len(places)], ":", 1+rand.IntN(60)))}
		}
		if s, err = start(o); err != nil { // it fired at the start already
			if s, err = start(options{program: release, data: data}); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.kill()
	if s, err = start(options{program: release, data: data}); err != nil {
		t.Fatal(err)
	}
	defer func() { s.kill() }()
	s.key = p.key
	var r struct {
		Status string
		Output map[string]any
	}
	eventually(time.Minute, func() bool {
		if err := s.call("GET", "/api/v1/runs/"+taken.Run, "", &r); err != nil {
			t.Fatal(err)
		}
		return r.Status == "succeeded" || r.Status == "failed"
	})
	if want := fmt.Sprint(map[string]any{"n": rounds, "sum": rounds * (rounds + 1) / 2, "count": rounds}); r.Status != "succeeded" || fmt.Sprintf("map[count:%.0f n:%.0f sum:%.0f]", r.Output["count"], r.Output["n"], r.Output["sum"]) != want {
		t.Errorf("the run %s with %v and not %s", r.Status, r.Output, want)
	}
	for n := 5; n <= rounds; n += 5 {
		if keys := receiver().effects(fmt.Sprint("round ", n)); len(keys) != 1 {
			t.Errorf("round %d sent with %d keys", n, len(keys))
		}
	}
	left, last := 0, 0
	for cursor := ""; ; {
		var page struct {
			Items []struct{ Seq int }
			Next  string `json:"next_cursor"`
		}
		if err := s.call("GET", "/api/v1/runs/"+taken.Run+"/journal?limit=1000&cursor="+cursor, "", &page); err != nil {
			t.Fatal(err)
		}
		if left += len(page.Items); len(page.Items) > 0 {
			last = page.Items[len(page.Items)-1].Seq
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if left > 12_500 || last < rounds*4 {
		t.Errorf("of %d entries %d are left", last, left)
	}
	t.Logf("figures: %d rounds over %d kills; of %d entries %d are left", rounds, kills, last, left)
}
