package salesforce

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stepmill/stepmill/actions"
)

func TestDescribedField(t *testing.T) {
	for text, want := range map[string]*actions.RecordField{
		`{"name": "MailingAddress", "label": "Mailing Address", "type": "address"}`:                                                                                                     nil,
		`{"name": "Id", "label": "Contact ID", "type": "id", "createable": false, "updateable": false, "nillable": false}`:                                                              {Name: "Id", Label: "Contact ID", Type: actions.Text, At: "/Id"},
		`{"name": "LastName", "label": "Last Name", "type": "string", "createable": true, "updateable": true, "nillable": false, "defaultedOnCreate": false}`:                           {Name: "LastName", Label: "Last Name", Type: actions.Text, Required: true, At: "/LastName", Input: "fields.LastName"},
		`{"name": "Key__c", "label": "Key", "type": "string", "externalId": true, "unique": true, "createable": true, "updateable": true, "nillable": true, "inlineHelpText": "Ours."}`: {Name: "Key__c", Label: "Key", Help: "Ours.", Type: actions.Text, Unique: true, Custom: true, At: "/Key__c", Input: "fields.Key__c"},
		`{"name": "AccountId", "label": "Account ID", "type": "reference", "referenceTo": ["Account"], "createable": true, "updateable": false, "nillable": true}`:                      {Name: "AccountId", Label: "Account ID", Type: actions.Text, Refers: "account", At: "/AccountId", Input: "fields.AccountId", OnlyNew: true},
		`{"name": "WhatId", "label": "About", "type": "reference", "referenceTo": ["Account", "Case"], "createable": true, "updateable": true, "nillable": true}`:                       {Name: "WhatId", Label: "About", Type: actions.Text, At: "/WhatId", Input: "fields.WhatId"},
		`{"name": "Amount", "label": "Amount", "type": "currency", "createable": true, "updateable": true, "nillable": true}`:                                                           {Name: "Amount", Label: "Amount", Type: actions.Number, At: "/Amount", Input: "fields.Amount"},
		`{"name": "N", "label": "N", "type": "int", "createable": true, "updateable": true, "nillable": true}`:                                                                          {Name: "N", Label: "N", Type: actions.Integer, At: "/N", Input: "fields.N"},
		`{"name": "DoNotCall", "label": "Do Not Call", "type": "boolean", "createable": true, "updateable": true, "nillable": false, "defaultedOnCreate": true}`:                        {Name: "DoNotCall", Label: "Do Not Call", Type: actions.Boolean, At: "/DoNotCall", Input: "fields.DoNotCall"},
		`{"name": "Birthdate", "label": "Birthdate", "type": "date", "createable": true, "updateable": true, "nillable": true}`:                                                         {Name: "Birthdate", Label: "Birthdate", Type: actions.Date, At: "/Birthdate", Input: "fields.Birthdate"},
		`{"name": "CreatedDate", "label": "Created", "type": "datetime", "createable": false, "updateable": false, "nillable": false}`:                                                  {Name: "CreatedDate", Label: "Created", Type: actions.DateTime, At: "/CreatedDate"},
		`{"name": "Description", "label": "Description", "type": "textarea", "createable": true, "updateable": true, "nillable": true}`:                                                 {Name: "Description", Label: "Description", Type: actions.LongText, At: "/Description", Input: "fields.Description"},
		`{"name": "Level__c", "label": "Level", "type": "picklist", "restrictedPicklist": true, "createable": true, "updateable": true, "nillable": true, "picklistValues": [{"active": true, "label": "One", "value": "1"}, {"active": false, "label": "Two", "value": "2"}]}`: {Name: "Level__c", Label: "Level", Type: actions.Select, Custom: true,
			Options: []actions.Option{{Value: "1", Label: "One"}}, At: "/Level__c", Input: "fields.Level__c"},
		`{"name": "LeadSource", "label": "Source", "type": "picklist", "restrictedPicklist": false, "createable": true, "updateable": true, "nillable": true, "picklistValues": [{"active": true, "label": "Web", "value": "Web"}]}`: {Name: "LeadSource", Label: "Source", Type: actions.Text,
			Options: []actions.Option{{Value: "Web", Label: "Web"}}, At: "/LeadSource", Input: "fields.LeadSource"},
		`{"name": "Tags__c", "label": "Tags", "type": "multipicklist", "restrictedPicklist": true, "createable": true, "updateable": true, "nillable": true, "picklistValues": [{"active": true, "label": "A", "value": "a"}]}`: {Name: "Tags__c", Label: "Tags", Type: actions.Select, Many: true, Joined: ";", Custom: true,
			Options: []actions.Option{{Value: "a", Label: "A"}}, At: "/Tags__c", Input: "fields.Tags__c"},
	} {
		var item any
		if err := json.Unmarshal([]byte(text), &item); err != nil {
			t.Fatal(err)
		}
		got := describedField(item)
		if want == nil && len(got) == 0 {
			continue
		}
		if len(got) != 1 || want == nil || !reflect.DeepEqual(got[0], *want) {
			t.Errorf("%s\n is %+v\nwant %+v", text, got, want)
		}
	}
}
