package outbound

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// doing is one attempt at an action under way. It is the Doer of the action's code.
type doing struct {
	client     *Client
	call       run.Call
	action     *actions.Action
	connector  *actions.Connector
	connection run.Connection    // zero: none
	values     run.Values        // the connection's
	signIn     signIn            // zero: nothing is signed in
	base       string            // URL that paths stand behind; empty: there is none
	known      map[string]string // what addresses are made of: the values of the connection, and those that come of them
	input      map[string]any
	sandbox    bool

	files    []value.Large // that were kept for the run
	said     string        // lines for the run's log
	held     held          // of the rooms for large answers
	exchange *run.Exchange // the last one
	requests int           // how many were made
	dialled  time.Time     // when the last line was asked for; zero: none was
	sent     bool          // some request may have reached the vendor
	signed   bool          // the last request carried the credentials
	fresh    bool          // the token was renewed for this attempt
	unread   bool          // a value of the connection lies elsewhere and could not be read
	testing  bool          // it is the connection's test
	trigger  bool          // a trigger asks, not a step
}

// carryOut runs the action's code, or sends what its data describes.
func (d *doing) carryOut(ctx context.Context) (any, error) {
	if d.action.Run != nil {
		return d.action.Run(ctx, actions.Input{Values: d.input, Key: d.call.Key, Now: d.client.cfg.Now()}, d)
	}
	if d.action.Request == nil {
		return d.input, nil
	}
	return d.described(ctx)
}

// described sends what the action's data describes.
func (d *doing) described(ctx context.Context) (any, error) {
	if d.action.Page != nil {
		return d.list(ctx)
	}
	output, err := d.request(ctx, d.action.Request, d.action.Input)
	if err == nil && d.action.Request.Output == nil && !d.sandbox {
		err = d.lacking(output)
	}
	if err != nil {
		return nil, err
	}
	if then := d.action.Request.Then; then != nil {
		if next := then(d.input); next != nil {
			first := d.exchange // the one that people know the action by
			inPath := slices.DeleteFunc(slices.Clone(d.action.Input), func(f actions.Field) bool { return f.In != actions.InPath })
			if _, err := d.request(ctx, next, inPath); err != nil {
				return nil, err
			}
			d.exchange = first
		}
	}
	return output, nil
}

// request sends a described request, with the fields that are its own.
func (d *doing) request(ctx context.Context, r *actions.Request, fields []actions.Field) (any, error) {
	req, err := build(r, fields, d.input)
	if err != nil {
		return nil, err
	}
	resp, err := d.HTTP(ctx, req)
	switch {
	case err != nil:
		return nil, err
	case d.sandbox:
		return d.action.Sample, nil
	case r.Output != nil:
		return r.Output(resp)
	}
	return resp.Value, nil
}

// Ask carries out a described action as a part of this one.
func (d *doing) Ask(ctx context.Context, a *actions.Action, values map[string]any) (output any, err error) {
	input, err := actions.Coerce(a.Input, values)
	if err != nil {
		return nil, err
	}
	outer, given, sent := d.action, d.input, d.sent
	defer func() {
		d.action, d.input = outer, given
		var refused *refusal
		if a.Effect == actions.Read || errors.As(err, &refused) { // neither a look that was lost nor an answer that says no is a doubt about what the action does
			d.sent = sent
		}
	}()
	part := *a
	part.Errors = slices.Concat(a.Errors, outer.Errors)
	d.action, d.input = &part, input
	return d.described(ctx)
}

