package poll

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/triggers"
)

// kept is the store, and the engine that writes to it: what a commit kept is there for whoever asks later.
type kept struct {
	mu     sync.Mutex
	rng    *rand.Rand
	cursor string
	events map[string]int // how often each was kept
	order  []string
	most   int    // events of a commit
	mixed  string // events that came in a commit in another order than by age; empty: none did
	wild   bool
	sorted bool               // events have an age
	crash  context.CancelFunc // ends the process
	crashs int
}

func (k *kept) Cursor(context.Context, string, string, string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.cursor == "" {
		return "", fault.New(fault.NotFound, "none")
	}
	return k.cursor, nil
}

// AcceptAll keeps all or nothing. It may say that it failed when it did not, and the process may end before or after.
func (k *kept) AcceptAll(_ context.Context, starts []*run.Start, cursor *run.Cursor) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	what := 99
	if k.wild {
		what = k.rng.IntN(16)
	}
	failed := fault.New(fault.Unavailable, "It is not known.")
	if what == 0 || what == 1 {
		if what == 1 {
			k.crashs++
			k.crash()
		}
		return failed
	}
	k.cursor, k.most = cursor.Value, max(k.most, len(starts))
	last := ""
	for _, s := range starts {
		var v struct {
			ID, At string
			Row    int
		}
		if err := json.Unmarshal(s.Accept.Event.Value, &v); err != nil {
			panic(err)
		}
		key := v.ID + "@" + v.At
		if v.Row > 0 {
			key = fmt.Sprint("row ", v.Row)
		}
		age := fmt.Sprintf("%s %8s", v.At, v.ID)
		if v.At != "" {
			age = v.At
		}
		if age < last && k.sorted {
			k.mixed = age + " after " + last
		}
		last = age
		k.events[key]++
		k.order = append(k.order, key)
	}
	switch what {
	case 2:
		return failed
	case 3:
		k.crashs++
		k.crash()
		return failed
	case 4:
		k.crashs++
		k.crash()
	}
	return nil
}

// live is the one live trigger; people edit, pause and resume its scenario.
type live struct {
	mu   sync.Mutex
	t    triggers.Trigger
	def  scenario.Trigger
	with map[string]any
}

func (l *live) All(context.Context, func(string) bool) []*triggers.Trigger {
	l.mu.Lock()
	defer l.mu.Unlock()
	t, def := l.t, l.def
	def.With = l.with
	t.Def = &def
	return []*triggers.Trigger{&t}
}

func (l *live) set(do func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	do()
}

func newLive(spec *actions.Poll, with map[string]any) *live {
	trigger := &actions.Trigger{ID: "new", Kind: actions.PollKind, Poll: spec}
	if spec.Row != "" {
		trigger.Input = []actions.Field{{ID: "first", Type: actions.Integer, Default: 2}}
	}
	return &live{with: with, def: scenario.Trigger{Uses: "fake.new"}, t: triggers.Trigger{
		StoredTrigger: scenario.StoredTrigger{Workspace: "default", ScenarioID: "1", Scenario: "s", ID: "trigger", Key: "k", Uses: "fake.new", Version: 1}, Spec: trigger}}
}

// listSpecs are the kinds of lists.
func listSpecs() map[string]*actions.Poll {
	out := map[string]*actions.Poll{"rows": {Row: "first", Page: actions.Page{Kind: actions.Offset, Size: 20}, Every: time.Minute, Least: 10 * time.Second}}
	since := actions.Since{As: actions.RFC3339}
	for _, order := range []actions.Order{actions.OldestFirst, actions.NewestFirst, actions.Unordered} {
		for _, kind := range []actions.PageKind{actions.Whole, actions.NextToken, actions.Offset} {
			if order == actions.Unordered && kind == actions.NextToken {
				continue // a token into no order is none of a place
			}
			name := fmt.Sprintf("%s by %s", order, kind)
			page := actions.Page{Kind: kind, ID: "/id"}
			plain := actions.Poll{Page: page, Order: order, Every: time.Minute, Least: 10 * time.Second}
			timed := plain
			timed.Time, timed.Overlap = "/at", 5*time.Minute
			asked, changed := timed, timed
			asked.Since, changed.Since, changed.Changed = since, since, true
			out[name], out[name+", timed"], out[name+", asked from a time on"], out[name+", changed ones again"] = &plain, &timed, &asked, &changed
		}
	}
	return out
}

