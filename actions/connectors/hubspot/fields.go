package hubspot

import "github.com/stepmill/stepmill/actions"

// recordLink finds a record's id in the address of its page, as https://app.hubspot.com/contacts/123/record/0-1/512, or, as older ones
// are, https://app-eu1.hubspot.com/contacts/123/contact/512. kind is the kind that it must be of; empty: any.
func recordLink(kind string) string {
	kinds := map[string]string{"contact": "record/0-1|contact", "company": "record/0-2|company", "deal": "record/0-3|deal", "ticket": "record/0-5|ticket", "": `record/[\w-]+|contact|company|deal|ticket`}
	return `^https?://app(?:-\w+)?\.hubspot\.com/contacts/\d+/(?:` + kinds[kind] + `)/(\d+)`
}

// link finds the id of a record of this kind.
func (o object) link() string { return recordLink(o.id) }

// moreProperties are the inputs for properties of a kind of record that have no input of their own, those of the account's making too.
func moreProperties(path string) []actions.Field {
	return []actions.Field{{ID: "properties", Label: "More properties", Help: "By their internal names, your own properties too; an empty text clears one. List properties gives the names.",
		Type: actions.Object, In: actions.InNone, Example: map[string]any{"plan": "pro"}}, setProperties(properties(path))}
}

func setProperties(of *actions.Choices) actions.Field {
	return actions.SetFields("Properties, chosen by their names.", "As the property's type has it: of one with options the option's internal name, of one with several a list of them; an empty text clears it.", of, "plan")
}

// recordsOf are the records of a kind to choose from; HubSpot searches them for what people type.
func recordsOf(kind string) *actions.Choices {
	names := map[string][]any{"contact": {"firstname", "lastname", "email"}, "company": {"name", "domain"}, "deal": {"dealname"}, "ticket": {"subject"}}
	labels := map[string]string{"contact": "{/properties/firstname} {/properties/lastname} ({/properties/email})", "company": "{/properties/name} ({/properties/domain})", "deal": "/properties/dealname", "ticket": "/properties/subject"}
	paths := map[string]string{"contact": "contacts", "company": "companies", "deal": "deals", "ticket": "tickets"}
	return &actions.Choices{Request: &actions.Request{Method: "POST", Path: "/crm/v3/objects/" + paths[kind] + "/search", Body: actions.JSONBody, Prepare: func(map[string]any) (actions.Parts, error) {
		return actions.Parts{Body: map[string]any{"properties": names[kind]}}, nil
	}}, Page: *searchPage(), Value: "/id", Label: labels[kind], Search: actions.Spot{In: actions.InBody, Name: "query"}}
}

func archived() actions.Field {
	return actions.Field{ID: "archived", Label: "Deleted ones", Help: "Gives those in the recycle bin instead.", Type: actions.Boolean, In: actions.InQuery}
}

// with is the input that has the ids of other records come along.
func with() actions.Field {
	return actions.Field{ID: "associations", Label: "With the ids of", Help: "Kinds of records whose ids come along, as companies.", Type: actions.Texts, In: actions.InQuery, Example: []any{"companies"}}
}

func owner() actions.Field {
	return actions.Field{ID: "owner", Label: "Owner", Help: "The id of the owner, who need not be the user with that id.", Type: actions.Text, In: actions.InNone, Name: "hubspot_owner_id", Example: "77", Choices: owners()}
}

// text is a typed input for a property of text.
func text(id, label, help, property, example string) actions.Field {
	f := actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, In: actions.InNone, Name: property}
	if example != "" {
		f.Example = example
	}
	return f
}

// choice is a typed input for a property whose options lie in the account.
func choice(object, id, label, help, property string) actions.Field {
	f := text(id, label, help, property, "")
	f.Choices = optionsOf(object, property)
	return f
}

// owners are the people of the account. Source: https://developers.hubspot.com/docs/api-reference/crm-crm-owners-v3/guide
func owners() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/crm/v3/owners/"}, Page: *listPage(), Value: "/id", Label: "{/firstName} {/lastName} ({/email})"}
}

// properties are those of a kind of object. Source: https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide
func properties(object string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/crm/v3/properties/" + object}, Page: actions.Page{Items: "/results", Sure: "/results"}, Value: "/name", Label: "{/label} ({/name})"}
}

// optionsOf are the options of a property, as those of a lifecycle stage.
func optionsOf(object, property string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/crm/v3/properties/" + object + "/" + property}, Page: actions.Page{Items: "/options", Sure: "/options"}, Value: "/value", Label: "/label"}
}

// pipelines are those of deals or tickets. Source: https://developers.hubspot.com/docs/api-reference/crm-pipelines-v3/guide
func pipelines(object string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/crm/v3/pipelines/" + object}, Page: actions.Page{Items: "/results", Sure: "/results"}, Value: "/id", Label: "/label"}
}

func stages(object string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/crm/v3/pipelines/" + object + "/{pipeline}/stages"}, Page: actions.Page{Items: "/results", Sure: "/results"}, Value: "/id", Label: "/label",
		Needs: []actions.Field{{ID: "pipeline", In: actions.InPath, Label: "Pipeline", Help: "The pipeline.", Type: actions.Text}}}
}

// propertiesOf are those of the kind of object that another input names.
func propertiesOf() *actions.Choices {
	c := properties("{object_type}")
	c.Needs = []actions.Field{{ID: "object_type", In: actions.InPath, Label: "Kind of record", Help: "The kind.", Type: actions.Text}}
	return c
}

// listPage is how HubSpot's plain lists go on. Source: https://developers.hubspot.com/docs/api-reference/overview#pagination
func listPage() *actions.Page {
	return &actions.Page{Kind: actions.NextToken, Items: "/results", Sure: "/results", ID: "/id", Next: "/paging/next/after", At: actions.Spot{In: actions.InQuery, Name: "after"}, Size: 100, Sizes: actions.Spot{In: actions.InQuery, Name: "limit"}}
}
