package actions

import "time"

// Page says how a list that comes in parts goes on, as data.
type Page struct {
	Kind  PageKind
	Items string // JSON Pointer to the list in an answer; empty: the answer is the list
	ID    string // JSON Pointer into an item: what tells it from all others; empty: nothing does
	Next  string // of NextToken and NextURL: JSON Pointer to what leads to the next part; nothing there: this was the last
	More  string // JSON Pointer to what is true while there are more parts; empty: the answer does not say
	At    Spot   // where NextToken's token goes, and Offset's number of items before the part
	Size  int    // items of a whole part; a smaller one of an Offset list is the last
	Sizes Spot   // where Size goes; zero: it stands in the request already
}

// PageKind is how the next part of a list is asked for.
type PageKind string

const (
	// Whole lists come in one part.
	Whole PageKind = ""
	// NextToken: the answer has a token, or a cursor, which the next request carries.
	NextToken PageKind = "token"
	// Offset: the request says how many items stand before the part. Where items have an ID, parts overlap by one, so that
	// a list that moves while it is read is noticed.
	Offset PageKind = "offset"
	// LinkHeader: the answer has a header Link whose rel is "next".
	LinkHeader PageKind = "link"
	// NextURL: the answer has the next request's whole URL. Like that of a LinkHeader it is followed within the base URL's
	// origin only.
	NextURL PageKind = "url"
)

// Spot is a place in a request that is written by the page: a parameter, or a member of the body, where dots nest.
type Spot struct {
	In   In // InQuery or InBody
	Name string
}

// Poll says how a trigger finds what is new in a list, as data. The trigger's Input chooses the list.
//
// What is told apart: an item counts once by its Page.ID, or, with Changed, once for each Time it has. Row lists have no
// ids; in them the row's number counts once.
type Poll struct {
	Request *Request // for a part of the list
	Page    Page
	Time    string // JSON Pointer into an item: when it was made, or changed: RFC 3339 or like it, or Unix seconds or milliseconds; empty: items have none
	Changed bool   // an item whose Time is another one counts again
	Order   Order  // in which the list comes
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
