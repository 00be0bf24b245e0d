package api

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

// TestFromCurl: a command becomes the inputs of a step, or it is said what is wrong with it.
func TestFromCurl(t *testing.T) {
	h := newHouse(t)
	if a := h.want(200, "POST", "/connectors/core/curl", `{"command": "curl x"}`); !strings.Contains(a.text, `"uses":"core.http_request","with":{"url":"curl x"},"notes":[]`) {
		t.Errorf("%s", a.text)
	}
	h.tested = fault.New(fault.InvalidInput, "The command has no URL.")
	if a := h.want(422, "POST", "/connectors/core/curl", `{"command": "curl"}`); !strings.Contains(a.text, "no URL") {
		t.Errorf("%s", a.text)
	}
	h.want(422, "POST", "/connectors/core/curl", `{"command": ""}`)
}

// TestRecords: kinds of records are listed with what deals with them, and their fields are loaded from an account.
func TestRecords(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/connections", `{"slug": "h", "connector": "hubspot", "method": "token", "values": {"token": "t"}}`)
	ask := `{"connection": "h", "scenario": "w"}`
	a := h.want(200, "POST", "/connectors/hubspot/records/contact/fields", ask)
	for _, part := range []string{`{"name":"contact","label":"h w","type":"text","written":"always"}`, `"many":true,"options":[{"value":"a","label":"A"}],"written":"new"`, `"type":"datetime","written":"never"`, `"sandboxed":true`} {
		if !strings.Contains(a.text, part) {
			t.Errorf("%s is not in %s", part, a.text)
		}
	}
	h.want(404, "POST", "/connectors/none/records/contact/fields", ask)
	h.want(404, "POST", "/connectors/hubspot/records/none/fields", ask)
	h.want(404, "POST", "/connectors/hubspot/records/contact/fields", `{"connection": "none"}`)
	h.tested = fault.New(fault.Unavailable, "HubSpot is away.")
	if a := h.want(503, "POST", "/connectors/hubspot/records/contact/fields", ask); !strings.Contains(a.text, "HubSpot is away.") {
		t.Errorf("%s", a.text)
	}
	a = h.want(200, "GET", "/connectors/hubspot", "")
	if !strings.Contains(a.text, `{"id":"contact","name":"Contact","plural":"Contacts","kind":"contact","actions":["get_contact","search_contacts","list_contacts","create_contact","update_contact","upsert_contact","delete_contact"],"triggers":["event","contact_updated"]}`) {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "GET", "/connectors/slack", ""); !strings.Contains(a.text, `"records":[]`) {
		t.Errorf("%s", a.text)
	}
}
