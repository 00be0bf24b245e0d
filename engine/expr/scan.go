package expr

import (
	"strings"
	"unicode/utf8"
)

// scan reads an expression from the beginning of src as the language's lexer would, as far as texts, comments and
// brackets go. With template it ends at the }} outside them. It gives where it ended, -1 for a template that does not
// end, and how deep it nests.
func scan(src string, template bool) (end, depth int) {
	s := scanner{src: src}
	for s.at < len(src) {
		if template && s.closes() {
			return s.at, depth
		}
		s.step()
		depth = max(depth, len(s.open)+s.signs)
	}
	if template {
		return -1, depth
	}
	return s.at, depth
}

type scanner struct {
	src   string
	at    int
	open  []byte // the brackets that are open
	signs int    // operators before a value in a row: the parser recurses for each
}

// closes says that a template ends here: a }} that closes no { of the expression.
func (s *scanner) closes() bool {
	return strings.HasPrefix(s.src[s.at:], "}}") && (len(s.open) == 0 || s.open[len(s.open)-1] != '{')
}

func (s *scanner) step() {
	c := s.src[s.at]
	switch {
	case c == '"' || c == '\'':
		s.quoted(c)
	case c == '`':
		s.past("`", 1)
	case strings.HasPrefix(s.src[s.at:], "//"):
		s.past("\n", 2)
		return
	case strings.HasPrefix(s.src[s.at:], "/*"):
		s.past("*/", 2)
		return
	case c == '(' || c == '[' || c == '{':
		s.open = append(s.open, c)
		s.at++
	case c == ')' || c == ']' || c == '}':
		s.open = s.open[:max(len(s.open)-1, 0)]
		s.at++
	case c == '!' || c == '-' || c == '+':
		s.signs++
		s.at++
		return
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		s.at++
		return
	case inWord(c):
		if s.word() == "not" {
			s.signs++
			return
		}
	default:
		s.at++
	}
	s.signs = 0
}

func inWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

func (s *scanner) word() string {
	from := s.at
	for s.at < len(s.src) && inWord(s.src[s.at]) {
		s.at++
	}
	return s.src[from:s.at]
}

func (s *scanner) quoted(quote byte) {
	for s.at++; s.at < len(s.src); s.at++ {
		switch s.src[s.at] {
		case '\\':
			s.at++
		case quote:
			s.at++
			return
		}
	}
	s.at = len(s.src)
}

// past goes behind the next mark, looking from skip bytes ahead.
func (s *scanner) past(mark string, skip int) {
	from := min(s.at+skip, len(s.src))
	if i := strings.Index(s.src[from:], mark); i >= 0 {
		s.at = from + i + len(mark)
		return
	}
	s.at = len(s.src)
}

// part is a piece of a text: as it is, or the source of an expression.
type part struct {
	text   string
	code   bool
	offset int // of text in the whole, in bytes
}

// split takes a text apart at {{ and }}. \{{ is a literal {{. }} ends an expression only outside its texts, comments
// and brackets.
func split(s string) ([]part, *problem) {
	var parts []part
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			parts = append(parts, part{text: plain.String()})
			plain.Reset()
		}
	}
	for at := 0; at < len(s); {
		i := strings.Index(s[at:], "{{")
		if i < 0 {
			plain.WriteString(s[at:])
			break
		}
		i += at
		if i > at && s[i-1] == '\\' {
			plain.WriteString(s[at:i-1] + "{{")
			at = i + 2
			continue
		}
		plain.WriteString(s[at:i])
		end, _ := scan(s[i+2:], true)
		if end < 0 {
			return nil, newProblem(i, "A {{ has no }} that ends it; close it, and every text and bracket in it, or write \\{{ for the characters themselves.")
		}
		flush()
		parts = append(parts, part{text: s[i+2 : i+2+end], code: true, offset: i + 2})
		at = i + 2 + end + 2
	}
	flush()
	if len(parts) == 0 {
		parts = []part{{}}
	}
	return parts, nil
}
