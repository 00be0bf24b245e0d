package api

import (
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

func TestChoices(t *testing.T) {
	h := newHouse(t)
	h.want(201, "POST", "/connections", `{"slug": "s", "connector": "slack", "method": "token", "values": {"token": "xoxb-t"}}`)
	ask := `{"uses": "send_message", "field": "channel", "connection": "s", "scenario": "w", "search": "sup"}`
	if a := h.want(200, "POST", "/connectors/slack/choices", ask); !strings.Contains(a.text, `"value":"s slack.send_message channel w"`) || !strings.Contains(a.text, `"label":"sup"`) || !strings.Contains(a.text, `"more":false`) {
		t.Errorf("%s", a.text)
	}
	h.want(404, "POST", "/connectors/none/choices", ask)
	h.want(404, "POST", "/connectors/slack/choices", strings.Replace(ask, `"connection": "s"`, `"connection": "none"`, 1))
	h.want(200, "POST", "/connectors/slack/choices", strings.Replace(ask, `"connection": "s", `, "", 1)) // what every account has needs none
	h.want(422, "POST", "/connectors/slack/choices", strings.Replace(ask, `"search": "sup"`, `"search": "`+strings.Repeat("x", 300)+`"`, 1))
	h.tested = fault.New(fault.InvalidInput, "Fill in Project first.")
	if a := h.want(422, "POST", "/connectors/slack/choices", ask); !strings.Contains(a.text, "Fill in Project first.") {
		t.Errorf("%s", a.text)
	}
	if a := h.want(200, "GET", "/connectors/slack", ""); !strings.Contains(a.text, `"id":"channel","label":"Channel"`) || !strings.Contains(a.text, `"choices":true`) {
		t.Errorf("%s", a.text)
	}
}
