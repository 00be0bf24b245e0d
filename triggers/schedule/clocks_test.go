package schedule

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

const day = 24 * time.Hour

// TestClocks is R8 and §2.G 51: whatever the clock does, no planned time fires twice, and when it is right again the schedule
// goes on. A step is by how much the clock moves and how many runs begin then.
func TestClocks(t *testing.T) {
	type step struct {
		by   time.Duration
		runs int
	}
	for _, c := range []struct {
		name   string
		missed string
		steps  []step
	}{
		{"an hour back and on again", "all", []step{{-time.Hour, 0}, {59 * time.Minute, 0}, {time.Minute, 0}, {time.Hour, 1}}},
		{"an hour ahead and back", "latest", []step{{time.Hour, 1}, {-time.Hour, 0}, {time.Hour, 0}, {time.Hour, 1}}},
		{"a day back", "latest", []step{{-day, 0}, {12 * time.Hour, 0}, {12 * time.Hour, 0}, {time.Hour, 1}}},
		{"a month ahead and put right ten days late", "all", []step{{30 * day, maxAll}, {-30 * day, 0}, {10 * day, maxAll}, {time.Hour, 1}}},
		{"ten years ahead makes up for few", "all", []step{{3650 * day, maxAll}, {time.Hour, 1}}},
		{"ten years ahead and put right", "all", []step{{3650 * day, maxAll}, {-3650 * day, 0}, {time.Hour, 1}, {time.Hour, 1}}},
		{"ten years ahead and put right, the latest only", "latest", []step{{3650 * day, 1}, {time.Hour, 1}, {-3650*day - time.Hour, 0}, {time.Hour, 1}, {2 * time.Hour, 1}}},
		{"three hours asleep and then a little back", "latest", []step{{3*time.Hour + 30*time.Minute, 1}, {-time.Hour, 1}, {time.Hour, 0}, {30 * time.Minute, 1}}},
		{"ten years ahead and put right, skipped", "skip", []step{{3650 * day, 1}, {time.Hour, 1}, {-3650*day - time.Hour, 0}, {time.Hour, 1}, {time.Hour, 1}}},
		{"it stands still", "all", []step{{0, 0}, {0, 0}, {time.Hour, 1}, {0, 0}}},
		{"48 hours away", "latest", []step{{48 * time.Hour, 1}}},
		{"48 hours away, skipped", "skip", []step{{48*time.Hour + 5*time.Minute, 0}, {55 * time.Minute, 1}}},
	} {
		for _, restarts := range []bool{false, true} {
			r := newRig(t, map[string]any{"cron": "0 * * * *", "missed": c.missed}, "2026-01-01 00:00")
			r.step(time.Hour, 1)
			for i, s := range c.steps {
				if restarts {
					r.now = r.now.Add(s.by)
					r.restart()
					s.by = 0
				}
				before := len(r.fired)
				r.step(s.by, s.runs)
				if got := len(r.fired) - before; got != s.runs {
					t.Errorf("%s, with restarts %t: at step %d", c.name, restarts, i+1)
				}
			}
			r.once(c.name)
		}
	}
}

// TestMonthBack is how planned times stay unique when their dedupe keys are long forgotten: by the schedule's place.
func TestMonthBack(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		r := newRig(t, map[string]any{"cron": "0 * * * *", "missed": "all"}, "2026-01-01 00:00")
		for range 30 * 24 {
			r.step(time.Hour, 1)
		}
		if len(r.known) > 8*24 {
			t.Fatal("the keys are not forgotten")
		}
		r.now = r.now.Add(-30 * day)
		for range 30 * 24 {
			if restarts {
				r.restart()
			}
			r.step(time.Hour, 0)
		}
		r.step(time.Hour, 1)
		r.once("a month back")
	}
}

