package expr

import (
	"encoding/json"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// args reads the arguments of one call. The first that does not fit is kept; a function asks once, at the end.
type args struct {
	s    *state
	name string
	list []any
	err  error
}

func (a *args) wrong(i int, want string) {
	if a.err == nil {
		a.err = fault.New(fault.InvalidInput, "%s: value %d must be %s, not %s.", a.name, i+1, want, kindOf(a.list[i]))
	}
}

// pay charges for what an argument costs to read. What cannot be paid for is not handed out, so that a call with many
// arguments does no work once there is nothing left.
func (a *args) pay(err error) bool {
	if a.err == nil {
		a.err = err
	}
	return a.err == nil
}

// text reads a text; null is the empty one, numbers and booleans are written out.
func (a *args) text(i int) string {
	if i >= len(a.list) {
		return ""
	}
	switch v := a.list[i].(type) {
	case string:
		if !a.pay(a.s.read(v)) {
			return ""
		}
		return v
	case nil:
		return ""
	case []any, map[string]any:
		a.wrong(i, "a text")
		return ""
	}
	text, err := a.s.text(a.list[i])
	if !a.pay(err) {
		return ""
	}
	return text
}

// short is a text that steers a call, and is no longer than one that a person writes for that.
func (a *args) short(i, most int) string {
	text := a.text(i)
	if len(text) > most && a.err == nil {
		a.err = fault.New(fault.InvalidInput, "%s: value %d must have at most %d bytes.", a.name, i+1, most)
	}
	if a.err != nil {
		return ""
	}
	return text
}

// textOr is text with what stands in where the argument is not given.
func (a *args) textOr(i int, other string) string {
	if i >= len(a.list) {
		return other
	}
	return a.text(i)
}

// shortOr is short with what stands in where the argument is not given.
// dateForm is how a date is written.
func (a *args) dateForm(i int) string {
	form := a.short(i, maxForm)
	if part := value.WrongToken(form); part != "" {
		a.err = fault.New(fault.InvalidInput, "%s: the form %s holds %s, which is no part of a date; text stands in [brackets].", a.name, quote(form), quote(part))
	}
	return form
}

func (a *args) shortOr(i, most int, other string) string {
	if i >= len(a.list) {
		return other
	}
	return a.short(i, most)
}

func (a *args) number(i int) float64 {
	if i >= len(a.list) {
		return 0
	}
	f, ok := about(a.list[i])
	if !ok {
		a.wrong(i, "a number")
	}
	return f
}

func (a *args) whole(i, other int) int {
	if i >= len(a.list) {
		return other
	}
	n, ok := whole(a.list[i])
	if !ok {
		a.wrong(i, "a whole number")
	}
	return n
}

// items reads a list; null is the empty one.
func (a *args) items(i int) []any {
	if i >= len(a.list) || a.list[i] == nil {
		return nil
	}
	switch v := a.list[i].(type) {
	case []any:
		if !a.pay(a.s.charge(len(v))) {
			return nil
		}
		return v
	}
	a.wrong(i, "a list")
	return nil
}

// members reads an object; null is the empty one.
func (a *args) members(i int) map[string]any {
	if i >= len(a.list) || a.list[i] == nil {
		return nil
	}
	if v, ok := a.list[i].(map[string]any); ok {
		if !a.pay(a.s.readNames(v)) {
			return nil
		}
		return v
	}
	a.wrong(i, "an object")
	return nil
}

// made bounds a text that a function made.
func (a *args) made(text string) (any, error) {
	if a.err != nil {
		return nil, a.err
	}
	if len(text) > maxText {
		return nil, tooLong()
	}
	return text, a.s.charge(len(text) / 64)
}

// fails ends a call with an error of its own.
func (a *args) fails(format string, more ...any) (any, error) {
	if a.err != nil {
		return nil, a.err
	}
	return nil, fault.New(fault.InvalidInput, a.name+": "+format, more...)
}

// gives ends a call with a value.
func (a *args) gives(v any) (any, error) {
	if a.err != nil {
		return nil, a.err
	}
	return v, nil
}

// pattern is the fixed pattern of a call, and the text that it is held against.
func (a *args) pattern() (string, *pattern, error) {
	text := a.text(0)
	if a.err != nil {
		return "", nil, a.err
	}
	p := a.list[1].(*pattern) // the guard has put it there
	return text, p, a.s.match(p, text)
}

// about is a number as a float, also where a whole one beyond 53 bits loses its last digits.
func about(v any) (float64, bool) {
	if n, ok := v.(json.Number); ok {
		f, err := n.Float64()
		return f, err == nil
	}
	return finite(v)
}
