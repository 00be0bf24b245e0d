package expr

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// maxMessage is how many bytes of a message there are at most, so that no log repeats a payload.
const maxMessage = 300

// problem is one thing wrong with an expression, at a byte of its text.
type problem struct {
	column  int // from 0
	message string
}

func newProblem(column int, format string, args ...any) *problem {
	return &problem{max(column, 0), fault.Clip(fmt.Sprintf(format, args...), maxMessage-20)}
}

// at places the problem of an expression that begins at a byte of a text, which stands at path.
func (p *problem) at(path, text string, offset int) fault.Problem {
	column := characters(text, p.column+offset+1)
	return fault.Problem{Path: path, Column: column, Message: fmt.Sprintf("%s (column %d).", strings.TrimSuffix(p.message, "."), column)}
}

// characters turns a column in bytes of a text, from 1, into one in characters.
func characters(text string, column int) int {
	before := min(max(column-1, 0), len(text))
	return utf8.RuneCountInString(text[:before]) + column - before
}

func placed(path, text string, offset int, bad []*problem) []fault.Problem {
	out := make([]fault.Problem, 0, len(bad))
	for _, p := range bad {
		out = append(out, p.at(path, text, offset))
	}
	return out
}

// refusal is the error of what does not compile.
func refusal(problems []fault.Problem) error { return fault.Invalid(problems[0].Message, problems) }

// braced is the problem of a condition that begins with the braces of a text; nil: it does not.
func braced(src string) *problem {
	if !strings.HasPrefix(strings.TrimSpace(src), "{{") { // an object whose first name is an object is no expression either
		return nil
	}
	return newProblem(0, "A condition is an expression by itself; leave out the braces {{ }}.")
}

func tooLargeProblem() *problem {
	return newProblem(0, "The expression is too large; split it into several steps.")
}

// compileProblem reads an error of the language's parser or checker.
func compileProblem(src string, err error) *problem {
	var e *file.Error
	if !errors.As(err, &e) {
		return newProblem(0, "The expression does not work: %s.", plainWords(err.Error()))
	}
	if strings.Contains(e.Message, "maximum allowed nodes") {
		return tooLargeProblem()
	}
	return newProblem(byteOffset(src, e.From), "The expression does not work: %s.", plainWords(e.Message))
}

// byteOffset turns an offset in runes, as the language counts, into one in bytes.
func byteOffset(src string, runes int) int {
	for i := range src {
		if runes <= 0 {
			return i
		}
		runes--
	}
	return len(src)
}

// runError says where an evaluation failed.
func runError(src string, err error) error {
	var e *file.Error
	var own *fault.Error
	message, where := err.Error(), ""
	if errors.As(err, &e) {
		before := utf8.RuneCountInString(src) - utf8.RuneCountInString(strings.TrimLeftFunc(src, unicode.IsSpace)) // which is not shown
		message, where = e.Message, fmt.Sprintf(" at column %d", max(e.From-before, 0)+1)
	}
	if errors.As(err, &own) {
		message = own.Message
	} else {
		message = plainWords(message)
	}
	if strings.Contains(message, "memory budget") {
		message = "it makes lists that are too large"
	}
	message = fault.Clip(strings.TrimSuffix(message, "."), maxMessage-130)
	return fault.New(fault.InvalidInput, "The expression %s failed%s: %s.", source(src), where, smallFirst(message))
}

// smallFirst lets a sentence go on after a colon.
func smallFirst(sentence string) string {
	first, n := utf8.DecodeRuneInString(sentence)
	if next, _ := utf8.DecodeRuneInString(sentence[n:]); unicode.IsUpper(first) && !unicode.IsUpper(next) {
		return string(unicode.ToLower(first)) + sentence[n:]
	}
	return sentence
}

