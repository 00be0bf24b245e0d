package actions

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// leastLife is how long a subscription must last at least so that it can be kept up.
const leastLife = 10 * time.Minute

// subscribe holds a trigger that subscribes to what keeping it up needs.
func (l *linter) subscribe(t Trigger, c Connector) {
	s := t.Subscribe
	if t.Kind != EventKind {
		l.say("it subscribes, and its events do not come in")
	}
	if s.Register == nil || s.Remove == nil || s.ID == "" {
		l.say("a subscription needs a request that registers, one that removes, and where its id is")
		return
	}
	l.request(Action{Effect: Once, Input: t.Input, Request: s.Register}, c)
	for _, r := range []*Request{s.Renew, s.Remove, s.List} {
		if r != nil {
			l.request(Action{Effect: Idempotent, Input: l.later(t, r), Request: r}, c)
		}
	}
	l.subscribeNames(t)
	l.life(s)
	if s.Register.Prepare == nil && s.URL.Name == "" {
		l.say("nothing tells the vendor where its events go")
	}
	if s.Secret.Name == "" && s.Register.Prepare == nil && t.Verify.Secret == "" {
		l.say("nothing that the vendor knows signs its events")
	}
	if s.Secret.Name != "" && t.Verify.Secret != "" {
		l.say("its events are verified either by the secret that is made for it or by one of the connection's, and it names both")
	}
	if s.Topics.Name != "" && len(t.Only) == 0 && !slices.ContainsFunc(t.Input, func(f Field) bool { return f.ID == "topics" && f.Type == Texts }) {
		l.say("it tells the vendor which topics are wanted, and no input topics says which")
	}
	if s.List != nil && s.Sends == "" {
		l.say("its list does not say where what stands there sends to")
	}
	if s.Sample == nil {
		l.say("it has no sample of the answer to its registration")
	}
	pointers := append(slices.Collect(maps.Values(s.Keep)), s.ID, s.Expiry, s.Sends, s.Page.Items, s.Page.ID, s.Page.Next, s.Page.More)
	for _, pointer := range pointers {
		if pointer != "" && !strings.HasPrefix(pointer, "/") {
			l.say("%q is no JSON Pointer", pointer)
		}
	}
	for _, spot := range []Spot{s.URL, s.Told, s.Secret, s.Topics, s.Ends} {
		l.spot(spot, &Poll{Request: s.Register})
	}
}

// later are the inputs of a request about a subscription that stands: those of its path, and the vendor's id where the
// path asks for it.
func (l *linter) later(t Trigger, r *Request) []Field {
	var out []Field
	for _, f := range t.Input {
		name := f.Name
		if name == "" {
			name = f.ID
		}
		if f.In == InPath && slices.Contains(named(r.Path), name) {
			out = append(out, f)
		}
	}
	if slices.Contains(named(r.Path), SubID) {
		out = append(out, Field{ID: SubID, In: InPath, Required: true})
	}
	return out
}

func (l *linter) subscribeNames(t Trigger) {
	taken := SubscribeNames()
	for _, f := range t.Input {
		if slices.Contains(taken, f.ID) {
			l.say("the input %s has a name that subscribing uses itself", f.ID)
		}
		taken = append(taken, f.ID)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Subscribe.Keep)) {
		if slices.Contains(taken, name) {
			l.say("what is kept as %s has a name that is another's", name)
		}
	}
}

// life holds how long a subscription lasts to how it is renewed.
func (l *linter) life(s *Subscribe) {
	switch {
	case s.Lives == 0 && (s.Before != 0 || s.Renew != nil || s.Ends != (Spot{})):
		l.say("it does not end, and is renewed")
	case s.Lives != 0 && (s.Lives < leastLife || s.Before <= 0 || s.Before > s.Lives/2):
		l.say("it lasts %s and is renewed %s before its end, which must be %s or more, and at most half of that", s.Lives, s.Before, leastLife)
	case s.Ends.Name != "" && s.As == NoClock:
		l.say("nothing says how the end is written that it asks for")
	}
}