// once holds that no planned time began two runs.
func (r *rig) once(name string) {
	r.t.Helper()
	for key, n := range r.fired {
		if n != 1 {
			r.t.Errorf("%s: %s began %d runs", name, key, n)
		}
	}
}

// TestJumps lets the clock jump about by chance, with restarts and refusals between: no planned time ever has two runs, and
// from when the clock goes as it should every planned time has one.
func TestJumps(t *testing.T) {
	for seed := range uint64(180) {
		chance := rand.New(rand.NewPCG(seed, 1))
		missed := []string{"skip", "latest", "all"}[seed%3]
		with := []map[string]any{{"every": "10m", "missed": missed}, {"cron": "30 * * * *", "missed": missed, "timezone": "Australia/Lord_Howe"}, {"cron": "15 2 * * *", "missed": missed, "timezone": "Europe/Zurich"}}[seed/3%3]
		r := newRig(t, with, "2026-03-01 00:00")
		for range 60 {
			switch chance.IntN(8) {
			case 0:
				r.now = r.now.Add(-time.Duration(chance.Int64N(int64(40 * day))))
			case 1:
				r.now = r.now.Add(time.Duration(chance.Int64N(int64(40 * day))))
			case 2:
				r.now = r.now.Add(time.Duration(chance.Int64N(7)-3) * time.Hour)
			case 3:
				r.restart()
			case 4:
				r.refuse = !r.refuse
			default:
				r.now = r.now.Add(time.Duration(chance.Int64N(int64(20 * time.Minute))))
			}
			r.sch.turn(t.Context())
		}
		r.refuse = false
		for _, p := range r.sch.table { // the clock gets to where it was
			r.now = later(r.now, p.top).Add(again)
		}
		r.sch.turn(t.Context())
		r.once(fmt.Sprint("seed ", seed))
		p := r.sch.table["k"]
		for range 20 {
			before := r.kept
			r.now = p.next
			if r.sch.turn(t.Context()); r.kept != before+1 {
				t.Fatalf("seed %d: at %s %d runs begin", seed, r.now, r.kept-before)
			}
		}
		r.once(fmt.Sprint("seed ", seed))
	}
}

// TestDrift: a clock that goes wrong by a second a minute, either way, loses and doubles nothing, and fires nothing early.
func TestDrift(t *testing.T) {
	for _, minute := range []time.Duration{59 * time.Second, 61 * time.Second} {
		r := newRig(t, map[string]any{"cron": "* * * * *"}, "2026-01-01 00:00")
		begun := r.now
		for range 600 {
			r.now = r.now.Add(minute / 12)
			r.sch.turn(t.Context())
			if want := int(r.now.Sub(begun) / time.Minute); len(r.fired) != want {
				t.Fatalf("after %s %d runs began", r.now.Sub(begun), len(r.fired))
			}
		}
		r.once("drift")
	}
}

// TestFraction: a schedule whose times are no whole seconds stands where it fired, also when its keys are forgotten.
func TestFraction(t *testing.T) {
	r := newRig(t, map[string]any{"every": "10500ms", "missed": "all"}, "2026-01-01 00:00")
	r.step(11*time.Second, 1)
	clear(r.known)
	r.restart()
	r.step(0, 0)
}

// many are live schedules.
type many []*triggers.Trigger

func (m many) All(context.Context, func(string) bool) []*triggers.Trigger { return m }

func newMany(n int, cron func(int) string) many {
	m := make(many, n)
	for i := range m {
		m[i] = &triggers.Trigger{StoredTrigger: scenario.StoredTrigger{Key: fmt.Sprint(i), ID: "trigger", ScenarioID: fmt.Sprint(i), Status: scenario.Live}, Zone: time.UTC,
			Since: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), Def: &scenario.Trigger{Uses: "schedule", With: map[string]any{"cron": cron(i)}}}
	}
	return m
}

// group is a starter that takes as long for many that come together as for one, as a commit does.
type group struct {
	mu     sync.Mutex
	inside int
	most   int
	begun  int
	fails  error
}

