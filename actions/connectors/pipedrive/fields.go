package pipedrive

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func title(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func lower(text string) string { return strings.ToLower(text) }

func text(id, label, help string, example any) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: actions.Text, Example: example}
}

// link finds the id of a thing in its address in Pipedrive.
func link(thing string) string {
	if thing == "lead" {
		return `^https?://[\w-]+\.pipedrive\.com/leads/(?:inbox|archived?)/([0-9a-fA-F-]{36})`
	}
	return `^https?://[\w-]+\.pipedrive\.com/` + thing + `/(\d+)`
}

// linked are the things that have an address by the inputs for their ids.
var linked = map[string]string{"deal_id": "deal", "with_deal": "deal", "person_id": "person", "with_person": "person", "org_id": "organization", "organization_id": "organization", "with_organization": "organization"}

// ref is an input with the id of another thing.
func ref(id, label, help string, options *actions.Choices) actions.Field {
	f := actions.Field{ID: id, Label: label, Help: help, Type: actions.Integer, Example: 7, Choices: options}
	if thing := linked[id]; thing != "" {
		f.Link = link(thing)
	}
	return f
}

// leadRef is an input with the id of a lead.
func leadRef(help string) actions.Field {
	return actions.Field{ID: "lead_id", Label: "Lead", Help: help, Type: actions.Text, Example: "adf21080-0e10-11eb-879b-05d71fb426ec", Choices: leads(), Link: link("lead")}
}

// filter is an input with the id of a filter that somebody saved, of what Pipedrive calls deals, org, people, products, activity or leads.
func filter(of string) actions.Field {
	return ref("filter_id", "Filter", "The id of a filter saved in Pipedrive; only what fits it.", filters(of))
}

// filters are those that the user sees. Source: https://developers.pipedrive.com/docs/api/v1/Filters#getFilters
func filters(of string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v1/filters", Query: map[string]string{"type": of}}, Page: actions.Page{Items: "/data", Sure: "/success"}, Value: "/id", Label: "/name"}
}

// query puts fields into the address.
func query(fields ...actions.Field) []actions.Field {
	for i := range fields {
		fields[i].In, fields[i].Required = actions.InQuery, false
	}
	return fields
}

func visible() actions.Field {
	return actions.Field{ID: "visible_to", Label: "Seen by", Help: "Who sees it; not given: as the account is set.", Type: actions.Select, In: actions.InNone,
		Options: []actions.Option{{Value: "1", Label: "Owner and followers, or the owner's group"}, {Value: "3", Label: "Everybody, or the group and those below"}, {Value: "5", Label: "The group and those below"}, {Value: "7", Label: "Everybody"}}}
}

func labels() actions.Field {
	return actions.Field{ID: "label_ids", Label: "Labels", Help: "Their ids; List fields has them as options of label_ids.", Type: actions.Texts, In: actions.InNone, Example: []any{"5"}}
}

func customFields() actions.Field {
	return actions.Field{ID: "custom_fields", Label: "Custom fields", Help: "By their keys of 40 characters, which List fields gives as field_code.", Type: actions.Object, Example: map[string]any{"d6c9f8e1a2b3c4d5e6f708192a3b4c5d6e7f8091": "pro"}}
}

// chosenFields are custom fields, and others, that are chosen by their names, of the kind of thing whose fields lie at a path.
func chosenFields(path string) actions.Field {
	return actions.SetFields("Custom fields, chosen by their names.", "As the field's type has it: of one with options the option's id, which List fields gives, of one with several a list of them; null clears it.",
		&actions.Choices{Request: &actions.Request{Method: "GET", Path: "/api/v2/" + path}, Page: *cursor("/data", "/field_code"), Value: "/field_code", Label: "{/field_name} ({/field_type})"}, "d6c9f8e1a2b3c4d5e6f708192a3b4c5d6e7f8091")
}

var keyForm = regexp.MustCompile(`^[0-9a-f]{40}$`)

// setFields writes what was chosen: custom fields, whose keys are hashes, stand together, the others beside them.
func setFields(in, body map[string]any) {
	list, _ := in["set"].([]any)
	custom, _ := in["custom_fields"].(map[string]any)
	custom = maps.Clone(custom)
	for _, item := range list {
		key := value.Text(value.At(item, "/field"))
		if !keyForm.MatchString(key) {
			body[key] = value.At(item, "/value")
			continue
		}
		if custom == nil {
			custom = map[string]any{}
		}
		custom[key] = value.At(item, "/value")
		body["custom_fields"] = custom
	}
}

func moreFields() actions.Field {
	return actions.Field{ID: "fields", Label: "More fields", Help: "As Pipedrive's API takes them, by their names there.", Type: actions.Object, In: actions.InNone}
}

// common writes what several kinds of things have: more fields, labels, who sees it. It is the beginning of a body.
func common(in map[string]any) (map[string]any, error) {
	body := map[string]any{}
	if more, ok := in["fields"].(map[string]any); ok {
		maps.Copy(body, more)
	}
	if list, ok := in["label_ids"].([]any); ok {
		ids := []any{}
		for i, item := range list {
			id, err := strconv.ParseInt(strings.TrimSpace(value.Text(item)), 10, 64)
			if err != nil {
				return nil, fault.New(fault.InvalidInput, "The input label_ids/%d: %q is no id, which is a whole number.", i, fault.Clip(value.Text(item), 40))
			}
			ids = append(ids, id)
		}
		body["label_ids"] = ids
	}
	if seen, err := strconv.ParseInt(value.Text(in["visible_to"]), 10, 64); err == nil {
		body["visible_to"] = seen
	}
	setFields(in, body)
	return body, nil
}

var dayForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)

// day is a date as Pipedrive has it. A time is taken for the day that it is where it names its zone.
func day(in map[string]any, name string) (string, error) {
	text := value.Text(in[name])
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.Format(time.DateOnly), nil
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil || !dayForm.MatchString(text) {
		return "", fault.New(fault.InvalidInput, "The input %s: %q is no day; write it as 2026-01-31.", name, fault.Clip(text, 40))
	}
	return text, nil
}

// entries are addresses or numbers as Pipedrive has them, the first the main one.
func entries(v any) []any {
	out := []any{}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for i, item := range list {
		out = append(out, map[string]any{"value": value.Text(item), "primary": i == 0, "label": "work"})
	}
	return out
}

// users are the account's. Source: https://developers.pipedrive.com/docs/api/v1/Users#getUsers
func users() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v1/users"}, Page: actions.Page{Items: "/data", Sure: "/success"}, Value: "/id", Label: "{/name} ({/email})"}
}

func listed(path, label string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/api/v2/" + path}, Page: *cursor("/data", "/id"), Value: "/id", Label: label}
}

// stages are those of the pipeline that is chosen. Source: https://developers.pipedrive.com/docs/api/v1/Stages#getStages
func stages() *actions.Choices {
	c := listed("stages", "/name")
	c.Needs = []actions.Field{{ID: "pipeline_id", Label: "Pipeline", Help: "The pipeline.", Type: actions.Integer, In: actions.InQuery}}
	return c
}

func currencies() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v1/currencies"}, Page: actions.Page{Items: "/data", Sure: "/success"}, Value: "/code", Label: "{/code} ({/name})", Search: actions.Spot{In: actions.InQuery, Name: "term"}}
}

func activityTypes() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v1/activityTypes"}, Page: actions.Page{Items: "/data", Sure: "/success"}, Value: "/key_string", Label: "/name"}
}

func leadLabels() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/v1/leadLabels"}, Page: actions.Page{Items: "/data", Sure: "/success"}, Value: "/id", Label: "/name"}
}
