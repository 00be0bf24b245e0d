package rigs

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/failpoint"
)

// recoversWithin is how long the program may need until it takes events again, once the disk works.
const recoversWithin = 5 * time.Second

// TestDiskErrors makes the n-th sync, the n-th write, and the n-th write by half fail, while events come in. Whatever is
// answered, an event that was answered 2xx must be on disk when the files are opened again, and carried out; and the
// program must take events again, or end by itself and start again. The log is written back every 20 pages, so that failures
// fall into that too.
func TestDiskErrors(t *testing.T) {
	p := must(t, template)
	upTo := times("STEPMILL_DISK_ERRORS", 12, 200)
	stopped, accepted, refused := 0, 0, 0
	for _, kind := range []string{"sync", "write", "short"} {
		for i := range upTo {
			n := i + 1
			if !long() { // the short form spreads what it does over the same range
				n = 1 + i*200/upTo
			}
			t.Run(kind+" "+strconv.Itoa(n), func(t *testing.T) {
				l, ended := fails(t, p, kind+":"+strconv.Itoa(n))
				if ended {
					stopped++
				}
				accepted += l.count()
				for _, times := range l.refused {
					refused += times
				}
			})
		}
	}
	t.Logf("figures: %d errors (%d each of sync, write and short write), the program ended by itself after %d; %d events accepted, %d refused", 3*upTo, upTo, stopped, accepted, refused)
}

// fails lets the program work with one failure, and looks at what is left. ended: the program gave up by itself.
func fails(t *testing.T, p prepared, failure string) (l *load, ended bool) {
	dir := scratch(t)
	data := copyOf(t, p, filepath.Join(dir, "data"))
	log, err := openLog(filepath.Join(dir, "writes"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.file.Close()
	l = &load{name: t.Name()}
	s, err := start(options{program: must(t, pointed), data: data, env: []string{at(failpoint.CheckpointPages + "=20"), "LD_PRELOAD=" + must(t, shim), "RIG_LOG=" + log.path, "RIG_FAIL=" + failure}})
	if err != nil {
		if log.failures() == 0 {
			t.Fatal(err)
		}
		s, ended = again(t, data), true // it does not start on a disk that fails: that is an answer too
		l.url = s.url + p.hook
		if l.send() != 200 {
			t.Errorf("started again, it takes no event: %s", s.errors)
		}
	} else {
		defer s.kill()
		l.url = s.url + p.hook
		ended = meets(t, s, l, log)
	}
	if !ended && !eventually(recoversWithin, l.arrived) {
		none, _ := l.missing()
		t.Errorf("%d of %d accepted events are not carried out without a restart: %v: %s", len(none), l.count(), few(none), s.errors)
	}
	s.kill()
	if err := examine(t, data, l.ledger()); err != nil {
		t.Errorf("%v: %s", err, s.errors)
	}
	return l, ended
}

// meets sends events until the failure has come and gone: the program has taken another since, or has ended.
func meets(t *testing.T, s *server, l *load, log *writeLog) (ended bool) {
	stop := make(chan struct{})
	wait := l.run(4, stop)
	defer wait()
	defer close(stop)
	if !eventually(20*time.Second, func() bool { return s.gone() || log.failures() > 0 }) {
		t.Error("the failure did not come")
		return false
	}
	failed, before := time.Now(), l.count()
	if !eventually(recoversWithin, func() bool { return s.gone() || l.count() > before+20 }) {
		t.Errorf("%v after the failure only %d events were taken, and %v refused: %s", time.Since(failed), l.count()-before, l.refused, s.errors)
	}
	return s.gone()
}

// again starts the program over a directory on a disk that works.
func again(t *testing.T, data string) *server {
	t.Helper()
	s, err := start(options{program: must(t, released), data: data})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	return s
}
