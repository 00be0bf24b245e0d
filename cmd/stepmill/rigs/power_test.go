package rigs

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/failpoint"
)

// TestPower lets the program work over the shim, with kills, failed syncs and starts in between, and cuts the power at random places of
// the write log: the files are rebuilt as a disk may hold them then. Every event that was answered before the cut must be
// there, the files whole, and every run must come to its end. The log is written back every 100 pages, so that cuts fall
// into that often.
func TestPower(t *testing.T) {
	p := must(t, template)
	cuts := times("STEPMILL_CUTS", 90, 1200)
	dir := scratch(t)
	records := worked(t, p, dir, times("STEPMILL_ROUNDS", 8, 24))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	places := make([]int, cuts)
	for i := range places {
		places[i] = rng.IntN(len(records) + 1)
	}
	slices.Sort(places)
	d, err := loadDisk(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	fates, done := []fate{fateNone, fateSome, fateTorn}, 0
	var acked []string
	backs, failed := 0, 0
	for i, place := range places {
		for ; done < place; done++ {
			r := records[done]
			if r.op == opAck {
				acked = append(acked, string(r.data))
			} else if err := d.apply(r, rng); err != nil {
				t.Fatal(err)
			}
			if r.op == opSync && r.file == fileDatabase {
				backs++
			}
		}
		f := fates[i%len(fates)]
		left, files := filepath.Join(dir, "cut"), d.cut(f, rng)
		lay(t, left, p, files)
		err := examine(t, left, acked)
		if err == nil && i%startEvery == 0 {
			lay(t, left, p, files)
			err = startsOver(t, p, left, acked)
		}
		if err != nil {
			if failed++; failed > 10 {
				t.Fatal("and so on")
			}
			t.Errorf("cut %d of %d, at record %d of %d, %d events acknowledged, of what was not synced %s: %v", i, cuts, place, len(records), len(acked), f, err)
		}
	}
	if backs == 0 {
		t.Error("the log was never written back: the cuts prove less than they should")
	}
	t.Logf("figures: %d cuts of %d records, in which the log was written back %d times; %d events acknowledged", cuts, len(records), backs, len(acked))
}

// startEvery says of how many cuts the program itself is started over one; the others are looked at in this process.
const startEvery = 20

// startsOver starts the program over what a cut left, and asks that it carries everything out.
func startsOver(t *testing.T, p prepared, data string, acked []string) error {
	s, err := start(options{program: must(t, released), data: data})
	if err != nil {
		return err
	}
	defer s.kill()
	s.key = p.key
	settled(t, s, &load{accepted: acked})
	return nil
}

// worked gives the write log of a program that accepted some events and was killed on the way again and again, every other
// time when syncs had begun to fail.
func worked(t *testing.T, p prepared, dir string, rounds int) (all []record) {
	t.Helper()
	data := copyOf(t, p, filepath.Join(dir, "data"))
	l := &load{name: t.Name()}
	o := options{program: must(t, pointed), data: data}
	for round := range rounds {
		log, err := openLog(filepath.Join(dir, fmt.Sprint("writes-", round)))
		if err != nil {
			t.Fatal(err)
		}
		if err := log.settled(data); err != nil {
			t.Fatal(err)
		}
		o.env = []string{"LD_PRELOAD=" + must(t, shim), "RIG_LOG=" + log.path, at(failpoint.CheckpointPages + "=100")}
		if round%2 == 1 {
			o.env = append(o.env, fmt.Sprintf("RIG_FAIL=sync:%d+", 20+rand.IntN(100)))
		}
		s, err := start(o)
		if err != nil {
			t.Fatal(err)
		}
		o.addr, l.url, l.acked = s.addr, s.url+p.hook, log.ack
		before, failures := l.count(), rand.IntN(4)
		stop := make(chan struct{})
		wait := l.run(8, stop)
		enough := eventually(time.Minute, func() bool {
			return round%2 == 1 && log.failures() > failures || round%2 == 0 && l.count() >= before+100
		})
		s.kill()
		close(stop)
		wait()
		if !enough {
			t.Fatalf("round %d: only %d events were accepted, and %d calls failed", round, l.count()-before, log.failures())
		}
		records, err := log.read()
		if err != nil {
			t.Fatal(err)
		}
		log.file.Close()
		all = append(all, records...)
	}
	return all
}

// lay puts files into a fresh data directory.
func lay(t *testing.T, dir string, p prepared, files [3][]byte) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(p.dir, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("master.key", key)
	for file, name := range names() {
		write(name, files[file])
	}
}
