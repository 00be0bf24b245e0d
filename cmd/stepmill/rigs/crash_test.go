package rigs

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/failpoint"
)

// TestPoison lets one event make the program crash whenever it is carried out. After three crashes it is set aside, says so,
// and others are carried out; replayed when the defect is gone, it is carried out too.
func TestPoison(t *testing.T) {
	p, release, points := must(t, template), must(t, released), must(t, pointed)
	data := copyOf(t, p, filepath.Join(t.TempDir(), "data"))
	l := &load{name: t.Name()}
	addr := ""
	for crash := range 3 {
		s, err := start(options{program: points, data: data, addr: addr, env: []string{at(failpoint.EffectCrash + ":1")}})
		if crash > 0 && err != nil && strings.Contains(err.Error(), "the rigs asked for a crash") {
			continue // the run went on before the server listened
		}
		if err != nil {
			t.Fatal(err)
		}
		addr, l.url = s.addr, s.url+p.hook
		if crash == 0 {
			l.send()
		}
		if !eventually(20*time.Second, s.gone) {
			t.Fatalf("it did not crash for the %d. time", crash+1)
		}
		s.kill()
	}
	s, err := start(options{program: release, data: data, addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	defer s.kill()
	s.key = p.key
	of := func(status string) int {
		var page struct{ Total int }
		if err := s.call("GET", "/api/v1/runs?status="+status, "", &page); err != nil {
			t.Error(err)
		}
		return page.Total
	}
	if !eventually(20*time.Second, func() bool { return of("failed") == 1 }) {
		t.Fatal("the run is not set aside")
	}
	kept, err := filepath.Glob(filepath.Join(data, "crashes", "*.txt"))
	if err != nil || len(kept) != 3 {
		t.Errorf("of three crashes is kept %v (%v)", kept, err)
	}
	l.send()
	if !eventually(20*time.Second, func() bool { return of("succeeded") == 1 }) {
		t.Error("another event is not carried out")
	}
	var list struct{ Items []struct{ ID string } }
	if err := s.call("GET", "/api/v1/runs?status=failed", "", &list); err != nil || len(list.Items) != 1 {
		t.Fatal(err, list)
	}
	if err := s.call("POST", "/api/v1/runs/"+list.Items[0].ID+"/replay", "{}", nil); err != nil {
		t.Fatal(err)
	}
	if !eventually(20*time.Second, func() bool { return of("succeeded") == 2 }) {
		t.Error("replayed it is not carried out")
	}
}
