// Package value says what a value is, wherever data flows: nil, bool, int, float64, string, []any and map[string]any, as
// JSON gives them, with whole numbers exact. It reads JSON within bounds, writes it in one canonical form, and keeps out
// everything else: no value has a method, a pointer or a hidden part.
package value

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/stepmill/stepmill/engine/fault"
)

// Limits bounds what Decode accepts. A zero field takes the default.
type Limits struct {
	Depth int // nesting of lists and objects; default 64
	Nodes int // values of every kind, names of members not counted; default 200,000
}

// Default bounds for everything that comes from outside.
const (
	MaxDepth = 64
	MaxNodes = 200_000
)

// Stored bounds what Stepmill wrote itself: it was bounded when it came in, and may stand within what was put around it.
func Stored() Limits { return Limits{Depth: 8 * MaxDepth, Nodes: 1 << 40} }

// Decode reads one JSON text. Whole numbers become int where they fit 64 bits and json.Number, which keeps every digit,
// where they do not; other numbers become float64. Bytes that are not UTF-8 become U+FFFD. A member named twice, text
// after the value, a byte order mark, a number beyond float64 and anything over the limits are InvalidInput or TooLarge.
func Decode(b []byte, limits Limits) (any, error) {
	if limits.Depth == 0 {
		limits.Depth = MaxDepth
	}
	if limits.Nodes == 0 {
		limits.Nodes = MaxNodes
	}
	if bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		return nil, fault.New(fault.InvalidInput, "The JSON begins with a byte order mark; send it without one.")
	}
	r := reader{text: b, dec: jsontext.NewDecoder(bytes.NewBuffer(b), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)), limits: limits}
	v, err := r.value(0)
	if err != nil {
		return nil, syntax(err)
	}
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return nil, fault.New(fault.InvalidInput, "The JSON has text after its end, at byte %d.", r.dec.InputOffset())
	}
	return v, nil
}

// Plain says that a JSON text that Decode took may stand within what Encode writes: its bytes are UTF-8, and no letter of it is
// an escape that Encode does not write, so that who looks for a text finds it.
func Plain(text []byte) bool {
	return utf8.Valid(text) && !bytes.Contains(text, []byte(`\u`)) && !bytes.Contains(text, []byte(`\/`))
}

// syntax turns an error of the decoder into one that names the place and repeats little of the input.
func syntax(err error) error {
	var own *fault.Error
	if errors.As(err, &own) {
		return own
	}
	var syn *jsontext.SyntacticError
	if errors.As(err, &syn) {
		what := syn.Err.Error()
		if errors.Is(syn.Err, jsontext.ErrDuplicateName) {
			what = "a member stands twice"
		}
		where := string(syn.JSONPointer)
		if where == "" {
			where = "the top"
		}
		return fault.New(fault.InvalidInput, "The JSON is not valid at byte %d (%s): %s.", syn.ByteOffset, fault.Clip(where, 100), fault.Clip(what, 200))
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.New(fault.InvalidInput, "The JSON is empty or ends too early.")
	}
	return fault.New(fault.InvalidInput, "The JSON is not valid: %s.", fault.Clip(err.Error(), 200))
}

type reader struct {
	text   []byte
	dec    *jsontext.Decoder
	limits Limits
	nodes  int
}

func (r *reader) value(depth int) (any, error) {
	tok, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	r.nodes++
	if r.nodes > r.limits.Nodes {
		return nil, fault.New(fault.TooLarge, "The JSON holds more than %d values.", r.limits.Nodes)
	}
	switch tok.Kind() {
	case '{', '[':
		if depth == r.limits.Depth {
			return nil, fault.New(fault.InvalidInput, "The JSON is nested deeper than %d levels.", r.limits.Depth)
		}
		if tok.Kind() == '[' {
			return r.list(depth + 1)
		}
		return r.object(depth + 1)
	case '"':
		return tok.String(), nil
	case '0':
		return Number(tok.String())
	case 't', 'f':
		return tok.Bool(), nil
	}
	return nil, nil
}

