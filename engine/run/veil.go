package run

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/value"
)

// Masked stands for what is hidden.
const Masked = "***"

// Veil hides what the steps of a scenario mask, in one run: the values at the masked paths of a step's input and output,
// and their texts wherever they appear afterwards in that run and in those it calls. What it takes out of an entry stays beside it, sealed by
// the store and given back only to the engine, so that a run goes on with the real values. A nil Veil hides nothing.
//
// Texts shorter than 4 bytes and numbers shorter than 6 digits are hidden at their path only; of the others the newest
// 1,000 are looked for elsewhere.
type Veil struct {
	masks map[string][]value.Pattern // by the step's id
	any   []value.Pattern            // of every step: for entries that are of none
	texts []string                   // oldest first
	known map[string][]string        // their forms
	forms []string                   // of all texts, in the forms in which they may stand in another; the longest first, or of a text that begins with another the rest is shown
	count map[string]int             // of texts, by their form
}

const (
	shortestHidden = 4
	shortestNumber = 6
	mostHidden     = 1000
)

// NewVeil makes the veil of a run whose steps, by id, mask these paths; nil where they mask nothing.
func NewVeil(masks map[string][]value.Pattern) *Veil {
	if len(masks) == 0 {
		return nil
	}
	v := EmptyVeil()
	v.masks = masks
	for _, id := range slices.Sorted(maps.Keys(masks)) {
		v.any = append(v.any, masks[id]...)
	}
	return v
}

// EmptyVeil makes a veil that hides what it is told to.
func EmptyVeil() *Veil { return &Veil{known: map[string][]string{}, count: map[string]int{}} }

// Hidden gives what is hidden so far: texts, as they are and in the forms in which they may stand elsewhere. The list is not to be changed.
func (v *Veil) Hidden() []string {
	if v == nil {
		return nil
	}
	return v.forms
}

// Note learns from an entry, as it was before it was covered, what is to be hidden from then on. It gives the veil, which is
// a new one where there was none and the entry brings what another run hides.
func (v *Veil) Note(e *Entry) *Veil {
	if v == nil && (e.Hidden != nil || givesHidden(e)) {
		v = EmptyVeil()
	}
	if v == nil {
		return nil
	}
	if e.Hidden != nil {
		v.learnHidden(e.Path, e.Hidden)
	}
	patterns := v.of(e)
	v.learn(e.Input, patterns)
	v.learn(e.Output, patterns)
	v.learnGiven(e)
	return v
}

// Cover gives an entry to be stored and shown in place of one: what it hides is in Veiled. The one given is not changed.
func (v *Veil) Cover(e Entry) Entry {
	if v == nil {
		return e
	}
	if e.Kind == StepKept && e.Hidden == nil { // the entry that said what a called run hides of it may be gone soon
		e.Hidden = v.Hides(e.Output, nil)
	}
	v.Note(&e)
	c := covering{veil: v, patterns: v.of(&e)}
	switch {
	case e.Kind == StepWaiting: // who decides on an approval is shown what it asks, but for what the step itself masks
		c.plain = true
		e.Input = c.walk(e.Input, "/input", c.patterns)
		c.plain = false
	case e.Kind == RunQueued:
		e.Input = c.given(e.Input)
	default:
		e.Input = c.walk(e.Input, "/input", c.patterns)
	}
	e.Output = c.walk(e.Output, "/output", c.patterns)
	e.Message = c.text(e.Message, "/message")
	e.Label = c.text(e.Label, "/label")
	if e.Failure != nil {
		f := *e.Failure
		f.Message, f.Body = c.text(f.Message, "/error/message"), c.walk(f.Body, "/error/body", c.patterns)
		e.Failure = &f
	}
	if e.Exchange != nil {
		x := *e.Exchange
		x.URL = HideTexts(x.URL, v.Hidden()) // it is only ever shown
		e.Exchange = &x
	}
	if h := e.Hidden; h != nil {
		c.hide(hiddenTexts, listOf(h.Texts))
		c.hide(hiddenPlaces, listOf(h.Places))
		e.Hidden = nil
	}
	e.Veiled = c.veiled
	return e
}

// Shown is a value as it is shown, and what was taken out of it by the place it had, with the texts for which it was.
func (v *Veil) Shown(x any) (shown any, veiled map[string]any) {
	if v == nil {
		return x, nil
	}
	c := covering{veil: v, patterns: v.any}
	shown = c.walk(x, "", c.patterns)
	if texts := v.within(c.veiled); len(texts) > 0 {
		c.veiled[hiddenTexts] = texts
	}
	return shown, c.veiled
}

// Text is a text as it is shown.
func (v *Veil) Text(s string) string {
	if v == nil || s == "" {
		return s
	}
	return (&covering{veil: v}).text(s, "")
}

// Failure is a failure as it is shown.
func (v *Veil) Failure(f *Failure) *Failure {
	if v == nil || f == nil {
		return f
	}
	return v.Cover(Entry{Kind: RunFailed, Data: Data{Failure: f}}).Failure
}

// Given takes an input that a person made from what they were shown of another, and puts back what was hidden from them
// and they left as it was.
func (v *Veil) Given(path string, edited, original any) any {
	if v == nil || original == nil {
		return edited
	}
	e := v.Cover(Entry{Kind: StepStarted, Path: path, Data: Data{Input: original}})
	for at, was := range e.Veiled {
		keys := split(at)[1:]
		if shown, ok := get(e.Input, keys); ok {
			if now, ok := get(edited, keys); ok && now == shown {
				edited = set(edited, keys, was)
			}
		}
	}
	return edited
}

