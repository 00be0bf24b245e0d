package engine

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/stepmill/stepmill/engine/failpoint"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

type flight struct {
	attempt int
	bytes   int // of its input
	cancel  context.CancelFunc
}

type reply struct {
	path    string
	attempt int
	result  run.Result
}

// cut ends a call: one in flight is not waited for, and one that was decided is not made.
func (t *task) cut(path string) {
	if f := t.calls[path]; f != nil {
		f.cancel()
		t.landed(path, f)
	}
	of := func(c *run.Call) bool { return c.Path == path }
	t.held, t.local = slices.DeleteFunc(t.held, of), slices.DeleteFunc(t.local, of)
}

// ending gives the calls of a run that is ending a while to finish.
func (t *task) ending() {
	if t.m.Ending() && t.m.InFlight() > 0 && !t.m.Status().Ended() && t.cutAt.IsZero() {
		t.cutAt = t.e.now().Add(cutAfter)
	}
}

// start makes a call in its own goroutine, when there is room for it.
func (t *task) start(call *run.Call) {
	if t.calls == nil {
		t.calls = map[string]*flight{}
		t.reply = make(chan reply, 4)
	}
	t.complete(call)
	now := t.e.calls.try(t.run.ScenarioID)
	ctx, cancel := t.ctx, context.CancelFunc(nil)
	if now {
		ctx, cancel = context.WithTimeout(ctx, call.Timeout)
	} else { // its time begins when it does
		ctx, cancel = context.WithCancel(ctx)
	}
	f := &flight{attempt: call.Attempt, bytes: value.Size(call.Input, flyingRoom), cancel: cancel}
	t.calls[call.Path] = f
	t.flying += f.bytes
	light := t.lightly()
	t.e.crew.do(func() {
		if !now {
			if t.e.calls.take(ctx, t.run.ScenarioID) != nil {
				return // it was cut, and nobody waits for it
			}
			var end context.CancelFunc
			ctx, end = context.WithTimeout(ctx, call.Timeout)
			defer end()
		}
		r := reply{path: call.Path, attempt: call.Attempt, result: t.invoke(ctx, call, light)}
		t.e.calls.free(t.run.ScenarioID)
		select {
		case t.reply <- r:
		case <-t.left:
		}
	})
}

// complete adds to a call what its run knows. What is hidden grows while calls are in flight, so they have it as it was.
func (t *task) complete(call *run.Call) {
	call.Workspace, call.Version, call.Hidden, call.Depth = t.run.Workspace, t.run.Version, slices.Clone(t.veil.Hidden()), t.run.Depth
}

func (t *task) invoke(ctx context.Context, call *run.Call, light func(any) any) (result run.Result) {
	defer func() {
		if p := recover(); p != nil {
			t.e.cfg.Log.Error("an action panicked", "run", t.run.ID, "step", call.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			result = run.Result{Failure: &run.Failure{Class: string(fault.Internal), Message: "The action failed inside Stepmill; the server's log has the details."}}
		}
	}()
	if call.Effect == run.Pure {
		return invoked(ctx, t.e.cfg.Invoker, *call, nil)
	}
	failpoint.Here(failpoint.EffectBefore)
	failpoint.Here(failpoint.EffectCrash)
	return invoked(ctx, t.e.cfg.Invoker, *call, func(v any) any {
		failpoint.Here(failpoint.EffectAfter)
		return light(v)
	})
}

func (t *task) replied(r reply) {
	f := t.calls[r.path]
	if f == nil || f.attempt != r.attempt {
		return // it was cut
	}
	f.cancel()
	t.landed(r.path, f)
	t.answered(r.path, r.attempt, r.result)
}

// landed forgets a call that is over.
func (t *task) landed(path string, f *flight) {
	t.flying -= f.bytes
	delete(t.calls, path)
}

// flyingRoom bounds what the calls in flight of one run are given, in bytes of JSON, but that one call may always be: a run decides
// no further ones as long as they have more.
const flyingRoom = 32 << 20

// crowded says that what is in flight must land before more is decided.
func (t *task) crowded() bool { return t.flying >= flyingRoom && len(t.calls) > 0 }

// answeredBefore is said in the run's log by a step that answers a request which another has answered.
const answeredBefore = "The request was answered by a step before: this answer is sent to nobody."

func (t *task) answered(path string, attempt int, result run.Result) {
	result.Output = t.light(result.Output)
	if t.answer.to != nil && result.Failure == nil && t.m.Answers(path) {
		if t.answer.told || len(t.out) > 0 {
			result.Said = answeredBefore
		} else if whole, err := t.whole(result.Output); err == nil {
			t.out = append(t.out, whole)
		}
	}
	d := t.m.Answer(t.e.now(), path, attempt, result)
	if len(result.Files) > 0 && len(d.Entries) > 0 { // the first tells of the answer
		d.Entries[0].Files = result.Files
	}
	t.take(d)
}
