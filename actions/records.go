package actions

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/engine/value"
)

// Record is a kind of record that a system keeps, as a contact or a deal: what it is made of, and which of the connector's
// actions and triggers read, write and announce it. It is all that keeping records of two systems equal needs to know of one; what is done is
// steps that use these actions, with everything that they promise.
type Record struct {
	ID   string     // "contact"
	Name string     // "Contact"
	Many string     // "Contacts"
	Kind RecordKind // what it is to people

	// JSON Pointers into a record.
	Key     string // its id
	Made    string // when it was made; empty: it does not say
	Changed string // when it last changed; empty: it does not say
	By      string // who changed it last; empty: it does not say
	Deleted string // true where it was deleted; empty: a deleted one is not given

	Fields  RecordFields
	Get     Operation
	Find    []Operation // by what it is known by; the first that takes a field is used
	Changes Operation   // the list of those that changed since a time
	Removed Operation   // the list of those that were deleted since a time
	Create  Operation
	Update  Operation
	Upsert  []Operation // by what it is known by
	Delete  Operation
	// Watches are the triggers that tell of a change, the quickest first.
	Watches []Watch
}

// Does says what can be done with it, each in a word or few.
func (r *Record) Does() []string {
	var out []string
	for _, one := range []struct {
		can  bool
		does string
	}{{r.Get.Action != "", "read"}, {len(r.Find) > 0, "found"}, {r.Changes.Action != "", "listed by change"}, {r.Create.Action != "", "made"}, {r.Update.Action != "", "changed"},
		{len(r.Upsert) > 0, "made or changed"}, {r.Delete.Action != "", "deleted"}} {
		if one.can {
			out = append(out, one.does)
		}
	}
	return out
}

// RecordKind is what a record is to people, by which the kinds of two systems find one another.
type RecordKind string

const (
	ContactRecord      RecordKind = "contact"
	LeadRecord         RecordKind = "lead"
	CompanyRecord      RecordKind = "company"
	DealRecord         RecordKind = "deal"
	TicketRecord       RecordKind = "ticket"
	ConversationRecord RecordKind = "conversation"
	ActivityRecord     RecordKind = "activity"
)

// RecordKinds lists them.
func RecordKinds() []RecordKind {
	return []RecordKind{ContactRecord, LeadRecord, CompanyRecord, DealRecord, TicketRecord, ConversationRecord, ActivityRecord}
}

// RecordField is a field of a record as an account has it.
type RecordField struct {
	Name     string // what the system calls it
	Label    string
	Help     string
	Type     Type     // of its value, or, where it holds Many, of each
	Many     bool     // it holds a list
	Options  []Option // what it takes; none: anything of its type
	Required bool     // a new record needs it
	Unique   bool     // no two records have the same
	Custom   bool     // of the account's own making
	Refers   string   // the record type whose id it holds; empty: none, or one that is not known here
	At       string   // JSON Pointer into a record
	Input    string   // where it goes among the inputs of Create, Update and Upsert; dots nest. Empty: it cannot be written
	OnlyNew  bool     // it can be written when the record is made only
	Clock    Clock    // how Input takes a time: Unix or UnixMilli; NoClock: in RFC 3339
	Joined   string   // what stands between the texts of Many where they are one text; empty: they are a list
	Empty    any      // what Input takes to clear it; nil: null
}

// RecordFields say what a record is made of.
type RecordFields struct {
	Known []RecordField // what every account has; one that is listed too stands as it is here, with the options listed
	// List gives what the account has; each item is read by Read. Without an action there are only those that are known.
	List Operation
	// Read gives the fields that an item of the list tells of; none: it is not to be seen.
	Read func(item any) []RecordField
}

// Operation is one of the connector's actions as a record type uses it. The zero value: the system has none.
type Operation struct {
	Action string         // its id
	With   map[string]any // inputs that are the same for all, as {"object": "Contact"}
	ID     string         // the input for the record's id
	Value  string         // the input for the value that it is known by
	Named  string         // the input for the name of the field whose value that is
	Of     []string       // the fields that it can be known by, by their names; none: any Unique one, where Named says which
	Since  string         // the input for the time from which on
	Until  string         // the input for the time until which
	Give   string         // the input for the names of the fields that are wanted; empty: all come
	At     string         // JSON Pointer into the output: where the record stands, or the list; empty: the output is it
	Ref    string         // JSON Pointer into an item, or the output: the record's id, where it is not given as Get gives it. Empty: Key
	Part   bool           // what it gives lacks fields that Get gives
}

// Watch is a trigger that tells of changes of records.
type Watch struct {
	Trigger string         // its id
	With    map[string]any // its inputs
	Give    string         // the input for the names of the fields that are wanted
	At      string         // JSON Pointer into the event: the record; Part says how much of it. Empty: the event is it
	Ref     string         // JSON Pointer into the event: the record's id
	Part    bool           // it lacks fields that Get gives
	// Where the text at this JSON Pointer into the event is one of Gone, the record was deleted.
	Verb string
	Gone []string
}

