package hubspot

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stepmill/stepmill/actions"
)

func TestPropertyField(t *testing.T) {
	for text, want := range map[string]*actions.RecordField{
		`{"name": "hidden", "label": "H", "type": "string", "hidden": true}`:                                                                   nil,
		`{"name": "email", "label": "Email", "type": "string", "fieldType": "text", "hubspotDefined": true}`:                                   {Name: "email", Label: "Email", Type: actions.Text, Unique: true, At: "/properties/email", Input: "properties.email", Empty: ""},
		`{"name": "about", "label": "About", "type": "string", "fieldType": "textarea", "description": "Words."}`:                              {Name: "about", Label: "About", Help: "Words.", Type: actions.LongText, Custom: true, At: "/properties/about", Input: "properties.about", Empty: ""},
		`{"name": "score", "label": "Score", "type": "number", "calculated": true, "hubspotDefined": true}`:                                    {Name: "score", Label: "Score", Type: actions.Number, At: "/properties/score"},
		`{"name": "createdate", "label": "Made", "type": "datetime", "hubspotDefined": true, "modificationMetadata": {"readOnlyValue": true}}`: {Name: "createdate", Label: "Made", Type: actions.DateTime, At: "/properties/createdate"},
		`{"name": "ok", "label": "Ok", "type": "bool"}`:                                                                                        {Name: "ok", Label: "Ok", Type: actions.Boolean, Custom: true, At: "/properties/ok", Input: "properties.ok", Empty: ""},
		`{"name": "closedate", "label": "Closed", "type": "date", "hubspotDefined": true}`:                                                     {Name: "closedate", Label: "Closed", Type: actions.Date, At: "/properties/closedate", Input: "properties.closedate", Empty: ""},
		`{"name": "plans", "label": "Plans", "type": "enumeration", "fieldType": "checkbox", "hasUniqueValue": false, "options": [{"value": "a", "label": "A"}, {"value": "b", "label": "B", "hidden": true}]}`: {Name: "plans", Label: "Plans", Type: actions.Select, Many: true, Joined: ";", Custom: true,
			Options: []actions.Option{{Value: "a", Label: "A"}}, At: "/properties/plans", Input: "properties.plans", Empty: ""},
		`{"name": "hubspot_owner_id", "label": "Owner", "type": "enumeration", "fieldType": "select", "hubspotDefined": true}`: {Name: "hubspot_owner_id", Label: "Owner", Type: actions.Select, Refers: "owner", At: "/properties/hubspot_owner_id", Input: "properties.hubspot_owner_id", Empty: ""},
	} {
		var item any
		if err := json.Unmarshal([]byte(text), &item); err != nil {
			t.Fatal(err)
		}
		got := propertyField("contacts", item)
		if want == nil && len(got) == 0 {
			continue
		}
		if len(got) != 1 || want == nil || !reflect.DeepEqual(got[0], *want) {
			t.Errorf("%s\n is %+v\nwant %+v", text, got, want)
		}
	}
}