var (
	goTypes     = regexp.MustCompile(`\*?(map\[string\]interface \{\}|map\[string\]any|map\[interface \{\}\]\S*|\[\]interface \{\}|\[\]any|interface \{\}|json\.Number|float64|int64|int\b|bool\b|string\b|unknown|<nil>|reflect\.[\w.]+|func\([^)]*\)( \([^)]*\))?)`)
	badNumbers  = regexp.MustCompile(`^invalid \w+ literal: strconv\.\w+: parsing ("(?:[^"\\]|\\.)*"): (.*)`)
	lexerTokens = regexp.MustCompile(`(Operator|Bracket|Identifier|Number|String|Bytes)\("((?:[^"\\]|\\.)*)"\)`)
)

// plainWords puts the language's messages, and the names of Go's types in them, into those of values.
func plainWords(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	message = strings.ReplaceAll(message, "unexpected token EOF", "it ends too early")
	message = strings.ReplaceAll(message, "a identifier", "an identifier")
	message = lexerTokens.ReplaceAllString(message, `"$2"`)
	if number := badNumbers.FindStringSubmatch(message); number != nil {
		if number[2] == "value out of range" {
			return "the number " + number[1] + " is too large; a whole one has 64 bits"
		}
		return "the number " + number[1] + " cannot be read"
	}
	message = strings.TrimPrefix(message, "runtime error: ")
	if strings.HasPrefix(message, "reflect.Value.MapIndex") {
		return "a member of an object is named by a text"
	}
	if before, types, ok := strings.Cut(message, "(mismatched type"); ok {
		return before + "(mismatched type" + goTypes.ReplaceAllStringFunc(types, kindOfName)
	}
	if strings.HasPrefix(message, "invalid operation: ") || strings.Contains(message, "(got ") || strings.HasPrefix(message, "cannot ") || strings.HasPrefix(message, "type ") ||
		strings.Contains(message, "(type ") || strings.HasPrefix(message, "interface conversion") || strings.HasPrefix(message, "hash of") || strings.HasPrefix(message, "reflect") {
		return goTypes.ReplaceAllStringFunc(message, kindOfName)
	}
	return message
}

func kindOfName(name string) string {
	switch name = strings.TrimPrefix(name, "*"); {
	case strings.HasPrefix(name, "map["):
		return "object"
	case strings.HasPrefix(name, "[]"):
		return "list"
	case strings.HasPrefix(name, "func"):
		return "function"
	}
	switch name {
	case "<nil>":
		return "null"
	case "float64", "int64", "int", "json.Number":
		return "number"
	case "string":
		return "text"
	case "bool":
		return "boolean"
	}
	return "value"
}

// kindOf names a value's kind with its article.
func kindOf(v any) string { return withArticle(value.Kind(v)) }

func withArticle(kind string) string {
	switch kind {
	case "null", "anything":
		return kind
	case "object":
		return "an object"
	case "boolean", "number", "text", "list":
		return "a " + kind
	}
	return "a value of another kind"
}

// aKindOfType is kindOf for what the language's checker knows.
func aKindOfType(t reflect.Type) string {
	if t == nil {
		return "null"
	}
	return withArticle(kindOfName(t.String()))
}

func tooLong() error {
	return fault.New(fault.InvalidInput, "The text that the expression makes is larger than 1 MB.")
}

func quote(src string) string { return strconv.Quote(fault.Clip(strings.TrimSpace(src), 80)) }

// source is an expression as it was written, in one line where that is possible.
func source(src string) string {
	if src = strings.TrimSpace(src); strings.ContainsAny(src, "\r\n") {
		src = strings.Join(strings.Fields(src), " ")
	}
	src = fault.Clip(src, 80)
	if quoted := strconv.Quote(src); quoted == `"`+src+`"` || !strconv.CanBackquote(src) {
		return quoted
	}
	return "`" + src + "`"
}

func itoa(i int) string { return strconv.Itoa(i) }

func escapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// inOrder sorts problems by their place.
func inOrder(bad []*problem) []*problem {
	slices.SortStableFunc(bad, func(a, b *problem) int { return cmp.Compare(a.column, b.column) })
	return bad
}