func (g *group) Accept(context.Context, *run.Start) error {
	g.mu.Lock()
	if g.inside++; g.inside > g.most {
		g.most = g.inside
	}
	g.begun++
	g.mu.Unlock()
	time.Sleep(time.Millisecond)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside--
	return g.fails
}

func newScheduler(m many, g triggers.Starter, now *time.Time) *Scheduler {
	return &Scheduler{Triggers: m, Cursors: &store{}, Starter: g, Now: func() time.Time { return *now }, Log: slog.New(slog.DiscardHandler)}
}

// TestMidnight: thousands that are due at once start side by side, each once, and those that are not due are not looked at.
func TestMidnight(t *testing.T) {
	now := time.Date(2026, 1, 1, 13, 0, 0, 0, time.UTC)
	var g group
	s := newScheduler(newMany(4000, func(i int) string { return []string{"0 0 * * *", "0 6 * * *"}[i%2] }), &g, &now)
	s.load(t.Context())
	if wake := s.turn(t.Context()); g.begun != 0 || wake.Sub(now) != look {
		t.Fatalf("%d began, and it looks again at %s", g.begun, wake)
	}
	now = now.Add(11 * time.Hour)
	if wake := s.turn(t.Context()); g.begun != 2000 || g.most < 50 || g.most > atOnce || wake.Sub(now) != look {
		t.Errorf("%d began, %d at once", g.begun, g.most)
	}
	now = now.Add(6 * time.Hour)
	if s.turn(t.Context()); g.begun != 4000 || len(s.queue) != 4000 {
		t.Errorf("%d began, %d go on", g.begun, len(s.queue))
	}
}

// TestDown: when nothing can be kept not every schedule asks, and all come again a moment later.
func TestDown(t *testing.T) {
	now := time.Date(2026, 1, 1, 13, 0, 0, 0, time.UTC)
	g := group{fails: unavailable()}
	s := newScheduler(newMany(4000, func(int) string { return "0 0 * * *" }), &g, &now)
	s.load(t.Context())
	now = now.Add(11 * time.Hour)
	if wake := s.turn(t.Context()); g.begun > 2*atOnce || wake.Sub(now) > again {
		t.Errorf("%d asked, and it looks again at %s", g.begun, wake)
	}
	g.fails, g.begun = nil, 0
	now = now.Add(again)
	if s.turn(t.Context()); g.begun != 4000 {
		t.Errorf("%d began", g.begun)
	}
}

// BenchmarkWake is a wake with half a million schedules of which one is due.
func BenchmarkWake(b *testing.B) {
	now := time.Date(2026, 1, 1, 12, 30, 0, 0, time.UTC)
	s := newScheduler(newMany(500_000, func(i int) string {
		if i == 0 {
			return "* * * * *"
		}
		return "0 0 * * *"
	}), instant{}, &now)
	s.load(b.Context())
	for b.Loop() {
		now = now.Add(time.Minute)
		if now.Hour() == 23 {
			b.StopTimer()
			now = time.Date(2026, 1, 1, 12, 30, 0, 0, time.UTC)
			s.table = nil
			s.load(b.Context())
			b.StartTimer()
		}
		s.turn(b.Context())
	}
}

// BenchmarkMidnight is half a million that are due at once.
func BenchmarkMidnight(b *testing.B) {
	now := time.Date(2026, 1, 1, 13, 0, 0, 0, time.UTC)
	s := newScheduler(newMany(500_000, func(int) string { return "0 0 * * *" }), instant{}, &now)
	s.load(b.Context())
	for b.Loop() {
		now = now.Add(day)
		s.turn(b.Context())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500_000, "ns/start")
}

// instant is a starter that takes no time.
type instant struct{}

func (instant) Accept(context.Context, *run.Start) error { return nil }

func unavailable() error { return fault.New(fault.Unavailable, "The disk is full.") }
