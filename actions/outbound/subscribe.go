package outbound

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// Subscribe registers, renews or removes a subscription at its vendor. Of a registration whose answer was lost the error
// is Uncertain: the vendor may know of it. It never panics, and its error holds no secret.
func (c *Client) Subscribe(ctx context.Context, ask run.SubscriptionAsk) (out run.Subscribed, err error) {
	defer func() { c.recovered(recover(), ask.Subscription, &err) }()
	d, spec, err := c.subscribing(ctx, &ask.Subscription, effectOf(ask.Verb))
	if err != nil {
		return out, d.fault(err)
	}
	if d.sandbox {
		return run.Subscribed{Sandboxed: true}, nil
	}
	request := map[run.SubscriptionVerb]*actions.Request{run.Register: spec.Register, run.Renew: spec.Renew, run.Remove: spec.Remove}[ask.Verb]
	if request == nil {
		return out, fault.New(fault.InvalidInput, "%s cannot %s a subscription.", d.connector.Name, ask.Verb)
	}
	var ends time.Time
	if spec.Lives > 0 {
		ends = c.cfg.Now().Add(spec.Lives)
	}
	req, err := build(request, d.action.Input, d.input, d.placesOf(spec, ask, ends)...)
	if err != nil {
		return out, d.fault(err)
	}
	ctx, cancel := context.WithTimeout(ctx, defaultWithin)
	defer cancel()
	resp, err := d.HTTP(ctx, req)
	if err != nil || ask.Verb == run.Remove {
		return out, d.fault(err)
	}
	answer := resp.Value
	if request.Output != nil {
		if answer, err = request.Output(resp); err != nil {
			return out, d.fault(err)
		}
	}
	out = spec.read(answer)
	if out.ExpiresAt.IsZero() {
		out.ExpiresAt = ends
	}
	if out.VendorID == "" && ask.Verb == run.Register {
		return out, fault.New(fault.Uncertain, "%s answered without the subscription's id, so whether it stands is not known.", d.connector.Name)
	}
	return out, nil
}

// Subscriptions lists what stands at the vendor of what a subscription asks for, its own or others.
func (c *Client) Subscriptions(ctx context.Context, s run.Subscription) (out []run.Subscribed, err error) {
	defer func() { c.recovered(recover(), s, &err) }()
	d, spec, err := c.subscribing(ctx, &s, actions.Read)
	if err != nil {
		return nil, d.fault(err)
	}
	if d.sandbox {
		return []run.Subscribed{{URL: s.URL, Sandboxed: true}}, nil
	}
	if spec.List == nil {
		return nil, fault.New(fault.InvalidInput, "%s does not tell which subscriptions stand.", d.connector.Name)
	}
	w := &walk{d: d, request: spec.List, page: &spec.Page}
	whole, err := w.pages(ctx, func(items []any, _ int64) (bool, error) {
		for _, item := range items {
			one := spec.read(item)
			one.URL, _, _ = strings.Cut(value.Text(value.At(item, spec.Sends)), "?") // behind which a secret may stand
			out = append(out, one)
		}
		return true, nil
	})
	if err == nil && !whole {
		err = fault.New(fault.TooLarge, "%s lists more subscriptions than can be read.", d.connector.Name)
	}
	return out, d.fault(err)
}

func (c *Client) recovered(p any, s run.Subscription, err *error) {
	if p != nil {
		c.cfg.Logger.Error("a subscription's request panicked", "trigger", s.Uses, "scenario", s.Scenario, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		*err = fault.New(fault.Internal, "The trigger %s failed inside Stepmill; the server's log has the details.", s.Uses)
	}
}

// effectOf says what a lost answer means. A second registration would be one too many.
func effectOf(verb run.SubscriptionVerb) actions.Effect {
	if verb == run.Register {
		return actions.Once
	}
	return actions.Idempotent
}

// subscription is a Subscribe as its answers are read.
type subscription struct{ *actions.Subscribe }

// subscribing opens what a request about a subscription needs. With an error comes what is known so far.
func (c *Client) subscribing(ctx context.Context, s *run.Subscription, effect actions.Effect) (*doing, subscription, error) {
	d := &doing{client: c, connector: c.cfg.Connectors.Of(s.Uses), trigger: true, call: run.Call{Workspace: s.Workspace, Scenario: s.Scenario, Path: s.Trigger, Action: s.Uses, Connection: s.Connection,
		Input: s.Input, Effect: run.Effect(effect), Key: s.ID, Attempt: 1}}
	trigger := c.cfg.Connectors.Trigger(s.Uses)
	if trigger == nil || trigger.Subscribe == nil {
		return d, subscription{}, fault.New(fault.InvalidInput, "There is no trigger %q that subscribes.", fault.Clip(s.Uses, 80))
	}
	d.action = &actions.Action{ID: trigger.ID, Effect: effect, Input: trigger.Input}
	return d, subscription{trigger.Subscribe}, c.open(ctx, d)
}

// placesOf says where in a request goes what is no input, and tells Prepare of it. The secret is kept out of what comes back.
func (d *doing) placesOf(spec subscription, ask run.SubscriptionAsk, ends time.Time) []placed {
	s := ask.Subscription
	d.input[actions.SubID] = s.VendorID
	for name, text := range s.Kept {
		d.input[name] = text
	}
	places := []placed{{actions.Spot{In: actions.InPath, Name: actions.SubID}, s.VendorID}}
	add := func(spot actions.Spot, name string, v any) {
		if d.input[name] = v; spot.Name != "" {
			places = append(places, placed{spot, v})
		}
	}
	if !ends.IsZero() && ask.Verb != run.Remove {
		var end any = ends.Format(time.RFC3339)
		if spec.As != actions.NoClock {
			end = clockText(ends, spec.As, d.client.cfg.Now())
		}
		add(spec.Ends, actions.SubEnds, end)
	}
	if ask.Verb != run.Register {
		return places
	}
	topics := make([]any, len(s.Topics))
	for i, topic := range s.Topics {
		topics[i] = topic
	}
	add(spec.URL, actions.SubURL, s.URL)
	add(spec.Told, actions.SubURL, s.URL)
	add(spec.Topics, actions.SubTopics, topics)
	d.input[actions.SubRegistration] = s.ID
	if secret := ask.Secret.Reveal(); secret != "" {
		add(spec.Secret, actions.SubSecret, secret)
		d.signIn.secrets = append(slices.Clip(d.signIn.secrets), secret)
	}
	return places
}

// read takes apart what a vendor says of a subscription.
func (s subscription) read(v any) run.Subscribed {
	out := run.Subscribed{VendorID: value.Text(value.At(v, s.ID))}
	if s.Expiry != "" {
		out.ExpiresAt = momentOf(value.At(v, s.Expiry))
	}
	for name, pointer := range s.Keep {
		if text := value.Text(value.At(v, pointer)); text != "" {
			if out.Kept == nil {
				out.Kept = map[string]string{}
			}
			out.Kept[name] = text
		}
	}
	return out
}

// momentOf reads a time as vendors write it: RFC 3339, or a number of seconds or milliseconds since 1970, also as text;
// zero: it is none.
func momentOf(v any) time.Time {
	text := value.Text(v)
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UTC()
	}
	var n int64
	if _, err := fmt.Sscan(text, &n); err != nil || n <= 0 {
		return time.Time{}
	}
	if n >= 100_000_000_000 { // as seconds the year 5138
		return time.UnixMilli(n).UTC()
	}
	return time.Unix(n, 0).UTC()
}
