package form

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

// Runs tells what a run has answered by now, to somebody who asks again.
type Runs interface {
	Run(ctx context.Context, a run.Actor, id string) (run.Run, error)
	WholeEntries(ctx context.Context, a run.Actor, runID string) iter.Seq2[run.Entry, error]
}

const (
	// answerWithin is how long a page waits for the run that answers it.
	answerWithin = 30 * time.Second
	// askEvery is how often a run is looked at that was started by an earlier request.
	askEvery = 500 * time.Millisecond
	// maxAnswer is how much of an answer is shown, in bytes.
	maxAnswer = 64 << 10
)

// await waits for what a run answers, or for its end.
func (s *Service) await(ctx context.Context, answers <-chan run.Answer) Reply {
	timer := time.NewTimer(answerWithin)
	defer timer.Stop()
	select {
	case a := <-answers:
		return replyOf(a)
	case <-timer.C:
	case <-ctx.Done():
	case <-s.Ending:
	}
	return Reply{Later: true}
}

// replyOf says what a waiting page is told: a step's answer, or the end of the run. A run that waits for a person goes on later.
func replyOf(a run.Answer) Reply {
	switch {
	case a.Status == run.Running:
		return Reply{Text: answerText(a.Output)}
	case a.Status == run.Succeeded:
		return Reply{Text: textOf(a.Output)}
	case a.Status.Ended():
		return Reply{Failed: true}
	}
	return Reply{Later: true}
}

// again waits for the answer of a run that an earlier request with the same token started.
func (s *Service) again(ctx context.Context, t *triggers.Trigger, runID string) (Reply, error) {
	until := time.NewTimer(answerWithin)
	defer until.Stop()
	ticks := time.NewTicker(askEvery)
	defer ticks.Stop()
	for {
		reply, done, err := s.look(ctx, t, runID)
		if done || err != nil {
			return reply, err
		}
		select {
		case <-ticks.C:
		case <-until.C:
			return Reply{Later: true}, nil
		case <-ctx.Done():
			return Reply{Later: true}, nil
		case <-s.Ending:
			return Reply{Later: true}, nil
		}
	}
}

// look reads what a run has answered by now; false: nothing yet.
func (s *Service) look(ctx context.Context, t *triggers.Trigger, runID string) (Reply, bool, error) {
	actor := run.SystemActor(t.Workspace)
	r, err := s.Runs.Run(ctx, actor, runID)
	if fault.CodeOf(err) == fault.NotFound { // its data was not kept
		return Reply{}, true, nil
	}
	if err != nil {
		return Reply{}, false, err
	}
	if t.Answers {
		for e, err := range s.Runs.WholeEntries(ctx, actor, runID) {
			if err != nil {
				return Reply{}, false, err
			}
			if e.Kind == run.StepSucceeded && t.Steps[stepOf(e.Path)] {
				run.Uncover(&e)
				return Reply{Text: answerText(e.Output)}, true, nil
			}
		}
	}
	switch {
	case r.Status == run.Succeeded:
		var v any
		if len(r.Output) > 0 {
			if v, err = value.Decode(r.Output, value.Stored()); err != nil {
				return Reply{}, false, err
			}
		}
		return Reply{Text: textOf(v)}, true, nil
	case r.Status.Ended():
		return Reply{Failed: true}, true, nil
	case r.Status == run.Incomplete || r.Status == run.Uncertain:
		return Reply{Later: true}, true, nil
	}
	return Reply{}, false, nil
}

// stepOf is the id of the step at a path.
func stepOf(path string) string {
	path = path[strings.LastIndexByte(path, '.')+1:]
	id, _, _ := strings.Cut(path, "[")
	return id
}

// answerText is what a step that answers says: its text, or its JSON.
func answerText(v any) string {
	object, _ := v.(map[string]any)
	if object["text"] != nil {
		return textOf(object["text"])
	}
	return textOf(object["json"])
}

// textOf is a value as people read it: a text as it is, JSON laid out over lines.
func textOf(v any) string {
	switch v.(type) {
	case nil:
		return ""
	case map[string]any, []any:
		b, err := value.Encode(v)
		if err != nil {
			return ""
		}
		var out bytes.Buffer
		if json.Indent(&out, b, "", "  ") != nil {
			return ""
		}
		return fault.Clip(out.String(), maxAnswer)
	}
	return fault.Clip(value.Text(v), maxAnswer)
}
