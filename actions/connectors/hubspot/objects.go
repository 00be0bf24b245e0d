package hubspot

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// object is one of HubSpot's standard objects: what its properties are called, and how one is found again.
type object struct {
	path    string          // "contacts"
	id      string          // "contact", what action ids end in
	one     string          // "contact", for people
	many    string          // "contacts"
	article string          // "a"
	unique  string          // the property that no two have by HubSpot's own rule; empty: there is none
	find    string          // the input that it is found by
	changed string          // the property with the time of its last change
	fields  []actions.Field // typed inputs; Name is the property, empty: ID
	links   []link          // what a new one can be put at
	props   map[string]any  // of the sample
}

// link is an input that names another record, and the type of the association from a new one to it. Source:
// https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide#association-type-id-values
type link struct {
	id, label, help string
	kind            int
}

// actions are all that can be done with one kind of object.
func (o object) actions() []actions.Action {
	find, create, get := o.finding(), o.create(), o.get()
	ensure := actions.Ensure{Get: &get, Made: "/id", Several: o.unique == ""}
	if o.unique != "" {
		ensure.Existing = existing
	}
	return []actions.Action{create, o.update(), o.upsert(), get, find, o.list(), o.search(), o.remove(), o.merge(),
		actions.FindOrCreate("find_or_create_"+o.id, "Find or create "+o.article+" "+o.one, "Finds "+o.article+" "+o.one+" by its "+o.find+", or makes it. Both give the properties that are asked for.", find, create, o.foundAt(), ensure)}
}

func (o object) sample() map[string]any {
	return map[string]any{"id": "512", "properties": o.props, "createdAt": "2026-01-31T09:30:00.000Z", "updatedAt": "2026-01-31T09:45:00.000Z", "archived": false}
}

// setsAgain is why a PATCH may be repeated.
const setsAgain = "The same values are set again where the answer was lost in a crash, so a repeat changes nothing."

func (o object) create() actions.Action {
	sample := o.sample()
	return actions.Action{
		ID: "create_" + o.id, Name: "Create " + o.article + " " + o.one, Description: "Makes " + o.article + " " + o.one + ".", Effect: actions.Once,
		Guarantee: "HubSpot has no key that would make a repeat harmless: a " + o.one + " whose answer was lost in a crash is not made again by itself, you are asked.",
		Input:     slices.Concat(o.fields, linkFields(o.links), moreProperties(o.path)),
		Output:    value.ShapeOf(sample), Sample: sample, Errors: taken(),
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/" + o.path, Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			body, err := written(o.fields, in)
			if err != nil {
				return actions.Parts{}, err
			}
			if to := associations(o.links, in); len(to) > 0 {
				body["associations"] = to
			}
			return actions.Parts{Body: body}, nil
		}},
	}
}

func (o object) update() actions.Action {
	sample := o.sample()
	return actions.Action{
		ID: "update_" + o.id, Name: "Update " + o.article + " " + o.one, Description: "Changes those properties of " + o.article + " " + o.one + " that are given.", Effect: actions.Idempotent,
		Guarantee: setsAgain,
		Input:     slices.Concat([]actions.Field{o.idField(), o.idProperty()}, o.fields, moreProperties(o.path)),
		Output:    value.ShapeOf(sample), Sample: sample, Errors: taken(),
		Request: &actions.Request{Method: "PATCH", Path: "/crm/v3/objects/" + o.path + "/{id}", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			body, err := written(o.fields, in)
			return actions.Parts{Body: body}, err
		}},
	}
}

// upsert goes by a property whose values are unique. HubSpot has it for lists only, so a list of one is sent.
// Source: https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch/post-crm-v3-objects-contacts-batch-upsert
func (o object) upsert() actions.Action {
	sample := o.sample()
	sample["new"] = true
	by := o.idProperty()
	by.ID, by.Label, by.Help, by.In, by.Name = "id_property", "Known by", "The property that tells one "+o.one+" from all others; HubSpot takes those only whose values are unique.", actions.InNone, ""
	if o.unique != "" {
		by.Default = o.unique
	} else {
		by.Required, by.Example = true, "external_id"
	}
	key := actions.Field{ID: "key", Label: "Value", Help: "The value of that property.", Type: actions.Text, Required: true, In: actions.InNone, Example: "A-1042"}
	return actions.Action{
		ID: "upsert_" + o.id, Name: "Create or update " + o.article + " " + o.one, Description: "Changes the " + o.one + " that is known by a unique value, or makes it.", Effect: actions.Idempotent,
		Guarantee: "The unique value tells HubSpot which " + o.one + " is meant, so a repeat after a crash makes no second one.",
		Input:     slices.Concat([]actions.Field{key, by}, o.fields, moreProperties(o.path)),
		Output:    value.ShapeOf(sample), Sample: sample, Errors: slices.Concat(ofBatch(), taken()),
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/" + o.path + "/batch/upsert", Body: actions.JSONBody, Output: firstResult, Prepare: func(in map[string]any) (actions.Parts, error) {
			one, err := written(o.fields, in)
			if err != nil {
				return actions.Parts{}, err
			}
			one["id"], one["idProperty"] = in["key"], in["id_property"]
			return actions.Parts{Body: map[string]any{"inputs": []any{one}}}, nil
		}},
	}
}

