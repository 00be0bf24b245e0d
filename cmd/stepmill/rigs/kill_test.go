package rigs

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/failpoint"
)

// TestKills kills the program while events come in, at a random time and at each named point in turn, starts it again,
// and asks that every event that was answered 2xx has its effect, with one idempotency key, and that no run is stuck.
// STEPMILL_KILLS says how often; a round is some 500 accepted events where a random time ends it.
func TestKills(t *testing.T) {
	p, release, points := must(t, template), must(t, released), must(t, pointed)
	kills := times("STEPMILL_KILLS", 12, 1000)
	perRound := 500
	if long() {
		perRound = 100 // half a million events would measure the receiver
	}
	data := copyOf(t, p, filepath.Join(t.TempDir(), "data"))
	l := &load{name: t.Name()}
	places := slices.DeleteFunc(failpoint.All(), func(name string) bool { return strings.HasPrefix(name, "migration.") })
	addr, named, slowest := "", map[string]int{}, time.Duration(0)
	for round := range kills {
		o := options{program: release, data: data, addr: addr}
		place := ""
		if round%2 == 1 {
			place = places[round/2%len(places)]
			count := 1 + rand.IntN(40)
			if strings.HasPrefix(place, "checkpoint.") {
				count = 1 + rand.IntN(2)
			}
			o.program, o.env = points, []string{at(place+":"+strconv.Itoa(count), failpoint.CheckpointPages+"=100")}
		}
		begun := time.Now()
		s, err := start(o)
		if err != nil {
			if place == "" {
				t.Fatal(err)
			}
			named[place]++ // it was passed at the start already
			continue
		}
		slowest = max(slowest, time.Since(begun))
		addr, l.url = s.addr, s.url+p.hook
		stop := make(chan struct{})
		wait := l.run(8, stop)
		before, target := l.count(), perRound/2+rand.IntN(perRound)
		eventually(20*time.Second, func() bool { return s.gone() || place == "" && l.count()-before >= target })
		switch {
		case place != "" && s.gone():
			named[place]++
		case place != "":
			t.Errorf("the point %s was not reached", place)
		}
		s.kill()
		close(stop)
		wait()
	}
	s, err := start(options{program: release, data: data, addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	defer s.kill()
	s.key = p.key
	settled(t, s, l)
	t.Logf("figures: %d kills (%v at named points), %d events accepted, the slowest start %v", kills, named, l.count(), slowest.Round(time.Millisecond))
}

// settled asks that everything that was accepted came to its end: each event has its effect, with one key, and no run is
// left open.
func settled(t *testing.T, s *server, l *load) {
	t.Helper()
	open := 0
	if !eventually(60*time.Second, func() bool {
		var page struct{ Total int }
		err := s.call("GET", "/api/v1/runs?scenario=rig&status=queued,running,waiting,uncertain,incomplete,failed&limit=1", "", &page)
		open = page.Total
		return err == nil && open == 0 && l.arrived()
	}) {
		none, _ := l.missing()
		t.Errorf("%d runs are stuck, and %d of %d accepted events have no effect: %v", open, len(none), l.count(), few(none))
	}
	if _, twice := l.missing(); len(twice) > 0 {
		t.Errorf("%d events came with more than one key: %v", len(twice), few(twice))
	}
}

// TestKilledMigrating kills the program in the making of its schema: the next start makes it.
func TestKilledMigrating(t *testing.T) {
	points := must(t, pointed)
	for _, place := range []string{failpoint.MigrationBefore, failpoint.MigrationAfter} {
		data := filepath.Join(t.TempDir(), "data")
		if s, err := start(options{program: points, data: data, env: []string{at(place + ":1")}}); err == nil {
			s.kill()
			t.Errorf("%s was not reached", place)
		} else if !strings.Contains(err.Error(), "killed") {
			t.Error(err)
		}
		s, err := start(options{program: points, data: data})
		if err != nil {
			t.Errorf("after %s: %v", place, err)
			continue
		}
		s.kill()
	}
}

// TestReleased asks that the released program has no failpoints.
func TestReleased(t *testing.T) {
	for points, program := range map[bool]func() (string, error){false: released, true: pointed} {
		text, err := os.ReadFile(must(t, program))
		if err != nil {
			t.Fatal(err)
		}
		if has := bytes.Contains(text, []byte(failpoint.Variable)); has != points {
			t.Errorf("a program that is to have failpoints: %v, and has them: %v", points, has)
		}
	}
}
