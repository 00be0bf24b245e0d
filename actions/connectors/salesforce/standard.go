package salesforce

import (
	"maps"

	"github.com/stepmill/stepmill/actions"
)

// standard are the objects with inputs of their own.
// Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/
func standard() []object {
	return []object{account(), contact(), lead(), opportunity(), support(), task(), event()}
}

// sample is a record as Salesforce gives it.
func sample(object, id string, fields map[string]any) map[string]any {
	out := map[string]any{"attributes": map[string]any{"type": object, "url": "/services/data/v60.0/sobjects/" + object + "/" + id}, "Id": id,
		"CreatedDate": "2026-01-31T09:30:00.000+0000", "SystemModstamp": "2026-01-31T09:45:00.000+0000"}
	maps.Copy(out, fields)
	return out
}

func accounts() *actions.Choices {
	return chosen("SELECT Id, Name FROM Account ORDER BY LastModifiedDate DESC LIMIT 500", "/Name")
}

func contacts() *actions.Choices {
	return chosen("SELECT Id, Name, Email FROM Contact ORDER BY LastModifiedDate DESC LIMIT 500", "{/Name} ({/Email})")
}

func account() object {
	return object{name: "Account", id: "account", many: "accounts", a: "an", needs: []string{"name"}, find: "name",
		fields: []actions.Field{text("name", "Name", "What it is called.", "Name", "Analytical Engines"), text("website", "Website", "A web address.", "Website", "https://example.com"), text("phone", "Phone", "A phone number.", "Phone", "+41 44 668 18 00"),
			pick("Account", "industry", "Industry", "What it does.", "Industry"), pick("Account", "type", "Type", "What it is to you.", "Type"), {ID: "employees", Label: "Employees", Help: "How many people work there.", Type: actions.Integer, Name: "NumberOfEmployees", Example: 120},
			{ID: "revenue", Label: "Annual revenue", Help: "A number.", Type: actions.Number, Name: "AnnualRevenue", Example: 1200000}, text("city", "City", "Of the bill.", "BillingCity", "Zurich"), text("country", "Country", "Of the bill.", "BillingCountry", "Switzerland"),
			{ID: "description", Label: "Description", Help: "A few sentences.", Type: actions.LongText, Name: "Description"}, owner()},
		record: sample("Account", "001D000000INjVeIAL", map[string]any{"Name": "Analytical Engines", "Website": "https://example.com", "Phone": "+41 44 668 18 00", "Industry": "Technology", "Type": "Customer", "OwnerId": "005D000000IqhSLIAZ"})}
}

func contact() object {
	return object{name: "Contact", id: "contact", many: "contacts", a: "a", needs: []string{"last_name"}, find: "email",
		fields: []actions.Field{text("last_name", "Last name", "The last name.", "LastName", "Lovelace"), text("first_name", "First name", "The first name.", "FirstName", "Ada"), text("email", "Email address", "The mail address.", "Email", "ada@example.com"),
			text("phone", "Phone", "A phone number.", "Phone", "+41 44 668 18 00"), text("mobile", "Mobile", "A mobile number.", "MobilePhone", ""), text("title", "Job title", "What the contact does.", "Title", "Engineer"),
			look("account", "Account", "The id of the account that the contact belongs to.", "AccountId", accounts()), pick("Contact", "source", "Lead source", "Where the contact came from.", "LeadSource"),
			{ID: "description", Label: "Description", Help: "A few sentences.", Type: actions.LongText, Name: "Description"}, owner()},
		record: sample("Contact", "003D000000QYVZ9IAP", map[string]any{"FirstName": "Ada", "LastName": "Lovelace", "Name": "Ada Lovelace", "Email": "ada@example.com", "Phone": "+41 44 668 18 00", "Title": "Engineer", "AccountId": "001D000000INjVeIAL", "OwnerId": "005D000000IqhSLIAZ"})}
}

func lead() object {
	return object{name: "Lead", id: "lead", many: "leads", a: "a", needs: []string{"last_name", "company"}, find: "email",
		fields: []actions.Field{text("last_name", "Last name", "The last name.", "LastName", "Lovelace"), text("company", "Company", "Where the lead works.", "Company", "Analytical Engines"), text("first_name", "First name", "The first name.", "FirstName", "Ada"),
			text("email", "Email address", "The mail address.", "Email", "ada@example.com"), text("phone", "Phone", "A phone number.", "Phone", "+41 44 668 18 00"), text("title", "Job title", "What the lead does.", "Title", "Engineer"), text("website", "Website", "A web address.", "Website", "https://example.com"),
			pick("Lead", "status", "Status", "How far it has come.", "Status"), pick("Lead", "source", "Lead source", "Where it came from.", "LeadSource"), pick("Lead", "rating", "Rating", "How promising it is.", "Rating"), pick("Lead", "industry", "Industry", "What the company does.", "Industry"),
			{ID: "description", Label: "Description", Help: "A few sentences.", Type: actions.LongText, Name: "Description"}, owner()},
		record: sample("Lead", "00QD000000FTn8zMAD", map[string]any{"FirstName": "Ada", "LastName": "Lovelace", "Name": "Ada Lovelace", "Company": "Analytical Engines", "Email": "ada@example.com", "Phone": "+41 44 668 18 00", "Status": "Open - Not Contacted", "LeadSource": "Web", "IsConverted": false, "OwnerId": "005D000000IqhSLIAZ"})}
}

