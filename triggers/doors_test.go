package triggers

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
)

// doors are rows of a mail, a disabled mail and a form.
type doors struct{}

func (doors) LiveTriggers(context.Context, string) ([]scenario.StoredTrigger, error) {
	row := func(id, uses string) scenario.StoredTrigger {
		return scenario.StoredTrigger{Workspace: "w", ScenarioID: "s", Scenario: "s", ID: id, Uses: uses, Key: "Key-" + id, Status: scenario.Live, Version: 1}
	}
	return []scenario.StoredTrigger{row("mail", "email"), row("off", "email"), row("form", "form")}, nil
}

func (doors) Version(context.Context, run.Actor, string, int) (scenario.Version, error) {
	return scenario.Version{Definition: []byte(`{"stepmill": 1, "name": "The doors", "triggers": [{"id": "mail", "uses": "email"}, {"id": "off", "uses": "email", "disabled": true}, {"id": "form", "uses": "form"}],
		"steps": [{"id": "a", "uses": "core.respond", "with": {}}, {"id": "b", "uses": "core.set", "with": {"values": {}}}]}`), Facts: []byte(`{"core.respond": {"effect": "pure", "answers": true}, "core.set": {"effect": "pure"}}`)}, nil
}

// TestByMail: an address is found whatever letters it is written in on its way, and is no other kind's.
func TestByMail(t *testing.T) {
	b := NewBook(doors{}, nil, slog.New(slog.DiscardHandler))
	if err := b.Load(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if got, err := b.ByMail(t.Context(), "key-off"); err != nil || !got.Def.Disabled {
		t.Errorf("of one that is switched off: %v", err)
	}
	for _, local := range []string{"Key-mail", "key-mail", "KEY-MAIL"} {
		if got, err := b.ByMail(t.Context(), local); err != nil || got.ID != "mail" || got.Name != "The doors" || !got.Steps["a"] || got.Steps["b"] {
			t.Errorf("%s: %v", local, err)
		}
	}
	for _, local := range []string{"", "Key-form", "key-form", "Key-mail2", "Key-mai"} {
		if _, err := b.ByMail(t.Context(), local); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v", local, err)
		}
	}
}

// TestSamples: what a hosted trigger is tried with has every field that its events have.
func TestSamples(t *testing.T) {
	for text, want := range map[string]string{
		`{"uses": "form", "with": {"identity": {"secret": "s"}, "fields": [{"name": "a"}, {"name": "b", "type": "number"}, {"name": "c", "type": "select", "options": ["x"]}, {"name": "d", "type": "file"},
			{"name": "e", "type": "multi_select", "options": ["x"]}, {"name": "f", "type": "boolean"}, {"name": "g", "default": "own"}, {"name": "h", "type": "email"}, {"name": "i", "type": "date"}]}}`: `{"a":"Hello","b":1,"c":"x","d":null,"e":[],"f":false,"g":"own","h":"ada@example.com","i":"2026-03-04","user_id":null}`,
		`{"uses": "form", "with": {"mode": "chat"}}`: `{"conversation":"sample","message":"Hello","user":null}`,
		`{"uses": "manual"}`:                         `{}`,
	} {
		doc, _, err := scenario.Decode([]byte(`{"stepmill": 1, "name": "n", "trigger": ` + text + `, "steps": []}`))
		if err != nil {
			t.Fatal(err)
		}
		v, err := (&Hand{}).payload(doc.Trigger, nil)
		if got, _ := json.Marshal(v); err != nil || string(got) != want {
			t.Errorf("%s: %s %v", text, got, err)
		}
	}
	v, err := (&Hand{}).payload(&scenario.Trigger{Uses: "email"}, nil)
	if got, _ := json.Marshal(v); err != nil || !strings.Contains(string(got), `"attachments":[]`) {
		t.Errorf("%s %v", got, err)
	}
}
