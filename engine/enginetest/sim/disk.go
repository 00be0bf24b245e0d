package sim

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// Disk is a store in memory that answers as storage does on SQLite: what Commit, Claim and Heartbeat did is there for
// whoever asks later, and nothing else is.
type Disk struct {
	mu        sync.Mutex
	pos       int64 // of the last entry
	signals   int64 // id of the last signal
	rows      map[string]*row
	ids       []string // of the runs, oldest first
	numbers   map[string]int64
	dedupe    map[dedupe]known
	leases    map[string]time.Time
	scenarios map[string]scenario.Stored // by slug
	versions  map[string]scenario.Version
}

// row is a run as it is kept, with what belongs to it.
type row struct {
	run     run.Run
	owner   string
	value   []byte
	journal []*chunk
	signals []signal
	again   int // run.Callers.Again, of one that none called
}

// chunk is what one write added to a journal, as text: who reads it shares nothing with who wrote it.
type chunk struct {
	first   int64 // position of its first entry
	seq     int64 // of its first entry
	data    []byte
	entries []run.Entry // as they were first read
}

// read gives the entries, under the disk's lock. Nobody changes them.
func (c *chunk) read() ([]run.Entry, error) {
	if c.entries == nil {
		var err error
		if c.entries, err = run.DecodeEntries(c.data); err != nil {
			return nil, err
		}
		for i := range c.entries {
			c.entries[i].Pos = c.first + int64(i)
		}
	}
	return c.entries, nil
}

type signal struct {
	run.Signal
	taken bool
}

type dedupe struct{ scenario, trigger, key string }

type known struct {
	event, run, body string
	until            time.Time
}

// NewDisk makes an empty disk.
func NewDisk() *Disk {
	return &Disk{rows: map[string]*row{}, numbers: map[string]int64{}, dedupe: map[dedupe]known{}, leases: map[string]time.Time{},
		scenarios: map[string]scenario.Stored{}, versions: map[string]scenario.Version{}}
}

// CreateScenario keeps a scenario; its slug is its id.
func (d *Disk) CreateScenario(_ context.Context, actor run.Actor, s scenario.Stored) (scenario.Stored, error) {
	s.ID, s.Workspace = s.Slug, actor.Workspace
	d.scenarios[s.Slug] = s
	return s, nil
}

// Publish makes the first version of a scenario.
func (d *Disk) Publish(_ context.Context, actor run.Actor, id string, r scenario.Release) (scenario.Stored, error) {
	s := d.scenarios[id]
	s.Version, s.Status = 1, scenario.Live
	d.scenarios[id] = s
	d.versions[id] = scenario.Version{ScenarioID: id, Scenario: id, Workspace: actor.Workspace, Number: 1, Definition: r.Definition, Facts: r.Facts}
	return s, nil
}

// Scenario gives a scenario by its slug.
func (d *Disk) Scenario(_ context.Context, _ run.Actor, slug string) (scenario.Stored, error) {
	s, ok := d.scenarios[slug]
	if !ok {
		return s, fault.New(fault.NotFound, "There is no scenario %q.", slug)
	}
	return s, nil
}

// Version gives the version of a scenario.
func (d *Disk) Version(_ context.Context, _ run.Actor, id string, _ int) (scenario.Version, error) {
	v, ok := d.versions[id]
	if !ok {
		return v, fault.New(fault.NotFound, "There is no scenario %q.", id)
	}
	return v, nil
}

// Heartbeat renews the lease of a process.
func (d *Disk) Heartbeat(_ context.Context, owner string, until time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.leases[owner] = until
	return nil
}

// ForgetLeases ends every lease.
func (d *Disk) ForgetLeases(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.leases)
	return nil
}

// free says that nobody alive holds the lease on a run.
func (d *Disk) free(r *row) bool { return r.owner == "" || !d.leases[r.owner].After(time.Now()) }

// some lists the runs for which a condition holds, oldest first.
func (d *Disk) some(holds func(*row) bool) []*row {
	var out []*row
	for _, id := range d.ids {
		if r := d.rows[id]; r.run.EndedAt.IsZero() && holds(r) {
			out = append(out, r)
		}
	}
	return out
}

// Claimable lists runs that could move and that nobody moves.
func (d *Disk) Claimable(_ context.Context, _ time.Time, each, limit int) ([]run.Wake, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []run.Wake
	seen := map[string]int{}
	for _, r := range d.some(func(r *row) bool {
		return r.run.WakeAt.IsZero() && r.run.Hold == run.NotHeld && d.free(r)
	}) {
		if seen[r.run.ScenarioID]++; seen[r.run.ScenarioID] <= each && len(out) < limit {
			out = append(out, run.Wake{ID: r.run.ID, Scenario: r.run.ScenarioID})
		}
	}
	return out, nil
}

