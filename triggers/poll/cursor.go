package poll

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// How many items a cursor remembers: of a list whose items have a time fewer than one look reads, so that a look gets past
// all of them; of another no fewer, so that it knows a whole list again.
const (
	mostSeen  = 10_000
	mostTimed = 5_000
)

// cursor is how far a poll has come. It is kept in the commit that keeps the events, so an item is in it exactly when its
// event is durable.
//
// Of a list whose items have a time, an item counts if its time is not before From and it is not among Seen. From moves up
// with the latest time known, Mark, and stays the trigger's overlap behind it; what is before From is let go of. So an item
// never counts twice, whatever goes and comes back; and it is lost only if the system first shows it more than the overlap
// after its time, or if more than mostTimed items lie within one overlap: then From moves up to those remembered.
//
// Of a list without times the last mostSeen items are remembered. In a sorted one only what is newer than all of these
// counts. In an unsorted one all count that are not remembered, so one that was gone while mostSeen others came would
// count again; where what leaves the list is forgotten, one that was gone for a look does.
//
// Of a list of rows a row counts if its number is above Row, which never falls.
type cursor struct {
	List    string           `json:"list"`              // which list it is of
	Begun   bool             `json:"begun,omitempty"`   // what was there at the start has been passed over
	From    int64            `json:"from,omitempty"`    // Unix ms
	Mark    int64            `json:"mark,omitempty"`    // Unix ms
	Row     int64            `json:"row,omitempty"`     // the last row known
	Count   int64            `json:"count,omitempty"`   // of items without time: how many there were
	Seen    map[string]int64 `json:"seen,omitempty"`    // by item, its time in Unix ms, or its Count
	Sampled bool             `json:"sampled,omitempty"` // it is of a sandbox connection, and its sample was given
}

// found is an item of a list as it is told apart.
type found struct {
	item any
	key  string
	at   int64 // its time in Unix ms; zero: it has none
	rise int64 // of one without a time, what is larger of those made later; zero: nothing tells
}

// begin makes the cursor of a list that was never looked at.
func begin(p *actions.Poll, o *Options, now time.Time) *cursor {
	c := &cursor{List: o.list, Begun: o.All || !o.Since.IsZero(), Row: max(o.First-1, 0)}
	switch {
	case p.Time == "" || o.All:
	case !o.Since.IsZero():
		c.From = o.Since.UnixMilli()
	default: // what is just there may be shown a little later
		c.From = now.Add(-p.Overlap).UnixMilli()
	}
	return c
}

// read reads a cursor as it is kept.
func read(text string) (*cursor, error) {
	c := &cursor{}
	if err := json.Unmarshal([]byte(text), c); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "The place of a trigger that polls cannot be read.")
	}
	return c, nil
}

func (c *cursor) text() (string, error) {
	b, err := json.Marshal(c)
	return string(b), err
}

func (c *cursor) clone() *cursor {
	out := *c
	out.Seen = maps.Clone(c.Seen)
	return &out
}

// known says that an item does not count.
func (c *cursor) known(f found) bool {
	if f.at != 0 && f.at < c.From {
		return true
	}
	_, seen := c.Seen[f.key]
	return seen
}

// take remembers items, in their order.
func (c *cursor) take(list []found, p *actions.Poll, now time.Time) {
	if c.Seen == nil {
		c.Seen = map[string]int64{}
	}
	for _, f := range list {
		if p.Time == "" {
			c.Count++
			c.Seen[f.key] = c.Count
			continue
		}
		c.Seen[f.key] = f.at
		if f.at <= now.UnixMilli() { // one of the future, as of a wrong clock, would hide what comes before it
			c.Mark = max(c.Mark, f.at)
		}
	}
	if p.Time != "" && c.Mark > 0 {
		c.From = max(c.From, c.Mark-p.Overlap.Milliseconds())
		maps.DeleteFunc(c.Seen, func(_ string, at int64) bool { return at < c.From })
	}
	c.bound(p)
}

// bound lets go of the oldest items where there are too many.
func (c *cursor) bound(p *actions.Poll) {
	over := len(c.Seen) - mostSeen
	if p.Time != "" {
		over = len(c.Seen) - mostTimed
	}
	if over <= 0 {
		return
	}
	ages := slices.Sorted(maps.Values(c.Seen))
	last := ages[over-1]
	maps.DeleteFunc(c.Seen, func(_ string, age int64) bool { return age <= last })
	if p.Time != "" {
		c.From = max(c.From, last+1)
	}
}

// rise reads a number, or a time as one.
func rise(v any) int64 {
	if n, err := strconv.ParseInt(value.Text(v), 10, 64); err == nil {
		return n
	}
	if at, ok := value.Moment(v); ok {
		return at.UnixMilli()
	}
	return 0
}

// tell tells an item apart. One without what that needs is an error: passing it over would lose it.
func tell(p *actions.Poll, item any) (found, error) {
	id := value.Text(value.At(item, p.Page.ID))
	if id == "" {
		return found{}, fault.New(fault.Unavailable, "An item of the list has nothing at %s, by which it is told from the others.", p.Page.ID)
	}
	f := found{item: item}
	if p.Time == "" {
		f.key = short(id)
		if p.Rises != "" {
			f.rise = rise(value.At(item, p.Rises))
		}
		return f, nil
	}
	at, ok := value.Moment(value.At(item, p.Time))
	if !ok {
		return found{}, fault.New(fault.Unavailable, "The item %s of the list has no time at %s.", fault.Clip(id, 60), p.Time)
	}
	f.at = at.UnixMilli()
	if p.Changed {
		id += "\n" + at.UTC().Format(time.RFC3339Nano)
	}
	f.key = short(id)
	return f, nil
}
