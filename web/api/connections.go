package api

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/access"
)

// Connection is a connection without its values.
type Connection struct {
	ID        string `json:"id"`
	Slug      string `json:"slug"`
	Name      string `json:"name"`
	Connector string `json:"connector"`
	Method    string `json:"method"`
	State     string `json:"state" enum:"connected,expiring,needs_auth,rate_limited,paused"`
	Sandbox   bool   `json:"sandbox"`
	BaseURL   string `json:"base_url,omitempty"`
	Limits    Limits `json:"limits"`
	CreatedAt stamp  `json:"created_at"`
}

// Limits are a connection's own.
type Limits struct {
	Rate        string `json:"rate,omitempty" doc:"Requests in a time, as 100/1m."`
	Concurrency int    `json:"concurrency,omitempty" minimum:"0" maximum:"1000" doc:"Requests under way at once; any number where not given."`
}

type connectionBody struct {
	Slug      string            `json:"slug" pattern:"^[a-z0-9][a-z0-9_-]{0,62}$" patternDescription:"lower-case letters, digits, - and _"`
	Name      string            `json:"name,omitempty" maxLength:"200"`
	Connector string            `json:"connector"`
	Method    string            `json:"method,omitempty" doc:"Of the connector's ways to sign in; may be left out where there is one."`
	Values    map[string]string `json:"values,omitempty" doc:"What it signs in with; never shown again."`
	Sandbox   bool              `json:"sandbox,omitempty" doc:"Requests are recorded, not sent."`
	BaseURL   string            `json:"base_url,omitempty" doc:"Replaces everything before an operation's path."`
	Limits    Limits            `json:"limits,omitempty"`
}

func connectionOf(c run.Connection) Connection {
	return Connection{ID: c.ID, Slug: c.Slug, Name: c.Name, Connector: c.Connector, Method: c.Method, State: string(c.State), Sandbox: c.Sandbox,
		BaseURL: c.BaseURL, Limits: Limits{Rate: c.Rate, Concurrency: c.Concurrency}, CreatedAt: stamp{c.CreatedAt}}
}

var rateForm = regexp.MustCompile(`^[1-9][0-9]*/`)

