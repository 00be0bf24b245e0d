package value

import (
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/engine/fault"
)

// Pattern says which parts of a value are meant: names and numbers from outside in, as `contact.email`, `lines[0]`,
// `orders[*].card`, `*`. `[*]` is every item of a list, `*` every member of an object. The empty Pattern is the whole.
type Pattern []Segment

// Segment is one step of a Pattern. Exactly one of its fields is set, or Name and Any are both zero and Index counts.
type Segment struct {
	Name  string // a member
	Index int    // an item, from 0
	Any   rune   // '.' every member, '[' every item; zero: the one named
}

const maxPattern = 32

// ParsePattern reads a pattern. What is none is InvalidInput and says why.
func ParsePattern(text string) (Pattern, error) {
	bad := func(why string) (Pattern, error) {
		return nil, fault.New(fault.InvalidInput, "%q is no path: %s; write it as contact.email, lines[0] or orders[*].card.", fault.Clip(text, 60), why)
	}
	if strings.HasPrefix(text, "/") {
		return bad("it begins with /")
	}
	var p Pattern
	for rest := text; ; {
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		switch name := rest[:end]; {
		case name == "*":
			p = append(p, Segment{Any: '.'})
		case name != "" && !strings.ContainsAny(name, " \t\r\n]*\"'"):
			p = append(p, Segment{Name: name})
		case name != "" || len(p) > 0 || end == len(rest) || rest[end] != '[':
			return bad("a name is missing or has a sign that no name has")
		}
		rest = rest[end:]
		for strings.HasPrefix(rest, "[") {
			inner, after, closed := strings.Cut(rest[1:], "]")
			n, err := strconv.Atoi(inner)
			switch {
			case !closed:
				return bad("a [ is not closed")
			case inner == "*":
				p = append(p, Segment{Any: '['})
			case err != nil || n < 0:
				return bad("between [ and ] stands a number from 0, or *")
			default:
				p = append(p, Segment{Index: n})
			}
			rest = after
		}
		if len(p) > maxPattern {
			return bad("it goes too deep")
		}
		if rest == "" {
			return p, nil
		}
		if rest[0] != '.' {
			return bad("after ] a . is missing")
		}
		rest = rest[1:]
	}
}

// Each is the pattern for a list whose items it is meant for.
func (p Pattern) Each() Pattern { return append(Pattern{{Any: '['}}, p...) }

// Member gives what is meant within a member of an object; false: nothing.
func (p Pattern) Member(name string) (Pattern, bool) {
	if len(p) == 0 || p[0].Any != '.' && (p[0].Any != 0 || p[0].Name != name) {
		return nil, false
	}
	return p[1:], true
}

// Item gives what is meant within an item of a list; false: nothing.
func (p Pattern) Item(index int) (Pattern, bool) {
	if len(p) == 0 || p[0].Any != '[' && (p[0].Any != 0 || p[0].Name != "" || p[0].Index != index) {
		return nil, false
	}
	return p[1:], true
}
