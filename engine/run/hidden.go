package run

import (
	"slices"
	"strconv"

	"github.com/stepmill/stepmill/engine/value"
)

// Hidden is what a run hides of what it gives to another one: who gets it hides it too. It is never written as it is.
type Hidden struct {
	Texts  []string // wherever they stand
	Places []string // of what is hidden whatever it is, as JSON pointers into the output or the failure's body
}

// What is hidden of an entry or an event stands among its Veiled under these names, which are no place in it: no JSON
// pointer begins without a slash.
const (
	hiddenTexts  = "texts"
	hiddenPlaces = "places"
)

func inValue(at string) bool { return at == "" || at[0] == '/' }

// Value is what is hidden as a signal carries it; nil: nothing is.
func (h *Hidden) Value() map[string]any {
	if h == nil {
		return nil
	}
	return map[string]any{hiddenTexts: listOf(h.Texts), hiddenPlaces: listOf(h.Places)}
}

// HiddenFrom reads what Value gave; nil: nothing is hidden.
func HiddenFrom(v any) *Hidden {
	object, _ := v.(map[string]any)
	texts, places := textsOf(object[hiddenTexts]), textsOf(object[hiddenPlaces])
	if len(texts)+len(places) == 0 {
		return nil
	}
	return &Hidden{Texts: texts, Places: places}
}

func listOf(texts []string) []any {
	out := make([]any, len(texts))
	for i, one := range texts {
		out[i] = one
	}
	return out
}

func textsOf(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, item := range list {
		out = append(out, text(item))
	}
	return out
}

// Hides says what of an output, or of a failure where there is one, is hidden; nil: nothing is.
func (v *Veil) Hides(output any, f *Failure) *Hidden {
	if v == nil {
		return nil
	}
	var h Hidden
	_, veiled := v.Shown(output)
	if f != nil {
		veiled = v.Cover(Entry{Kind: RunFailed, Data: Data{Failure: f}}).Veiled
	}
	for at, was := range veiled {
		const body = "/error/body"
		switch {
		case !inValue(at) || at == "/error/message" || v.byText(was):
		case f == nil:
			h.Places = append(h.Places, at)
		default:
			h.Places = append(h.Places, at[len(body):])
		}
	}
	slices.Sort(h.Places)
	if h.Texts = textsOf(v.within(veiled)); len(h.Texts)+len(h.Places) == 0 {
		return nil
	}
	return &h
}

// byText says that something is hidden for the texts in it, wherever it stands.
func (v *Veil) byText(x any) bool {
	s, ok := x.(string)
	return ok && HideTexts(s, v.Hidden()) != s || v.known[value.Text(x)] != nil
}

// within gives the hidden texts that stand in what was taken out of a value, in the order they were learned.
func (v *Veil) within(veiled map[string]any) []any {
	var out []any
	for _, one := range v.texts {
		forms := v.known[one]
		if anyText(veiled, func(s string) bool {
			return slices.ContainsFunc(forms, func(form string) bool { return HideTexts(s, []string{form}) != s })
		}) {
			out = append(out, one)
		}
	}
	return out
}

// anyText says whether something holds for a text or a number of a value.
func anyText(x any, holds func(string) bool) bool {
	switch x := x.(type) {
	case map[string]any:
		for _, member := range x {
			if anyText(member, holds) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(x, func(item any) bool { return anyText(item, holds) })
	case nil, bool:
	default:
		return holds(value.Text(x))
	}
	return false
}

// learnHidden notes what another run hides of what it gave to the step at a path.
func (v *Veil) learnHidden(path string, h *Hidden) {
	for _, one := range h.Texts {
		v.hide(one)
	}
	id := stepID(path)
	own := slices.Clip(v.masks[id])
	for _, at := range h.Places {
		p := patternOf(at)
		if !slices.ContainsFunc(own, func(o value.Pattern) bool { return slices.Equal(o, p) }) {
			own = append(own, p, p.Each())
		}
	}
	if len(own) == len(v.masks[id]) {
		return
	}
	v.any = append(slices.Clip(v.any), own[len(v.masks[id]):]...)
	masks := make(map[string][]value.Pattern, len(v.masks)+1) // the program's own is every run's
	for id, patterns := range v.masks {
		masks[id] = patterns
	}
	masks[id] = own
	v.masks = masks
}

// patternOf is the pattern that means the one place of a JSON pointer.
func patternOf(at string) value.Pattern {
	var p value.Pattern
	for _, key := range split(at) {
		if n, err := strconv.Atoi(key); err == nil && n >= 0 {
			p = append(p, value.Segment{Index: n})
		} else {
			p = append(p, value.Segment{Name: key})
		}
	}
	return p
}

// Beneath adds what was taken out of a value to what was taken out of another, in which it stands at a place.
func Beneath(into map[string]any, place string, veiled map[string]any) {
	for at, was := range veiled {
		if inValue(at) {
			into[place+at] = was
			continue
		}
		had, _ := into[at].([]any)
		more, _ := was.([]any)
		into[at] = append(slices.Clip(had), more...)
	}
}
