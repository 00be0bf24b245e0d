package rigs

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/failpoint"
)

// TestClock kills the program around the planned times of a schedule, at a random time and at each point of taking an event
// in, and asks that every planned time from its publishing to the end has one run: its effect, with one idempotency key.
// STEPMILL_CLOCK_KILLS says how often; each takes some ten seconds, the shortest that a schedule may have.
func TestClock(t *testing.T) {
	p, release, points := must(t, template), must(t, released), must(t, pointed)
	data := copyOf(t, p, filepath.Join(t.TempDir(), "data"))
	s, err := start(options{program: release, data: data})
	if err != nil {
		t.Fatal(err)
	}
	s.key = p.key
	definition := `{"stepmill": 1, "name": "Clock", "trigger": {"uses": "schedule", "with": {"every": "10s", "missed": "all"}}, "steps": [{"id": "post", "uses": "core.http_request",
		"with": {"method": "POST", "url": "` + receiver().URL + `/x", "json": {"n": "clock {{ trigger.scheduled_at }}"}}}]}`
	if err := s.call("POST", "/api/v1/scenarios", `{"slug": "clock", "definition": `+definition+`}`, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.call("POST", "/api/v1/scenarios/clock/publish", `{"note": ""}`, nil); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	places := []string{failpoint.AcceptBefore, failpoint.CommitBefore, failpoint.CommitAfter, failpoint.AcceptAfter}
	kills := times("STEPMILL_CLOCK_KILLS", 3, 40)
	for round := range kills {
		next := time.Now().Truncate(10 * time.Second).Add(10 * time.Second)
		time.Sleep(time.Until(next) + time.Duration(rand.IntN(400)-200)*time.Millisecond)
		s.kill()
		o := options{program: release, data: data}
		if round%2 == 0 {
			o.program, o.env = points, []string{at(places[round/2%len(places)] + ":1")}
		}
		if s, err = start(o); err != nil { // it fired at the start already
			if s, err = start(options{program: release, data: data}); err != nil {
				t.Fatal(err)
			}
		}
		if o.env != nil {
			if !eventually(20*time.Second, s.gone) {
				t.Errorf("the point %s was not reached", places[round/2%len(places)])
			}
			if s, err = start(options{program: release, data: data}); err != nil {
				t.Fatal(err)
			}
		}
	}
	defer func() { s.kill() }()
	end := time.Now().Truncate(10 * time.Second)
	planned, missing := 0, []string(nil)
	eventually(30*time.Second, func() bool {
		planned, missing = 0, nil
		for at := begun.Truncate(10 * time.Second).Add(10 * time.Second); !at.After(end); at = at.Add(10 * time.Second) {
			planned++
			if len(receiver().effects(clockName(at))) == 0 {
				missing = append(missing, clockName(at))
			}
		}
		return len(missing) == 0
	})
	if len(missing) > 0 || planned < kills/2 {
		t.Errorf("of %d planned times these have no run: %v", planned, missing)
	}
	receiver().mu.Lock()
	defer receiver().mu.Unlock()
	for name, keys := range receiver().keys {
		if strings.HasPrefix(name, "clock ") && len(keys) != 1 {
			t.Errorf("%s began %d runs", name, len(keys))
		}
	}
	t.Logf("figures: %d planned times over %d kills", planned, kills)
}

func clockName(at time.Time) string { return "clock " + at.UTC().Format("2006-01-02T15:04:05.000Z") }