// check turns a body into a connection; every field that is wrong is named.
func (a *api) check(in connectionBody) (run.Connection, run.Values, error) {
	c := run.Connection{Slug: in.Slug, Name: in.Name, Connector: in.Connector, Method: in.Method, Sandbox: in.Sandbox, BaseURL: in.BaseURL, Rate: in.Limits.Rate, Concurrency: in.Limits.Concurrency}
	var problems []fault.Problem
	wrong := func(path, format string, args ...any) {
		problems = append(problems, fault.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	if u, err := url.Parse(in.BaseURL); in.BaseURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		wrong("/base_url", "It must be an address as https://api.example.com, without user, query or fragment.")
	}
	if in.Limits.Rate != "" {
		if _, err := scenario.ParseDuration(rateForm.ReplaceAllString(in.Limits.Rate, "")); err != nil || !rateForm.MatchString(in.Limits.Rate) {
			wrong("/limits/rate", "%q is no rate; write it as 100/1m.", fault.Clip(in.Limits.Rate, 40))
		}
	}
	connector := a.connector(in.Connector)
	if connector == nil {
		wrong("/connector", "There is no connector %q.", fault.Clip(in.Connector, 60))
		return c, nil, fault.Invalid(problems[0].Message, problems)
	}
	values, more := connectionValues(connector, &c, in)
	if problems = append(problems, more...); len(problems) > 0 {
		return c, nil, fault.Invalid(problems[0].Message, problems)
	}
	return c, values, nil
}

// connectionValues holds the values to those that the way of signing in asks for.
func connectionValues(connector *actions.Connector, c *run.Connection, in connectionBody) (run.Values, []fault.Problem) {
	var problems []fault.Problem
	if c.Method == "" && len(connector.Auth) == 1 {
		c.Method = connector.Auth[0].Method
	}
	var auth *actions.Auth
	for i := range connector.Auth {
		if connector.Auth[i].Method == c.Method {
			auth = &connector.Auth[i]
		}
	}
	if auth == nil {
		if c.Sandbox && c.Method == "" {
			return run.Values{}, nil
		}
		return nil, []fault.Problem{{Path: "/method", Message: fmt.Sprintf("%s has no way to sign in that is called %q.", connector.Name, fault.Clip(c.Method, 40))}}
	}
	values, known := run.Values{}, map[string]bool{}
	for _, f := range auth.Asked(in.BaseURL) {
		known[f.ID] = true
		text := in.Values[f.ID]
		if text == "" && f.Required && !c.Sandbox {
			problems = append(problems, fault.Problem{Path: "/values/" + f.ID, Message: f.Label + " is missing. " + f.Help})
		}
		if len(text) > 16<<10 {
			problems = append(problems, fault.Problem{Path: "/values/" + f.ID, Message: f.Label + " is longer than 16 kB."})
		}
		if strings.ContainsFunc(text, unicode.IsControl) {
			problems = append(problems, fault.Problem{Path: "/values/" + f.ID, Message: f.Label + " holds a line break or another control character; paste it anew."})
		}
		if text != "" {
			values[f.ID] = run.Secret(text)
		}
	}
	if connector.Derive != nil && !c.Sandbox && in.BaseURL == "" && len(problems) == 0 {
		if _, err := connector.Derive(in.Values); err != nil {
			problems = append(problems, fault.Problem{Path: "/values", Message: fault.MessageOf(err)})
		}
	}
	for name := range in.Values {
		if !known[name] {
			problems = append(problems, fault.Problem{Path: "/values/" + name, Message: fmt.Sprintf("%s asks for no %q.", connector.Name, fault.Clip(name, 40))})
		}
	}
	return values, problems
}

func (a *api) connector(id string) *actions.Connector {
	for i := range a.Connectors {
		if a.Connectors[i].ID == id {
			return &a.Connectors[i]
		}
	}
	return nil
}

type connectionInput struct {
	Connection string `path:"connection" doc:"Slug or id."`
}

type connectionOutput struct{ Body Connection }

func (a *api) connections() {
	const base = "/api/v1/connections"
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base, Summary: "List connections"}, func(ctx context.Context, actor run.Actor, in *Paging) (*listOf[Connection], error) {
		list, err := a.Store.Connections(ctx, actor)
		if err != nil {
			return nil, err
		}
		return pageOf(list, *in, func(c run.Connection) string { return c.ID }, connectionOf)
	})
	type connectionCreateInput struct{ Body connectionBody }
	operation(a, access.Administer, huma.Operation{Method: "POST", Path: base, Summary: "Create a connection", DefaultStatus: 201}, func(ctx context.Context, actor run.Actor, in *connectionCreateInput) (*connectionOutput, error) {
		c, values, err := a.check(in.Body)
		if err != nil {
			return nil, err
		}
		c, err = a.Store.CreateConnection(ctx, actor, c, values)
		return &connectionOutput{connectionOf(c)}, err
	})
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{connection}", Summary: "Show a connection"}, func(ctx context.Context, actor run.Actor, in *connectionInput) (*connectionOutput, error) {
		c, err := a.Store.Connection(ctx, actor, in.Connection)
		return &connectionOutput{connectionOf(c)}, err
	})
	type connectionUpdateInput struct {
		Connection string `path:"connection"`
		Body       connectionBody
	}
	operation(a, access.Administer, huma.Operation{Method: "PUT", Path: base + "/{connection}", Summary: "Replace a connection's settings and values"}, func(ctx context.Context, actor run.Actor, in *connectionUpdateInput) (*connectionOutput, error) {
		have, err := a.Store.Connection(ctx, actor, in.Connection)
		if err != nil {
			return nil, err
		}
		if in.Body.Slug != have.Slug || in.Body.Connector != have.Connector {
			return nil, fault.New(fault.InvalidInput, "The slug and the connector of a connection stay; make another connection.")
		}
		c, values, err := a.check(in.Body)
		if err != nil {
			return nil, err
		}
		c.ID, c.State = have.ID, run.Connected
		c, err = a.Store.UpdateConnection(ctx, actor, c, values)
		return &connectionOutput{connectionOf(c)}, err
	})
	operation(a, access.Administer, huma.Operation{Method: "DELETE", Path: base + "/{connection}", Summary: "Delete a connection", DefaultStatus: 204}, func(ctx context.Context, actor run.Actor, in *connectionInput) (*struct{}, error) {
		c, err := a.Store.Connection(ctx, actor, in.Connection)
		if err != nil {
			return nil, err
		}
		return nil, a.Store.DeleteConnection(ctx, actor, c.ID)
	})
	a.tests(base)
}

func (a *api) tests(base string) {
	type connectionTestOutput struct {
		Body struct {
			OK      bool   `json:"ok"`
			Message string `json:"message,omitempty"`
		}
	}
	operation(a, access.Administer, huma.Operation{Method: "POST", Path: base + "/{connection}/test", Summary: "Make the connection's cheapest call"}, func(ctx context.Context, actor run.Actor, in *connectionInput) (*connectionTestOutput, error) {
		c, err := a.Store.Connection(ctx, actor, in.Connection)
		if err != nil {
			return nil, err
		}
		out := &connectionTestOutput{}
		err = a.Test(ctx, actor, c)
		out.Body.OK, out.Body.Message = err == nil, fault.MessageOf(err)
		return out, nil
	})
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
		out.Triggers = append(out.Triggers, EventKind{x.ID, x.Name, x.Kind, fieldsOf(x.Input)})
	}
	return out
}
