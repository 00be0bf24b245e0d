package api

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/access"
)

func (a *api) connectors() {
	operation(a, access.Read, huma.Operation{Method: "GET", Path: "/api/v1/connectors", Summary: "List connectors"}, func(_ context.Context, _ run.Actor, in *Paging) (*listOf[Connector], error) {
		return pageOf(slices.Collect(a.Connectors.All()), *in, func(c *actions.Connector) string { return c.ID }, connectorOf)
	})
	type oneInput struct {
		Connector string `path:"connector"`
	}
	type connectionOneOutput struct{ Body Connector }
	operation(a, access.Read, huma.Operation{Method: "GET", Path: "/api/v1/connectors/{connector}", Summary: "Show a connector"}, func(_ context.Context, _ run.Actor, in *oneInput) (*connectionOneOutput, error) {
		c := a.Connectors.Get(in.Connector)
		if c == nil {
			return nil, fault.New(fault.NotFound, "There is no connector %q.", fault.Clip(in.Connector, 60))
		}
		return &connectionOneOutput{connectorOf(c)}, nil
	})
}

// choices gives the options of an input that lie in an account.
func (a *api) choices() {
	type choicesInput struct {
		Connector string `path:"connector"`
		Body      struct {
			Uses       string         `json:"uses" doc:"The action or trigger, without the connector, as create_issue."`
			Field      string         `json:"field" doc:"The input; one within a group as group.field."`
			Connection string         `json:"connection,omitempty" doc:"Slug; without one there are only the options that every account has."`
			Scenario   string         `json:"scenario,omitempty" doc:"Slug of the scenario that it is for; the connection must be granted to it."`
			Input      map[string]any `json:"input,omitempty" doc:"The other inputs, as far as they are filled in."`
			Search     string         `json:"search,omitempty" maxLength:"200"`
		}
	}
	type choicesOutput struct {
		Body struct {
			Choices   []InputChoice `json:"choices"`
			More      bool          `json:"more" doc:"There are further ones: search."`
			Sandboxed bool          `json:"sandboxed" doc:"The connection sends nothing, so none are known."`
		}
	}
	operation(a, access.Edit, huma.Operation{Method: "POST", Path: "/api/v1/connectors/{connector}/choices", Summary: "Load the options of an input from an account"},
		func(ctx context.Context, actor run.Actor, in *choicesInput) (*choicesOutput, error) {
			if a.Connectors.Get(in.Connector) == nil {
				return nil, fault.New(fault.NotFound, "There is no connector %q.", fault.Clip(in.Connector, 60))
			}
			if in.Body.Connection != "" {
				if _, err := a.Store.Connection(ctx, actor, in.Body.Connection); err != nil {
					return nil, err
				}
			}
			got, err := a.Choices(ctx, run.Choosing{Workspace: actor.Workspace, Scenario: in.Body.Scenario, Uses: in.Connector + "." + in.Body.Uses, Field: in.Body.Field,
				Connection: in.Body.Connection, Input: in.Body.Input, Search: in.Body.Search})
			if err != nil {
				return nil, err
			}
			out := &choicesOutput{}
			out.Body.Choices, out.Body.More, out.Body.Sandboxed = []InputChoice{}, got.More, got.Sandboxed
			for _, one := range got.Choices {
				out.Body.Choices = append(out.Body.Choices, InputChoice(one))
			}
			return out, nil
		})
}

// InputChoice is an option of an input.
type InputChoice struct {
	Value string `json:"value"`
	Label string `json:"label"`
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
	Records     []Record    `json:"records"`
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
	Choices  bool   `json:"choices,omitempty" doc:"Its options lie in the account, or are known, and can be loaded."`
}

func fieldsOf(list []actions.Field) []Field {
	out := []Field{}
	for _, f := range list {
		out = append(out, Field{f.ID, f.Label, f.Help, string(f.Type), f.Required, f.Secret, f.Choices != nil})
	}
	return out
}

func connectorOf(c *actions.Connector) Connector {
	out := Connector{ID: c.ID, Name: c.Name, Category: c.Category, Description: c.Description, Auth: []Auth{}, Actions: []Action{}, Triggers: []EventKind{}, Records: []Record{}}
	for _, x := range c.Auth {
		out.Auth = append(out.Auth, Auth{x.Method, x.Name, x.Help, fieldsOf(x.Fields)})
	}
	for _, x := range c.Actions {
		out.Actions = append(out.Actions, Action{x.ID, x.Name, x.Description, string(x.Effect), x.Guarantee, fieldsOf(x.Input)})
	}
	for _, x := range c.Triggers {
		out.Triggers = append(out.Triggers, EventKind{x.ID, x.Name, x.Kind, fieldsOf(x.Inputs())})
	}
	for i := range c.Records {
		out.Records = append(out.Records, recordOf(&c.Records[i]))
	}
	return out
}
