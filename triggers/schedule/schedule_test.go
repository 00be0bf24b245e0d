package schedule

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

// TestRefused is §2.G 50: what makes the library panic, fire without end or never, and what people write by mistake.
func TestRefused(t *testing.T) {
	for _, text := range []string{"TZ=0", "CRON_TZ=", "CRON_TZ=../../etc/passwd * * * * *", "TZ=Local * * * * *", "0 0 31 2 *", "0 0 30 2 *", "@every 1ns", "@every 0s", "@every -5m", "@every 1000000h", "@reboot",
		"*/0 * * * *", "60 * * * *", "* * * * * *", "0 0 L * *", "0 0 ? * *", "@every 1m", "@EVERY 10m", "TZ=UTC * * * * *", "\x00 * * * *", "0 0 * * MON#1", "", " ", "* * * *", "a b c d e", strings.Repeat("1,", 1<<20) + "1 * * * *", "-1 * * * *", "* * * 13 *", "99999999999999999999 * * * *"} {
		if p, err := Parse(map[string]any{"cron": text}, time.UTC); err == nil {
			t.Errorf("%.40q is taken: %v", text, p.Next(time.Now()))
		} else if fault.CodeOf(err) != fault.InvalidInput || len(err.Error()) > 600 {
			t.Errorf("%.40q: %v", text, err)
		}
	}
	for _, with := range []map[string]any{{}, {"cron": "* * * * *", "every": "1h"}, {"every": "9s"}, {"every": "9999ms"}, {"every": "0s"}, {"every": "10000000h"}, {"every": strings.Repeat("1h", 1<<19)}, {"cron": "* * * * *", "timezone": "../../etc/passwd"}, {"cron": "* * * * *", "timezone": strings.Repeat("x", 1<<20)}, {"every": "-5m"}, {"every": "soon"}, {"cron": 5}, {"cron": "* * * * *", "timezone": "Mars"},
		{"cron": "* * * * *", "timezone": "Local"}, {"cron": "* * * * *", "missed": "maybe"}, {"cron": "* * * * *", "overlap": "maybe"}, {"cron": "* * * * *", "when": "x"}} {
		if _, err := Parse(with, time.UTC); err == nil {
			t.Errorf("%v is taken", with)
		}
	}
}

