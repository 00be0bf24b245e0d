package pipedrive

import (
	"slices"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// object is one of the kinds of things that the second version of Pipedrive's API keeps.
type object struct {
	path, id, one, many, a string
	kind                   string // what its filters are called
	name                   string // the member that a new one needs, "name" or "title"
	inputs                 []actions.Field
	filters                []actions.Field // of the list
	body                   func(in map[string]any) (map[string]any, error)
	item                   map[string]any
}

const (
	onlyReads = "It only reads, so it is asked again after a crash."
	// setsAgain is why a change of what is named by its id may be repeated.
	setsAgain = "The same values are set again where the answer was lost in a crash, so a repeat changes nothing."
	// staysDeleted is why a delete may be repeated.
	staysDeleted = "What is deleted stays deleted; a repeat after a crash may say that it is not there any more."
	noKey        = "Pipedrive has no key that would make a repeat harmless: what was lost in a crash is not made again by itself, you are asked."
)

// data takes the thing out of the envelope {"success": true, "data": ...} that every answer of Pipedrive's comes in.
func data(resp actions.Response) (any, error) {
	if v := value.At(resp.Value, "/data"); v != nil {
		return v, nil
	}
	return nil, fault.New(fault.Unavailable, "Pipedrive answered without any data.")
}

// gone stands for the answer to a DELETE, which says the id at most.
func gone(actions.Response) (any, error) { return map[string]any{"deleted": true}, nil }

func (o object) actions() []actions.Action {
	return []actions.Action{o.create(), o.update(), o.get(), o.list(), o.remove()}
}

func (o object) prepare(in map[string]any) (actions.Parts, error) {
	body, err := o.body(in)
	return actions.Parts{Body: body}, err
}

func (o object) create() actions.Action {
	fields := slices.Clone(o.inputs)
	for i := range fields {
		fields[i].Required = fields[i].Required || fields[i].ID == o.name
	}
	return actions.Action{
		ID: "create_" + o.id, Name: "Create " + o.a + " " + o.one, Description: "Makes " + o.a + " " + o.one + ".", Effect: actions.Once, Guarantee: noKey,
		Input: fields, Output: value.ShapeOf(o.item), Sample: o.item,
		Request: &actions.Request{Method: "POST", Path: "/api/v2/" + o.path, Body: actions.JSONBody, Prepare: o.prepare, Output: data},
	}
}

func (o object) update() actions.Action {
	return actions.Action{
		ID: "update_" + o.id, Name: "Update " + o.a + " " + o.one, Description: "Changes what is given of " + o.a + " " + o.one + ".", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: slices.Concat([]actions.Field{o.idField()}, o.inputs), Output: value.ShapeOf(o.item), Sample: o.item,
		Request: &actions.Request{Method: "PATCH", Path: "/api/v2/" + o.path + "/{id}", Body: actions.JSONBody, Prepare: o.prepare, Output: data},
	}
}

func (o object) get() actions.Action {
	return actions.Action{
		ID: "get_" + o.id, Name: "Get " + o.a + " " + o.one, Description: "Reads " + o.a + " " + o.one + " by its id.", Effect: actions.Read, Guarantee: onlyReads,
		Input: append([]actions.Field{o.idField()}, o.optionLabels()...), Output: value.ShapeOf(o.item), Sample: o.item,
		Request: &actions.Request{Method: "GET", Path: "/api/v2/" + o.path + "/{id}", Output: data},
	}
}

func (o object) list() actions.Action {
	out := actions.Action{
		ID: "list_" + o.path, Name: "List " + o.many, Description: "Gives the " + o.many + ", also only those that changed since a time.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   slices.Concat(o.filters, sinceFields(), o.optionLabels(), []actions.Field{actions.LimitField()}),
		Request: &actions.Request{Method: "GET", Path: "/api/v2/" + o.path}, Page: cursor("/data", "/id"),
	}
	out.Output, out.Sample = actions.ListOf(o.item)
	return out
}

func (o object) remove() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_" + o.id, Name: "Delete " + o.a + " " + o.one, Description: "Marks " + o.a + " " + o.one + " as deleted; Pipedrive deletes it for good after 30 days.", Effect: actions.Idempotent,
		Guarantee: staysDeleted,
		Input:     []actions.Field{o.idField()}, Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "DELETE", Path: "/api/v2/" + o.path + "/{id}", Output: gone},
	}
}

// optionLabels is the input by which options come with their labels, of the kinds that have it.
func (o object) optionLabels() []actions.Field {
	if !slices.Contains([]string{"deals", "people", "org"}, o.kind) {
		return nil
	}
	return []actions.Field{{ID: "option_labels", Label: "Options with their labels", Help: "Custom fields with options then hold objects with id and label, in place of ids.", Type: actions.Boolean, In: actions.InQuery, Name: "include_option_labels"}}
}

func (o object) idField() actions.Field {
	f := actions.Field{ID: "id", Label: title(o.one), Help: "Its id, a number.", Type: actions.Integer, Required: true, In: actions.InPath, Example: 42}
	f.Choices = listed(o.path, "/"+o.name)
	if slices.Contains([]string{"deal", "person", "organization"}, o.id) {
		f.Help, f.Link = "Its id, a number, or its address in Pipedrive.", link(o.id)
	}
	return f
}

