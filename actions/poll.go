package actions

import (
	"slices"
	"strings"
	"time"
)

// Poll says how a trigger finds what is new in a list, as data. The trigger's Input chooses the list.
//
// What is told apart: an item counts once by its Page.ID, or, with Changed, once for each Time it has. Row lists have no
// ids; in them the row's number counts once.
type Poll struct {
	Request *Request // for a part of the list
	Page    Page
	// Items makes the items of an answer to what was asked for; nil: they are what stands at Page.Items.
	Items   func(in map[string]any, answer any) ([]any, error)
	Time    string // JSON Pointer into an item: when it was made, or changed: RFC 3339 or like it, or Unix seconds or milliseconds; empty: items have none
	Changed bool   // an item whose Time is another one counts again
	Order   Order  // in which the list comes
	// Rises is a JSON Pointer into an item that has no Time: to what is the larger the later it was made, a number or a time. Those of
	// one look are taken by it; empty: nothing tells, and they are taken as they come.
	Rises string
	// Later says of a list without an order that of several items of one time the later ones come first.
	Later bool
	// Returns says of a list without times and order that what leaves it is forgotten, and counts anew when it comes back. Then the list
	// is remembered as it is, and an item whose ID holds what it says counts with every change.
	Returns bool
	// Since is where the time goes from which on items are wanted; Prepare finds what was written as "since". Zero: the
	// system cannot be asked for it, and its list is read until what is known, or whole.
	Since Since
	// Overlap is how far before the latest time known the list is read again, because the system may show an item this much
	// later than its time says. An item that is shown later still is not found.
	Overlap time.Duration
	Every   time.Duration // how often, where the trigger does not say
	Least   time.Duration // how often at most
	// Row is the input that says which row of the list is its first. Then an item is a list of cells and has neither id
	// nor time, and rows are only added at the end. Prepare finds the number of the part's first row as "row" and of its last
	// as "last". Empty: the list is none of rows.
	Row string
}

// Order is how a list is sorted by its items' Time, or where they have none by their age.
type Order string

const (
	Unordered   Order = ""
	OldestFirst Order = "oldest"
	NewestFirst Order = "newest"
)

// Since is how a time goes into a request.
type Since struct {
	Spot Spot // zero: only Prepare uses it
	As   Clock
}

// Clock is how a time is written. Each is rounded to the earlier side.
type Clock string

const (
	NoClock    Clock = ""
	RFC3339    Clock = "rfc3339"     // 2026-01-31T09:30:00Z
	Unix       Clock = "unix"        // seconds
	UnixMilli  Clock = "unix_ms"     // milliseconds
	MinutesAgo Clock = "minutes_ago" // a number of minutes before now
)

// Inputs are all that people may give a trigger: what it asks for itself, and of one that polls how it does that.
func (t *Trigger) Inputs() []Field {
	if t.Poll == nil {
		return t.Input
	}
	start := Field{ID: "start", Label: "Start", Type: Text, Default: "now", Example: "2026-01-31T09:30:00Z",
		Help: "now: only what is new from publishing on; all: also everything that is there; or a time, from which on what is there counts. It is asked for once, when the trigger begins."}
	if t.Poll.Time == "" {
		start.Help, start.Example = "now: only what is new from publishing on; all: also everything that is there. It is asked for once, when the trigger begins.", "now"
	}
	return append(slices.Clip(t.Input), Field{ID: "every", Label: "Every", Type: Text, Example: "5m",
		Help: "How often to look, as 5m: " + Short(t.Poll.Every) + " where not given, " + Short(t.Poll.Least) + " at least."}, start)
}

// Short writes a duration as people do: 5m, not 5m0s.
func Short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
