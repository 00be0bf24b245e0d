package rigs

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/failpoint"
)

// TestFull fills the small disk that the data is on while events come in, again and again: what is not on disk is answered
// 503 or 507 with Retry-After, and within five seconds of there being room again events are taken, and everything that was
// accepted is carried out, without a restart. The log is written back every 100 pages: a longer one, once its file is long,
// is room for thousands of events on a full disk.
func TestFull(t *testing.T) {
	fills := times("STEPMILL_FILLS", 6, 100)
	var waits []time.Duration
	accepted, refused := 0, 0
	for done := 0; done < fills; done += fillsOfDisk {
		t.Run(strconv.Itoa(done), func(t *testing.T) {
			l, took := fillDisk(t, min(fillsOfDisk, fills-done), long() && done == 0)
			accepted, refused, waits = accepted+l.count(), refused+l.refusals(), append(waits, took...)
		})
	}
	if slices.Sort(waits); len(waits) > 0 {
		t.Logf("figures: %d fills, %d events accepted, %d refused; from room until everything accepted was carried out: median %v, slowest %v", len(waits), accepted, refused,
			waits[len(waits)/2].Round(time.Millisecond), waits[len(waits)-1].Round(time.Millisecond))
	}
}

// fillsOfDisk is how often one disk is filled: the events that it takes in between stay.
const fillsOfDisk = 10

// fillDisk fills one small disk some times, the first time for longer than a lease lasts where that is asked for.
func fillDisk(t *testing.T, fills int, hold bool) (l *load, waits []time.Duration) {
	p, disk := must(t, template), t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=256m"); err != nil {
		if os.Getenv("STEPMILL_REQUIRE_ALL") != "" {
			t.Fatalf("a small disk cannot be mounted: %v", err)
		}
		t.Skipf("a small disk cannot be mounted, which needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	data := copyOf(t, p, filepath.Join(disk, "data"))
	s, err := start(options{program: must(t, pointed), data: data, env: []string{at(failpoint.CheckpointPages + "=100")}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.kill()
	s.key = p.key
	l = &load{name: t.Name(), url: s.url + p.hook}
	stop := make(chan struct{})
	wait := l.run(8, stop)
	for i := range fills {
		full := time.Duration(0)
		if hold && i == 0 {
			full = 40 * time.Second
		}
		waits = append(waits, fill(t, s, l, filepath.Join(disk, "filler"), full))
		if t.Failed() {
			t.Errorf("at fill %d: %s", i, s.errors)
			break
		}
	}
	close(stop)
	wait()
	for status, n := range l.refused {
		if status != 503 && status != 507 {
			t.Errorf("%d events were refused with %d", n, status)
		}
	}
	if l.bare > 0 {
		t.Errorf("%d refusals have no Retry-After", l.bare)
	}
	settled(t, s, l)
	s.kill()
	if err := examine(t, data, l.ledger()); err != nil {
		t.Error(err)
	}
	return l, waits
}

// fill takes the whole disk until events are refused, and for as long as hold says, gives it back, and says how long it then took until everything that
// had been accepted was carried out and more was accepted.
func fill(t *testing.T, s *server, l *load, path string, hold time.Duration) time.Duration {
	t.Helper()
	time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
	before := l.refusals()
	filler, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer filler.Close()
	l.pause.Store(0)
	enough := before + rand.IntN(10)
	full := eventually(20*time.Second, func() bool {
		for _, size := range []int{1 << 20, 4096} {
			for err := error(nil); err == nil; {
				if _, err = filler.Write(make([]byte, size)); err != nil && !errors.Is(err, syscall.ENOSPC) {
					t.Fatal(err)
				}
			}
		}
		return l.refusals() > enough
	})
	l.pause.Store(int64(40 * time.Millisecond)) // or the events themselves fill the disk
	if !full {
		t.Errorf("nothing was refused on a full disk, %d events were accepted", l.count())
	}
	if info, err := filler.Stat(); err != nil || info.Size() < 32<<20 {
		t.Errorf("the data alone fills the disk: %d bytes were free: %v", info.Size(), err)
	}
	time.Sleep(hold)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	filler.Close()
	room, accepted, held := time.Now(), l.count(), l.ledger()
	past := &load{accepted: held}
	if !eventually(recoversWithin, func() bool { return l.count() > accepted && past.arrived() }) {
		none, _ := past.missing()
		t.Errorf("%v after there was room %d events were accepted, and %d of the %d before are not carried out: %v", recoversWithin, l.count()-accepted, len(none), len(held), few(none))
	}
	return time.Since(room)
}

// refusals gives how many events were refused.
func (l *load) refusals() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, times := range l.refused {
		n += times
	}
	return n
}