// search looks for text. Pipedrive wraps each hit, with how well it fits, and gives of it what the search knows only.
func (o object) search(fields []actions.Option, more []actions.Field, hit map[string]any) actions.Action {
	out := actions.Action{
		ID: "search_" + o.path, Name: "Search " + o.many, Description: "Gives the " + o.many + " in which a text stands, the best first, each as item beside its result_score.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   slices.Concat(termFields(fields), more, []actions.Field{actions.LimitField()}),
		Request: &actions.Request{Method: "GET", Path: "/api/v2/" + o.path + "/search"}, Page: cursor(hits, "/item/id"),
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"result_score": 0.72, "item": hit})
	return out
}

// find looks for the one with exactly this value in a field.
func (o object) find(by actions.Field, field string, hit map[string]any) actions.Action {
	by.In, by.Name, by.Required = actions.InQuery, "term", true
	out := actions.Action{
		ID: "find_" + o.id, Name: "Find " + o.a + " " + o.one + " by " + lower(by.Label), Description: "Gives the " + o.many + " that have exactly this " + lower(by.Label) + ", each as item beside its result_score.", Effect: actions.Read, Guarantee: onlyReads,
		Input:   []actions.Field{by, actions.LimitField()},
		Request: &actions.Request{Method: "GET", Path: "/api/v2/" + o.path + "/search", Query: map[string]string{"fields": field, "exact_match": "true"}}, Page: cursor(hits, "/item/id"),
	}
	out.Output, out.Sample = actions.ListOf(map[string]any{"result_score": 0.72, "item": hit})
	return out
}

// ensured are the actions that look first, since Pipedrive has no key to know a thing of another system by.
func (o object) ensured(find actions.Action) []actions.Action {
	return o.ensuredBy(find, lower(find.Input[0].Label), actions.Ensure{})
}

// ensuredBy are those, where a further look says more. A search gives of a thing what it knows only, so the thing is read then.
func (o object) ensuredBy(find actions.Action, by string, ensure actions.Ensure) []actions.Action {
	key, get := find.Input[0].ID, o.get()
	ensure.Get, ensure.Found, ensure.Several = &get, "/id", true
	update := o.update() // what it was found by is there, and may be one of several
	update.Input = slices.DeleteFunc(update.Input, func(f actions.Field) bool { return f.ID == key })
	return []actions.Action{
		actions.FindOrCreate("find_or_create_"+o.id, "Find or create "+o.a+" "+o.one, "Finds "+o.a+" "+o.one+" by its "+by+", or makes it.", find, o.create(), "/items/0/item", ensure),
		actions.CreateOrUpdate("upsert_"+o.id, "Create or update "+o.a+" "+o.one, "Changes the "+o.one+" with this "+by+", or makes it. Where several have it, the first that Pipedrive's search gives is changed, unless several says that it fails.", find, o.create(), update, "/items/0/item", "/id", ensure)}
}

func termFields(fields []actions.Option) []actions.Field {
	return []actions.Field{
		{ID: "term", Label: "Text", Help: "At least two characters; one is enough where the whole field must be equal.", Type: actions.Text, Required: true, In: actions.InQuery, Example: "ada"},
		{ID: "field", Label: "Where", Help: "In which field; not given: in all that are searched.", Type: actions.Select, In: actions.InQuery, Name: "fields", Options: fields},
		{ID: "exact", Label: "Whole field", Help: "Only where the whole field is equal, whatever its case.", Type: actions.Boolean, In: actions.InQuery, Name: "exact_match"}}
}

func sinceFields() []actions.Field {
	return []actions.Field{
		{ID: "updated_since", Label: "Changed since", Help: "Only those made or changed from this time on.", Type: actions.DateTime, In: actions.InQuery, Example: "2026-01-31T09:30:00Z"},
		{ID: "updated_until", Label: "Changed before", Help: "Only those last changed before this time.", Type: actions.DateTime, In: actions.InQuery, Example: "2026-02-28T09:30:00Z"},
		{ID: "sort_by", Label: "Sorted by", Help: "What the order is of.", Type: actions.Select, Default: "update_time", In: actions.InQuery,
			Options: []actions.Option{{Value: "update_time", Label: "Last change"}, {Value: "add_time", Label: "When it was made"}, {Value: "id", Label: "Id"}}},
		{ID: "sort_direction", Label: "Order", Help: "Which come first.", Type: actions.Select, Default: "asc", In: actions.InQuery, Options: []actions.Option{{Value: "asc", Label: "Earliest first"}, {Value: "desc", Label: "Latest first"}}}}
}

// cursor is how lists of the second version go on, which give up to 500 at once; searches are asked for 100, for which Pipedrive says no more.
// Source: https://pipedrive.readme.io/docs/core-api-concepts-pagination
func cursor(items, id string) *actions.Page {
	size := 500
	if items == hits {
		size = 100
	}
	return &actions.Page{Kind: actions.NextToken, Items: items, Sure: items, ID: id, Next: "/additional_data/next_cursor", At: actions.Spot{In: actions.InQuery, Name: "cursor"}, Size: size, Sizes: actions.Spot{In: actions.InQuery, Name: "limit"}}
}

// hits is where a search has what it found.
const hits = "/data/items"

// offset is how lists of the first version go on.
func offset() *actions.Page {
	return &actions.Page{Kind: actions.Offset, Items: "/data", Sure: "/success", ID: "/id", At: actions.Spot{In: actions.InQuery, Name: "start"}, Size: 100, Sizes: actions.Spot{In: actions.InQuery, Name: "limit"}}
}
