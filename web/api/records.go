package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

// Record is a kind of record that a connector's system keeps, and which of its actions and triggers deal with it.
type Record struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Many    string   `json:"plural"`
	Kind    string   `json:"kind" doc:"What it is to people: contact, lead, company, deal, ticket, conversation, activity."`
	Actions []string `json:"actions" doc:"By which it is read and written."`
	Watches []string `json:"triggers" doc:"That tell of its changes, the quickest first."`
}

func recordOf(r *actions.Record) Record {
	out := Record{ID: r.ID, Name: r.Name, Many: r.Many, Kind: string(r.Kind), Actions: []string{}, Watches: []string{}}
	seen := map[string]bool{"": true}
	for o := range r.Operations() {
		if !seen[o.Action] {
			seen[o.Action], out.Actions = true, append(out.Actions, o.Action)
		}
	}
	for _, w := range r.Watches {
		out.Watches = append(out.Watches, w.Trigger)
	}
	return out
}

// RecordField is a field of a record as an account has it.
type RecordField struct {
	Name     string        `json:"name"`
	Label    string        `json:"label"`
	Help     string        `json:"help,omitempty"`
	Type     string        `json:"type"`
	Many     bool          `json:"many,omitempty" doc:"It holds a list."`
	Options  []InputChoice `json:"options,omitempty"`
	Required bool          `json:"required,omitempty" doc:"A new record needs it."`
	Unique   bool          `json:"unique,omitempty" doc:"No two records have the same."`
	Custom   bool          `json:"custom,omitempty" doc:"Of the account's own making."`
	Refers   string        `json:"refers_to,omitempty" doc:"The kind of record whose id it holds."`
	Written  string        `json:"written" doc:"always, when a record is made (new), or never." enum:"always,new,never"`
}

func recordFieldOf(f actions.RecordField) RecordField {
	out := RecordField{Name: f.Name, Label: f.Label, Help: f.Help, Type: string(f.Type), Many: f.Many, Required: f.Required, Unique: f.Unique, Custom: f.Custom, Refers: f.Refers, Written: "always"}
	switch {
	case f.Input == "":
		out.Written = "never"
	case f.OnlyNew:
		out.Written = "new"
	}
	for _, o := range f.Options {
		out.Options = append(out.Options, InputChoice{o.Value, o.Label})
	}
	return out
}

// recordFields gives what a record type is made of in an account.
func (a *api) recordFields() {
	type fieldsInput struct {
		Connector string `path:"connector"`
		Record    string `path:"record"`
		Body      struct {
			Connection string `json:"connection" doc:"Slug."`
			Scenario   string `json:"scenario,omitempty" doc:"Slug of the scenario that it is for; the connection must be granted to it."`
		}
	}
	type fieldsOutput struct {
		Body struct {
			Fields    []RecordField `json:"fields"`
			Sandboxed bool          `json:"sandboxed" doc:"The connection sends nothing, so beside what every account has they are a sample."`
		}
	}
	operation(a, access.Edit, huma.Operation{Method: "POST", Path: "/api/v1/connectors/{connector}/records/{record}/fields", Summary: "Load the fields of a kind of record from an account"},
		func(ctx context.Context, actor run.Actor, in *fieldsInput) (*fieldsOutput, error) {
			c := a.Connectors.Get(in.Connector)
			if c == nil {
				return nil, fault.New(fault.NotFound, "There is no connector %q.", fault.Clip(in.Connector, 60))
			}
			if c.Record(in.Record) == nil {
				return nil, fault.New(fault.NotFound, "%s has no kind of record %q.", c.Name, fault.Clip(in.Record, 60))
			}
			if _, err := a.Store.Connection(ctx, actor, in.Body.Connection); err != nil {
				return nil, err
			}
			fields, sandboxed, err := a.RecordFields(ctx, run.RecordAsk{Workspace: actor.Workspace, Scenario: in.Body.Scenario, Connector: in.Connector, Record: in.Record, Connection: in.Body.Connection})
			if err != nil {
				return nil, err
			}
			out := &fieldsOutput{}
			out.Body.Fields, out.Body.Sandboxed = []RecordField{}, sandboxed
			for _, f := range fields {
				out.Body.Fields = append(out.Body.Fields, recordFieldOf(f))
			}
			return out, nil
		})
}