func (r *reader) list(depth int) (any, error) {
	list := []any{}
	for r.dec.PeekKind() != ']' {
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := r.dec.ReadToken()
	return list, err
}

func (r *reader) object(depth int) (any, error) {
	object := map[string]any{}
	for r.dec.PeekKind() != '}' {
		before := r.dec.InputOffset()
		name, err := r.dec.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		if _, twice := object[key]; twice {
			at := before + int64(bytes.IndexByte(r.text[before:], '"'))
			return nil, &jsontext.SyntacticError{ByteOffset: at, JSONPointer: r.dec.StackPointer(), Err: jsontext.ErrDuplicateName}
		}
		if object[key], err = r.value(depth); err != nil {
			return nil, err
		}
	}
	_, err := r.dec.ReadToken()
	return object, err
}

// Number gives the value of a JSON number's text: int, json.Number for whole numbers beyond 64 bits, or float64.
func Number(text string) (any, error) {
	if i, err := strconv.Atoi(text); err == nil && text != "-0" {
		return i, nil
	}
	whole := true
	for i := range len(text) {
		if c := text[i]; c == '.' || c == 'e' || c == 'E' {
			whole = false
		}
	}
	if whole && text != "-0" {
		if len(text) > 1000 {
			return nil, fault.New(fault.TooLarge, "A number has more than 1,000 digits: %s", fault.Clip(text, 40))
		}
		return json.Number(text), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, fault.New(fault.InvalidInput, "The number %s is too large.", fault.Clip(text, 40))
	}
	return normalNumber(f), nil
}

// normalNumber gives whole floats as int, as they come back from their JSON text.
func normalNumber(f float64) any {
	if f == math.Trunc(f) && f >= -(1<<63) && f < 1<<63 {
		return int(f)
	}
	return f
}

// Normalize returns v as Decode(Encode(v)) would give it, so that a value is the same before and after it was stored.
// Whole floats become int; NaN, infinities and types that are no value are InvalidInput.
func Normalize(v any) (any, error) { return normalize(v, 0) }

// Normal says that Normalize would give v as it is.
func Normal(v any) bool { return normal(v, 0) }

func normal(v any, depth int) bool {
	switch v := v.(type) {
	case nil, bool, int, json.Number:
		return true
	case string:
		return utf8.ValidString(v)
	case float64:
		return v != math.Trunc(v) && !math.IsNaN(v) // an infinity is its own whole
	case []any:
		return depth < 4*MaxDepth && !slices.ContainsFunc(v, func(item any) bool { return !normal(item, depth+1) })
	case map[string]any:
		for name, item := range v {
			if depth == 4*MaxDepth || !utf8.ValidString(name) || !normal(item, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

func normalize(v any, depth int) (any, error) {
	if depth > 4*MaxDepth {
		return nil, fault.New(fault.TooLarge, "A value is nested deeper than %d levels.", 4*MaxDepth)
	}
	switch v := v.(type) {
	case nil, bool, int, json.Number:
		return v, nil
	case string:
		if utf8.ValidString(v) {
			return v, nil
		}
		return string(bytes.ToValidUTF8([]byte(v), []byte("\uFFFD"))), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fault.New(fault.InvalidInput, "The result is not a finite number.")
		}
		return normalNumber(v), nil
	case int64:
		return int(v), nil
	case int32:
		return int(v), nil
	case uint8:
		return int(v), nil
	case float32:
		return normalize(float64(v), depth)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			n, err := normalize(item, depth+1)
			if err != nil {
				return nil, err
			}
			out[i] = n
		}
		return out, nil
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, item := range v {
			n, err := normalize(item, depth+1)
			if err != nil {
				return nil, err
			}
			out[name] = n
		}
		return out, nil
	case []string:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = s
		}
		return out, nil
	case []int:
		out := make([]any, len(v))
		for i, n := range v {
			out[i] = n
		}
		return out, nil
	case map[string]string:
		out := make(map[string]any, len(v))
		for name, s := range v {
			out[name] = s
		}
		return out, nil
	case json.RawMessage:
		return Decode(v, Limits{Depth: 4 * MaxDepth, Nodes: math.MaxInt})
	}
	return nil, fault.New(fault.InvalidInput, "A %T is not a value that a scenario can hold.", v)
}

// Encode writes v as compact JSON with sorted keys, whole numbers in digits, no HTML escapes. It fails on NaN, infinities
// and on types that are no value.
func Encode(v any) ([]byte, error) { return Append(nil, v) }

// ErrUnwritable is what an error of Encode is that lies in the value, and not in who asked.
var ErrUnwritable = errors.New("the value cannot be written as JSON")

// Append is Encode onto the end of b.
func Append(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case float64:
		return appendFloat(b, v)
	case json.Number:
		return append(b, v...), nil
	case string:
		return appendString(b, v), nil
	case json.RawMessage:
		return append(b, v...), nil
	case Large:
		return b, fault.Wrap(ErrUnwritable, fault.Internal, "A value that is kept apart stands where the value itself is needed.")
	case []any:
		if v == nil {
			return append(b, "[]"...), nil
		}
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = Append(b, item); err != nil {
				return b, err
			}
		}
		return append(b, ']'), nil
	case map[string]any:
		return appendObject(b, v)
	}
	n, err := Normalize(v)
	if err != nil {
		return b, fault.Wrap(ErrUnwritable, fault.CodeOf(err), "%s", fault.MessageOf(err))
	}
	return Append(b, n)
}

func appendObject(b []byte, v map[string]any) ([]byte, error) {
	var room [16]string
	names := room[:0]
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, name), ':')
		var err error
		if b, err = Append(b, v[name]); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// appendString writes s as a JSON string; what is not UTF-8 in it becomes U+FFFD, which is all that the error would say.
func appendString(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

func appendFloat(b []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return b, fault.Wrap(ErrUnwritable, fault.InvalidInput, "The result is not a finite number.")
	}
	if i, ok := normalNumber(f).(int); ok {
		return strconv.AppendInt(b, int64(i), 10), nil
	}
	format := byte('f')
	if a := math.Abs(f); a < 1e-6 || a >= 1<<63 { // 'e' also keeps whole floats beyond 64 bits floats when read again
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, 64), nil
}

// Text is how a value stands within text: nothing for nil, the text itself, numbers in shortest form, and compact JSON
// for lists and objects.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := Encode(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