func (o object) get() actions.Action {
	sample := o.sample()
	return actions.Action{
		ID: "get_" + o.id, Name: "Get " + o.article + " " + o.one, Description: "Reads " + o.article + " " + o.one + " by its id, or by a property whose values are unique.", Effect: actions.Read,
		Guarantee: onlyReads,
		Input:     []actions.Field{o.idField(), o.idProperty(), o.returned(actions.InQuery), with()},
		Output:    value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "GET", Path: "/crm/v3/objects/" + o.path + "/{id}"},
	}
}

// finding looks one up by its natural key. Contacts are read by their address, which HubSpot's search shows some seconds late.
func (o object) finding() actions.Action {
	by := actions.FieldAt(o.fields, o.find)
	field := *by
	field.Required, field.In = true, actions.InNone
	property := field.Name
	if property == "" {
		property = field.ID
	}
	out := actions.Action{ID: "find_" + o.id, Name: "Find " + o.article + " " + o.one + " by " + strings.ToLower(field.Label), Effect: actions.Read, Guarantee: onlyReads}
	if o.unique != "" {
		field.In, field.Name = actions.InPath, "key"
		sample := o.sample()
		out.Description = "Reads the " + o.one + " with this " + o.find + ", which one alone can have; that there is none is the error not_found. Search " + o.many + " gives an empty list then."
		out.Errors = actions.ErrorTable{{Status: 404, Code: "not_found", Message: "HubSpot has no " + o.one + " with the " + o.find + " {input:" + o.find + "}", Remedy: "Check how it is written; what was deleted is not found. Find or create makes one, and on_error of the step can go on without."}}
		out.Input, out.Output, out.Sample = []actions.Field{field, o.returned(actions.InQuery)}, value.ShapeOf(sample), sample
		out.Request = &actions.Request{Method: "GET", Path: "/crm/v3/objects/" + o.path + "/{key}", Query: map[string]string{"idProperty": o.unique}}
		return out
	}
	out.Description = "Gives the " + o.many + " that have exactly this " + o.find + ". HubSpot finds a new one some seconds after it was made."
	out.Input = []actions.Field{field, o.returned(actions.InBody), actions.LimitField()}
	out.Output, out.Sample = actions.ListOf(o.sample())
	out.Page = searchPage()
	out.Request = &actions.Request{Method: "POST", Path: "/crm/v3/objects/" + o.path + "/search", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
		return actions.Parts{Body: map[string]any{"filterGroups": []any{group(filter(property, "EQ", value.Text(in[field.ID])))}, "sorts": []any{"createdate"}}}, nil
	}}
	return out
}

// foundAt is where the thing stands in what finding gives.
func (o object) foundAt() string {
	if o.unique != "" {
		return ""
	}
	return "/items"
}

func (o object) list() actions.Action {
	out := actions.Action{
		ID: "list_" + o.path, Name: "List " + o.many, Description: "Gives all " + o.many + ", or those that were deleted.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   []actions.Field{archived(), o.returned(actions.InQuery), with(), actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/crm/v3/objects/" + o.path}, Page: listPage(),
	}
	out.Output, out.Sample = actions.ListOf(o.sample())
	return out
}

func (o object) search() actions.Action {
	out := actions.Action{
		ID: "search_" + o.path, Name: "Search " + o.many, Effect: actions.Read, Guarantee: onlyReads,
		Description: "Gives the " + o.many + " that fit, also those that changed since a time. HubSpot shows a change some seconds late, and at most 10,000.",
		Input:       slices.Concat(searchFields(properties(o.path)), []actions.Field{o.returned(actions.InBody), actions.LimitField()}),
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/" + o.path + "/search", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			return searched(in, o.changed, "createdate")
		}},
		Page: searchPage(),
	}
	out.Output, out.Sample = actions.ListOf(o.sample())
	return out
}

func (o object) remove() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_" + o.id, Name: "Delete " + o.article + " " + o.one, Description: "Puts " + o.article + " " + o.one + " into HubSpot's recycle bin, where it stays for 90 days.", Effect: actions.Idempotent,
		Guarantee: "What is deleted stays deleted, so a repeat after a crash does no harm.",
		Input:     []actions.Field{o.idField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "DELETE", Path: "/crm/v3/objects/" + o.path + "/{id}", Output: deleted},
	}
}

