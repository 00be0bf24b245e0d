package intercom

import (
	"strconv"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

const (
	onlyReads = "It only reads, so it is asked again after a crash."
	// setsAgain is why a change of what is named by its id may be repeated.
	setsAgain = "The same values are set again where the answer was lost in a crash, so a repeat changes nothing."
	noKey     = "Intercom has no key that would make a repeat harmless: what was lost in a crash is not done again by itself, you are asked."
	isOrNot   = "It is so or it is not: a repeat after a crash changes nothing."
	saysSo    = "It is so or it is not: a repeat after a crash does no harm, and may say that it is so already."
	staysGone = "What is deleted stays deleted; a repeat after a crash may say that it is not there any more."
)

func text(id, label, help string) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: actions.Text}
}

// named is a field of the path: the id of what is dealt with, or the URL of its page.
func named(id, label, example string) actions.Field {
	f := actions.Field{ID: id, Label: label, Help: "Its Intercom id.", Type: actions.Text, Required: true, In: actions.InPath, Example: example, Link: links[label]}
	if f.Link != "" {
		f.Help = "Its Intercom id, or the address of its page in Intercom."
	}
	return f
}

// links find the id in the address that the browser shows in Intercom. A ticket is shown as the conversation that it is.
var links = map[string]string{
	"Contact": contactLink, "Conversation": conversationLink, "Ticket": conversationLink, "Company": companyLink, "Article": `/articles/(?:articles/)?([0-9]+)`,
}

const (
	contactLink      = `intercom\.com/.*/users/([0-9a-f]{24})`
	companyLink      = `intercom\.com/.*/companies/([0-9a-f]{24})`
	conversationLink = `intercom\.com/.*/conversations?/([0-9]+)`
)

// acting is the admin in whose name something is done.
func acting() actions.Field {
	return actions.Field{ID: "admin", Label: "Admin", Help: "The id of the admin in whose name it is done.", Type: actions.Text, Required: true, Name: "admin_id", Example: "780", Choices: admins()}
}

func attributes(help string) actions.Field {
	return actions.Field{ID: "custom_attributes", Label: "Custom attributes", Help: help, Type: actions.Object, Example: map[string]any{"plan": "pro"}}
}

// attributesOf are the inputs for the custom attributes of a model, as an object and one by one; attributesBody writes them.
func attributesOf(model, help string) []actions.Field {
	object := attributes(help)
	object.In = actions.InNone
	return []actions.Field{object, actions.SetFields("Custom attributes, chosen by their names.", "As the attribute's type has it; null clears it.", customOf(model, "/name"), "plan")}
}

func attributesBody(body, in map[string]any) {
	if all := actions.WithSet(in, "custom_attributes"); all != nil {
		body["custom_attributes"] = all
	}
}

// onlyAttributes writes them where nothing else has to be written by hand.
func onlyAttributes(in map[string]any) (actions.Parts, error) {
	body := map[string]any{}
	attributesBody(body, in)
	return actions.Parts{Body: body}, nil
}

// customOf are the custom attributes of a model, by what each is called at a JSON Pointer.
func customOf(model, name string) *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/data_attributes", Query: map[string]string{"model": model}}, Page: actions.Page{Items: "/data", Sure: "/data"}, Value: name, Label: "{/label} ({/data_type})",
		Pick: "/custom", Equals: "true"}
}

// moment is a time that Intercom has in Unix seconds.
func moment(id, label, help string) actions.Field {
	return actions.Field{ID: id, Label: label, Help: help, Type: actions.DateTime, In: actions.InNone, Example: "2026-01-31T09:30:00Z"}
}

// seconds writes times as Intercom has them, under the names that the inputs have.
func seconds(body map[string]any, in map[string]any, names ...string) {
	for _, name := range names {
		if at, err := time.Parse(time.RFC3339, value.Text(in[name])); err == nil {
			body[name] = at.Unix()
		}
	}
}

// number reads an id that Intercom wants as a number in one place and gives as a text in others.
func number(in map[string]any, name string) (int64, error) {
	n, err := strconv.ParseInt(value.Text(in[name]), 10, 64)
	if err != nil {
		return 0, fault.New(fault.InvalidInput, "The input %s: %q is no id, which is a whole number here.", name, fault.Clip(value.Text(in[name]), 40))
	}
	return n, nil
}

// admins are the people of the workspace. Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/listadmins
func admins() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/admins"}, Page: actions.Page{Items: "/admins", Sure: "/admins"}, Value: "/id", Label: "{/name} ({/email})"}
}

func teams() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/teams"}, Page: actions.Page{Items: "/teams", Sure: "/teams"}, Value: "/id", Label: "/name"}
}

func tags() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/tags"}, Page: actions.Page{Items: "/data", Sure: "/data"}, Value: "/id", Label: "/name"}
}

func companies() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/companies"}, Page: *companyPage(), Value: "/id", Label: "/name"}
}

func ticketTypes() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/ticket_types"}, Page: actions.Page{Items: "/data", Sure: "/data"}, Value: "/id", Label: "/name"}
}

func ticketStates() *actions.Choices {
	return &actions.Choices{Request: &actions.Request{Method: "GET", Path: "/ticket_states"}, Page: actions.Page{Items: "/data", Sure: "/data"}, Value: "/id", Label: "{/internal_label} ({/category})"}
}

// listed is an action that gives what the workspace has.
func listed(id, name, description, path, items string, fields []actions.Field, item map[string]any) actions.Action {
	out := actions.Action{ID: id, Name: name, Description: description, Effect: actions.Read, Guarantee: onlyReads, Input: append(fields, actions.LimitField()),
		Request: &actions.Request{Method: "GET", Path: path}, Page: &actions.Page{Items: items, Sure: items}}
	out.Output, out.Sample = actions.ListOf(item)
	return out
}
