package actionstest

import (
	"log/slog"
	"net/netip"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// recordTypes uses every record type of a connector against a server that follows the vendor's description: its fields are read, and it is
// read, listed, found, made, changed and deleted by what the type says alone. Each request must be taken.
func recordTypes(t *testing.T, c *actions.Connector, specs specs) {
	described := describe(t, specs, c)
	for _, r := range c.Records {
		fields := exampleFields(c, &r)
		for what, one := range uses(r, fields) {
			action := c.ID + "." + one.of.Action
			if described == nil {
				if issues := actions.CheckInput(actionOf(c, one.of.Action).Input, one.input, func(any) bool { return false }); len(issues) > 0 {
					t.Errorf("%s of %s: %v", what, r.ID, issues)
				}
				continue
			}
			server, client := recordServer(t, c, described)
			server.ends = []string{"/paging"}
			client.Invoke(t.Context(), run.Call{Workspace: "default", Scenario: "s", Run: "r", Path: "p", Action: action, Connection: "c", Input: one.input, Effect: run.Read, Attempt: 1, Key: "k"})
			if len(server.Refused()) > 0 || len(server.Taken()) == 0 {
				t.Errorf("%s of %s, %s with %v: %v", what, r.ID, action, one.input, server.Refused())
			}
		}
		if described == nil || r.Fields.List.Action == "" {
			continue
		}
		server, client := recordServer(t, c, described)
		server.ends = []string{"/additional_data/next_cursor"}
		got, _, err := client.RecordFields(t.Context(), run.RecordAsk{Workspace: "default", Connector: c.ID, Record: r.ID, Connection: "c"})
		if err != nil || len(got) == 0 || len(server.Refused()) > 0 || len(server.Taken()) == 0 {
			t.Errorf("the fields of %s: %v %v %v", r.ID, got, err, server.Refused())
		}
	}
}

func recordServer(t *testing.T, c *actions.Connector, described *description) (*Contract, *outbound.Client) {
	e := &exchange{connector: c}
	server := newContract(t, described, e.base(t, nil))
	client := outbound.New(outbound.Config{Connectors: actions.CatalogueOf(*c), Connections: e.connectionBy(&vendor{Server: server.Server}, c.Auth[0]), Version: "test",
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Logger: slog.New(slog.DiscardHandler), Now: now})
	t.Cleanup(client.Close)
	return server, client
}

func actionOf(c *actions.Connector, id string) *actions.Action {
	return actions.CatalogueOf(*c).Action(c.ID + "." + id)
}

// exampleFields are a record type's known fields, and those of the sample of what lists others.
func exampleFields(c *actions.Connector, r *actions.Record) []actions.RecordField {
	fields := append([]actions.RecordField{}, r.Fields.Known...)
	if a := actionOf(c, r.Fields.List.Action); a != nil {
		items, _ := value.At(a.Sample, r.Fields.List.At).([]any)
		for _, item := range items {
			fields = append(fields, r.Fields.Read(item)...)
		}
	}
	return fields
}

type use struct {
	of    actions.Operation
	input map[string]any
}

// uses are the inputs of each of a record type's operations, made from what the type says alone.
func uses(r actions.Record, fields []actions.RecordField) map[string]use {
	out := map[string]use{}
	add := func(what string, of actions.Operation, input map[string]any) {
		if of.Action != "" {
			out[what] = use{of, input}
		}
	}
	write := func(in map[string]any, o actions.Operation, made bool) map[string]any {
		for _, f := range fields {
			if f.Input != "" && f.Input != o.Value && (made || !f.OnlyNew) {
				f.Write(in, exampleValue(f))
			}
		}
		return in
	}
	const since, until = "2026-01-31T09:30:00Z", "2026-02-01T09:30:00Z"
	id := any("512")
	add("get", r.Get, r.Get.Asking(r.Get.One(id), fields))
	add("changes", r.Changes, r.Changes.Asking(r.Changes.Window(since, until), fields))
	add("removed", r.Removed, r.Removed.Asking(r.Removed.Window(since, until), fields))
	add("delete", r.Delete, r.Delete.One(id))
	add("create", r.Create, write(r.Create.Window("", ""), r.Create, true))
	add("update", r.Update, write(r.Update.One(id), r.Update, false))
	known := func(what string, o actions.Operation, with bool) {
		for _, f := range append(append([]actions.RecordField{}, fields...), actions.RecordField{Name: "own_key", Type: actions.Text, Unique: true}) {
			if o.Takes(f) {
				in := o.By(f, "ada@example.com")
				if with {
					in = write(in, o, true)
				} else {
					in = o.Asking(in, fields)
				}
				add(what+" by "+f.Name, o, in)
			}
		}
	}
	for _, o := range r.Find {
		known("find", o, false)
	}
	for _, o := range r.Upsert {
		known("upsert", o, true)
	}
	return out
}

// exampleValue is a value that a field takes, as RecordField.Read gives it.
func exampleValue(f actions.RecordField) any {
	var v any
	switch f.Type {
	case actions.Number, actions.Integer:
		v = 7
	case actions.Boolean:
		v = true
	case actions.DateTime:
		v = "2026-01-31T09:30:00Z"
	case actions.Date:
		v = "2026-01-31"
	default:
		v = "A text"
	}
	if len(f.Options) > 0 {
		v = f.Options[0].Value
	}
	if f.Name == "email" {
		v = "ada@example.com"
	}
	if f.Many {
		return []any{v}
	}
	return v
}
