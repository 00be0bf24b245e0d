package core

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// The kinds of what stands in a script of PowerShell.
const (
	psEnd      = iota // of the text
	psLine            // the end of a statement
	psWord            // bare
	psText            // quoted
	psVariable        // without its $
	psMark            // ( ) @{ } @( , = | . [ ]
)

type psToken struct {
	kind       int
	text, mark string
}

// psReader reads a script of PowerShell as far as it says what a request is made of.
type psReader struct {
	tokens []psToken
	at     int
	deep   int
	vars   map[string]any
	open   []string // variables that nothing here sets, as they are written
	notes  []string
}

func (p *psReader) token() psToken { return p.tokens[min(p.at, len(p.tokens)-1)] }

func (p *psReader) next() psToken {
	t := p.token()
	p.at++
	return t
}

func (p *psReader) is(mark string) bool { return p.token().kind == psMark && p.token().mark == mark }

var (
	psBare   = regexp.MustCompile("^[^\\s\"'`$@(){},;=|\\[\\]]+")
	psName   = regexp.MustCompile(`^\$(?:\{([^}]+)\}|([A-Za-z_][\w:]*))`)
	psChar   = regexp.MustCompile(`(?i)^\$\(\[char\](0x[0-9a-f]+|[0-9]+)\)`)
	psPoint  = regexp.MustCompile(`^u\{([0-9a-fA-F]{1,6})\}`)
	psVerb   = regexp.MustCompile(`^[A-Za-z]+-[A-Za-z]+$`)
	psPrompt = regexp.MustCompile(`^PS [^>\n]*>[ ]`)
	psURL    = regexp.MustCompile("^https?://[^\\s\"'`$()]+")
	psMember = regexp.MustCompile(`^(?:\.[A-Za-z_]\w*)+`)
)

// powerShell takes a script apart.
func powerShell(text string) (*psReader, error) {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, fault.New(fault.InvalidInput, "The command is no text in UTF-8.")
	}
	p := &psReader{vars: map[string]any{"true": true, "false": false, "null": nil}}
	rest := strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n")
	rest = strings.TrimPrefix(rest, psPrompt.FindString(rest))
	add := func(kind int, text string, n int) {
		t := psToken{kind: kind, text: text}
		if kind == psMark {
			t.mark = text
		}
		p.tokens = append(p.tokens, t)
		rest = rest[n:]
	}
	for rest != "" {
		c := rest[0]
		switch {
		case c == ' ' || c == '\t':
			rest = rest[1:]
		case strings.HasPrefix(rest, "`\n"):
			rest = rest[2:]
		case c == '\n' || c == ';':
			add(psLine, "", 1)
		case c == '#':
			_, rest, _ = strings.Cut(rest, "\n")
			rest = "\n" + rest
		case strings.HasPrefix(rest, "@\"\n") || strings.HasPrefix(rest, "@'\n"):
			inner, after, ok := strings.Cut(rest[2:], "\n"+rest[1:2]+"@")
			if !ok {
				return nil, unclosed(rest[:2])
			}
			inner = strings.TrimPrefix(inner, "\n")
			if c := rest[1]; c == '"' {
				inner, _ = p.filled(inner, 0)
			}
			add(psText, inner, len(rest)-len(after))
		case c == '\'':
			var b strings.Builder
			n := 1
			for ; n < len(rest); n++ {
				if rest[n] == '\'' {
					if n+1 >= len(rest) || rest[n+1] != '\'' {
						break
					}
					n++
				}
				b.WriteByte(rest[n])
			}
			if n >= len(rest) {
				return nil, unclosed("'")
			}
			add(psText, b.String(), n+1)
		case c == '"':
			inner, n := p.filled(rest[1:], '"')
			if n < 0 {
				return nil, unclosed(`"`)
			}
			add(psText, inner, n+1)
		case strings.HasPrefix(rest, "@{") || strings.HasPrefix(rest, "@("):
			add(psMark, rest[:2], 2)
		case strings.IndexByte("(){},=|[]", c) >= 0:
			add(psMark, rest[:1], 1)
		case c == '$' && psName.MatchString(rest):
			m := psName.FindStringSubmatch(rest)
			add(psVariable, m[1]+m[2], len(m[0]))
			if member := psMember.FindString(rest); member != "" {
				add(psWord, member, len(member))
			}
		default:
			word := psURL.FindString(rest)
			if word == "" {
				word = psBare.FindString(rest)
			}
			if word == "" {
				return nil, fault.New(fault.InvalidInput, "%q is not understood; paste the one command alone.", fault.Clip(rest, 40))
			}
			add(psWord, word, len(word))
		}
	}
	add(psLine, "", 0)
	add(psEnd, "", 0)
	return p, nil
}

