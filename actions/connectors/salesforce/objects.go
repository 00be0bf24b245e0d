package salesforce

import (
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// object is one of Salesforce's standard objects with inputs of its own.
type object struct {
	name         string // "Account"
	id, many, a  string // "account", "accounts", "an"
	needs        []string
	find         string // the input that it is found by
	fields       []actions.Field
	record       map[string]any // of the sample; its names are asked for
	unsuspicious bool           // duplicate rules do not look at it
}

func (o object) actions() []actions.Action {
	find, create, get := o.finding(), o.create(), o.get()
	return []actions.Action{create, o.update(), o.upsert(), get, find, o.list(), o.remove(),
		actions.FindOrCreate("find_or_create_"+o.id, "Find or create "+o.a+" "+o.id, "Finds "+o.a+" "+o.id+" by its "+o.find+", or makes it; both give the fields that are asked for.", find, create, "/items", actions.Ensure{Get: &get, Made: "/Id", Several: true})}
}

func (o object) title() string { return strings.ToUpper(o.id[:1]) + o.id[1:] }

func (o object) prepare(in map[string]any) (actions.Parts, error) {
	b, err := body(o.inputs(), in)
	return actions.Parts{Body: b}, err
}

func (o object) inputs() []actions.Field {
	return append(slices.Clone(o.fields), moreFields(), setFields(described(o.name)))
}

// created is the answer to a new record.
func created() map[string]any {
	return map[string]any{"id": "001D000000IqhSLIAZ", "Id": "001D000000IqhSLIAZ", "success": true, "errors": []any{}}
}

func (o object) create() actions.Action {
	fields := o.inputs()
	for i := range fields {
		fields[i].Required = slices.Contains(o.needs, fields[i].ID)
	}
	if !o.unsuspicious {
		fields = append(fields, duplicates())
	}
	return actions.Action{
		ID: "create_" + o.id, Name: "Create " + o.a + " " + o.id, Description: "Makes " + o.a + " " + o.id + ".", Effect: actions.Once, Guarantee: noKey,
		Input: fields, Output: value.ShapeOf(created()), Sample: created(),
		Request: &actions.Request{Method: "POST", Path: "/sobjects/" + o.name, Body: actions.JSONBody, Prepare: o.prepare, Output: made},
	}
}

func (o object) update() actions.Action {
	sample := map[string]any{"updated": true}
	return actions.Action{
		ID: "update_" + o.id, Name: "Update " + o.a + " " + o.id, Description: "Changes what is given of " + o.a + " " + o.id + ".", Effect: actions.Idempotent, Guarantee: setsAgain,
		Input: append([]actions.Field{recordID(o.title())}, o.inputs()...), Output: value.ShapeOf(sample), Sample: sample,
		Request: &actions.Request{Method: "PATCH", Path: "/sobjects/" + o.name + "/{id}", Body: actions.JSONBody, Prepare: o.prepare, Output: updated},
	}
}

// externally are the inputs that name a record by a field of the org's own.
func externally(of *actions.Choices) []actions.Field {
	return []actions.Field{{ID: "key_field", Label: "Known by", Help: "The API name of a field that is an external id.", Type: actions.Text, Required: true, In: actions.InPath, Example: "External_Id__c", Choices: keys(of)},
		{ID: "key", Label: "Value", Help: "Of that field.", Type: actions.Text, Required: true, In: actions.InPath, Example: "A-1042"}}
}

// upsert goes by an external id, which may not stand in the body as well.
// Source: https://developer.salesforce.com/docs/platform/api-rest/guide/dome-upsert.html
func (o object) upsert() actions.Action {
	sample := created()
	sample["created"] = true
	return actions.Action{
		ID: "upsert_" + o.id, Name: "Create or update " + o.a + " " + o.id, Description: "Changes the " + o.id + " that is known by an external id, or makes it.", Effect: actions.Idempotent, Guarantee: byKey,
		Input: append(externally(described(o.name)), o.inputs()...), Output: value.ShapeOf(sample), Sample: sample, Errors: severalFit(),
		Request: &actions.Request{Method: "PATCH", Path: "/sobjects/" + o.name + "/{key_field}/{key}", Body: actions.JSONBody, Prepare: func(in map[string]any) (actions.Parts, error) {
			return keyed(o.inputs(), in)
		}, Output: made},
	}
}

// keyed refuses an external id that is written twice: Salesforce does, in words that do not say so.
func keyed(fields []actions.Field, in map[string]any) (actions.Parts, error) {
	b, err := body(fields, in)
	if err != nil {
		return actions.Parts{}, err
	}
	for name := range b {
		if strings.EqualFold(name, value.Text(in["key_field"])) {
			return actions.Parts{}, fault.New(fault.InvalidInput, "The input fields/%s: the field that the record is known by stands under Known by only.", name)
		}
	}
	return actions.Parts{Body: b}, nil
}

func (o object) returned() actions.Field {
	return actions.Field{ID: "return_fields", Label: "Fields to give", Help: "Their API names, also behind a relationship, as Owner.Name.", Type: actions.Texts, In: actions.InNone, Default: names(o.record), Choices: described(o.name)}
}

func (o object) get() actions.Action {
	return actions.Action{
		ID: "get_" + o.id, Name: "Get " + o.a + " " + o.id, Description: "Reads " + o.a + " " + o.id + " by its id.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{recordID(o.title()), o.returned()}, Output: value.ShapeOf(o.record), Sample: o.record,
		Request: &actions.Request{Method: "GET", Path: "/sobjects/" + o.name + "/{id}", Prepare: only},
	}
}

// only writes the fields that are asked for as a record's address takes them: between commas.
func only(in map[string]any) (actions.Parts, error) {
	list, _ := in["return_fields"].([]any)
	if len(list) == 0 {
		return actions.Parts{}, nil
	}
	texts := make([]string, len(list))
	for i, f := range list {
		field, err := name("return_fields", value.Text(f))
		if err != nil {
			return actions.Parts{}, err
		}
		texts[i] = field
	}
	return actions.Parts{Query: map[string]any{"fields": strings.Join(texts, ",")}}, nil
}

func (o object) finding() actions.Action {
	by := *actions.FieldAt(o.fields, o.find)
	field := by.Name
	by.Required, by.In, by.Name = true, actions.InNone, ""
	out := actions.Action{
		ID: "find_" + o.id, Name: "Find " + o.a + " " + o.id + " by " + strings.ToLower(by.Label), Description: "Gives the " + o.many + " that have exactly this " + strings.ToLower(by.Label) + ", the oldest first.", Effect: actions.Read, Guarantee: onlyReads,
		Input: []actions.Field{by, o.returned(), actions.LimitField()}, Page: queryPage(),
		Request: &actions.Request{Method: "GET", Path: "/query", Prepare: func(in map[string]any) (actions.Parts, error) {
			with := map[string]any{"return_fields": in["return_fields"], "limit": in["limit"], "filters": []any{map[string]any{"field": field, "operator": "=", "value": value.Text(in[by.ID])}}}
			return listed(o.name, with)
		}},
	}
	out.Output, out.Sample = actions.ListOf(o.record)
	return out
}

func (o object) list() actions.Action {
	out := actions.Action{
		ID: "list_" + o.many, Name: "List " + o.many, Description: "Gives the " + o.many + " that fit, also those that changed since a time, the oldest first.", Effect: actions.Read, Guarantee: onlyReads,
		Input: append(filterFields(described(o.name)), o.returned(), actions.LimitField()), Page: queryPage(),
		Request: &actions.Request{Method: "GET", Path: "/query", Prepare: func(in map[string]any) (actions.Parts, error) { return listed(o.name, in) }},
	}
	out.Output, out.Sample = actions.ListOf(o.record)
	return out
}

func (o object) remove() actions.Action {
	sample := map[string]any{"deleted": true}
	return actions.Action{
		ID: "delete_" + o.id, Name: "Delete " + o.a + " " + o.id, Description: "Puts " + o.a + " " + o.id + " into Salesforce's recycle bin.", Effect: actions.Idempotent, Guarantee: "What is deleted stays deleted, and Salesforce's word that it was deleted before is no error.",
		Input: []actions.Field{recordID(o.title())}, Output: value.ShapeOf(sample), Sample: sample, Errors: gone(),
		Request: &actions.Request{Method: "DELETE", Path: "/sobjects/" + o.name + "/{id}", Output: deleted},
	}
}