func (o object) merge() actions.Action {
	sample := o.sample()
	return actions.Action{
		ID: "merge_" + o.path, Name: "Merge two " + o.many, Description: "Puts one " + o.one + " into another, which stays. It cannot be undone.", Effect: actions.Once,
		Guarantee: "A merge cannot be undone, and one whose answer was lost in a crash is not done again by itself: you are asked.",
		Input: []actions.Field{
			{ID: "primary", Label: "Which stays", Help: "Its id, or the address of its page.", Type: actions.Text, Required: true, Name: "primaryObjectId", Example: "512", Link: o.link(), Choices: recordsOf(o.id)},
			{ID: "other", Label: "Which goes into it", Help: "Its id, or the address of its page.", Type: actions.Text, Required: true, Name: "objectIdToMerge", Example: "513", Link: o.link(), Choices: recordsOf(o.id)}},
		Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/" + o.path + "/merge", Body: actions.JSONBody},
	}
}

func (o object) idField() actions.Field {
	return actions.Field{ID: "id", Label: o.title(), Help: "Its record id, the address of its page, or the value of the property that Known by names.", Type: actions.Text, Required: true, In: actions.InPath, Example: "512", Link: o.link(), Choices: recordsOf(o.id)}
}

func (o object) idProperty() actions.Field {
	return actions.Field{ID: "id_property", Label: "Known by", Help: "A property whose values are unique; not given: the record id.", Type: actions.Text, In: actions.InQuery, Name: "idProperty", Choices: properties(o.path)}
}

// returned is the input that says which properties come back: HubSpot gives a few only, unless they are named.
func (o object) returned(in actions.In) actions.Field {
	return actions.Field{ID: "return_properties", Label: "Properties to give", Help: "Their internal names; HubSpot gives no others.", Type: actions.Texts, In: in, Name: "properties",
		Default: asked(o.props), Choices: properties(o.path)}
}

func asked(props map[string]any) []any {
	out := []any{}
	for _, name := range slices.Sorted(maps.Keys(props)) {
		out = append(out, name)
	}
	return out
}

// deleted stands for the empty answer of a DELETE.
func deleted(actions.Response) (any, error) { return map[string]any{"deleted": true}, nil }

// firstResult takes the one record out of a batch of one.
func firstResult(resp actions.Response) (any, error) {
	if one := value.At(resp.Value, "/results/0"); one != nil {
		return one, nil
	}
	return nil, fault.New(fault.Unavailable, "HubSpot answered without the record.")
}

const onlyReads = "It only reads, so it is asked again after a crash."

// written are the inputs as a HubSpot record has them: every property is a text.
func written(fields []actions.Field, in map[string]any) (map[string]any, error) {
	props := map[string]any{}
	for name, v := range actions.WithSet(in, "properties") {
		if v != nil {
			props[name] = propertyText(v)
		}
	}
	for _, f := range fields {
		v := in[f.ID]
		if v == nil {
			continue
		}
		name := f.Name
		if name == "" {
			name = f.ID
		}
		if props[name] = propertyText(v); f.Type == actions.DateTime {
			props[name] = millis(v)
		}
	}
	if len(props) == 0 {
		return nil, fault.New(fault.InvalidInput, "The input properties: nothing is given to write; give at least one property.")
	}
	return map[string]any{"properties": props}, nil
}

// propertyText is a value as HubSpot's properties have it: of a list, several checkboxes say, its items between semicolons.
func propertyText(v any) string {
	list, ok := v.([]any)
	if !ok {
		return value.Text(v)
	}
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = value.Text(item)
	}
	return strings.Join(texts, ";")
}

// millis is a time as HubSpot's properties and filters have it: Unix milliseconds, in a text.
func millis(v any) string {
	at, err := time.Parse(time.RFC3339, value.Text(v))
	if err != nil {
		return value.Text(v)
	}
	return value.Text(at.UnixMilli())
}

func linkFields(links []link) []actions.Field {
	var out []actions.Field
	for _, l := range links {
		kind := strings.TrimSuffix(l.id, "_id")
		out = append(out, actions.Field{ID: l.id, Label: l.label, Help: l.help, Type: actions.Text, In: actions.InNone, Example: "902", Link: recordLink(kind), Choices: recordsOf(kind)})
	}
	return out
}

// associations puts a new record at those that are given.
func associations(links []link, in map[string]any) []any {
	var out []any
	for _, l := range links {
		if id := value.Text(in[l.id]); id != "" {
			out = append(out, map[string]any{"to": map[string]any{"id": id}, "types": []any{map[string]any{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": l.kind}}})
		}
	}
	return out
}
