package intercom

import (
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// recordTypes are the kinds of things that are kept equal to another system's. Intercom does not say who changed one.
func recordTypes() []actions.Record {
	return []actions.Record{contactRecord(), companyRecord(), conversationRecord(), ticketRecord()}
}

func changing(id, name, many string, kind actions.RecordKind) actions.Record {
	return actions.Record{ID: id, Name: name, Many: many, Kind: kind, Key: "/id", Made: "/created_at", Changed: "/updated_at"}
}

// watched is the webhook that tells of topics, the last of which mean that the record is gone.
func watched(topics []string, gone ...string) actions.Watch {
	all := []any{}
	for _, t := range slices.Concat(topics, gone) {
		all = append(all, t)
	}
	w := actions.Watch{Trigger: "event", With: map[string]any{"topics": all}, At: "/data/item", Ref: "/data/item/id"}
	if len(gone) > 0 {
		w.Verb, w.Gone = "/topic", gone
	}
	return w
}

func contactRecord() actions.Record {
	r := changing("contact", "Contact", "Contacts", actions.ContactRecord)
	r.Get = actions.Operation{Action: "get_contact", ID: "id"}
	r.Find = []actions.Operation{{Action: "find_contact_by_external_id", Value: "external_id", Of: []string{"external_id"}}, {Action: "find_contact", Value: "email", Of: []string{"email"}, At: "/items/0"}}
	r.Changes = actions.Operation{Action: "search_contacts", Since: "updated_since", At: "/items"}
	r.Create, r.Update, r.Delete = actions.Operation{Action: "create_contact"}, actions.Operation{Action: "update_contact", ID: "id"}, actions.Operation{Action: "delete_contact", ID: "id"}
	r.Upsert = []actions.Operation{{Action: "upsert_contact", Value: "external_id", Of: []string{"external_id"}, At: "/item"}}
	r.Fields = attributeFields("contact", []actions.RecordField{
		{Name: "external_id", Label: "External id", Help: "Your own id of the user.", Type: actions.Text, Unique: true, At: "/external_id", Input: "external_id"},
		{Name: "email", Label: "Email address", Type: actions.Text, At: "/email", Input: "email"}, {Name: "name", Label: "Name", Type: actions.Text, At: "/name", Input: "name"},
		{Name: "phone", Label: "Phone", Help: "With the country, as +353871234567.", Type: actions.Text, At: "/phone", Input: "phone"},
		{Name: "role", Label: "Role", Type: actions.Select, Options: []actions.Option{{Value: "user", Label: "User"}, {Value: "lead", Label: "Lead"}}, At: "/role", Input: "role"},
		{Name: "owner_id", Label: "Owner", Type: actions.Integer, Refers: "admin", At: "/owner_id", Input: "owner"},
		{Name: "signed_up_at", Label: "Signed up", Type: actions.DateTime, At: "/signed_up_at", Input: "signed_up_at"}, {Name: "last_seen_at", Label: "Last seen", Type: actions.DateTime, At: "/last_seen_at", Input: "last_seen_at"},
		{Name: "unsubscribed_from_emails", Label: "No mail", Type: actions.Boolean, At: "/unsubscribed_from_emails", Input: "unsubscribed"}})
	r.Watches = []actions.Watch{watched([]string{"contact.user.created", "contact.user.updated", "contact.lead.created", "contact.lead.updated", "contact.lead.signed_up", "contact.lead.added_email", "contact.email.updated", "contact.unarchive"},
		"contact.deleted", "contact.archived"), {Trigger: "contact_updated", Ref: "/id"}}
	return r
}

func companyRecord() actions.Record {
	r := changing("company", "Company", "Companies", actions.CompanyRecord)
	r.Get = actions.Operation{Action: "get_company", ID: "id"}
	r.Find = []actions.Operation{{Action: "find_company", Value: "company_id", Of: []string{"company_id"}}}
	r.Update, r.Delete = actions.Operation{Action: "update_company", ID: "id"}, actions.Operation{Action: "delete_company", ID: "id"}
	r.Upsert = []actions.Operation{{Action: "upsert_company", Value: "company_id", Of: []string{"company_id"}}} // which makes one too: Intercom has no other way
	r.Fields = attributeFields("company", []actions.RecordField{
		{Name: "company_id", Label: "Your id", Help: "Your own id of the company.", Type: actions.Text, Unique: true, Required: true, At: "/company_id"},
		{Name: "name", Label: "Name", Type: actions.Text, At: "/name", Input: "name"}, {Name: "plan", Label: "Plan", Help: "The name of the plan that it pays for.", Type: actions.Text, At: "/plan/name", Input: "plan"},
		{Name: "size", Label: "Employees", Type: actions.Integer, At: "/size", Input: "size"}, {Name: "monthly_spend", Label: "Spends a month", Type: actions.Integer, At: "/monthly_spend", Input: "monthly_spend"},
		{Name: "website", Label: "Website", Type: actions.Text, At: "/website", Input: "website"}, {Name: "industry", Label: "Industry", Type: actions.Text, At: "/industry", Input: "industry"}})
	r.Watches = []actions.Watch{watched([]string{"company.created", "company.updated"}, "company.deleted")}
	return r
}

// conversationRecord is read and told of; who writes into one replies. What begins one takes a contact and a text, and none of its fields.
func conversationRecord() actions.Record {
	r := changing("conversation", "Conversation", "Conversations", actions.ConversationRecord)
	r.Get = actions.Operation{Action: "get_conversation", ID: "conversation"}
	r.Changes = actions.Operation{Action: "search_conversations", Since: "updated_since", At: "/items", Part: true}
	r.Update, r.Delete = actions.Operation{Action: "update_conversation", ID: "conversation"}, actions.Operation{Action: "delete_conversation", ID: "conversation"}
	r.Fields = attributeFields("conversation", []actions.RecordField{
		{Name: "title", Label: "Title", Type: actions.Text, At: "/title", Input: "title"},
		{Name: "state", Label: "State", Type: actions.Select, Options: []actions.Option{{Value: "open", Label: "Open"}, {Value: "closed", Label: "Closed"}, {Value: "snoozed", Label: "Snoozed"}}, At: "/state"},
		{Name: "priority", Label: "Priority", Type: actions.Text, At: "/priority"}, {Name: "read", Label: "Read", Type: actions.Boolean, At: "/read", Input: "read"},
		{Name: "source.body", Label: "First message", Help: "HTML.", Type: actions.LongText, At: "/source/body"}, {Name: "source.subject", Label: "Subject", Type: actions.Text, At: "/source/subject"},
		{Name: "source.author.email", Label: "Address of who wrote", Type: actions.Text, At: "/source/author/email"},
		{Name: "contact", Label: "Contact", Type: actions.Text, Refers: "contact", At: "/contacts/contacts/0/id"}, {Name: "admin_assignee_id", Label: "Assigned to", Type: actions.Integer, Refers: "admin", At: "/admin_assignee_id"},
		{Name: "team_assignee_id", Label: "Team", Type: actions.Integer, Refers: "team", At: "/team_assignee_id"}, {Name: "waiting_since", Label: "Waits since", Type: actions.DateTime, At: "/waiting_since"}})
	r.Watches = []actions.Watch{watched([]string{"conversation.user.created", "conversation.user.replied", "conversation.admin.single.created", "conversation.admin.replied", "conversation.admin.noted", "conversation.admin.assigned",
		"conversation.admin.closed", "conversation.admin.opened", "conversation.admin.snoozed", "conversation.admin.unsnoozed", "conversation.priority.updated"}, "conversation.deleted"), {Trigger: "conversation_updated", Ref: "/id"}}
	return r
}

// ticketRecord has what every ticket has, and the attributes of all ticket types.
func ticketRecord() actions.Record {
	r := changing("ticket", "Ticket", "Tickets", actions.TicketRecord)
	r.Get = actions.Operation{Action: "get_ticket", ID: "ticket"}
	r.Changes = actions.Operation{Action: "search_tickets", Since: "updated_since", At: "/items"}
	r.Create, r.Update = actions.Operation{Action: "create_ticket"}, actions.Operation{Action: "update_ticket", ID: "ticket"}
	r.Fields = actions.RecordFields{Known: []actions.RecordField{
		{Name: "ticket_type", Label: "Type", Help: "The id of its type.", Type: actions.Text, Required: true, At: "/ticket_type/id", Input: "ticket_type", OnlyNew: true},
		{Name: "contact", Label: "Contact", Type: actions.Text, Refers: "contact", At: "/contacts/contacts/0/id", Input: "contact", OnlyNew: true},
		{Name: "title", Label: "Title", Type: actions.Text, At: "/ticket_attributes/_default_title_", Input: "title"}, {Name: "description", Label: "Text", Type: actions.LongText, At: "/ticket_attributes/_default_description_", Input: "description"},
		{Name: "state", Label: "State", Type: actions.Text, At: "/ticket_state/id"}, {Name: "open", Label: "Open", Type: actions.Boolean, At: "/open"}, {Name: "category", Label: "Category", Type: actions.Text, At: "/category"},
		{Name: "admin_assignee_id", Label: "Assigned to", Type: actions.Integer, Refers: "admin", At: "/admin_assignee_id"}},
		List: actions.Operation{Action: "list_ticket_types", At: "/items"}, Read: typeFields}
	r.Watches = []actions.Watch{watched([]string{"ticket.created", "ticket.closed", "ticket.state.updated", "ticket.attribute.updated"}), {Trigger: "ticket_updated", Ref: "/id"}} // whose item is the ticket itself
	return r
}

// attributeFields are the attributes of a model, of which the ones that are known have inputs of their own.
func attributeFields(model string, known []actions.RecordField) actions.RecordFields {
	return actions.RecordFields{Known: known, List: actions.Operation{Action: "list_attributes", With: map[string]any{"model": model}, At: "/items"}, Read: attributeField}
}

// attributeField reads an attribute. Source: https://developers.intercom.com/docs/references/rest-api/api.intercom.io/data-attributes
func attributeField(item any) []actions.RecordField {
	at := func(pointer string) any { return value.At(item, pointer) }
	if at("/archived") == true {
		return nil
	}
	name, full := value.Text(at("/name")), value.Text(at("/full_name"))
	if full == "" {
		full = name
	}
	f := actions.RecordField{Name: name, Label: value.Text(at("/label")), Help: value.Text(at("/description")), Type: actions.Text, Custom: at("/custom") == true, At: "/" + strings.ReplaceAll(actions.Pointer(full), ".", "/")}
	if f.Custom {
		f.At = "/custom_attributes/" + actions.Pointer(name)
		if at("/api_writable") != false {
			f.Input = "custom_attributes." + name
		}
	} else if full != name {
		f.Name = full
	}
	f.Type = dataType(value.Text(at("/data_type")))
	if f.Type == actions.DateTime {
		f.Clock = actions.Unix
	}
	options, _ := at("/options").([]any)
	for _, o := range options {
		text := value.Text(o)
		if object, ok := o.(map[string]any); ok {
			text = value.Text(object["value"])
		}
		f.Options = append(f.Options, actions.Option{Value: text, Label: text})
	}
	if len(f.Options) > 0 && f.Type == actions.Text {
		f.Type = actions.Select
	}
	return []actions.RecordField{f}
}

func dataType(name string) actions.Type {
	switch name {
	case "integer":
		return actions.Integer
	case "float", "decimal":
		return actions.Number
	case "boolean":
		return actions.Boolean
	case "date", "datetime":
		return actions.DateTime
	case "list":
		return actions.Select
	}
	return actions.Text
}

// typeFields are the attributes of a ticket type beside its title and its text.
func typeFields(item any) (out []actions.RecordField) {
	list, _ := value.At(item, "/ticket_type_attributes/data").([]any) // as the answers have it; the description says otherwise
	if list == nil {
		list, _ = value.At(item, "/ticket_type_attributes/ticket_type_attributes").([]any)
	}
	for _, a := range list {
		name := value.Text(value.At(a, "/name"))
		if value.At(a, "/default") == true || value.At(a, "/archived") == true || value.Text(value.At(a, "/data_type")) == "files" {
			continue
		}
		f := actions.RecordField{Name: name, Label: name, Help: value.Text(value.At(a, "/description")), Type: dataType(value.Text(value.At(a, "/data_type"))), Custom: true,
			At: "/ticket_attributes/" + actions.Pointer(name), Input: "attributes." + name}
		if f.Type == actions.DateTime {
			f.Clock = actions.Unix
		}
		options, _ := value.At(a, "/input_options/list_options").([]any)
		for _, o := range options {
			text := value.Text(value.At(o, "/label"))
			f.Options = append(f.Options, actions.Option{Value: text, Label: text})
		}
		out = append(out, f)
	}
	return out
}
