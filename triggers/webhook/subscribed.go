package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

// Subscriptions are those that are kept at vendors.
type Subscriptions interface {
	// Keys gives what requests to a trigger's URLs are held to: one for each subscription that a vendor may know of.
	Keys(ctx context.Context, t scenario.StoredTrigger) ([]run.SubscriptionKey, error)
	// Tell passes on what a vendor says of a subscription.
	Tell(ctx context.Context, t scenario.StoredTrigger, id string, word run.SubscriptionWord) error
}

// kept is what is known of the subscriptions of a trigger whose events a vendor was asked for; nil: it has none.
type kept struct {
	here *run.SubscriptionKey // that of the URL that was called; nil: there is none
	all  int
}

// kept finds the subscription of the URL that was called.
func (h *Handler) kept(r *http.Request, t *triggers.Trigger) (*kept, error) {
	if t.Spec == nil || t.Spec.Subscribe == nil {
		return nil, nil
	}
	if h.Subscriptions == nil {
		return &kept{}, nil
	}
	keys, err := h.Subscriptions.Keys(r.Context(), t.StoredTrigger)
	if err != nil {
		return nil, err
	}
	out := &kept{all: len(keys)}
	for i := range keys {
		if keys[i].ID == r.PathValue("rest") {
			out.here = &keys[i]
		}
	}
	return out, nil
}

// greets says that the vendor may ask at this URL who is there.
func (k *kept) greets() bool { return k.here != nil && k.here.Greets() }

// several says that more than one subscription may tell of the same: one takes the place of another.
func (k *kept) several() bool { return k != nil && k.all > 1 }

// sameBody stands for a body that two subscriptions send alike.
func sameBody(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// tell passes on what a proven request says of its subscription, and gives what else is in it; nil: nothing.
func (h *Handler) tell(ctx context.Context, t *triggers.Trigger, s scheme, k *kept, body []byte) ([]byte, error) {
	words, rest, err := s.told(body)
	if err != nil {
		return nil, err
	}
	for _, word := range words {
		if err := h.Subscriptions.Tell(ctx, t.StoredTrigger, k.here.ID, word); err != nil {
			return nil, err
		}
		h.Log.Info("a vendor says of a subscription", "scenario", t.Scenario, "trigger", t.ID, "word", string(word))
	}
	return rest, nil
}

// mostEach bounds how many events one request brings.
const mostEach = 1000

// each takes in every event of a request that brings several. Where one is not kept the request is refused and comes again:
// those that were are known by their identity.
func (h *Handler) each(w http.ResponseWriter, r *http.Request, t *triggers.Trigger, s scheme, whole triggers.Happening) error {
	list, ok := value.At(whole.Value, t.Spec.Each).([]any)
	if !ok || len(list) > mostEach {
		return fault.New(fault.InvalidInput, "The body must have a list of at most %d events at %s.", mostEach, t.Spec.Each)
	}
	var first *run.Accept
	for _, item := range list {
		event, ok := item.(map[string]any)
		if !ok {
			return fault.New(fault.InvalidInput, "Each event at %s must be a JSON object.", t.Spec.Each)
		}
		if s.member != "" {
			delete(event, s.member)
		}
		one := triggers.Happening{Value: event, Header: whole.Header, Delivery: identity(event, t.Spec.Identity), Source: whole.Source, At: whole.At, Depth: whole.Depth}
		taken, err := triggers.Intake(r.Context(), h.Starter, t, one)
		if err != nil {
			return err
		}
		if first == nil {
			first = taken
		}
	}
	if first == nil {
		w.WriteHeader(http.StatusAccepted)
		return nil
	}
	return writeTaken(w, first, s.answer)
}

// identity is what tells an event from all others; empty: nothing does.
func identity(event any, pointers []string) string {
	parts, some := make([]string, len(pointers)), false
	for i, pointer := range pointers {
		parts[i] = value.Text(value.At(event, pointer))
		some = some || parts[i] != ""
	}
	if !some {
		return ""
	}
	return strings.Join(parts, "\n")
}

// graphLifecycle takes out what Microsoft Graph says of a subscription.
// Source: https://learn.microsoft.com/en-us/graph/change-notifications-lifecycle-events
func graphLifecycle(body []byte) (words []run.SubscriptionWord, rest []byte, err error) {
	v, err := value.Decode(body, value.Limits{})
	if err != nil {
		return nil, nil, err
	}
	object, _ := v.(map[string]any)
	list, _ := object["value"].([]any)
	var events []any
	for _, item := range list {
		event, _ := value.At(item, "/lifecycleEvent").(string)
		switch event {
		case "":
			events = append(events, item)
		case "reauthorizationRequired":
			words = append(words, run.ToldRenew)
		case "subscriptionRemoved":
			words = append(words, run.ToldRemoved)
		case "missed":
			words = append(words, run.ToldMissed)
		}
	}
	switch len(events) {
	case len(list):
		return nil, body, nil
	case 0:
		return words, nil, nil
	}
	object["value"] = events
	rest, err = value.Encode(object)
	return words, rest, err
}
