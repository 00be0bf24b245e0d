package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"github.com/stepmill/stepmill/engine/value"
)

// Excerpt is how much of a journal is asked for.
type Excerpt struct {
	After       int64 // only entries behind this sequence number
	First, Last int   // how many of its beginning and how many of its end
	// Bytes bounds the values of inputs and outputs that come along, as JSON: half of it is for those that come first, half
	// for those that come last, and what stands between is named by a value.Large. Zero: all come along.
	Bytes int
}

// Unread is the JSON of a value that is not read, as it was stored.
type Unread []byte

// Nameless is the size in bytes up to which a value is not named: its name would hardly be shorter.
const Nameless = 256

// Named names the value, which stands in an entry of a journal.
func (u Unread) Named(entry int64) value.Large {
	sum := sha256.Sum256(u)
	return value.Large{Hash: hex.EncodeToString(sum[:]), Bytes: len(u), Entry: entry}
}

// Sparing gathers entries with their values Unread, and bounds what these take, as Excerpt has it: however many there are, no
// more than that is in memory.
type Sparing struct {
	list  []Entry
	early int // bytes left for what comes first
	late  int // bytes for what comes last
	held  []*any
	of    []int64 // the entries of held
	taken int     // bytes that held takes
	text  []byte
}

// NewSparing gathers entries with values of so many bytes first and last.
func NewSparing(first, last int) *Sparing { return &Sparing{early: first, late: last} }

// Add takes the next entry, and says how many there are.
func (s *Sparing) Add(e Entry) (int, error) {
	values := &[2]any{e.Input, e.Output}
	for i := range values {
		if err := s.weigh(&values[i], e.Seq); err != nil {
			return 0, err
		}
	}
	if e.Failure != nil && e.Failure.Body != nil {
		text, err := value.Append(s.text[:0], e.Failure.Body)
		if err != nil {
			return 0, err
		}
		if s.text, s.early = text, s.early-len(text); s.early < 0 {
			e.Failure.Body, s.early = nil, 0
		}
	}
	e.Input, e.Output = &values[0], &values[1]
	s.list = append(s.list, e)
	return len(s.list), nil
}

// weigh decides whether a value is carried, and names what gives way to it.
func (s *Sparing) weigh(v *any, entry int64) (err error) {
	text, unread := (*v).(Unread)
	switch n := len(text); {
	case !unread:
	case n <= s.early:
		s.early -= n
		*v, err = value.Decode(text, value.Stored())
	case n > s.late:
		*v = text.Named(entry)
	default:
		*v = Unread(bytes.Clone(text)) // the rest of its row is let go of
		s.held, s.of, s.taken = append(s.held, v), append(s.of, entry), s.taken+n
		for s.taken > s.late {
			s.drop()
		}
	}
	return err
}

// drop names the first of what is held.
func (s *Sparing) drop() {
	text := (*s.held[0]).(Unread)
	*s.held[0] = text.Named(s.of[0])
	s.held, s.of, s.taken = s.held[1:], s.of[1:], s.taken-len(text)
}

// Close says that what comes last is gathered elsewhere.
func (s *Sparing) Close() {
	for len(s.held) > 0 {
		s.drop()
	}
}

// Entries gives what was gathered.
func (s *Sparing) Entries() ([]Entry, error) {
	for _, v := range s.held {
		var err error
		if *v, err = value.Decode((*v).(Unread), value.Stored()); err != nil {
			return nil, err
		}
	}
	for i := range s.list {
		e := &s.list[i]
		e.Input, e.Output = *e.Input.(*any), *e.Output.(*any)
	}
	return s.list, nil
}
