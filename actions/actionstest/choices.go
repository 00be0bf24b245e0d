package actionstest

import (
	"log/slog"
	"net/netip"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine/run"
)

// choices loads the options of every input of a connector that has some from a server that follows the vendor's description:
// the request must be taken, and the answer, in the vendor's shape, must hold an option. Inputs that they depend on have their
// examples.
func choices(t *testing.T, c *actions.Connector, specs specs) {
	described := describe(t, specs, c)
	if described == nil {
		return
	}
	load := func(uses string, fields []actions.Field, ways []string) {
		for path, f := range choosing(fields, "") {
			e := &exchange{connector: c, action: actions.Action{Ways: ways}}
			server := newContract(t, described, e.base(t, nil))
			server.ends, server.picked = []string{f.Choices.Page.Next}, f.Choices
			b := e.connectionBy(&vendor{Server: server.Server}, e.way())
			client := outbound.New(outbound.Config{Connectors: actions.CatalogueOf(*c), Connections: b, Version: "test", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
				Logger: slog.New(slog.DiscardHandler), Now: now})
			input := map[string]any{}
			for _, need := range f.Choices.Needs {
				of := actions.FieldAt(fields, need.ID)
				if input[need.ID] = of.Example; of.Example == nil {
					input[need.ID] = of.Default
				}
			}
			got, err := client.Choices(t.Context(), run.Choosing{Workspace: "default", Scenario: "s", Uses: uses, Field: path, Connection: "c", Input: input})
			client.Close()
			if err != nil || len(got.Choices) == 0 {
				t.Errorf("the options of %s of %s: %+v %v, refused %v", path, uses, got, err, server.Refused())
			}
		}
	}
	for _, a := range c.Actions {
		load(c.ID+"."+a.ID, a.Input, a.Ways)
	}
	for _, trigger := range c.Triggers {
		load(c.ID+"."+trigger.ID, trigger.Input, trigger.Ways)
	}
}

// choosing are the fields whose options are loaded, by the path of each.
func choosing(fields []actions.Field, before string) map[string]actions.Field {
	out := map[string]actions.Field{}
	for _, f := range fields {
		if f.Choices != nil {
			out[before+f.ID] = f
		}
		for path, inner := range choosing(f.Fields, before+f.ID+".") {
			out[path] = inner
		}
	}
	return out
}
