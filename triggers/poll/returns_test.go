package poll

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/run"
)

// TestReturns: of a list that is remembered as it is, what is new in it counts, also what was there before and was gone for a look.
func TestReturns(t *testing.T) {
	spec := &actions.Poll{Page: actions.Page{ID: "/id"}, Returns: true, Every: time.Minute, Least: time.Minute}
	k := &kept{events: map[string]int{}}
	l := newLive(spec, nil)
	var list []any
	source := &asks{do: func(run.Look) ([]any, error) { return list, nil }}
	p := &Poller{Starter: k, Source: source, Now: time.Now}
	options, err := Parse(l.t.Spec, &l.def)
	if err != nil {
		t.Fatal(err)
	}
	trigger := l.All(t.Context(), nil)[0]
	cursor := begin(spec, options, time.Now())
	many := func(n int) (ids []string) {
		for i := range n {
			ids = append(ids, fmt.Sprint("m", i))
		}
		return ids
	}
	for i, c := range []struct {
		ids  []string // the list
		want []string // what counts
	}{
		{[]string{"a1", "b1"}, nil},
		{[]string{"b1", "a2"}, []string{"a2"}},             // a changed
		{[]string{"a1", "b1", "c1"}, []string{"a1", "c1"}}, // a is as it was, which is a change
		{[]string{"c1"}, nil},
		{[]string{"c1", "b1"}, []string{"b1"}}, // b is back
		{nil, nil},
		{many(250), many(250)}, // in several commits
		{many(249), nil},
		{many(250), []string{"m249"}},
	} {
		k.order, list = nil, nil
		for _, id := range c.ids {
			list = append(list, map[string]any{"id": id})
		}
		// A process that begins anew knows what is durable, and nothing else.
		if k.cursor != "" {
			if cursor, err = read(k.cursor); err != nil {
				t.Fatal(err)
			}
		}
		look := &look{p: p, trigger: trigger, options: options, spec: spec, now: time.Now(), cursor: cursor, kept: k.cursor != ""}
		if _, err := look.do(context.Background()); err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(strings.Join(k.order, " "), "@", "")
		if got != strings.Join(c.want, " ") {
			t.Errorf("look %d: %s counts, not %v", i, got, c.want)
		}
		if durable, err := read(k.cursor); err != nil || len(durable.Seen) != len(slices.Compact(slices.Sorted(slices.Values(c.ids)))) {
			t.Errorf("look %d: %d are remembered of %d (%v)", i, len(durable.Seen), len(c.ids), err)
		}
	}
}
