package actions

import (
	"github.com/stepmill/stepmill/engine/value"
)

// Trigger is a kind of event that a system can tell of.
type Trigger struct {
	ID          string // "event"
	Name        string
	Description string
	Kind        string   // EventKind or PollKind
	Scopes      []string // as Action.Scopes
	Ways        []string // as Action.Ways
	Input       []Field
	Output      value.Shape // what `trigger` holds
	Sample      any
	// Topic says which of the body's members names the kind of event, as "topic", or as a JSON Pointer "/event/type"; the input field
	// `topics` chooses.
	Topic string
	// Topics are those that the vendor is known to have; another one is a warning.
	Topics []string
	// Only are the topics that it tells of by itself, where people do not choose any: it has no input topics. Empty: they do.
	Only []string
	// Wants says why an event is none that the inputs ask for, as one in another channel, "..., so it is none of those wanted"; empty: it
	// is one. nil: all are.
	Wants func(with map[string]any, event any) string
	// Within is the member of a form whose text is JSON, which is the event; empty: the body is it.
	Within string
	// Aliases are the names that people use for the vendor's topics.
	Aliases map[string][]string
	// DeliveryID says where the delivery's identity is: a member of the body.
	DeliveryID string
	// Identity are JSON Pointers into an event: what is found there together tells it from all others, where a delivery has
	// no identity of its own. "" is all of it.
	Identity []string
	// Head are headers of the request that stand in the event beside the body's members, by the member's name.
	Head map[string]string
	// Each is a JSON Pointer to a list in the body, each item of which is an event; "/": the body is that list; empty: it is the event.
	Each string
	// Check finds what the inputs' fields cannot say; nil: they say it all.
	Check func(with map[string]any) []InputIssue
	// Verify names the signature preset and which of the connection's values is its secret.
	Verify Verification
	// Poll is how a trigger that polls finds what is new; nil: the events come in.
	Poll *Poll
	// Subscribe is how the vendor is asked to send the events; nil: a person enters the trigger's URL there.
	Subscribe *Subscribe
}

// The kinds of triggers.
const (
	EventKind = "event" // it comes in at the trigger URL
	PollKind  = "poll"  // the system is asked for what is new, every so often
)

// Verification is how a trigger's requests prove where they come from.
type Verification struct {
	Preset string // a key of triggers/webhook's presets, as "intercom"
	Secret string // which of the connection's values is the key, as "client_secret"
	Comes  bool   // the vendor gives the key in its first request, so a trigger may wait for that without it
}
