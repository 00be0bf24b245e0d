package poll

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestLateBeginning: where the first look comes late, as of a system that is down, what came since the trigger went live counts, once, and
// what was there before does not.
func TestLateBeginning(t *testing.T) {
	for _, order := range []actions.Order{actions.OldestFirst, actions.NewestFirst, actions.Unordered} {
		for _, asked := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				spec := timed()
				spec.Order = order
				if asked {
					spec.Since = actions.Since{As: actions.RFC3339}
				}
				l, k := newLive(spec, nil), newKept()
				live := time.Now()
				l.t.Since = live
				item := func(id string, after time.Duration) any {
					return map[string]any{"id": id, "at": live.Add(after).UTC().Format(time.RFC3339)}
				}
				list := []any{item("old", -time.Hour), item("just before", -time.Minute), item("just after", time.Second), item("later", 3*time.Minute)}
				if order == actions.NewestFirst {
					slices.Reverse(list)
				}
				a := &asks{}
				a.do = func(look run.Look) ([]any, error) {
					if len(a.at) <= 3 {
						return nil, fault.New(fault.Unavailable, "Down.")
					}
					if asked && look.Since.After(live.Add(-spec.Overlap)) && len(a.at) == 4 {
						t.Errorf("the first look asks from %s on", look.Since.Sub(live))
					}
					return list, nil
				}
				running(t, &Poller{Triggers: l, Cursors: k, Starter: k, Source: a})
				time.Sleep(time.Hour)
				synctest.Wait()
				k.mu.Lock()
				defer k.mu.Unlock()
				if want := map[string]int{"just after@2000-01-01T00:00:01Z": 1, "later@2000-01-01T00:03:00Z": 1}; !maps.Equal(k.events, want) {
					t.Errorf("%s, asked %v: %v", order, asked, k.events)
				}
			})
		}
	}
}

// TestOdd: an item that cannot be told from others, or has no time, keeps none of the others from counting, and is told; where none
// can be told nothing is known of the list.
func TestOdd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, k := newLive(timed(), nil), newKept()
		at := time.Now().UTC().Format(time.RFC3339)
		a := &asks{}
		a.do = func(run.Look) ([]any, error) {
			odd := []any{map[string]any{"at": at}, map[string]any{"id": "timeless", "at": nil}, "text"}
			switch len(a.at) {
			case 1:
				return nil, nil
			case 2:
				return odd, nil
			case 3:
				return append(odd, map[string]any{"id": "good", "at": at}), nil
			}
			return []any{map[string]any{"id": "good", "at": at}}, nil
		}
		p := &Poller{Triggers: l, Cursors: k, Starter: k, Source: a}
		running(t, p)
		for _, want := range []struct {
			asked   int
			says    string
			counted int
		}{
			{1, "", 0},
			{2, "An item of the list has nothing at /id, by which it is told from the others.", 0},
			{3, "by which it is told from the others. It is passed over, and the others count.", 1},
			{4, "", 1},
		} {
			for len(a.times()) < want.asked {
				time.Sleep(10 * time.Second)
			}
			synctest.Wait()
			if h := p.Health()[0]; (h.Error == "") != (want.says == "") || !strings.Contains(h.Error, want.says) {
				t.Errorf("after look %d it says %q", want.asked, h.Error)
			}
			k.mu.Lock()
			if len(k.events) != want.counted {
				t.Errorf("after look %d: %v", want.asked, k.events)
			}
			k.mu.Unlock()
		}
	})
}

func (a *asks) times() []time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.at)
}
