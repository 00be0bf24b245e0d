package sim

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

// TestLives plays STEPMILL_LIVES lives from the seed STEPMILL_SEED on: 10,000 from a new one where these are not given, and 2,400
// under the race detector, which is about six times as slow. They are played in a process for each core, which has one thread for
// them: a life is many goroutines that hand over to one another, and of several threads each would wake the next. Under the
// race detector, and where there is one core, they are played here, on all there are.
func TestLives(t *testing.T) {
	lives, seed := setting(t, "STEPMILL_LIVES", usual), setting(t, "STEPMILL_SEED", rand.Uint64N(1<<32))
	began := time.Now()
	from := seed&lower*PerWorld + seed>>32
	if cores := uint64(runtime.GOMAXPROCS(0)); cores > 1 && apart {
		t.Logf("%d lives from the seed %d", lives, seed)
		t.Run("lives", func(t *testing.T) {
			to := from + lives
			for left := cores; left > 0; left-- { // whole worlds each, but for the first and the last
				first, last := from, to
				if left > 1 {
					last = min(to, (from+(to-from)/left+PerWorld-1)/PerWorld*PerWorld)
				}
				if from = last; first < last {
					t.Run(fmt.Sprint(left), func(t *testing.T) {
						t.Parallel()
						elsewhere(t, first, last)
					})
				}
			}
		})
	} else {
		here(t, from, from+lives)
	}
	t.Logf("%.0f lives a second", float64(lives)/time.Since(began).Seconds())
}

// elsewhere plays lives in a process of their own.
func elsewhere(t *testing.T, from, to uint64) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLives$")
	if deadline, ok := t.Deadline(); ok {
		cmd.Args = append(cmd.Args, fmt.Sprint("-test.timeout=", time.Until(deadline)))
	}
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1",
		fmt.Sprint("STEPMILL_LIVES=", to-from), fmt.Sprint("STEPMILL_SEED=", from/PerWorld&lower|from%PerWorld<<32))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// here plays lives in this process.
func here(t *testing.T, from, to uint64) {
	debug.SetGCPercent(1000)  // a life is garbage as soon as it is over
	debug.SetTraceback("all") // of a life that does not end
	var next, failed atomic.Uint64
	next.Store(from / PerWorld)
	t.Run("lives", func(t *testing.T) {
		for i := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				for n := next.Add(1) - 1; n*PerWorld < to && failed.Load() < 3; n = next.Add(1) - 1 {
					first, last := max(from, n*PerWorld), min(to, (n+1)*PerWorld)
					if !t.Run(fmt.Sprint("world=", n&lower), func(t *testing.T) { play(t, n&lower, first%PerWorld, last-first) }) {
						failed.Add(1)
					}
				}
			})
		}
	})
}

// play plays some lives of a world, from the given one on, until one goes wrong.
func play(t *testing.T, number, from, lives uint64) {
	w := world(t, number)
	for n := from; n < from+lives && !t.Failed(); n++ {
		w.Live(t, n, memory)
	}
}

// TestSeeds plays lives that go wrong where a mended defect is put back, each a few times, since the scheduler has a part in
// them. What a seed draws changes with the drawer: who changes that finds new ones so.
func TestSeeds(t *testing.T) {
	for seed, showed := range map[uint64]string{
		7:           "a run whose commit failed, or was kept and its answer lost, stayed this process's with nobody to move it",
		16:          "the same",
		47:          "a store that did not answer just then failed a step, or kept an on_failure from beginning",
		57:          "the same",
		67:          "a run that was told something while the one before it ended was put back behind it for ever",
		71:          "a run that lingered for two things at once asked for the time without end",
		226:         "the same",
		2122211604:  "the end of a called run was kept and its answer lost: the calling run, in memory, was not told, and stayed there for an hour",
		432129877:   "a run that another process held back at its trigger's limit, before it died, was not let in until the next start",
		30087457523: "a repeat that ran out of time went round beside the steps of its on_error, once its journal was read back",
		3300060156:  "a store that did not answer for half a minute made the feeder ask it ever more often",
	} {
		for range 3 {
			if !t.Run(fmt.Sprint(seed), func(t *testing.T) { Live(t, seed, memory) }) {
				t.Log(showed)
			}
		}
	}
}

// TestRounds: in some lives journals are shortened.
func TestRounds(t *testing.T) {
	short := 0
	for n := range uint64(90) {
		w := world(t, 1003+4*n)
		for i := range uint64(4) {
			p, err := w.planOf(i)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range w.play(t, p, memory).ledger.runs(false) {
				if s.short {
					short++
				}
			}
		}
	}
	if short < 20 {
		t.Errorf("%d journals were shortened", short)
	}
}

// TestSQLite plays a few lives over the real store.
func TestSQLite(t *testing.T) {
	for n := range uint64(25) {
		seed := n
		if n >= 20 { // worlds whose repeats go round often
			seed = 1043 + 16*n
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			Live(t, seed, func(t *testing.T) Store {
				v, err := vault.New(make([]byte, 32))
				if err != nil {
					t.Fatal(err)
				}
				store, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Sealer: v})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { store.Close() })
				return store
			})
		})
	}
}

func memory(*testing.T) Store { return NewDisk() }

// setting reads a number from the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s is %q, which is no number", name, text)
	}
	return n
}
