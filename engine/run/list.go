package run

import (
	"strconv"
	"time"
)

// Filter chooses runs. Zero fields do not filter.
type Filter struct {
	Scenario string // slug or id
	Statuses []Status
	Needs    bool // those that stand until somebody acts: what they are parked or uncertain at, or a decision
	Since    time.Time
	Until    time.Time
	Query    string // in the id, the label, the number or the error's message
	Cursor   string // NextCursor of the page before
	Limit    int    // zero: 50; at most 500
}

// Page is one page of runs, newest first.
type Page struct {
	Runs       []Run
	NextCursor string // empty: this is the last page
	Total      int    // exact up to 10,000
	More       bool   // Total is 10,000 and there are more
}

// EventFilter chooses events of the inbox. Zero fields do not filter.
type EventFilter struct {
	Scenario string // slug or id
	Trigger  string // its id
	Outcome  Outcome
	Query    string // a text in an event, its headers or what is said of it; an id
	Since    time.Time
	Until    time.Time
	Cursor   string
	Limit    int
	// OldestFirst turns the order round.
	OldestFirst bool
}

// EventPage is one page of events, newest first as a rule, without their bodies. It may be short, or empty, and not the last.
type EventPage struct {
	Events     []Event
	NextCursor string
}

// FeedFilter chooses what of the live feed is wanted. Zero fields do not filter.
type FeedFilter struct {
	Run      string // id
	Scenario string // slug
}

// FeedEntry is an entry with the run it belongs to.
type FeedEntry struct {
	Workspace string
	Run       string
	Scenario  string // slug
	Entry
}

// AppendJSON writes the entry as the websocket and the event stream send it.
func (f *FeedEntry) AppendJSON(b []byte) ([]byte, error) {
	prefix := make([]byte, 0, 96)
	prefix = append(prefix, `"pos":`...)
	prefix = strconv.AppendInt(prefix, f.Pos, 10)
	prefix = append(prefix, `,"run":"`...)
	prefix = append(prefix, f.Run...)
	prefix = append(prefix, `","scenario":"`...)
	prefix = append(prefix, f.Scenario...)
	prefix = append(prefix, `",`...)
	return f.Entry.AppendJSON(b, string(prefix))
}

// User is a person who signs in.
type User struct {
	ID        string
	Workspace string
	Name      string
	Email     string
	Password  string // its argon2id hash, PHC text
	Role      Role
	CreatedAt time.Time
}

// Session is a signed-in browser.
type Session struct {
	Hash      string // SHA-256 of the cookie, hex
	User      User
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

// APIKey is a program's right to ask. The key itself is shown once and never kept.
type APIKey struct {
	ID        string
	Workspace string
	Name      string
	Prefix    string // its first letters, to know it by
	Hash      string // SHA-256 of the key, hex
	Role      Role
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	UsedAt    time.Time // zero: not yet
	RevokedAt time.Time // zero: it works
}

// SecretInfo names a secret without its value.
type SecretInfo struct {
	ID        string
	Slug      string
	CreatedAt time.Time
	UpdatedAt time.Time
}