// hours is how many hours each kind of list is polled: one, or $STEPMILL_HOURS.
func hours(t *testing.T) uint64 {
	text := os.Getenv("STEPMILL_HOURS")
	if text == "" {
		return 1
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestHour: a list that changes under the poll for an hour, with errors, crashes, commits whose answer is lost, edits and
// pauses: each item makes one event.
func TestHour(t *testing.T) {
	all := 0 // crashes
	for name, spec := range listSpecs() {
		for _, start := range []string{"now", "all", "2000-01-01T00:10:00Z"} { // the bubble's clock begins at midnight
			if spec.Time == "" && start != "now" && start != "all" {
				continue
			}
			t.Run(name+", from "+start, func(t *testing.T) {
				for seed := range hours(t) {
					synctest.Test(t, func(t *testing.T) { all += hour(t, spec, start, seed) })
					if t.Failed() {
						t.Fatalf("with the seed %d", seed)
					}
				}
			})
		}
	}
	t.Logf("there were %d crashes", all)
	if all == 0 {
		t.Error("no process crashed")
	}
}

func hour(t *testing.T, spec *actions.Poll, start string, seed uint64) (crashes int) {
	rng := rand.New(rand.NewPCG(seed, 7))
	v := &vendor{spec: spec, size: 20, parts: 1000, rng: rand.New(rand.NewPCG(seed, 8))}
	if spec.Order == actions.OldestFirst && spec.Since.As != actions.NoClock {
		v.parts = 40
	}
	k := &kept{rng: rand.New(rand.NewPCG(seed, 9)), events: map[string]int{}, sorted: spec.Time != "" || spec.Order != actions.Unordered}
	l := newLive(spec, map[string]any{"start": start})
	if spec.Row == "" {
		v.add(250) // some pages, and commits
	}
	for range 20 { // what is there already
		time.Sleep(time.Minute)
		v.churn()
	}
	before := map[string]bool{}
	for _, one := range v.things {
		before[v.key(one)] = !one.gone
	}
	rowsBefore := len(v.rows)
	set := func(wild bool) {
		v.mu.Lock()
		v.wild = wild
		v.mu.Unlock()
		k.mu.Lock()
		k.wild = wild
		k.mu.Unlock()
	}
	if spec.Time != "" {
		l.t.Since = time.Now()
	}
	set(start != "now" || spec.Time != "") // what a look passes over is known by its time, or only if it is not disturbed
	ctx, end := context.WithCancel(t.Context())
	changed := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			life, crash := context.WithCancel(ctx)
			k.mu.Lock()
			k.crash = crash
			k.mu.Unlock()
			p := &Poller{Triggers: l, Cursors: k, Starter: k, Source: v, Now: time.Now, Log: slog.New(slog.DiscardHandler), Changed: changed}
			p.Run(life)
			crash()
			time.Sleep(time.Second)
		}
	}()
	time.Sleep(30 * time.Second) // the first look
	synctest.Wait()
	set(true)
	for begun := time.Now(); time.Since(begun) < time.Hour; time.Sleep(time.Duration(rng.IntN(40)+1) * time.Second) {
		v.churn()
		switch rng.IntN(25) {
		case 0:
			l.set(func() {
				l.with = map[string]any{"start": start, "every": fmt.Sprintf("%ds", 20+rng.IntN(100))}
				l.t.Version++
			})
		case 1:
			l.set(func() { l.t.Status = scenario.Paused })
		case 2, 3, 4:
			l.set(func() { l.t.Status = scenario.Live })
		default:
			continue
		}
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	l.set(func() { l.t.Status = scenario.Live })
	changed <- struct{}{}
	set(false)
	time.Sleep(40 * time.Minute)
	end()
	<-done
	v.judge(t, k, before, rowsBefore, start, l.t.Since)
	return k.crashs
}

func (v *vendor) key(one *thing) string {
	if v.spec.Time == "" {
		return fmt.Sprint(one.id, "@")
	}
	return fmt.Sprint(one.id, "@", v.at(one).UTC().Format(time.RFC3339))
}

// judge asks that nothing came twice, nothing from before the start, and everything that stayed; what was made before the trigger went
// live and shown later may come.
func (v *vendor) judge(t *testing.T, k *kept, before map[string]bool, rowsBefore int, start string, live time.Time) {
	for key, n := range k.events {
		if n != 1 {
			t.Errorf("%s came %d times", key, n)
		}
		if before[key] && start == "now" {
			t.Errorf("%s was there before the start", key)
		}
	}
	wanted := 0
	for _, one := range v.things {
		key := v.key(one)
		from, err := time.Parse(time.RFC3339, start)
		old := before[key] && start == "now" || err == nil && v.at(one).Before(from)
		if old && k.events[key] > 0 {
			t.Errorf("%s is from before the start", key)
		}
		if old || one.ever || start == "now" && v.at(one).Before(live) {
			continue
		}
		if wanted++; k.events[key] == 0 {
			t.Errorf("%s, shown from %s on, did not come", key, one.shown.Format(time.TimeOnly))
		}
	}
	for i := range v.rows {
		cells := v.rows[i].([]any)
		if i < 1 || len(cells) == 0 || cells[0] == "" || slices.Contains(v.again, i+1) || i < rowsBefore && start == "now" {
			continue
		}
		if wanted++; k.events[fmt.Sprint("row ", i+1)] == 0 {
			t.Errorf("row %d did not come", i+1)
		}
	}
	if wanted < 30 {
		t.Errorf("only %d things were wanted, of %d", wanted, len(v.things))
	}
	if k.mixed != "" {
		t.Errorf("events are not kept oldest first: %s", k.mixed)
	}
	if k.most > mostTogether {
		t.Errorf("a commit took %d events", k.most)
	}
}