func plan(t *testing.T, with map[string]any) *Plan {
	t.Helper()
	p, err := Parse(with, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	out, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestNext(t *testing.T) {
	for _, c := range []struct {
		with  map[string]any
		after string
		want  string
	}{
		{map[string]any{"cron": "0 9 * * 1-5"}, "2026-01-30 09:00", "2026-02-02 09:00"},
		{map[string]any{"cron": "0 0 29 2 *"}, "2026-01-01 00:00", "2028-02-29 00:00"},
		{map[string]any{"cron": "@daily", "timezone": "Europe/Zurich"}, "2026-01-01 12:00", "2026-01-01 23:00"},
		{map[string]any{"every": "15m"}, "2026-01-01 12:01", "2026-01-01 12:15"},
		{map[string]any{"every": "15m"}, "2026-01-01 12:15", "2026-01-01 12:30"},
		{map[string]any{"cron": "30 1 * * *", "timezone": "Europe/Zurich"}, "2026-10-24 23:29", "2026-10-24 23:30"},
	} {
		if got := plan(t, c.with).Next(at(t, c.after)); !got.Equal(at(t, c.want)) {
			t.Errorf("%v after %s is %s, not %s", c.with, c.after, got, c.want)
		}
	}
}

// TestDST is §2.G 51: a time that the night leaves out fires as much later as the clock jumps, and one that comes twice
// fires the first time; where every hour is meant, every hour of the night fires.
func TestDST(t *testing.T) {
	for _, c := range []struct{ cron, day, want string }{ // times of UTC
		{"30 2 * * *", "2026-03-29", "01:30"},
		{"15,45 2 * * *", "2026-03-29", "01:15 01:45"},
		{"30 2,3 * * *", "2026-03-29", "01:30"},
		{"0 2 * * *", "2026-03-29", "01:00"},
		{"0 3 * * *", "2026-03-29", "01:00"},
		{"0 * * * *", "2026-03-29", "23:00 00:00 01:00 02:00 03:00"},
		{"0 12 * * *", "2026-03-29", "10:00"},
		{"30 1 * * *", "2026-10-25", "23:30"},
		{"30 2 * * *", "2026-10-25", "00:30"},
		{"0,20,40 2 * * *", "2026-10-25", "00:00 00:20 00:40"},
		{"30 2-3 * * *", "2026-10-25", "00:30 02:30"},
		{"0 3 * * *", "2026-10-25", "02:00"},
		{"0 * * * *", "2026-10-25", "22:00 23:00 00:00 01:00 02:00 03:00"},
		{"0 12 * * *", "2026-10-25", "11:00"},
	} {
		p := plan(t, map[string]any{"cron": c.cron, "timezone": "Europe/Zurich"})
		begin, err := time.ParseInLocation(time.DateOnly, c.day, p.zone)
		if err != nil {
			t.Fatal(err)
		}
		end := begin.AddDate(0, 0, 1)
		if strings.HasPrefix(c.cron, "0 *") {
			end = at(t, c.day+" 03:30")
		}
		var got []string
		for _, next := range p.between(begin.Add(-time.Second), end.Add(-time.Second)) {
			got = append(got, next.Format("15:04"))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s on %s fires at %v, not %s", c.cron, c.day, got, c.want)
		}
	}
}

// TestZones: whatever a zone's clocks do in a year, a daily time fires on each of its days, and moves only when left out.
func TestZones(t *testing.T) {
	for _, name := range []string{"Europe/Zurich", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca", "Antarctica/Troll", "Asia/Kathmandu", "Atlantic/Azores"} {
		for quarter := range 16 {
			cron := fmt.Sprintf("%d %d * * *", quarter%4*15, quarter/4)
			p := plan(t, map[string]any{"cron": cron, "timezone": name})
			begin := time.Date(2026, 1, 1, 0, 0, 0, 0, p.zone)
			times := p.between(begin.Add(-time.Second), begin.AddDate(1, 0, 0).Add(-time.Second))
			moved := 0
			for _, next := range times {
				local := next.In(p.zone)
				if local.Hour() != quarter/4 || local.Minute() != quarter%4*15 {
					moved++
				}
			}
			if len(times) != 365 || moved > 2 {
				t.Errorf("%s in %s fires %d times in 2026, %d of them moved", cron, name, len(times), moved)
			}
		}
	}
}

func TestDue(t *testing.T) {
	for _, c := range []struct {
		name      string
		with      map[string]any
		last, now string
		fire      int
		first     string // of those that fire
		stands    string
	}{
		{"two days away, latest", map[string]any{"cron": "0 * * * *"}, "2026-01-01 00:30", "2026-01-03 00:30", 1, "2026-01-03 00:00", "2026-01-03 00:00"},
		{"two days away, every minute", map[string]any{"cron": "* * * * *", "missed": "latest"}, "2026-01-01 00:30", "2026-01-03 00:30", 1, "2026-01-03 00:30", "2026-01-03 00:30"},
		{"skip", map[string]any{"cron": "0 * * * *", "missed": "skip"}, "2026-01-01 00:30", "2026-01-03 00:30", 0, "", "2026-01-03 00:00"},
		{"skip, and a little late", map[string]any{"cron": "0 * * * *", "missed": "skip"}, "2026-01-01 00:30", "2026-01-03 00:01", 1, "2026-01-03 00:00", "2026-01-03 00:00"},
		{"all", map[string]any{"cron": "0 * * * *", "missed": "all"}, "2026-01-01 00:30", "2026-01-03 00:30", 48, "2026-01-01 01:00", "2026-01-03 00:00"},
		{"all, up to a bound", map[string]any{"cron": "* * * * *", "missed": "all"}, "2026-01-01 00:30", "2026-01-03 00:30", maxAll, "2026-01-02 22:51", "2026-01-03 00:30"},
		{"the clock ten years on", map[string]any{"cron": "* * * * *", "missed": "all"}, "2026-01-01 00:00", "2036-01-01 00:00", maxAll, "2035-12-31 22:21", "2036-01-01 00:00"},
		{"ten years of ten seconds", map[string]any{"every": "10s"}, "2026-01-01 00:00", "2036-01-01 00:00", 1, "2036-01-01 00:00", "2036-01-01 00:00"},
		{"rarely in a long time", map[string]any{"cron": "0 0 29 2 *", "missed": "all"}, "2026-01-01 00:00", "2036-01-01 00:00", 2, "2028-02-29 00:00", "2032-02-29 00:00"},
		{"the clock set back", map[string]any{"cron": "* * * * *", "missed": "all"}, "2026-01-01 01:00", "2026-01-01 00:00", 0, "", "2026-01-01 01:00"},
		{"not yet", map[string]any{"cron": "0 * * * *"}, "2026-01-01 01:00", "2026-01-01 01:59", 0, "", "2026-01-01 01:00"},
	} {
		fire, stands := plan(t, c.with).Due(at(t, c.last), at(t, c.now))
		if len(fire) != c.fire || len(fire) > 0 && !fire[0].Equal(at(t, c.first)) || !stands.Equal(at(t, c.stands)) {
			t.Errorf("%s: it makes up for %d (%v), and stands at %s", c.name, len(fire), fire, stands)
		}
	}
	p := plan(t, map[string]any{"every": "1825d"}) // longer ones must not overflow what a duration holds
	last := p.Next(at(t, "2026-01-01 00:00"))
	if fire, stands := p.Due(last.Add(-time.Hour), last.Add(time.Hour)); len(fire) != 1 || !stands.Equal(last) {
		t.Errorf("every five years: %v %s", fire, stands)
	}
}

// store is what a scheduler finds and leaves behind: cursors and the planned times for which an event was kept.
type store struct {
	trigger *triggers.Trigger
	cursor  string
	known   map[string]time.Time // the dedupe keys and until when they are known
	fired   map[string]int       // how often each planned time began a run
	refuse  bool
	kept    int // events of any outcome
}

func (s *store) All(context.Context, func(string) bool) []*triggers.Trigger {
	return []*triggers.Trigger{s.trigger}
}

func (s *store) Cursor(context.Context, string, string, string) (string, error) {
	if s.cursor == "" {
		return "", fault.New(fault.NotFound, "The trigger has not begun.")
	}
	if s.cursor == "fails" {
		return "", fault.New(fault.Unavailable, "The disk is gone.")
	}
	return s.cursor, nil
}

func (s *store) Accept(_ context.Context, start *run.Start) error {
	if s.refuse {
		return fault.New(fault.Unavailable, "The disk is full.")
	}
	key, at := start.Accept.Dedupe[0].Key, start.Accept.Event.At
	for known, until := range s.known { // as the sweeper forgets them
		if until.Before(at) {
			delete(s.known, known)
		}
	}
	if _, known := s.known[key]; known {
		start.Accept.FirstEvent = "first"
		return nil
	}
	s.known[key] = start.Accept.Dedupe[0].Until
	s.kept++
	if start.Accept.Event.Outcome == run.Accepted {
		s.fired[key]++
	}
	s.cursor = start.Accept.Cursor.Value
	return nil
}

// rig is a scheduler that a test runs by hand, with its own clock.
type rig struct {
	t *testing.T
	*store
	now time.Time
	sch *Scheduler
}

func newRig(t *testing.T, with map[string]any, now string) *rig {
	r := &rig{t: t, now: at(t, now), store: &store{fired: map[string]int{}, known: map[string]time.Time{}}}
	r.trigger = &triggers.Trigger{StoredTrigger: scenario.StoredTrigger{Key: "k", ID: "trigger", Status: scenario.Live}, Zone: time.UTC, Since: r.now,
		Def: &scenario.Trigger{Uses: "schedule", With: with}}
	r.restart()
	return r
}

func (r *rig) restart() {
	r.sch = &Scheduler{Triggers: r, Cursors: r, Starter: r, Now: func() time.Time { return r.now }, Log: slog.New(slog.DiscardHandler)}
	r.sch.load(r.t.Context())
}

// change gives the trigger other options or another status, as publishing and pausing do.
func (r *rig) change(f func(*triggers.Trigger)) {
	next, def := *r.trigger, *r.trigger.Def
	next.Def = &def
	f(&next)
	r.trigger = &next
	r.sch.load(r.t.Context())
}

// step moves the clock and wants as many new runs; together they must be of as many planned times.
func (r *rig) step(by time.Duration, want int) {
	r.t.Helper()
	before := len(r.fired)
	r.now = r.now.Add(by)
	r.sch.turn(r.t.Context())
	if got := len(r.fired) - before; got != want {
		r.t.Errorf("at %s %d runs begin, not %d", r.now.Format("15:04:05"), got, want)
	}
}

// TestRestarts: through restarts, a clock that is set back and a store that refuses, each planned time has one run.
func TestRestarts(t *testing.T) {
	r := newRig(t, map[string]any{"every": "1m", "missed": "all"}, "2026-01-01 00:00")
	for range 5 {
		r.step(time.Minute, 1)
	}
	r.restart()
	r.step(time.Second, 0)
	r.refuse = true
	r.step(time.Minute, 0)
	r.refuse = false
	r.step(time.Minute, 2)
	r.now = r.now.Add(3 * time.Minute) // away
	r.restart()
	r.step(0, 3)
	r.now = r.now.Add(-time.Hour) // the clock is set back, once without and once with a restart
	for range 30 {
		r.step(time.Minute, 0)
	}
	r.restart()
	for range 30 {
		r.step(time.Minute, 0)
	}
	r.step(time.Minute, 1)
	if len(r.fired) != 11 {
		t.Errorf("%d planned times have a run", len(r.fired))
	}
	r.cursor = "2026-01-01T00:05:00Z" // an older one, as after a restore: what was kept is known
	r.restart()
	r.step(0, 0)
}

// TestFirstTime: a first planned time at which Stepmill was not running is missed like every other, not forgotten.
func TestFirstTime(t *testing.T) {
	r := newRig(t, map[string]any{"cron": "0 9 * * *"}, "2026-01-01 10:00")
	r.now = at(t, "2026-01-03 08:00")
	r.restart()
	r.step(0, 1)
	r.step(time.Hour, 1)
	r = newRig(t, map[string]any{"cron": "0 9 * * *"}, "2026-01-01 10:00")
	r.trigger.Since = time.Time{} // not known: it begins now
	r.now = at(t, "2026-01-03 08:00")
	r.restart()
	r.step(0, 0)
}

// TestPause: a schedule that is off does not catch up, neither when resumed nor after a restart.
func TestPause(t *testing.T) {
	pause := func(r *rig, status scenario.Status) {
		r.change(func(t *triggers.Trigger) {
			if t.Status = status; status == scenario.Live {
				t.Since = r.now
			}
		})
	}
	for _, missed := range []string{"latest", "all", "skip"} {
		r := newRig(t, map[string]any{"every": "1m", "missed": missed}, "2026-01-01 00:00")
		r.step(time.Minute, 1)
		pause(r, scenario.Paused)
		r.step(30*time.Second, 0)
		for range 20 {
			r.step(time.Minute, 0)
		}
		r.restart()
		r.step(time.Minute, 0)
		if r.kept != 1 {
			t.Errorf("a schedule that is off leaves %d events", r.kept-1)
		}
		pause(r, scenario.Live)
		r.step(0, 0)
		r.restart()
		r.step(0, 0)
		r.step(30*time.Second, 1)
	}
}

// TestRepublished: other options hold from when they were published; the same ones change nothing.
func TestRepublished(t *testing.T) {
	r := newRig(t, map[string]any{"cron": "0 9 * * *", "missed": "all"}, "2026-01-01 08:00")
	r.step(time.Hour, 1)
	r.step(5*time.Hour, 0)
	r.change(func(t *triggers.Trigger) {
		t.Since, t.Def.With = r.now, map[string]any{"every": "1m", "missed": "all"}
	})
	r.step(0, 0)
	r.restart()
	r.step(0, 0)
	r.step(time.Minute, 1)
	r.now = r.now.Add(time.Minute) // reached, and not fired yet when somebody publishes
	r.change(func(t *triggers.Trigger) { t.Since = r.now.Add(time.Millisecond) })
	r.step(time.Second, 1)
}

// TestLoad: what cannot be read stops nothing else and is tried again with the next load.
func TestLoad(t *testing.T) {
	r := newRig(t, map[string]any{"every": "1m"}, "2026-01-01 00:00")
	for _, cursor := range []string{"yesterday", "fails"} {
		r.cursor = cursor
		if r.restart(); len(r.sch.table) != 0 {
			t.Errorf("with the cursor %q it begins somewhere", cursor)
		}
	}
	r.cursor = ""
	if r.restart(); len(r.sch.table) != 1 {
		t.Error("it does not begin")
	}
	if r.change(func(t *triggers.Trigger) { t.Def.With = map[string]any{"cron": "TZ=0"} }); len(r.sch.table) != 0 {
		t.Error("a plan that cannot be read is planned")
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"0 9 * * 1-5", "@daily", "TZ=0", "*/5 * * * *", "1-5/2 * * * *", "CRON_TZ=", "0 0 31 2 *"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(map[string]any{"cron": text, "timezone": "Europe/Zurich"}, time.UTC)
		if err != nil {
			if fault.CodeOf(err) != fault.InvalidInput || len(err.Error()) > 1000 {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		last := time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC)
		for range 20 {
			next := p.Next(last)
			if !next.After(last) || next.Second() != 0 {
				t.Fatalf("%q: after %s comes %s", text, last, next)
			}
			last = next
			if last.Year() > 2060 {
				return
			}
		}
	})
}

// All that is wrong with a schedule is said at once, each thing at its option.
func TestCheckSaysAll(t *testing.T) {
	for with, want := range map[string]string{
		`{"cron": "99 * * * *", "timezone": "Mars/X", "missed": "some", "overlap": "both", "at": 1}`: "/at /cron /missed /overlap /timezone",
		`{"cron": "0 9 * * *", "every": "1h", "timezone": "UTC"}`:                                    "",
		`{"cron": 5, "timezone": 5}`:      "/cron /timezone",
		`{"cron": "  "}`:                  "",
		`{"every": "1s", "overlap": []}`:  "/every /overlap",
		`{"cron": "0 0 30 2 *"}`:          "/cron",
		`{"every": "1h", "missed": null}`: "/missed",
	} {
		var options map[string]any
		if err := json.Unmarshal([]byte(with), &options); err != nil {
			t.Fatal(err)
		}
		err := Check(&scenario.Trigger{Uses: "schedule", With: options}, time.UTC)
		var places []string
		for _, p := range fault.ProblemsOf(err) {
			places = append(places, p.Path)
		}
		slices.Sort(places)
		if got := strings.Join(places, " "); err == nil || got != want {
			t.Errorf("%s: %q, %v", with, got, err)
		}
	}
	if err := Check(&scenario.Trigger{Uses: "schedule", OrderBy: "{{ 1 }}", With: map[string]any{"every": "1h", "overlap": "skip"}}, time.UTC); len(fault.ProblemsOf(err)) != 1 || !strings.Contains(err.Error(), "order_by") {
		t.Error(err)
	}
}
