package run

import (
	"time"

	"github.com/stepmill/stepmill/engine/fault"
)

// Subscription is what a vendor is asked, or was asked, to send to a trigger's URL. It is on disk before the vendor hears
// of it, and until the vendor has forgotten it.
type Subscription struct {
	ID         string // UUIDv7 text; the last part of URL, so that the vendor's list tells this registration from any other
	Workspace  string
	ScenarioID string
	Scenario   string // slug
	Trigger    string // id
	Uses       string // "github.event"
	Connection string // slug
	Input      map[string]any
	Topics     []string // the vendor's names of those wanted
	URL        string
	Purpose    string // stands for all that it was made for: where the trigger wants another, it is replaced
	State      SubscriptionState
	// Asked says that the vendor may know of it although its answer is not known: a registration was begun.
	Asked     bool
	VendorID  string            // empty: it is not registered, or nobody knows
	Kept      map[string]string // what else of the vendor's answer later requests need
	ExpiresAt time.Time         // zero: it does not end
	RenewedAt time.Time         // when it was last registered, renewed or seen to stand
	TriedAt   time.Time         // when the vendor was last asked anything about it
	NextAt    time.Time         // when it is seen to next; zero: at once
	Attempts  int               // that failed, one after the other
	Class     fault.Code        // of the last failure; empty: the last attempt did not fail
	Error     string
	Told      SubscriptionWord // by the vendor, and not acted upon yet; empty: nothing
	Note      string           // what people should know of it
	CreatedAt time.Time
}

// SubscriptionState is where a subscription stands.
type SubscriptionState string

const (
	Wanted           SubscriptionState = "wanted"  // it is to be registered
	SubscriptionLive SubscriptionState = "live"    // the vendor sends to it
	Leaving          SubscriptionState = "leaving" // it is to be removed
	Left             SubscriptionState = "left"    // it was; what is still under way to it is taken for a while
)

// SubscriptionWord is what is told of a subscription, by its vendor where nothing else is said.
type SubscriptionWord string

const (
	ToldRenew   SubscriptionWord = "renew"   // it has to be renewed now
	ToldRemoved SubscriptionWord = "removed" // it is there no more
	ToldMissed  SubscriptionWord = "missed"  // events of it were lost at the vendor
	ToldReplace SubscriptionWord = "replace" // by a person: another one, with another secret, is to take its place
)

// SubscriptionVerb is what a vendor is asked about a subscription.
type SubscriptionVerb string

const (
	Register SubscriptionVerb = "register"
	Renew    SubscriptionVerb = "renew"
	Remove   SubscriptionVerb = "remove"
)

// SubscriptionAsk asks a vendor about a subscription.
type SubscriptionAsk struct {
	Verb         SubscriptionVerb
	Subscription Subscription
	Secret       Secret // of Register
}

// Subscribed is what a vendor says of a subscription.
type Subscribed struct {
	VendorID  string
	URL       string // of those in a list: where it sends to
	Kept      map[string]string
	ExpiresAt time.Time // zero: it does not end
	Sandboxed bool      // the connection sends nothing, so the vendor was not asked
}

// SubscriptionKey is what requests to a subscription's URL are held to.
type SubscriptionKey struct {
	ID     string // of the subscription, the last part of its URL
	State  SubscriptionState
	Secret Secret // what the vendor signs with, where the vendor was given it
}

// Greets says that the vendor may ask at the URL who is there: it is being registered, or stands.
func (k SubscriptionKey) Greets() bool { return k.State == Wanted || k.State == SubscriptionLive }