// filled reads a text in which ` escapes and $ puts in, up to a quote; zero: to its end. n is how much of it that takes with the quote,
// below zero where there is none. Variables are put in by value, which comes later: here they stay, marked.
func (p *psReader) filled(text string, quote byte) (out string, n int) {
	var b strings.Builder
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == quote && quote != 0:
			if i+1 >= len(text) || text[i+1] != quote {
				return b.String(), i + 1
			}
			b.WriteByte(c)
			i += 2
		case c == '`' && i+1 < len(text):
			if m := psPoint.FindStringSubmatch(text[i+1:]); m != nil {
				code, _ := strconv.ParseUint(m[1], 16, 32)
				b.WriteRune(rune(code))
				i += 1 + len(m[0])
				continue
			}
			r, size := utf8.DecodeRuneInString(text[i+1:])
			if plain, ok := map[rune]string{'n': "\n", 't': "\t", 'r': "\r", '0': "", 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v", 'e': "\x1b", '\n': ""}[r]; ok {
				b.WriteString(plain)
			} else if r == '$' {
				b.WriteString(psDollar)
			} else {
				b.WriteRune(r)
			}
			i += 1 + size
		case c == '$' && psChar.MatchString(text[i:]):
			m := psChar.FindStringSubmatch(text[i:])
			code, _ := strconv.ParseUint(m[1], 0, 32)
			i += len(m[0])
			if half := psChar.FindStringSubmatch(text[i:]); half != nil && utf16.IsSurrogate(rune(code)) { // one character in two halves
				other, _ := strconv.ParseUint(half[1], 0, 32)
				b.WriteRune(utf16.DecodeRune(rune(code), rune(other)))
				i += len(half[0])
				continue
			}
			b.WriteRune(rune(code))
		default:
			b.WriteByte(c)
			i++
		}
	}
	if quote == 0 {
		return b.String(), len(text)
	}
	return "", -1
}

// psDollar stands for a $ that puts nothing in, until the variables are put in.
const psDollar = "\uE000"

// put puts variables into a text. What nothing here sets stays as it is written.
func (p *psReader) put(text string) string {
	var b strings.Builder
	for text != "" {
		i := strings.IndexByte(text, '$')
		if i < 0 {
			break
		}
		b.WriteString(text[:i])
		text = text[i:]
		m := psName.FindStringSubmatch(text)
		shell := ""
		if m == nil {
			if shell = expansion(text); !strings.HasPrefix(shell, "$(") {
				b.WriteByte('$')
				text = text[1:]
				continue
			}
		} else if v, ok := p.vars[strings.ToLower(m[1]+m[2])]; ok && !isObject(v) {
			b.WriteString(value.Text(v))
			text = text[len(m[0]):]
			continue
		} else {
			shell = m[0]
		}
		p.unset(shell)
		b.WriteString(shell)
		text = text[len(shell):]
	}
	return strings.ReplaceAll(b.String()+text, psDollar, "$")
}

func isObject(v any) bool { _, is := v.(map[string]any); return is }

func (p *psReader) unset(text string) string {
	if !slices.Contains(p.open, text) {
		p.open = append(p.open, text)
	}
	return text
}
