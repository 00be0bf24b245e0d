package poll

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
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

func timed() *actions.Poll {
	return &actions.Poll{Page: actions.Page{ID: "/id"}, Time: "/at", Overlap: 5 * time.Minute, Every: 5 * time.Minute, Least: time.Minute}
}

func TestParse(t *testing.T) {
	untimed, rows := timed(), listSpecs()["rows"]
	untimed.Time = ""
	for _, c := range []struct {
		spec *actions.Poll
		with map[string]any
		says string // how the error begins; empty: there is none
	}{
		{timed(), nil, ""},
		{timed(), map[string]any{"every": "10m", "start": "2026-01-31T09:30:00+01:00"}, ""},
		{timed(), map[string]any{"start": "all"}, ""},
		{timed(), map[string]any{"every": "59s"}, "every: "},
		{timed(), map[string]any{"every": "8d"}, "every: "},
		{timed(), map[string]any{"every": 5}, "every: "},
		{timed(), map[string]any{"every": "often"}, "every: "},
		{timed(), map[string]any{"start": "yesterday"}, "start: "},
		{timed(), map[string]any{"start": true}, "start: "},
		{timed(), map[string]any{"start": "0001-01-01T00:00:00Z"}, "start: "},
		{untimed, map[string]any{"start": "2026-01-31T09:30:00Z"}, "start: "},
		{rows, map[string]any{"first": 0}, "first: "},
		{rows, map[string]any{"first": 1}, ""},
		{timed(), map[string]any{"board": "x"}, "The input board: "},
	} {
		l := newLive(c.spec, c.with)
		l.def.With = c.with
		_, err := Parse(l.t.Spec, &l.def)
		if (err == nil) != (c.says == "") || err != nil && (fault.CodeOf(err) != fault.InvalidInput || !strings.HasPrefix(fault.MessageOf(err), c.says)) {
			t.Errorf("%v: %v", c.with, err)
		}
	}
}

// TestBound: a cursor never grows past its bound, and what it lets go of does not count again.
func TestBound(t *testing.T) {
	spec, now := timed(), time.UnixMilli(1_764_000_000_000)
	c := begin(spec, &Options{list: "l"}, now)
	var list []found
	for i := range 3 * mostTimed {
		list = append(list, found{key: fmt.Sprint(i), at: now.UnixMilli() - int64(3*mostTimed-i)})
	}
	c.take(list, spec, now)
	if len(c.Seen) != mostTimed {
		t.Errorf("%d are remembered", len(c.Seen))
	}
	for _, f := range list {
		if !c.known(f) {
			t.Fatalf("%s counts again", f.key)
		}
	}
	future := found{key: "future", at: now.Add(1000 * time.Hour).UnixMilli()}
	c.take([]found{future}, spec, now)
	if next := (found{key: "next", at: now.UnixMilli()}); c.known(next) || !c.known(future) {
		t.Error("an item of the future hides what comes before it, or is forgotten")
	}
}

// asks is a source that answers as a test says.
type asks struct {
	mu   sync.Mutex
	busy map[string]int
	most int
	at   []time.Time
	do   func(l run.Look) ([]any, error)
	hang time.Duration
}

func (a *asks) Poll(_ context.Context, l run.Look, each func(run.Part) (bool, error)) (run.Looked, error) {
	a.mu.Lock()
	a.at = append(a.at, time.Now())
	if a.busy == nil {
		a.busy = map[string]int{}
	}
	a.busy[l.Uses]++
	a.most = max(a.most, a.busy[l.Uses])
	do := a.do
	a.mu.Unlock()
	if strings.HasPrefix(l.Uses, "slow.") {
		time.Sleep(a.hang)
	}
	a.mu.Lock()
	a.busy[l.Uses]--
	a.mu.Unlock()
	items, err := do(l)
	if err != nil {
		return run.Looked{}, err
	}
	_, err = each(run.Part{Items: items})
	return run.Looked{Whole: true}, err
}

// several are live triggers, each with its own store.
type several []*triggers.Trigger

func (s several) All(context.Context, func(string) bool) []*triggers.Trigger { return s }

func running(t *testing.T, p *Poller) {
	p.Now, p.Log = time.Now, slog.New(slog.DiscardHandler)
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	t.Cleanup(func() {
		end()
		<-done
	})
}

func newKept() *kept { return &kept{events: map[string]int{}} }

// TestFailures: the vendor's word on when to ask again counts, else the looks after one that failed grow rarer; what failed
// is told, and the first look that does not fail ends it.
func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLive(timed(), nil)
		a := &asks{}
		a.do = func(run.Look) ([]any, error) {
			switch len(a.at) {
			case 1:
				return nil, &fault.Error{Code: fault.RateLimited, Message: "Slow down.", RetryAfter: 7 * time.Minute}
			case 2, 3, 4:
				return nil, fault.New(fault.Unauthorized, "No.")
			}
			return nil, nil
		}
		p := &Poller{Triggers: l, Cursors: newKept(), Starter: newKept(), Source: a}
		begun := time.Now()
		running(t, p)
		time.Sleep(7*time.Minute + 30*time.Second)
		synctest.Wait()
		if h := p.Health(); len(h) != 1 || h[0].Class != fault.Unauthorized || h[0].Error != "No." || h[0].Failures != 2 || h[0].Polled.IsZero() || !h[0].Next.After(time.Now()) {
			t.Errorf("%+v", h)
		}
		time.Sleep(13 * time.Minute)
		synctest.Wait()
		var got []time.Duration
		for _, at := range a.at[:5] {
			got = append(got, at.Sub(begun).Round(time.Second))
		}
		if want := "[0s 7m0s 8m0s 10m0s 14m0s]"; fmt.Sprint(got) != want {
			t.Errorf("it asked after %v, not %s", got, want)
		}
		if h := p.Health(); h[0].Failures != 0 || h[0].Error != "" || h[0].Every != 5*time.Minute {
			t.Errorf("%+v", h)
		}
	})
}

