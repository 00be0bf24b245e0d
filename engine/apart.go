package engine

import (
	"context"
	"math"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// Blobs keep values that are too large to be carried along. What Keep returned from is on disk; Kept gives what was kept,
// or an error. What was kept, or held, stays until its holder releases it, and then as long as something stored refers to it.
type Blobs interface {
	Keep(ctx context.Context, holder string, data []byte) (value.Large, error)
	Hold(ctx context.Context, holder string, l value.Large) error
	Release(holder string)
	Kept(ctx context.Context, l value.Large) ([]byte, error)
}

const (
	apartFrom = 128 << 10 // bytes of JSON from which on a value is kept apart
	// loadRoom bounds the JSON of what all runs together have loaded, but that one run may always go on.
	loadRoom = 24 << 20
	// keepRoom bounds the JSON of the values that are being kept apart, so that many at once leave the processors and the memory
	// to others; a larger one goes by itself.
	keepRoom = 8 << 20
)

// apart keeps a value apart, for its run, where it is large. Where the disk fails it is tried again as long as the task lasts:
// what an effect gave must not be lost.
func (t *task) apart(v any) (any, error) {
	e := t.e
	if e.cfg.Blobs == nil || value.Size(v, apartFrom) < apartFrom {
		return v, nil
	}
	size := value.Size(v, math.MaxInt)
	room := min(int64(size), keepRoom)
	if err := e.keeping.Acquire(t.ctx, room); err != nil {
		return nil, fault.Wrap(err, fault.Cancelled, "The run was given up.")
	}
	defer e.keeping.Release(room)
	data, err := value.Append(make([]byte, 0, size+size/16), v)
	if err != nil || len(data) < apartFrom {
		return v, err
	}
	var large value.Large
	tries := 0
	err = t.patiently(func() (err error) {
		large, err = e.cfg.Blobs.Keep(t.ctx, t.run.ID, data)
		if tries++; err != nil && tries == 8 {
			e.cfg.Log.Error("a large value cannot be kept; its run waits until it can", "bytes", len(data), "error", err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return large, nil
}

// letGo releases what a holder kept apart: it is committed, or it never will be.
func (e *Engine) letGo(holder string) {
	if e.cfg.Blobs != nil {
		e.cfg.Blobs.Release(holder)
	}
}

// eventApart keeps what an event brought apart where it is large. What is masked in it stays where it is.
func (e *Engine) eventApart(ctx context.Context, holder string, ev *run.Event) error {
	if e.cfg.Blobs == nil || len(ev.Veiled) > 0 {
		return nil
	}
	var err error
	if len(ev.Value) >= apartFrom {
		if ev.Large, err = e.cfg.Blobs.Keep(ctx, holder, ev.Value); err != nil {
			return err
		}
		ev.Value = nil
	}
	if len(ev.Raw) >= apartFrom {
		if ev.LargeRaw, err = e.cfg.Blobs.Keep(ctx, holder, ev.Raw); err != nil {
			return err
		}
		ev.Raw = nil
	}
	return nil
}

// load gives a value that is kept apart, once while it is needed.
func (e *Engine) load(ctx context.Context, l value.Large) (any, error) {
	if e.cfg.Blobs == nil {
		return nil, fault.New(fault.Internal, "A value of %d bytes is kept apart, and nothing here can read it.", l.Bytes)
	}
	data, err := e.cfg.Blobs.Kept(ctx, l)
	if err != nil {
		return nil, err
	}
	return value.Decode(data, value.Stored())
}

// holdGiven holds what a run takes over of another that is kept apart: the other may be deleted meanwhile.
func (e *Engine) holdGiven(ctx context.Context, holder string, replay any) error {
	if e.cfg.Blobs == nil {
		return nil
	}
	for _, l := range run.GivenLarges(replay) {
		if err := e.cfg.Blobs.Hold(ctx, holder, l); fault.CodeOf(err) == fault.NotFound {
			return fault.Wrap(err, fault.Conflict, "The run cannot be replayed: what its steps gave was deleted just now.")
		} else if err != nil {
			return err
		}
	}
	return nil
}

// wholeGiven puts the outputs that a run takes over in their places, where they are kept apart.
func (e *Engine) wholeGiven(ctx context.Context, replay any) error {
	replayed, _ := replay.(map[string]any)
	steps, _ := replayed["steps"].(map[string]any)
	for _, had := range steps {
		given, _ := had.(map[string]any)
		l, ok := run.GivenOutput(given).(value.Large)
		if !ok {
			continue
		}
		v, err := e.load(ctx, l)
		if err != nil {
			return err
		}
		delete(given, "output_large")
		given["output"] = v
	}
	return nil
}

// loaded is what a run has in memory of what is kept apart.
type loaded struct {
	values map[string]any // by hash
	taken  int64          // of the room that all runs share
}

// load is what the machine reads values with that are kept apart. They stay until the run lets go of them.
func (t *task) load(l value.Large) (any, error) {
	if v, ok := t.loaded.values[l.Hash]; ok {
		return v, nil
	}
	want := min(int64(l.Bytes), loadRoom)
	if t.loaded.taken > 0 { // whoever has some room waits for no more, or two would wait for one another
		if t.e.room.TryAcquire(want) {
			t.loaded.taken += want
		}
	} else {
		if err := t.e.room.Acquire(t.ctx, want); err != nil {
			return nil, fault.Wrap(err, fault.Cancelled, "The run was given up.")
		}
		t.loaded.taken = want
	}
	v, err := t.e.load(t.ctx, l)
	if err != nil {
		return nil, err
	}
	if t.loaded.values == nil {
		t.loaded.values = map[string]any{}
	}
	t.loaded.values[l.Hash] = v
	return v, nil
}

// whole gives a value that may be kept apart.
func (t *task) whole(v any) (any, error) {
	if l, ok := v.(value.Large); ok {
		return t.load(l)
	}
	return v, nil
}

// light gives a value in the form in which it is carried along. One that cannot be kept apart stays as it is.
func (t *task) light(v any) any { return t.lightly()(v) }

// lightly is light as the run has it now, for a call that is on its own.
func (t *task) lightly() func(any) any {
	veiled := t.veil != nil // what is masked is taken out of the value itself
	return func(v any) any {
		if veiled {
			return v
		}
		if light, err := t.apart(v); err == nil {
			return light
		}
		return v
	}
}

// unload lets go of what was loaded.
func (t *task) unload() {
	if t.loaded.taken > 0 {
		t.e.room.Release(t.loaded.taken)
	}
	t.loaded = loaded{}
}

// lighten keeps apart what is large in an entry as it is stored: an action's input, any output.
func (t *task) lighten(e *run.Entry) error {
	if len(e.Veiled) > 0 {
		return nil
	}
	var err error
	if e.Kind == run.StepStarted && e.Attempt > 0 {
		if e.Input, err = t.apart(e.Input); err != nil {
			return err
		}
	}
	e.Output, err = t.apart(e.Output)
	return err
}
