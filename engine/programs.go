package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

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
	store Store
	kept  *lru.Cache[string, *machine.Program]
}

func newPrograms(store Store) *programs {
	kept, err := lru.New[string, *machine.Program](keptPrograms)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &programs{store: store, kept: kept}
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
	key := fmt.Sprintf("%s@%d", r.ScenarioID, r.Version)
	if program, ok := p.kept.Get(key); ok {
		return program, nil
	}
	v, err := p.store.Version(ctx, run.SystemActor(r.Workspace), r.ScenarioID, r.Version)
	if err != nil {
		return nil, err
	}
	doc, _, err := scenario.Decode(v.Definition)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "Version %d of the scenario %q cannot be read.", r.Version, r.Scenario)
	}
	facts := run.Facts{}
	if len(v.Facts) > 0 {
		if err := json.Unmarshal(v.Facts, &facts); err != nil {
			return nil, fault.Wrap(err, fault.Internal, "The facts of version %d of the scenario %q cannot be read.", r.Version, r.Scenario)
		}
	}
	program, problems := machine.Compile(doc.Scenario, facts)
	if len(problems) > 0 {
		return nil, fault.Invalid(fmt.Sprintf("Version %d of the scenario %q cannot run: %s", r.Version, r.Scenario, problems[0].Message), problems)
	}
	p.kept.Add(key, program)
	return program, nil
}
