package storagetest

import (
	"slices"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
)

// callers holds that the runs that led to one are found, and that those whose scenario was called before are counted at the first.
func callers(t *testing.T, s *storage.Store) {
	sc, other := makeScenario(t, s, system, "s"), makeScenario(t, s, system, "o")
	first := taken(t, s, free(accept(sc)))
	second := free(accept(other))
	second.Run.Parent = first.ID
	taken(t, s, second)
	third := free(accept(sc))
	third.Run.Parent, third.Again = second.Run.ID, first.ID
	taken(t, s, third)
	got := must[run.Callers](t)(s.Callers(t.Context(), third.Run.ID))
	if got.First != first.ID || got.Again != 1 || !slices.Equal(got.Scenarios, []string{sc.ID, other.ID, sc.ID}) {
		t.Errorf("%+v", got)
	}
	if errs := s.Commit(t.Context(), []*run.Write{{Accept: third}}); errs[0] == nil {
		t.Error("the same run began twice")
	}
	if again := must[run.Callers](t)(s.Callers(t.Context(), first.ID)); again.First != first.ID || again.Again != 1 || len(again.Scenarios) != 1 {
		t.Errorf("after one that could not begin: %+v", again)
	}
	if none := must[run.Callers](t)(s.Callers(t.Context(), "nobody")); none.First != "nobody" || none.Again != 0 || len(none.Scenarios) != 0 {
		t.Errorf("of a run that is gone: %+v", none)
	}
}