// Due lists the next timers.
func (d *Disk) Due(_ context.Context, before time.Time, limit int) ([]run.Wake, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []run.Wake
	for _, r := range d.some(func(r *row) bool {
		return !r.run.WakeAt.IsZero() && r.run.WakeAt.Before(before) && r.run.Hold == run.NotHeld
	}) {
		out = append(out, run.Wake{ID: r.run.ID, Scenario: r.run.ScenarioID, At: r.run.WakeAt})
	}
	slices.SortStableFunc(out, func(a, b run.Wake) int { return a.At.Compare(b.At) })
	return out[:min(limit, len(out))], nil
}

// Gates lists the triggers that hold runs back.
func (d *Disk) Gates(context.Context) ([]run.Gate, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []run.Gate
	for _, r := range d.some(func(r *row) bool { return r.run.Hold == run.BeyondLimit }) {
		g := run.Gate{Scenario: r.run.ScenarioID, Trigger: r.run.Trigger, Limit: r.run.Limit}
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out, nil
}

// Beyond lists the next runs that a trigger's limit holds back.
func (d *Disk) Beyond(_ context.Context, g run.Gate, limit int) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.some(func(r *row) bool {
		return r.run.Hold == run.BeyondLimit && r.run.ScenarioID == g.Scenario && r.run.Trigger == g.Trigger
	})
	slices.SortFunc(list, func(a, b *row) int { return cmp.Compare(a.run.Number, b.run.Number) })
	var out []string
	for _, r := range list[:min(limit, len(list))] {
		out = append(out, r.run.ID)
	}
	return out, nil
}

// Claim takes the lease on runs.
func (d *Disk) Claim(_ context.Context, owner string, ids []string, behind bool) ([]run.Lease, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []run.Lease
	for _, id := range ids {
		r := d.rows[id]
		if r == nil || !r.run.EndedAt.IsZero() || r.owner != owner && (r.run.Hold == run.BehindOther && !behind || !d.free(r)) {
			continue
		}
		r.owner = owner
		r.run.Epoch++
		r.run.WakeAt = time.Time{}
		if r.run.Hold == run.BeyondLimit {
			r.run.Hold = run.NotHeld
		}
		out = append(out, run.Lease{Run: r.copy(), Owner: owner})
	}
	return out, nil
}

func (r *row) copy() run.Run {
	out := r.run
	out.Output = slices.Clone(out.Output)
	if out.Error != nil {
		out.Error = run.FailureFrom(out.Error.Value())
	}
	return out
}

// Replay gives what a run is taken up from.
func (d *Disk) Replay(ctx context.Context, runID string) (run.Replay, error) {
	r, err := d.Run(ctx, run.Actor{}, runID)
	if err != nil {
		return run.Replay{}, err
	}
	d.mu.Lock()
	in, journal := run.Replay{Run: r, Value: d.rows[runID].value}, d.rows[runID].journal
	d.mu.Unlock()
	in.Entries = func(yield func(run.Entry, error) bool) {
		for _, c := range journal {
			d.mu.Lock()
			entries, err := c.read()
			d.mu.Unlock()
			if err != nil {
				yield(run.Entry{}, err)
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
	in.Signals, err = d.Signals(ctx, runID)
	return in, err
}

// Run gives one run.
func (d *Disk) Run(_ context.Context, _ run.Actor, id string) (run.Run, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.rows[id]
	if r == nil {
		return run.Run{}, fault.New(fault.NotFound, "There is no run %q.", id)
	}
	return r.copy(), nil
}

// Journal gives a run's entries.
func (d *Disk) Journal(_ context.Context, _ run.Actor, id string, after int64) ([]run.Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]run.Entry, 0, d.rows[id].run.Seq)
	for _, c := range d.rows[id].journal {
		entries, err := c.read()
		if err != nil {
			return nil, err
		}
		for i := range entries {
			if entries[i].Seq > after {
				out = append(out, entries[i])
			}
		}
	}
	return out, nil
}

// Callers gives the runs that led to a run.
func (d *Disk) Callers(_ context.Context, id string) (c run.Callers, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for r := d.rows[id]; r != nil; r = d.rows[r.run.Parent] {
		c.First, c.Again, c.Scenarios = r.run.ID, r.again, append(c.Scenarios, r.run.ScenarioID)
	}
	return c, nil
}

// Signals gives what a run was told and has not taken yet.
func (d *Disk) Signals(_ context.Context, id string) ([]run.Signal, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []run.Signal
	for _, g := range d.rows[id].signals {
		if !g.taken {
			out = append(out, g.Signal)
		}
	}
	return out, nil
}
