package storagetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/storage"
)

// largeJournal holds that one write of many large entries is read in parts: by the feed, and as an excerpt, which names the values
// that it leaves out.
func largeJournal(t *testing.T, s *storage.Store) {
	r := taken(t, s, accept(makeScenario(t, s, system, "s")))
	kinds := make([]run.Kind, 60)
	for i := range kinds {
		kinds[i] = run.StepSucceeded
	}
	a := appended(r, run.Running, kinds...)
	text := func(i int) string { return fmt.Sprint(i, strings.Repeat("x", 100_000)) }
	for i := range a.Entries {
		a.Entries[i].Path, a.Entries[i].Output = "a", text(i)
		a.Entries[i].Failure = &run.Failure{Body: strings.Repeat("y", 3000)}
	}
	if err := commit(t, s, &run.Write{Append: a})[0]; err != nil {
		t.Fatal(err)
	}
	if list := must[[]run.Entry](t)(s.Journal(t.Context(), system, r.ID, 0)); len(list) != 61 || list[60].Seq != 61 || list[60].Pos != list[0].Pos+60 || list[60].Pos != a.Entries[59].Pos || list[60].Output != text(59) {
		t.Errorf("the journal has %d entries", len(list))
	}
	for _, f := range []run.FeedFilter{{}, {Run: r.ID}, {Scenario: "s"}} {
		pos, seen := int64(0), 0
		for {
			list := must[[]run.FeedEntry](t)(s.EntriesAfter(t.Context(), system, pos, f, 500))
			if len(list) > 25 {
				t.Errorf("%d entries of the feed are read at once", len(list))
			}
			if seen += len(list); len(list) == 0 {
				break
			}
			pos = list[len(list)-1].Pos
		}
		if seen != 61 {
			t.Errorf("the feed has %d entries", seen)
		}
	}
	for _, c := range []struct {
		first, last, bytes int
		carried            string // the seqs of the values that come along
		hidden             int64
	}{
		{100, 10, 0, "2-61", 0}, {100, 10, 10e6, "2-61", 0}, {100, 10, 500_000, "2-3 60-61", 0}, {4, 4, 500_000, "2-3 60-61", 53}, {4, 4, 50_000, "", 53}, {3, 0, 10e6, "2-3", 0},
	} {
		list, hidden, err := s.Excerpt(t.Context(), system, r.ID, run.Excerpt{First: c.first, Last: c.last, Bytes: c.bytes})
		if err != nil || hidden != c.hidden {
			t.Fatal(hidden, err)
		}
		var parts []string
		begin, size := int64(0), 0
		for _, e := range append(list, run.Entry{}) {
			if e.Failure != nil && e.Failure.Body != nil {
				size += 3000
			}
			_, carried := e.Output.(string)
			if carried && begin == 0 {
				begin = e.Seq
			} else if !carried && begin != 0 {
				parts, begin = append(parts, fmt.Sprintf("%d-%d", begin, before(list, e.Seq))), 0
			}
			l, named := e.Output.(value.Large)
			if !named {
				continue
			}
			want := text(int(e.Seq) - 2)
			if l.Entry != e.Seq || l.Bytes != len(want)+2 {
				t.Fatalf("entry %d names %+v", e.Seq, l)
			}
			if got := must[[]byte](t)(s.Value(t.Context(), system, r.ID, l)); string(got) != `"`+want+`"` {
				t.Errorf("%+v is %.20s", l, got)
			}
		}
		if got := strings.Join(parts, " "); got != c.carried || c.bytes > 0 && size > c.bytes {
			t.Errorf("%+v: %s come along, and %d bytes of failures", c, got, size)
		}
	}
	named := value.Large{Hash: run.Unread(`"` + text(7) + `"`).Named(0).Hash}
	if got := must[[]byte](t)(s.Value(t.Context(), system, r.ID, named)); len(got) != 100_003 {
		t.Errorf("without its entry it is %.20s", got)
	}
	_, err := s.Value(t.Context(), stranger, r.ID, named)
	code(t, err, fault.NotFound)
}

// before is the last seq that a list has before one; zero: before its end.
func before(list []run.Entry, seq int64) int64 {
	last := int64(0)
	for _, e := range list {
		if seq != 0 && e.Seq >= seq {
			break
		}
		last = e.Seq
	}
	return last
}
