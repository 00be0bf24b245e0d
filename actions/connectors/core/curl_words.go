package core

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
)

// mostCommand bounds a command line, in bytes.
const mostCommand = 1 << 20

// shellWords takes a command line apart as a POSIX shell does, as far as one command goes: quotes, escapes, $'…', lines that go on.
// What a shell would carry out, variables and other commands, is refused.
func shellWords(text string) ([]string, error) {
	if len(text) > mostCommand {
		return nil, fault.New(fault.TooLarge, "The command has more than %d MB.", mostCommand>>20)
	}
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, fault.New(fault.InvalidInput, "The command is no text in UTF-8.")
	}
	text = strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n")
	if strings.Contains(text, ` ^"`) || strings.Contains(text, `^\^"`) { // as browsers copy it for cmd.exe
		text = uncareted(text)
	}
	text = strings.ReplaceAll(text, "^\n", "\\\n")
	text = strings.TrimPrefix(strings.TrimPrefix(text, "$ "), "% ")
	w := words{rest: text}
	for w.rest != "" {
		if err := w.next(); err != nil {
			return nil, err
		}
	}
	w.end()
	return w.out, nil
}

// uncareted takes a line of cmd.exe apart as far as its carets go: each makes the character behind it, or behind the end of a line, one
// that stands for itself. Source: copyAsCurl of Chrome's DevTools, and https://ss64.com/nt/syntax-esc.html
func uncareted(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "^")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		rest = strings.TrimPrefix(rest, "\n")
		_, n := utf8.DecodeRuneInString(rest)
		b.WriteString(rest[:n])
		text = rest[n:]
	}
}

type words struct {
	rest  string
	word  strings.Builder
	begun bool
	out   []string
}

func (w *words) end() {
	if w.begun {
		w.out = append(w.out, w.word.String())
	}
	w.word.Reset()
	w.begun = false
}

func (w *words) add(text string) {
	w.begun = true
	w.word.WriteString(text)
}

// next takes one character, or what is quoted.
func (w *words) next() error {
	c := w.rest[0]
	rest := w.rest[1:]
	switch {
	case c == ' ' || c == '\t' || c == '\n':
		w.end()
	case c == '\'':
		inner, after, ok := strings.Cut(rest, "'")
		if !ok {
			return unclosed("'")
		}
		w.add(inner)
		rest = after
	case c == '"':
		var err error
		if rest, err = w.double(rest); err != nil {
			return err
		}
	case c == '\\' && strings.HasPrefix(rest, "\n"):
		rest = rest[1:]
	case c == '\\' && rest != "":
		_, n := utf8.DecodeRuneInString(rest)
		w.add(rest[:n])
		rest = rest[n:]
	case c == '$' && strings.HasPrefix(rest, "'"):
		var err error
		if rest, err = w.ansi(rest[1:]); err != nil {
			return err
		}
	case c == '#' && !w.begun:
		_, rest, _ = strings.Cut(rest, "\n")
	case c == '|' || c == ';' || c == '>' || c == '<' || c == '&' && !w.begun || c == '`' || c == '$' && strings.HasPrefix(rest, "("):
		return fault.New(fault.InvalidInput, "Behind the command stands %q, which a shell would carry out; paste the one command of curl alone.", fault.Clip(w.rest, 40))
	default:
		_, n := utf8.DecodeRuneInString(w.rest)
		w.add(w.rest[:n])
		rest = w.rest[n:]
	}
	w.rest = rest
	return nil
}

func unclosed(quote string) error {
	return fault.New(fault.InvalidInput, "A quote (%s) is not closed; paste the whole command.", quote)
}

func (w *words) double(rest string) (string, error) {
	w.begun = true
	for rest != "" {
		switch c := rest[0]; {
		case c == '"':
			return rest[1:], nil
		case c == '\\' && len(rest) > 1:
			switch rest[1] {
			case '"', '\\', '$', '`':
				w.add(rest[1:2])
			case '\n':
			default:
				w.add(rest[:2])
			}
			rest = rest[2:]
		default:
			w.add(rest[:1])
			rest = rest[1:]
		}
	}
	return "", unclosed(`"`)
}

// ansi reads $'…', in which browsers copy what has quotes or lines of its own.
func (w *words) ansi(rest string) (string, error) {
	w.begun = true
	for rest != "" {
		c := rest[0]
		if c == '\'' {
			return rest[1:], nil
		}
		if c != '\\' || len(rest) == 1 {
			w.add(rest[:1])
			rest = rest[1:]
			continue
		}
		plain := map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '\\': "\\", '\'': "'", '"': `"`, 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v", 'e': "\x1b", '?': "?"}
		if text, ok := plain[rest[1]]; ok {
			w.add(text)
			rest = rest[2:]
			continue
		}
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[rest[1]]
		n := 0
		for n < digits && 2+n < len(rest) && strings.ContainsRune("0123456789abcdefABCDEF", rune(rest[2+n])) {
			n++
		}
		if n == 0 {
			w.add(rest[:2])
			rest = rest[2:]
			continue
		}
		code, _ := strconv.ParseUint(rest[2:2+n], 16, 32)
		w.add(string(rune(code)))
		rest = rest[2+n:]
	}
	return "", unclosed("$'")
}