// Uncover puts back into an entry, as it came out of the store, what was hidden in it.
func Uncover(e *Entry) {
	if h := HiddenFrom(e.Veiled); h != nil {
		e.Hidden = h
	}
	for at, was := range e.Veiled {
		if !inValue(at) {
			continue
		}
		switch keys := split(at); keys[0] {
		case "input":
			e.Input = set(e.Input, keys[1:], was)
		case "output":
			e.Output = set(e.Output, keys[1:], was)
		case "message":
			e.Message = text(was)
		case "label":
			e.Label = text(was)
		case "error":
			if e.Failure == nil {
				continue
			}
			if keys[1] == "message" {
				e.Failure.Message = text(was)
			} else {
				e.Failure.Body = set(e.Failure.Body, keys[2:], was)
			}
		}
	}
	e.Veiled = nil
}

// UncoverValue puts back into a value what Shown took out of it. The value is changed.
func UncoverValue(v any, veiled map[string]any) any {
	for at, was := range veiled {
		if inValue(at) {
			v = set(v, split(at), was)
		}
	}
	return v
}

// HideTexts takes what Hidden gave out of a text.
func HideTexts(s string, hidden []string) string {
	for _, one := range hidden {
		if len(one) <= len(s) && strings.Contains(s, one) {
			s = strings.ReplaceAll(s, one, Masked)
		}
	}
	return s
}

// of gives what is masked in an entry: the paths of its step.
func (v *Veil) of(e *Entry) []value.Pattern {
	if e.Path == "" {
		return v.any
	}
	return v.masks[stepID(e.Path)]
}

// stepID is the id of the step that a path leads to.
func stepID(path string) string {
	id := path[strings.LastIndexByte(path, '.')+1:]
	if i := strings.IndexByte(id, '['); i >= 0 {
		id = id[:i]
	}
	return id
}

// learn notes the texts in what the patterns mean.
func (v *Veil) learn(x any, patterns []value.Pattern) {
	if len(patterns) == 0 {
		return
	}
	if slices.ContainsFunc(patterns, whole) {
		v.HideAll(x)
		return
	}
	switch x := x.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			v.learn(x[name], within(patterns, func(p value.Pattern) (value.Pattern, bool) { return p.Member(name) }))
		}
	case []any:
		for i, item := range x {
			v.learn(item, within(patterns, func(p value.Pattern) (value.Pattern, bool) { return p.Item(i) }))
		}
	}
}

func whole(p value.Pattern) bool { return len(p) == 0 }

func within(patterns []value.Pattern, step func(value.Pattern) (value.Pattern, bool)) []value.Pattern {
	var out []value.Pattern
	for _, p := range patterns {
		if rest, ok := step(p); ok {
			out = append(out, rest)
		}
	}
	return out
}

// HideAll adds every text in a value to those that are hidden.
func (v *Veil) HideAll(x any) {
	switch x := x.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			v.HideAll(x[name])
		}
	case []any:
		for _, item := range x {
			v.HideAll(item)
		}
	case string:
		v.hide(x)
	case int, float64, json.Number:
		if s := value.Text(x); len(s) >= shortestNumber { // shorter ones are everywhere: years, counts
			v.hide(s)
		}
	}
}

func (v *Veil) hide(s string) {
	if len(s) < shortestHidden || s == Masked || v.known[s] != nil {
		return
	}
	if len(v.texts) == mostHidden {
		for _, form := range v.known[v.texts[0]] {
			v.drop(form)
		}
		delete(v.known, v.texts[0])
		v.texts = v.texts[1:]
	}
	v.known[s] = forms(s)
	v.texts = append(v.texts, s)
	for _, form := range v.known[s] {
		v.add(form)
	}
}

// add looks for a form of a text from now on.
func (v *Veil) add(form string) {
	if v.count[form]++; v.count[form] == 1 {
		v.forms = slices.Insert(v.forms, v.place(form), form)
	}
}

// drop looks for a form no more, unless it is another text's too.
func (v *Veil) drop(form string) {
	if v.count[form]--; v.count[form] > 0 {
		return
	}
	delete(v.count, form)
	i := v.place(form)
	i += slices.Index(v.forms[i:], form)
	v.forms = slices.Delete(v.forms, i, i+1)
}

// place is where the forms of the same length begin.
func (v *Veil) place(form string) int {
	i, _ := slices.BinarySearchFunc(v.forms, len(form), func(one string, n int) int { return n - len(one) })
	return i
}

// learnGiven notes what a replay of a part takes over.
func (v *Veil) learnGiven(e *Entry) {
	if e.Kind != RunQueued {
		return
	}
	replayed, _ := e.Input.(map[string]any)
	steps, _ := replayed["steps"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(steps)) {
		if had, ok := steps[path].(map[string]any); ok {
			if h := HiddenFrom(had["hidden"]); h != nil {
				v.learnHidden(path, h)
			}
			v.learn(had["output"], v.masks[stepID(path)])
		}
	}
}

// givesHidden says that a replay of a part takes over what another run hides.
func givesHidden(e *Entry) bool {
	if e.Kind != RunQueued {
		return false
	}
	replayed, _ := e.Input.(map[string]any)
	steps, _ := replayed["steps"].(map[string]any)
	for _, had := range steps {
		if object, _ := had.(map[string]any); object["hidden"] != nil {
			return true
		}
	}
	return false
}
