package expr

import (
	"fmt"
	"reflect"
	"strings"
)

// function is one that expressions may call.
type function struct {
	signature string // as people read it; "": hidden
	min, max  int    // arguments; max -1: any number
	pattern   int    // index of the argument that is a regular expression; zero: none
	validate  func([]reflect.Type) (reflect.Type, error)
	call      func(s *state, args []any) (any, error)
}

func (f *function) arity() string {
	switch {
	case f.max < 0 && f.min == 1:
		return "at least 1 value"
	case f.max < 0:
		return "at least " + itoa(f.min) + " values"
	case f.min == f.max && f.min == 1:
		return "1 value"
	case f.min == f.max:
		return itoa(f.min) + " values"
	}
	return itoa(f.min) + " to " + itoa(f.max) + " values"
}

// What a value must be follows from its name in a function's signature, so that a name means one thing everywhere.
const (
	textNames   = " text prefix suffix part old new end with separator characters pattern thousands point form zone unit code field path key order "
	numberNames = " number length times count size amount digits "
	listNames   = " list lists "
	objectNames = " object objects "
)

// parameters gives the names in a signature, whether the last may come again, and what the function gives.
func parameters(signature string) (names []string, again bool, gives string) {
	inner, gives, _ := strings.Cut(signature, " → ")
	_, inner, _ = strings.Cut(strings.TrimSuffix(inner, ")"), "(")
	for _, name := range strings.FieldsFunc(inner, func(r rune) bool { return strings.ContainsRune(", []", r) }) {
		name, more := strings.CutSuffix(name, "…")
		names, again = append(names, name), more
	}
	return names, again, gives
}

// validator checks the kinds of arguments as far as they are known before anything runs, and says what kind comes out.
func validator(function, signature string) func([]reflect.Type) (reflect.Type, error) {
	names, again, gives := parameters(signature)
	return func(given []reflect.Type) (reflect.Type, error) {
		for i, t := range given {
			if i >= len(names) && !again {
				break // words has said that there are too many
			}
			if want, ok := fits(names[min(i, len(names)-1)], t); !ok {
				return nil, fmt.Errorf("%s: value %d must be %s, not %s", function, i+1, want, aKindOfType(t))
			}
		}
		return typeOfKind(gives), nil
	}
}

func typeOfKind(kind string) reflect.Type {
	switch kind {
	case "text":
		return reflect.TypeFor[string]()
	case "boolean":
		return reflect.TypeFor[bool]()
	case "number":
		return reflect.TypeFor[int]()
	case "list":
		return reflect.TypeFor[[]any]()
	case "object":
		return reflect.TypeFor[map[string]any]()
	}
	return reflect.TypeFor[any]()
}

// fits says whether a type may stand for a name; null and what is not known always may, and numbers and booleans are
// written out where a text is wanted.
func fits(name string, t reflect.Type) (want string, ok bool) {
	if t == nil || t.Kind() == reflect.Interface {
		return "", true
	}
	in := func(names string) bool { return strings.Contains(names, " "+name+" ") }
	switch kind := t.Kind(); {
	case in(textNames):
		return "a text", kind != reflect.Slice && kind != reflect.Map
	case in(numberNames):
		return "a number", kind == reflect.Int || kind == reflect.Float64
	case in(listNames):
		return "a list", kind == reflect.Slice
	case in(objectNames):
		return "an object", kind == reflect.Map
	}
	return "", true
}
