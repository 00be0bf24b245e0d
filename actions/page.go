package actions

import (
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// Page says how a list that comes in parts goes on, as data.
type Page struct {
	Kind  PageKind
	Items string // JSON Pointer to the list in an answer, where * stands for each item of a list on the way; empty: the answer is the list
	// Members says that an object stands there in the place of a list: its members are the items, in the order of their names.
	Members bool
	Sure    string // JSON Pointer to what every answer of the vendor has: one without it came from something in between; empty: none is known
	ID      string // JSON Pointer into an item: what tells it from all others; empty: nothing does
	Next    string // of NextToken and NextURL: JSON Pointer to what leads to the next part; nothing there: this was the last
	More    string // JSON Pointer to what is true while there are more parts; empty: the answer does not say
	At      Spot   // where NextToken's token goes, Offset's number of items before the part, and Numbered's number of the part
	Path    string // of NextToken: where parts after the first are asked for, with the token alone; empty: where the first was
	Size    int    // items of a whole part; a smaller one of an Offset or Numbered list is the last
	Sizes   Spot   // where Size goes; zero: it stands in the request already
	Least   int    // items that a part must be asked for at least; zero: one
}

// Sure refuses an answer without what every answer of the vendor has at a JSON Pointer: it does not say that there is nothing.
func Sure(who string, answer any, pointer string) error {
	if value.At(answer, pointer) != nil {
		return nil
	}
	what := strings.TrimPrefix(pointer, "/")
	if what == "" {
		return fault.New(fault.Unavailable, "The answer did not come from %s: it is empty. Look at what stands between here and there.", who)
	}
	return fault.New(fault.Unavailable, "The answer did not come from %s: it lacks %q. Look at what stands between here and there.", who, what)
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
	// Numbered: the request says which part it asks for, the first being 1.
	Numbered PageKind = "number"
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
