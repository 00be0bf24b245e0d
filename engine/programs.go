package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/machine"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// keptPrograms bounds the compiled versions in memory.
const keptPrograms = 1000

// programs compiles versions at first use and keeps those used last. A version never changes, so neither does its
// program.
type programs struct {
	store   Store
	compile func(scenario.Version) (*machine.Program, error)
	kept    *lru.Cache[programKey, *compiled]
}

// programKey is a version of a scenario, by its id.
type programKey struct {
	scenario string
	version  int
}

// compiled is a program, what its runs take to begin on average, in nanoseconds, and until when that is too long for a sender
// to wait for, in milliseconds of Unix time.
type compiled struct {
	*machine.Program
	takes, heavy atomic.Int64
}

func newPrograms(store Store, compile func(scenario.Version) (*machine.Program, error)) *programs {
	kept, err := lru.New[programKey, *compiled](keptPrograms)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &programs{store: store, compile: compile, kept: kept}
}

// veilOf makes the veil of a run. What was masked of its event by the run that called it stays hidden.
func veilOf(p *machine.Program, veiled map[string]any) *run.Veil {
	v := run.NewVeil(p.Masks())
	if v == nil && len(veiled) > 0 {
		v = run.EmptyVeil()
	}
	for _, at := range slices.Sorted(maps.Keys(veiled)) {
		v.HideAll(veiled[at])
	}
	return v
}

func (p *programs) get(ctx context.Context, r *run.Run) (*machine.Program, error) {
	key := programKey{r.ScenarioID, r.Version}
	if made, ok := p.kept.Get(key); ok {
		return made.Program, nil
	}
	v, err := p.store.Version(ctx, run.SystemActor(r.Workspace), r.ScenarioID, r.Version)
	if err != nil {
		return nil, err
	}
	program, err := p.compile(v)
	if err != nil {
		return nil, err
	}
	p.kept.Add(key, &compiled{Program: program})
	return program, nil
}

// Compile makes a version ready to run.
func Compile(v scenario.Version) (*machine.Program, error) {
	doc, _, err := scenario.Decode(v.Definition)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "Version %d of the scenario %q cannot be read.", v.Number, v.Scenario)
	}
	facts := run.Facts{}
	if len(v.Facts) > 0 {
		if err := json.Unmarshal(v.Facts, &facts); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "The facts of version %d of the scenario %q cannot be read.", v.Number, v.Scenario)
		}
	}
	program, problems := machine.Compile(doc.Scenario, facts)
	if len(problems) > 0 {
		return nil, fault.Invalid(fmt.Sprintf("Version %d of the scenario %q cannot run: %s", v.Number, v.Scenario, problems[0].Message), problems)
	}
	return program, nil
}

// heavyFor is how long a program that takes long to begin is not tried again while its sender waits.
const heavyFor = time.Minute

// heavy says that runs of this program took long to begin a short while ago.
func (p *programs) heavy(r *run.Run, now time.Time) bool {
	made, ok := p.kept.Peek(programKey{r.ScenarioID, r.Version})
	return ok && now.UnixMilli() < made.heavy.Load()
}

// weigh notes what a run of this program took to begin. Some eight of them count, and none for more than four times what is long:
// on a machine with more to do than it can, any of them may have been kept from the processor for a while.
func (p *programs) weigh(r *run.Run, took time.Duration, now time.Time) {
	made, ok := p.kept.Peek(programKey{r.ScenarioID, r.Version})
	if !ok {
		return
	}
	mean := time.Duration(made.takes.Load())
	mean += (min(took, 4*aheadFor) - mean) / 8
	made.takes.Store(int64(mean)) // another's in between may be lost
	if took > aheadFor && mean > aheadFor {
		made.heavy.Store(now.Add(heavyFor).UnixMilli())
	}
}
