package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

func (a *api) connector(id string) *actions.Connector {
	for i := range a.Connectors {
		if a.Connectors[i].ID == id {
			return &a.Connectors[i]
		}
	}
	return nil
}

func (a *api) connectors() {
	operation(a, access.Read, huma.Operation{Method: "GET", Path: "/api/v1/connectors", Summary: "List connectors"}, func(_ context.Context, _ run.Actor, in *Paging) (*listOf[Connector], error) {
		return pageOf(a.Connectors, *in, func(c actions.Connector) string { return c.ID }, connectorOf)
	})
	type oneInput struct {
		Connector string `path:"connector"`
	}
	type connectionOneOutput struct{ Body Connector }
	operation(a, access.Read, huma.Operation{Method: "GET", Path: "/api/v1/connectors/{connector}", Summary: "Show a connector"}, func(_ context.Context, _ run.Actor, in *oneInput) (*connectionOneOutput, error) {
		c := a.connector(in.Connector)
		if c == nil {
			return nil, fault.New(fault.NotFound, "There is no connector %q.", fault.Clip(in.Connector, 60))
		}
		return &connectionOneOutput{connectorOf(*c)}, nil
	})
}

// Connector is what a system can do.
type Connector struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Category    string      `json:"category"`
	Description string      `json:"description"`
	Auth        []Auth      `json:"auth"`
	Actions     []Action    `json:"actions"`
	Triggers    []EventKind `json:"triggers"`
}

// Auth is a way to sign in.
type Auth struct {
	Method string  `json:"method"`
	Name   string  `json:"name"`
	Help   string  `json:"help,omitempty"`
	Fields []Field `json:"fields"`
}

// Action is an operation.
type Action struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Effect      string  `json:"effect"`
	Guarantee   string  `json:"guarantee,omitempty"`
	Input       []Field `json:"input"`
}

// EventKind is a connector's trigger.
type EventKind struct {
	ID    string  `json:"id"`
	Name  string  `json:"name"`
	Kind  string  `json:"kind"`
	Input []Field `json:"input"`
}

// Field is one input.
type Field struct {
	ID       string `json:"id"`
	Label    string `json:"label"`
	Help     string `json:"help,omitempty"`
	Type     string `json:"type"`
	Required bool   `json:"required,omitempty"`
	Secret   bool   `json:"secret,omitempty"`
}

func fieldsOf(list []actions.Field) []Field {
	out := []Field{}
	for _, f := range list {
		out = append(out, Field{f.ID, f.Label, f.Help, string(f.Type), f.Required, f.Secret})
	}
	return out
}

func connectorOf(c actions.Connector) Connector {
	out := Connector{ID: c.ID, Name: c.Name, Category: c.Category, Description: c.Description, Auth: []Auth{}, Actions: []Action{}, Triggers: []EventKind{}}
	for _, x := range c.Auth {
		out.Auth = append(out.Auth, Auth{x.Method, x.Name, x.Help, fieldsOf(x.Fields)})
	}
	for _, x := range c.Actions {
		out.Actions = append(out.Actions, Action{x.ID, x.Name, x.Description, string(x.Effect), x.Guarantee, fieldsOf(x.Input)})
	}
	for _, x := range c.Triggers {
		out.Triggers = append(out.Triggers, EventKind{x.ID, x.Name, x.Kind, fieldsOf(x.Inputs())})
	}
	return out
}
