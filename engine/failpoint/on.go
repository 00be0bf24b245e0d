//go:build failpoints

package failpoint

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// settings is what the environment says: where to die, and the knobs.
var settings = sync.OnceValue(func() (s struct {
	places map[string]*atomic.Int64 // how many times are left
	knobs  map[string]int
}) {
	s.places, s.knobs = map[string]*atomic.Int64{}, map[string]int{}
	for part := range strings.SplitSeq(os.Getenv(Variable), ",") {
		if name, text, ok := strings.Cut(part, ":"); ok {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				s.places[name] = &atomic.Int64{}
				s.places[name].Store(n)
			}
		} else if name, text, ok := strings.Cut(part, "="); ok {
			if n, err := strconv.Atoi(text); err == nil {
				s.knobs[name] = n
			}
		}
	}
	return s
})

// Here kills the process, as the system would for want of memory, where the environment names this place and it has been
// passed as often as it says.
func Here(name string) {
	if left := settings().places[name]; left != nil && left.Add(-1) == 0 {
		if name == EffectCrash {
			go panic("the rigs asked for a crash")
			select {}
		}
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal comes
	}
}

// Or gives the knob's value where the environment turns it, and else the one that the product has.
func Or(name string, value int) int {
	if n, ok := settings().knobs[name]; ok {
		return n
	}
	return value
}
