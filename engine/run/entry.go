package run

import (
	"iter"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Kind is what an entry says happened.
type Kind string

// The kinds of entries. `run.` kinds have no path.
const (
	RunQueued      Kind = "run.queued"  // Event; of a replay of a part Input: what its steps gave before
	RunStarted     Kind = "run.started" // Vars, Label
	RunWaiting     Kind = "run.waiting" // Until, where a timer ends it
	RunResumed     Kind = "run.resumed"
	RunIncomplete  Kind = "run.incomplete"   // Failure
	RunUncertain   Kind = "run.uncertain"    // Failure
	RunSucceeded   Kind = "run.succeeded"    // Output
	RunFailed      Kind = "run.failed"       // Failure
	RunCancelling  Kind = "run.cancelling"   // Message: somebody asked; what is in flight is finished
	RunSignalled   Kind = "run.signalled"    // Event (the signal's id), Output: an event for the run's waits
	RunRollingBack Kind = "run.rolling_back" // Failure: what was done is taken back, then the run fails
	RunCommitting  Kind = "run.committing"   // Failure: the run ends as succeeded all the same
	RunExpired     Kind = "run.expired"      // Failure: it has moved for as long as it may
	RunCancelled   Kind = "run.cancelled"

	StepStarted   Kind = "step.started"   // Attempt, Input; of a router and of parallel Taken; of a call Child
	StepWaiting   Kind = "step.waiting"   // Until; of an approval Input: what is asked
	StepRetrying  Kind = "step.retrying"  // Attempt that failed, Failure, Exchange, Until
	StepHandling  Kind = "step.handling"  // Failure, Exchange: its on_error steps begin
	StepSucceeded Kind = "step.succeeded" // Output, Exchange; Message: what its action said
	StepFailed    Kind = "step.failed"    // Failure, Exchange: for good
	StepIgnored   Kind = "step.ignored"   // Failure, Exchange, Output: failed, and the run goes on
	StepSkipped   Kind = "step.skipped"   // Message: why
	StepUncertain Kind = "step.uncertain" // Failure: whether its call happened is for a person to say
	StepParked    Kind = "step.parked"    // Failure, Exchange: it keeps its place until a person mends the cause
	StepResumed   Kind = "step.resumed"   // a person lets it be tried again; Input where they changed it
	StepUndoing   Kind = "step.undoing"   // its undo begins
	StepCancelled Kind = "step.cancelled" // Message: why
	StepLost      Kind = "step.lost"      // the process died while its call was in flight
)

// The kinds whose path is that of a loop's item or round, as orders[3].
const (
	ItemEnded    Kind = "item.ended" // Output: what its collect gave; Failure: it could not be evaluated
	RoundStarted Kind = "round.started"
)

// The kinds that let a journal be shortened. What they say the entries before them say too.
const (
	LoopMarked Kind = "loop.marked" // of a repeat, between two rounds; Cut
	StepKept   Kind = "step.kept"   // Output: of a step inside the repeat that was marked, as later steps see it
	RunKept    Kind = "run.kept"    // Event, Output: a signal that no wait has taken yet
)

// Entry is one fact of a run. Entries are only ever added; a run's state is what folding them gives.
type Entry struct {
	Seq  int64 // from 1 in the run, without a gap but for what a Cut let go of
	Pos  int64 // grows over the whole installation; zero until stored
	Kind Kind
	Path string // of the step: ids from outside in, loops with the item's index ("orders[3].ticket")
	At   time.Time
	Data
}

// Data is what an entry says beyond its kind; which fields are set is said at the kinds.
type Data struct {
	Attempt  int
	Input    any // or a value.Large
	Output   any // or a value.Large
	Failure  *Failure
	Until    time.Time
	Taken    []string // ids of the branches taken
	Message  string
	Vars     map[string]any
	Exchange *Exchange
	Event    string        // id of the event
	Child    string        // id of the run that was called
	Label    string        // what lists call the run
	Cut      *Cut          // of LoopMarked
	Files    []value.Large // that the output refers to; only a commit needs them, and they are never written
	Hidden   *Hidden       // what the run that a step called hides of what it gave; never written as it is

	Veiled map[string]any // what a Veil took out, by its place in these fields; never written as it is
	Sealed string         // Veiled as the store keeps it; no feed or answer has it
}

// Cut says where a repeat stands between two of its rounds, and what of its journal is not needed any more to know that: the
// entries behind After and before Before, which the store deletes. All of them are of the repeat, and at After it had begun.
type Cut struct {
	After  int64
	Before int64 // zero: none yet
	Rounds int   // that have begun
	Moved  int64 // ms: for how long the run has moved
}

// Spans says that what is missing of a journal behind an entry may be what was cut.
func (c *Cut) Spans(seq int64) bool { return c != nil && seq >= c.After }

// AppendJSON writes the entry as a journal and the feed carry it: seq, kind, path, at, data. What depends on the reader
// (pos, run, scenario) is written by prefix, which is empty or ends in a comma.
func (e *Entry) AppendJSON(b []byte, prefix string) ([]byte, error) {
	b, err := e.append(b, prefix)
	return append(b, '}'), err
}

// append leaves the entry's object open.
func (e *Entry) append(b []byte, prefix string) ([]byte, error) {
	b = append(b, '{')
	b = append(b, prefix...)
	b = append(b, `"seq":`...)
	b, _ = value.Append(b, e.Seq)
	b = append(b, `,"kind":"`...)
	b = append(b, e.Kind...)
	b = append(b, '"')
	if e.Path != "" {
		b = append(b, `,"path":`...)
		b, _ = value.Append(b, e.Path)
	}
	b = append(b, `,"at":"`...)
	b = appendTime(b, e.At)
	b = append(b, `","data":`...)
	return e.Data.appendJSON(b)
}

// TimeFormat is RFC 3339 in UTC with milliseconds, the form of every time outside the program.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// appendTime writes a time in TimeFormat. Package time is fast with RFC 3339 only, which lacks the milliseconds.
func appendTime(b []byte, t time.Time) []byte {
	b = t.UTC().AppendFormat(b, time.RFC3339)
	ms := t.Nanosecond() / 1e6
	return append(b[:len(b)-1], '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

func (d *Data) appendJSON(b []byte) ([]byte, error) {
	start := len(b) + 1
	b = append(b, '{')
	name := func(s string) {
		if len(b) > start {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, s...)
		b = append(b, `":`...)
	}
	var err error
	put := func(s string, v any) {
		if err != nil {
			return
		}
		name(s)
		b, err = value.Append(b, v)
	}
	if d.Attempt != 0 {
		put("attempt", d.Attempt)
	}
	part := func(s string, v any) {
		if large, ok := v.(value.Large); ok {
			named := map[string]any{"hash": large.Hash, "bytes": large.Bytes}
			if large.Entry != 0 {
				named["entry"] = large.Entry
			}
			put(s+"_large", named)
		} else if v != nil {
			put(s, v)
		}
	}
	part("input", d.Input)
	part("output", d.Output)
	if d.Failure != nil {
		put("error", d.Failure.Value())
	}
	if !d.Until.IsZero() {
		put("until", d.Until.UTC().Format(TimeFormat))
	}
	if len(d.Taken) > 0 {
		put("branches", d.Taken)
	}
	if d.Message != "" {
		put("message", d.Message)
	}
	if d.Vars != nil {
		put("vars", d.Vars)
	}
	if d.Exchange != nil {
		put("http", d.Exchange.value())
	}
	if d.Event != "" {
		put("event", d.Event)
	}
	if d.Child != "" {
		put("child", d.Child)
	}
	if d.Label != "" {
		put("label", d.Label)
	}
	if d.Cut != nil {
		put("cut", d.Cut.value())
	}
	return append(b, '}'), err
}

// Value is the failure as handlers see it in `error`: class, message, step, and status, body and run where there are any.
func (f *Failure) Value() map[string]any {
	v := map[string]any{"class": f.Class, "message": f.Message}
	for name, text := range map[string]string{"step": f.Step, "path": f.Path, "run": f.Run} {
		if text != "" {
			v[name] = text
		}
	}
	if f.Status != 0 {
		v["status"] = f.Status
	}
	if f.Body != nil {
		v["body"] = f.Body
	}
	if f.RetryAfter != 0 {
		v["retry_after_ms"] = f.RetryAfter
	}
	if f.Held {
		v["held"] = true
	}
	if f.HeldFor != 0 {
		v["held_for_ms"] = f.HeldFor
	}
	if f.Connection != "" {
		v["connection"], v["connection_since"] = f.Connection, f.Since
	}
	return v
}

// FailureOf turns any error into a failure.
func FailureOf(err error) *Failure {
	f := &Failure{Class: string(fault.CodeOf(err)), Message: fault.MessageOf(err)}
	if e, ok := err.(*fault.Error); ok {
		f.RetryAfter = e.RetryAfter.Milliseconds()
	}
	return f
}

func (c *Cut) value() map[string]any {
	v := map[string]any{"after": int(c.After), "rounds": c.Rounds, "moved_ms": int(c.Moved)}
	if c.Before != 0 {
		v["before"] = int(c.Before)
	}
	return v
}

func cutFrom(v any) *Cut {
	o, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	return &Cut{After: long(o["after"]), Before: long(o["before"]), Rounds: number(o["rounds"]), Moved: long(o["moved_ms"])}
}

func (x *Exchange) value() map[string]any {
	v := map[string]any{"method": x.Method, "url": x.URL, "ms": x.Millis}
	if x.Status != 0 {
		v["status"] = x.Status
	}
	if x.Sandboxed {
		v["sandboxed"] = true
	}
	if x.RequestID != "" {
		v["request_id"] = x.RequestID
	}
	if x.Connection != "" {
		v["connection"] = x.Connection
	}
	return v
}

func (e *Entry) read(r *value.Reader, part func(*value.Reader, *any) error) error {
	return r.Object(func(name []byte) error {
		switch string(name) {
		case "seq":
			return read(r, &e.Seq, long)
		case "kind":
			return read(r, &e.Kind, func(v any) Kind { return Kind(text(v)) })
		case "path":
			return read(r, &e.Path, text)
		case "at":
			return read(r, &e.At, moment)
		case "data":
			return e.Data.read(r, part)
		case "sealed":
			return read(r, &e.Sealed, text)
		}
		_, err := r.Value()
		return err
	})
}

func (d *Data) read(r *value.Reader, part func(*value.Reader, *any) error) error {
	return r.Object(func(name []byte) error {
		switch string(name) {
		case "attempt":
			return read(r, &d.Attempt, number)
		case "input":
			return part(r, &d.Input)
		case "output":
			return part(r, &d.Output)
		case "input_large":
			return read(r, &d.Input, largeFrom)
		case "output_large":
			return read(r, &d.Output, largeFrom)
		case "error":
			return read(r, &d.Failure, failureFrom)
		case "until":
			return read(r, &d.Until, moment)
		case "branches":
			return read(r, &d.Taken, texts)
		case "message":
			return read(r, &d.Message, text)
		case "vars":
			return read(r, &d.Vars, func(v any) map[string]any { o, _ := v.(map[string]any); return o })
		case "http":
			return read(r, &d.Exchange, exchangeFrom)
		case "event":
			return read(r, &d.Event, text)
		case "child":
			return read(r, &d.Child, text)
		case "label":
			return read(r, &d.Label, text)
		case "cut":
			return read(r, &d.Cut, cutFrom)
		}
		_, err := r.Value()
		return err
	})
}

// read reads a value into a field.
func read[T any](r *value.Reader, into *T, from func(any) T) error {
	v, err := r.Value()
	*into = from(v)
	return err
}

func as(v any) any { return v }

func largeFrom(v any) any {
	o, _ := v.(map[string]any)
	return value.Large{Hash: text(o["hash"]), Bytes: number(o["bytes"])}
}

func failureFrom(v any) *Failure {
	if o, ok := v.(map[string]any); ok {
		return FailureFrom(o)
	}
	return nil
}

func texts(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, one := range list {
		out = append(out, text(one))
	}
	return out
}

func exchangeFrom(v any) *Exchange {
	o, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	sandboxed, _ := o["sandboxed"].(bool)
	return &Exchange{Method: text(o["method"]), URL: text(o["url"]), Status: number(o["status"]),
		Millis: long(o["ms"]), Sandboxed: sandboxed, RequestID: text(o["request_id"]), Connection: text(o["connection"])}
}

// part reads an input or output, which may be kept apart.
func part(data map[string]any, name string) any {
	if large, ok := data[name+"_large"].(map[string]any); ok {
		return largeFrom(large)
	}
	return data[name]
}

// Each goes through entries that are in memory.
func Each(entries []Entry) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Larges gives what of entries is kept apart.
func Larges(entries []Entry) []value.Large {
	var out []value.Large
	for i := range entries {
		for _, v := range []any{entries[i].Input, entries[i].Output} {
			if large, ok := v.(value.Large); ok {
				out = append(out, large)
			}
		}
		out = append(out, entries[i].Files...)
		if entries[i].Kind == RunQueued {
			out = append(out, GivenLarges(entries[i].Input)...)
		}
	}
	return out
}

// FailureFrom reads what Value wrote.
func FailureFrom(o map[string]any) *Failure {
	return &Failure{Class: text(o["class"]), Message: text(o["message"]), Step: text(o["step"]), Path: text(o["path"]),
		Status: number(o["status"]), Body: o["body"], Run: text(o["run"]), RetryAfter: int64(number(o["retry_after_ms"])), Held: o["held"] == true, HeldFor: int64(number(o["held_for_ms"])),
		Connection: text(o["connection"]), Since: int64(number(o["connection_since"]))}
}

func number(v any) int  { n, _ := v.(int); return n }
func long(v any) int64  { return int64(number(v)) }
func text(v any) string { s, _ := v.(string); return s }

func moment(v any) time.Time {
	s := text(v)
	if s == "" { // the error would cost more than all the rest
		return time.Time{}
	}
	t, _ := time.Parse(time.RFC3339, s) // takes milliseconds too, and package time is fast with it
	return t
}