// Takes says that an operation finds a record by the value of a field.
func (o Operation) Takes(f RecordField) bool {
	if o.Action == "" || o.Value == "" {
		return false
	}
	return slices.Contains(o.Of, f.Name) || len(o.Of) == 0 && o.Named != "" && f.Unique
}

// By are the inputs that name the record which has a value in a field.
func (o Operation) By(f RecordField, v any) map[string]any {
	in := o.inputs()
	in[o.Value] = v
	if o.Named != "" {
		in[o.Named] = f.Name
	}
	return in
}

// One are the inputs that name a record by its id.
func (o Operation) One(id any) map[string]any {
	in := o.inputs()
	in[o.ID] = id
	return in
}

// Window are the inputs for what happened from one time to another, in RFC 3339.
func (o Operation) Window(since, until string) map[string]any {
	in := o.inputs()
	if o.Since != "" {
		in[o.Since] = since
	}
	if o.Until != "" {
		in[o.Until] = until
	}
	return in
}

func (o Operation) inputs() map[string]any {
	in := maps.Clone(o.With)
	if in == nil {
		in = map[string]any{}
	}
	return in
}

// Asking adds to inputs which fields are wanted.
func (o Operation) Asking(in map[string]any, fields []RecordField) map[string]any {
	if o.Give == "" {
		return in
	}
	names := make([]any, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	in[o.Give] = names
	return in
}

// Operations gives what is done with the record, also what the system does not have.
func (r *Record) Operations() iter.Seq[Operation] {
	return func(yield func(Operation) bool) {
		for _, o := range slices.Concat([]Operation{r.Get}, r.Find, []Operation{r.Changes, r.Removed, r.Create, r.Update}, r.Upsert, []Operation{r.Delete}) {
			if !yield(o) {
				return
			}
		}
	}
}

// Record gives a record type by its id; nil: there is none.
func (c *Connector) Record(id string) *Record {
	for i := range c.Records {
		if c.Records[i].ID == id {
			return &c.Records[i]
		}
	}
	return nil
}

// Read gives a field's value in a record as it is everywhere: a time in RFC 3339 and UTC, a day as 2026-01-31, a number, true or
// false, a text, and of a field that holds Many a list of these. nil: it is empty. A text that is not of the field's type stays.
func (f RecordField) Read(record any) any {
	v := value.At(record, f.At)
	if !f.Many {
		return f.one(v)
	}
	list, ok := v.([]any)
	if text := value.Text(v); !ok && text != "" && f.Joined != "" {
		for _, part := range strings.Split(text, f.Joined) {
			list = append(list, part)
		}
	}
	var out []any
	for _, item := range list {
		if got := f.one(item); got != nil {
			out = append(out, got)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func (f RecordField) one(v any) any {
	text, isText := v.(string)
	if v == nil || isText && text == "" {
		return nil
	}
	switch f.Type {
	case DateTime:
		if at, ok := value.Moment(v); ok {
			return at.UTC().Format(time.RFC3339Nano)
		}
	case Date:
		if at, ok := value.Moment(v); ok {
			return at.UTC().Format(time.DateOnly)
		}
	case Number, Integer:
		if isText {
			if n, err := value.Decode([]byte(text), value.Limits{Depth: 1, Nodes: 1}); err == nil && value.Kind(n) == "number" {
				return n
			}
		}
	case Boolean:
		if isText && (text == "true" || text == "false") {
			return text == "true"
		}
	case Text, LongText, Select:
		return value.Text(v)
	}
	return v
}

// Write puts a value that Read gave, of this field or another, where it goes among inputs; nil clears the field.
func (f RecordField) Write(in map[string]any, v any) {
	names := strings.Split(f.Input, ".")
	for _, name := range names[:len(names)-1] {
		inner, ok := in[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			in[name] = inner
		}
		in = inner
	}
	in[names[len(names)-1]] = f.written(v)
}

func (f RecordField) written(v any) any {
	if v == nil {
		return f.Empty
	}
	list, isList := v.([]any)
	switch {
	case isList && f.Many && f.Joined != "":
		texts := make([]string, len(list))
		for i, item := range list {
			texts[i] = value.Text(item)
		}
		return strings.Join(texts, f.Joined)
	case isList && !f.Many && len(list) > 0: // the first of several is the main one
		v = list[0]
	case !isList && f.Many && f.Joined == "":
		return []any{v}
	}
	if at, ok := value.Moment(v); ok && f.Type == DateTime {
		switch f.Clock {
		case Unix:
			return at.Unix()
		case UnixMilli:
			return at.UnixMilli()
		}
	} else if ok && f.Type == Date {
		return at.UTC().Format(time.DateOnly)
	}
	return v
}