// TestHealthBeforeALook: until the first look what the last process found holds; then what this one finds.
func TestHealthBeforeALook(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{{nil, false}, {fault.New(fault.Unauthorized, "No."), true}} {
		synctest.Test(t, func(t *testing.T) {
			l := newLive(timed(), nil)
			p := &Poller{Triggers: l, Cursors: newKept(), Starter: newKept(), Source: &asks{hang: time.Minute, do: func(run.Look) ([]any, error) { return nil, c.err }}}
			l.def.Uses = "slow.new"
			failing := func(before bool) bool {
				h := run.Health{Failing: before}
				p.Add(&l.t, &h)
				return h.Failing
			}
			running(t, p)
			for _, before := range []bool{true, false} {
				if synctest.Wait(); failing(before) != before {
					t.Errorf("before the first look failing is %v", !before)
				}
			}
			time.Sleep(2 * time.Minute)
			if synctest.Wait(); failing(!c.want) != c.want {
				t.Errorf("after a look that gave %v failing is %v", c.err, !c.want)
			}
		})
	}
}

// TestSlow: lists of a system that hangs leave room for the others.
func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &asks{hang: 4 * time.Minute, do: func(run.Look) ([]any, error) { return nil, nil }}
		var list several
		for i := range 40 {
			one := newLive(timed(), nil)
			one.def.Uses = "slow.new"
			if i%2 == 0 {
				one.def.Uses = "quick.new"
			}
			one.t.Uses, one.t.Key, one.t.Def = one.def.Uses, fmt.Sprint(i), &one.def
			list = append(list, &one.t)
		}
		p := &Poller{Triggers: list, Cursors: newKept(), Starter: newKept(), Source: a}
		running(t, p)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		quick, slow := 0, 0
		for _, h := range p.Health() {
			switch {
			case h.Uses == "quick.new" && !h.Polled.IsZero():
				quick++
			case h.Uses == "slow.new" && !h.Polled.IsZero():
				slow++
			}
		}
		if quick != 20 || slow != 0 || a.most > atOneApp {
			t.Errorf("%d quick and %d slow ones were looked at, %d at once", quick, slow, a.most)
		}
	})
}

// TestAnother: inputs that choose another list begin anew and say so; how often to look does not, nor does a sandbox give its
// sample twice.
func TestAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLive(timed(), map[string]any{"board": "a"})
		l.t.Spec.Input = []actions.Field{{ID: "board", Type: actions.Text}}
		k, changed := newKept(), make(chan struct{})
		a := &asks{do: func(l run.Look) ([]any, error) {
			var items []any
			for i := range 3 {
				items = append(items, map[string]any{"id": fmt.Sprint(l.Input["board"], i), "at": time.Now().Unix()})
			}
			return items, nil
		}}
		p := &Poller{Triggers: l, Cursors: k, Starter: k, Source: a, Changed: changed}
		running(t, p)
		time.Sleep(6 * time.Minute)
		l.set(func() { l.with = map[string]any{"board": "a", "every": "1m"} })
		changed <- struct{}{}
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		if len(a.at) < 6 || len(k.order) != 0 || p.Health()[0].Note != "" {
			t.Errorf("after %d looks there are %v: %+v", len(a.at), k.order, p.Health())
		}
		l.set(func() { l.with = map[string]any{"board": "b"} })
		changed <- struct{}{}
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		if len(k.order) != 0 || !strings.Contains(p.Health()[0].Note, "anew") {
			t.Errorf("there are %v: %+v", k.order, p.Health())
		}
		l.set(func() { l.t.StoredTrigger.Status = scenario.Paused })
		changed <- struct{}{}
		asked := len(a.at)
		time.Sleep(time.Hour)
		if len(a.at) != asked || !p.Health()[0].Paused {
			t.Errorf("a paused one was looked at %d times", len(a.at)-asked)
		}
	})
}

// sandbox gives a sample where none was given.
type sandbox struct{ given, looks int }

func (s *sandbox) Poll(_ context.Context, l run.Look, each func(run.Part) (bool, error)) (run.Looked, error) {
	s.looks++
	if l.Sampled {
		return run.Looked{Whole: true, Sandboxed: true}, nil
	}
	s.given++
	_, err := each(run.Part{Items: []any{map[string]any{"id": "sample"}}, Sandboxed: true})
	return run.Looked{Whole: true, Sandboxed: true}, err
}

func TestSandbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, s := newKept(), &sandbox{}
		running(t, &Poller{Triggers: newLive(timed(), nil), Cursors: k, Starter: k, Source: s})
		time.Sleep(time.Hour)
		synctest.Wait()
		if fmt.Sprint(k.order) != "[sample@]" || s.looks < 10 {
			t.Errorf("after %d looks there are %v", s.looks, k.order)
		}
	})
}
