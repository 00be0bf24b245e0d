package core

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
)

// mostCommand bounds a command line, in bytes.
const mostCommand = 1 << 20

// shellWords takes a command line apart as a POSIX shell does, as far as one command goes: quotes, escapes, $'…', lines that go on.
// What a shell would put in, variables and what other commands print, stays as it is written and is listed; what it would carry out
// beside is left out where it only takes the answer, and refused elsewhere.
func shellWords(text string) (*words, error) {
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
	w := &words{rest: text}
	for w.rest != "" {
		if err := w.next(); err != nil {
			return nil, err
		}
	}
	w.end()
	return w, nil
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

	open  []string // what a shell would put in, as it is written
	after string   // what stands behind the command and takes its answer
	saves bool     // the answer goes into a file
	stdin *string  // what the command reads; nil: nothing is said
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
	case c == '$' && expansion(w.rest) != "":
		rest = rest[len(w.opened())-1:]
	case c == '#' && !w.begun:
		_, rest, _ = strings.Cut(rest, "\n")
	case c == '|' && !strings.HasPrefix(rest, "|"):
		w.after, rest = strings.TrimSpace(w.rest), ""
		w.end()
	case c == '>' || !w.begun && redirects.MatchString(w.rest):
		taken := redirects.FindStringSubmatch(w.rest)
		if taken == nil {
			return behind(w.rest)
		}
		w.end()
		if file := taken[2]; taken[1] != "2" && file != "" && file != "/dev/null" {
			w.saves = true
		}
		rest = w.rest[len(taken[0]):]
	case c == '<' && heredoc.MatchString(w.rest):
		w.end()
		w.rest = w.document(w.rest)
		return nil
	case (c == ';' || c == '&' && !w.begun) && strings.TrimSpace(rest) == "": // the end of the line, and nothing behind it
		w.end()
	case c == '|' || c == ';' || c == '>' || c == '<' || c == '&' && !w.begun || c == '`':
		return behind(w.rest)
	default:
		_, n := utf8.DecodeRuneInString(w.rest)
		w.add(w.rest[:n])
		rest = w.rest[n:]
	}
	w.rest = rest
	return nil
}

// redirects is where a shell sends what a command prints: 1 the number of the output, 2 a file.
var redirects = regexp.MustCompile(`^([012]?)&?>>?(?:&[0-9]|[ \t]*([^\s|;&<>]+))`)

// heredoc begins lines that a command reads: 1 a dash, which takes tabs off, 2 the word that ends them.
var heredoc = regexp.MustCompile(`^<<(-?)[ \t]*['"]?(\w+)['"]?[^\n]*\n`)

func behind(text string) error {
	return fault.New(fault.InvalidInput, "Behind the command stands %q, which a shell would carry out; paste the one command of curl alone.", fault.Clip(text, 40))
}

// document takes the lines that the command reads, and gives what stands on the line behind their beginning and after them.
func (w *words) document(text string) string {
	begin := heredoc.FindStringSubmatch(text)
	line, rest := begin[0], text[len(begin[0]):]
	_, beside, _ := strings.Cut(line[2:], begin[2])
	var lines []string
	for rest != "" {
		var one string
		one, rest, _ = strings.Cut(rest, "\n")
		if begin[1] != "" {
			one = strings.TrimLeft(one, "\t")
		}
		if one == begin[2] {
			break
		}
		lines = append(lines, one)
	}
	body := strings.Join(lines, "\n")
	w.stdin = &body
	return strings.TrimLeft(beside, `'"`) + rest
}

// expansion is what a shell would put something else in the place of, at the beginning of a text; "": it is none.
func expansion(text string) string {
	if !strings.HasPrefix(text, "$(") {
		return variable.FindString(text)
	}
	depth := 0
	for i, c := range text {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return text[:i+1]
			}
		}
	}
	return text
}

var variable = regexp.MustCompile(`^\$(?:[A-Za-z_]\w*|\{[^}]*\}|[0-9@*?!$])`)

// opened keeps what a shell would put in as it is written.
func (w *words) opened() string {
	text := expansion(w.rest)
	w.add(text)
	if !slices.Contains(w.open, text) {
		w.open = append(w.open, text)
	}
	return text
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
		case c == '$' && expansion(rest) != "":
			w.rest = rest
			rest = rest[len(w.opened()):]
		case c == '`':
			end := strings.IndexByte(rest[1:], '`')
			if end < 0 {
				return "", unclosed("`")
			}
			w.add(rest[:end+2])
			w.open = append(w.open, rest[:end+2])
			rest = rest[end+2:]
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
