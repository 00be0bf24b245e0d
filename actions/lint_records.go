package actions

import (
	"slices"
	"strings"

	"github.com/stepmill/stepmill/engine/value"
)

// records holds record types to the actions and triggers that they name.
func (l *linter) records(c Connector) {
	at := l.at
	defer func() { l.at = at }()
	seen := map[string]bool{}
	for _, r := range c.Records {
		l.at = at + " record " + r.ID
		l.id("record", r.ID)
		if seen[r.ID] {
			l.say("there is another one of that id")
		}
		seen[r.ID] = true
		l.words("name", r.Name)
		l.words("plural", r.Many)
		if !slices.Contains(RecordKinds(), r.Kind) {
			l.say("%q is no kind of record", r.Kind)
		}
		l.record(c, r)
	}
}

func (l *linter) record(c Connector, r Record) {
	get := l.operation(c, "get", r.Get, "", r.Get.ID)
	if get == nil || r.Get.ID == "" {
		l.say("it cannot be read by its id")
		return
	}
	sample := value.At(get.Sample, r.Get.At)
	for name, pointer := range map[string]string{"key": r.Key, "time of making": r.Made, "time of change": r.Changed} {
		if pointer != "" && value.At(sample, pointer) == nil {
			l.say("its %s, %s, is not in the sample of %s", name, pointer, get.ID)
		}
	}
	if r.Key == "" {
		l.say("nothing says where its id stands")
	}
	for _, o := range r.Find {
		l.operation(c, "find", o, "", o.Value, o.Named)
		l.known(r, o)
	}
	for name, o := range map[string]Operation{"changes": r.Changes, "removed": r.Removed} {
		if a := l.operation(c, name, o, "", o.Since, o.Until); a != nil {
			if _, list := value.At(a.Sample, o.At).([]any); !list {
				l.say("%s gives no list at %q", a.ID, o.At)
			}
			if o.Since == "" && name == "changes" {
				l.say("%s is not asked from a time on", a.ID)
			}
		}
	}
	if d := l.operation(c, "delete", r.Delete, "", r.Delete.ID); d != nil && r.Delete.ID == "" {
		l.say("%s does not say what to delete", d.ID)
	}
	if u := l.operation(c, "update", r.Update, "fields", r.Update.ID); u != nil && r.Update.ID == "" {
		l.say("%s does not say what to update", u.ID)
	}
	l.operation(c, "create", r.Create, "fields")
	for _, o := range r.Upsert {
		l.operation(c, "upsert", o, "fields", o.Value, o.Named)
		l.known(r, o)
	}
	l.recordFields(c, r)
	for _, w := range r.Watches {
		l.watch(c, w)
	}
	if len(r.Watches) == 0 {
		l.say("no trigger tells of its changes")
	}
}

// operation finds an action and holds it to the inputs that are named; nil: there is none. What it requires must be among these
// or, where it is written to, among the fields.
func (l *linter) operation(c Connector, what string, o Operation, filled string, inputs ...string) *Action {
	if o.Action == "" {
		return nil
	}
	a := c.action(o.Action)
	if a == nil {
		l.say("%s: there is no action %s", what, o.Action)
		return nil
	}
	given := append(slices.Clone(inputs), o.Give)
	for name := range o.With {
		given = append(given, name)
	}
	for _, name := range given {
		if name != "" && FieldAt(a.Input, name) == nil {
			l.say("%s: %s has no input %s", what, a.ID, name)
		}
	}
	for _, f := range a.Input {
		if f.Required && filled == "" && !slices.Contains(given, f.ID) {
			l.say("%s: %s needs the input %s, which nothing gives", what, a.ID, f.ID)
		}
	}
	return a
}

// known holds an operation by what a record is known by to the fields that it names.
func (l *linter) known(r Record, o Operation) {
	if o.Value == "" || len(o.Of) == 0 && o.Named == "" {
		l.say("%s does not say by which fields", o.Action)
	}
	for _, name := range o.Of {
		if r.Fields.List.Action == "" && !slices.ContainsFunc(r.Fields.Known, func(f RecordField) bool { return f.Name == name }) {
			l.say("%s goes by the field %s, which it does not have", o.Action, name)
		}
	}
}

// recordFields holds the known fields to what create and update take, and the list of others to its action.
func (l *linter) recordFields(c Connector, r Record) {
	for _, f := range r.Fields.Known {
		if f.Name == "" || f.Label == "" || !strings.HasPrefix(f.At, "/") {
			l.say("the field %q lacks a name, a label or where it stands", f.Name)
		}
		if !slices.Contains(Types(), f.Type) {
			l.say("the field %s: %q is no type", f.Name, f.Type)
		}
		if f.Input == "" {
			continue
		}
		first, _, _ := strings.Cut(f.Input, ".")
		for _, o := range append([]Operation{r.Create, r.Update}, r.Upsert...) {
			if a := c.action(o.Action); a != nil && FieldAt(a.Input, first) == nil && first != o.Value && !(f.OnlyNew && o.Action == r.Update.Action) {
				l.say("the field %s goes into the input %s, which %s has not", f.Name, first, a.ID)
			}
		}
	}
	list := l.operation(c, "fields", r.Fields.List, "")
	if list == nil {
		if len(r.Fields.Known) == 0 {
			l.say("nothing says which fields it has")
		}
		return
	}
	if r.Fields.Read == nil {
		l.say("nothing reads the fields that %s lists", list.ID)
		return
	}
	items, _ := value.At(list.Sample, r.Fields.List.At).([]any)
	found := 0
	for _, item := range items {
		found += len(r.Fields.Read(item))
	}
	if found == 0 {
		l.say("no field is found in the sample of %s", list.ID)
	}
}

func (c *Connector) action(id string) *Action {
	if i := slices.IndexFunc(c.Actions, func(a Action) bool { return a.ID == id }); i >= 0 {
		return &c.Actions[i]
	}
	return nil
}

func (l *linter) watch(c Connector, w Watch) {
	i := slices.IndexFunc(c.Triggers, func(t Trigger) bool { return t.ID == w.Trigger })
	if i < 0 {
		l.say("there is no trigger %s", w.Trigger)
		return
	}
	t := &c.Triggers[i]
	given := []string{w.Give}
	for name := range w.With {
		given = append(given, name)
	}
	for _, name := range given {
		if name != "" && FieldAt(t.Inputs(), name) == nil {
			l.say("the trigger %s has no input %s", t.ID, name)
		}
	}
	if w.Ref == "" {
		l.say("nothing says which record an event of %s is of", t.ID)
	}
	if (w.Verb == "") != (len(w.Gone) == 0) {
		l.say("%s says by half when a record was deleted", t.ID)
	}
}