// HTTP sends one request for the action: resolved, signed in, paced, followed, read and judged.
func (d *doing) HTTP(ctx context.Context, in actions.HTTPRequest) (actions.Response, error) {
	if in.Base != "" && d.connection.BaseURL == "" { // which stands for them all
		at, err := d.fillBase(in.Base, d.known)
		if err != nil {
			return actions.Response{}, err
		}
		in.URL = at + in.URL
	}
	target, err := d.resolve(in.URL)
	if err != nil {
		return actions.Response{}, err
	}
	m := message{method: in.Method, url: target, stream: in.Stream, keep: in.Keep, stays: in.Stays, free: in.AnyStatus}
	if in.Body != nil {
		if m.body, err = io.ReadAll(in.Body); err != nil {
			return actions.Response{}, err
		}
	}
	if m.header, err = d.header(in.Header); err != nil {
		return actions.Response{}, err
	}
	if m.bare = in.Bare; d.sandbox {
		return d.record(ctx, m)
	}
	if err := d.client.guard.checkTarget(target); err != nil {
		return actions.Response{}, err
	}
	if !in.Bare {
		if m.signed, err = d.signIn.mayGoTo(target); err != nil {
			return actions.Response{}, err
		}
	}
	if in.Prepares {
		defer func(sent bool) { d.sent = sent }(d.sent)
	}
	if err := d.unbroken(m); err != nil {
		return actions.Response{}, err
	}
	leave, err := d.enter(ctx)
	if err != nil {
		return actions.Response{}, err
	}
	defer leave()
	if err := d.pace(ctx, m); err != nil {
		return actions.Response{}, err
	}
	resp, err := d.follow(ctx, m)
	if err == nil && d.turnedAway(resp) {
		again, failed := d.renewed(ctx)
		if failed != nil {
			return resp, failed
		}
		if again {
			if err := d.pace(ctx, m); err != nil {
				return actions.Response{}, err
			}
			resp, err = d.follow(ctx, m)
		}
		if err == nil && d.turnedAway(resp) {
			d.verify(ctx, d.Judge(resp).Error())
		}
	}
	if err == nil && !in.AnyStatus && d.good(resp) {
		return resp, d.foreign(in, resp)
	}
	if err != nil || in.AnyStatus {
		return resp, err
	}
	err = d.Judge(resp)
	var refused *refusal
	if in.Bare && errors.As(err, &refused) && refused.code == fault.Unauthorized { // it is not about the credentials
		refused.code = fault.InvalidInput
	}
	return resp, err
}

// Sandboxed says that requests are recorded: code that reads answers must take the sample instead.
func (d *doing) Sandboxed() bool { return d.sandbox }

// mostSaid is how much an attempt may write to the run's log, in bytes.
const mostSaid = 2000

// Log writes a line to the run's log, where the attempt succeeds. What does not fit is left out.
func (d *doing) Log(line string) {
	if d.said != "" {
		line = d.said + "\n" + d.hide(line)
	} else {
		line = d.hide(line)
	}
	d.said = fault.Clip(line, mostSaid)
}

// fault is an error as those get it who are no run.
func (d *doing) fault(err error) error {
	if err == nil {
		return nil
	}
	f := d.failure(err)
	return &fault.Error{Code: fault.Code(f.Class), Message: f.Message, RetryAfter: time.Duration(f.RetryAfter) * time.Millisecond}
}

// failure is what the machine and people are told of an error. Of a call of effect once that may have arrived and whose
// answer was lost, whether it happened is not known; an answer that did come is no doubt.
func (d *doing) failure(err error) *run.Failure {
	f := run.FailureOf(err)
	f.Message = d.signIn.mask(f.Message)
	var refused *refusal
	is := errors.As(err, &refused)
	defer func() {
		if d.connection.Since > 0 && (f.Class == string(fault.Unauthorized) || d.unread || d.connection.State == run.Paused || is && refused.token) {
			f.Connection, f.Since = d.connection.Slug, d.connection.Since
		}
	}()
	if is {
		f.Class, f.Message, f.Status, f.Body, f.Held = string(refused.code), refused.message, refused.status, refused.body, refused.held
		f.HeldFor, f.Parks = refused.heldFor.Milliseconds(), refused.parks
		f.RetryAfter = (refused.retryAfter + time.Millisecond - 1).Milliseconds() // never a moment too early
		return f
	}
	if d.call.Effect == run.Once && d.sent && (f.Class == string(fault.Unavailable) || f.Class == string(fault.Timeout) || f.Class == string(fault.Cancelled)) {
		f.Class = string(fault.Uncertain)
		f.Message += " Whether it was carried out is not known."
	}
	return f
}