func opportunity() object {
	return object{name: "Opportunity", id: "opportunity", many: "opportunities", a: "an", needs: []string{"name", "stage", "close_date"}, find: "name", unsuspicious: true,
		fields: []actions.Field{text("name", "Name", "What it is called.", "Name", "Ten engines"), pick("Opportunity", "stage", "Stage", "Where it stands, as Closed Won.", "StageName"), onDay("close_date", "Close date", "When it is expected to be closed.", "CloseDate"),
			{ID: "amount", Label: "Amount", Help: "What it is worth.", Type: actions.Number, Name: "Amount", Example: 1200}, {ID: "probability", Label: "Probability", Help: "In per cent; not given: that of the stage.", Type: actions.Number, Name: "Probability", Example: 60},
			look("account", "Account", "The id of the account that it is about.", "AccountId", accounts()), pick("Opportunity", "type", "Type", "New or existing business.", "Type"), pick("Opportunity", "source", "Lead source", "Where it came from.", "LeadSource"),
			text("next_step", "Next step", "What is to be done.", "NextStep", "Call back"), {ID: "description", Label: "Description", Help: "A few sentences.", Type: actions.LongText, Name: "Description"}, owner()},
		record: sample("Opportunity", "006D000000CwFc6IAF", map[string]any{"Name": "Ten engines", "StageName": "Closed Won", "CloseDate": "2026-03-31", "Amount": 1200, "Probability": 100, "AccountId": "001D000000INjVeIAL", "IsClosed": true, "IsWon": true, "OwnerId": "005D000000IqhSLIAZ"})}
}

func support() object {
	return object{name: "Case", id: "case", many: "cases", a: "a", needs: []string{"subject"}, find: "subject", unsuspicious: true,
		fields: []actions.Field{text("subject", "Subject", "What it is about, in a line.", "Subject", "The export stops"), {ID: "description", Label: "Text", Help: "What happened.", Type: actions.LongText, Name: "Description"},
			pick("Case", "status", "Status", "How far it has come.", "Status"), pick("Case", "priority", "Priority", "How urgent it is.", "Priority"), pick("Case", "origin", "Origin", "How it came in.", "Origin"), pick("Case", "type", "Type", "What kind of case it is.", "Type"),
			look("contact", "Contact", "The id of the contact who asked.", "ContactId", contacts()), look("account", "Account", "The id of the contact's account.", "AccountId", accounts()),
			text("supplied_email", "Address given", "The mail address that came with it.", "SuppliedEmail", "ada@example.com"), owner()},
		record: sample("Case", "500D000000IRwEoIAL", map[string]any{"CaseNumber": "00001026", "Subject": "The export stops", "Status": "New", "Priority": "High", "Origin": "Email", "ContactId": "003D000000QYVZ9IAP", "AccountId": "001D000000INjVeIAL", "IsClosed": false, "OwnerId": "005D000000IqhSLIAZ"})}
}

// linked are the inputs for what a task or an event is about.
func linked() []actions.Field {
	return []actions.Field{look("who", "With", "The id of the contact or the lead.", "WhoId", contacts()), look("what", "About", "The id of an account, an opportunity, a case or another record.", "WhatId", accounts())}
}

func task() object {
	return object{name: "Task", id: "task", many: "tasks", a: "a", needs: []string{"subject"}, find: "subject", unsuspicious: true,
		fields: append([]actions.Field{text("subject", "Subject", "What is to be done.", "Subject", "Call back"), onDay("due", "Due", "When it is due.", "ActivityDate"), pick("Task", "status", "Status", "How far it has come.", "Status"), pick("Task", "priority", "Priority", "How urgent it is.", "Priority"),
			{ID: "description", Label: "Text", Help: "A few sentences.", Type: actions.LongText, Name: "Description"}, owner()}, linked()...),
		record: sample("Task", "00TD000000KzM6vMAF", map[string]any{"Subject": "Call back", "ActivityDate": "2026-01-31", "Status": "Not Started", "Priority": "Normal", "WhoId": "003D000000QYVZ9IAP", "WhatId": "001D000000INjVeIAL", "IsClosed": false, "OwnerId": "005D000000IqhSLIAZ"})}
}

func event() object {
	return object{name: "Event", id: "event", many: "events", a: "an", needs: []string{"subject", "begins", "ends"}, find: "subject", unsuspicious: true,
		fields: append([]actions.Field{text("subject", "Subject", "What it is.", "Subject", "Kick-off"), {ID: "begins", Label: "Begins", Help: "When it begins.", Type: actions.DateTime, Name: "StartDateTime", Example: "2026-01-31T09:30:00Z"},
			{ID: "ends", Label: "Ends", Help: "When it ends.", Type: actions.DateTime, Name: "EndDateTime", Example: "2026-01-31T10:30:00Z"}, text("location", "Place", "Where it is.", "Location", "Room 4"),
			{ID: "description", Label: "Text", Help: "A few sentences.", Type: actions.LongText, Name: "Description"}, owner()}, linked()...),
		record: sample("Event", "00UD000000FZQ1NMAX", map[string]any{"Subject": "Kick-off", "StartDateTime": "2026-01-31T09:30:00.000+0000", "EndDateTime": "2026-01-31T10:30:00.000+0000", "Location": "Room 4", "WhoId": "003D000000QYVZ9IAP", "OwnerId": "005D000000IqhSLIAZ"})}
}
