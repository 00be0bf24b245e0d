package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/drafts"
)

// Connection is a connection without its values.
type Connection struct {
	ID        string             `json:"id"`
	Slug      string             `json:"slug"`
	Name      string             `json:"name"`
	Connector string             `json:"connector"`
	Method    string             `json:"method"`
	State     string             `json:"state" enum:"connected,expiring,needs_auth,rate_limited,paused"`
	Detail    string             `json:"detail,omitempty" doc:"Why the state is what it is, and what to do."`
	Account   string             `json:"account,omitempty" doc:"Who signed in."`
	Scopes    string             `json:"scopes,omitempty" doc:"What the vendor granted."`
	ExpiresAt stamp              `json:"expires_at" doc:"Of the token; null where there is none, or it does not expire."`
	Sandbox   bool               `json:"sandbox"`
	BaseURL   string             `json:"base_url,omitempty"`
	Limits    Limits             `json:"limits"`
	Grants    Grants             `json:"grants"`
	Refs      map[string]run.Ref `json:"refs,omitempty" doc:"Values that lie elsewhere."`
	Untested  string             `json:"untested,omitempty" doc:"Why no request tests it; left out where one does."`
	CreatedAt stamp              `json:"created_at"`
}

// ConnectionUse is a connection with what depends on it.
type ConnectionUse struct {
	Connection
	Scenarios   []ScenarioUse `json:"scenarios" doc:"Those that name it, in their draft or their live version."`
	WaitingRuns int           `json:"waiting_runs" doc:"Runs that stand until it works again."`
}

// ScenarioUse is a scenario that names a connection.
type ScenarioUse struct {
	Slug   string `json:"slug"`
	Status string `json:"status" enum:"draft,live,paused"`
}

// Grants are who may use a connection; an empty list is every one.
type Grants struct {
	Scenarios []string `json:"scenarios,omitempty" maxItems:"1000" doc:"Slugs."`
	Actions   []string `json:"actions,omitempty" maxItems:"1000" doc:"As slack.send_message."`
}

// Limits are a connection's own.
type Limits struct {
	Rate        string `json:"rate,omitempty" doc:"Requests in a time, as 100/1m."`
	Concurrency int    `json:"concurrency,omitempty" minimum:"0" maximum:"1000" doc:"Requests under way at once; any number where not given."`
}

type connectionBody struct {
	Slug      string           `json:"slug" pattern:"^[a-z0-9][a-z0-9_-]{0,62}$" patternDescription:"lower-case letters, digits, - and _"`
	Name      string           `json:"name,omitempty" maxLength:"200"`
	Connector string           `json:"connector"`
	Method    string           `json:"method,omitempty" doc:"Of the connector's ways to sign in; where it is left out the first, and of a connection that there is its own."`
	Values    map[string]given `json:"values,omitempty" doc:"What it signs in with, or where that lies; never shown again."`
	Sandbox   bool             `json:"sandbox,omitempty" doc:"Requests are recorded, not sent."`
	BaseURL   string           `json:"base_url,omitempty" doc:"Replaces everything before an operation's path."`
	Limits    Limits           `json:"limits,omitempty"`
	Grants    Grants           `json:"grants,omitempty"`
}

func (a *api) connectionOf(c run.Connection) Connection {
	out := Connection{ID: c.ID, Slug: c.Slug, Name: c.Name, Connector: c.Connector, Method: c.Method, State: string(c.State), Detail: c.Detail, Account: c.Account, Scopes: c.Scopes,
		ExpiresAt: stamp{c.ExpiresAt}, Sandbox: c.Sandbox, Grants: Grants(c.Grants), Refs: c.Refs, BaseURL: c.BaseURL, Limits: Limits{Rate: c.Rate, Concurrency: c.Concurrency}, CreatedAt: stamp{c.CreatedAt}}
	if connector := a.Connectors.Get(c.Connector); connector != nil && !c.Sandbox {
		_, out.Untested = connector.Tested(c.Method)
	}
	return out
}

// check turns a body into a connection; every field that is wrong is named. keep are secrets that the connection has and that
// the body leaves out.
func (a *api) check(in connectionBody, keep []string) (run.Connection, run.Values, error) {
	c := run.Connection{Slug: in.Slug, Name: in.Name, Connector: in.Connector, Method: in.Method, Sandbox: in.Sandbox, BaseURL: in.BaseURL, Rate: in.Limits.Rate, Concurrency: in.Limits.Concurrency, Grants: run.Grants(in.Grants)}
	var problems []fault.Problem
	wrong := func(path, format string, args ...any) {
		problems = append(problems, fault.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	if !value.IsName(in.Name) {
		wrong("/name", value.NoName)
	}
	if why := actions.WrongAddress(in.BaseURL); in.BaseURL != "" && why != "" {
		wrong("/base_url", "%s", why)
	}
	if in.Limits.Rate != "" {
		if _, _, err := scenario.ParseRate(in.Limits.Rate, run.MaxRate); err != nil {
			wrong("/limits/rate", "%q is no rate; write it as 100/1m.", fault.Clip(in.Limits.Rate, 40))
		}
	}
	connector := a.Connectors.Get(in.Connector)
	if connector == nil {
		wrong("/connector", "There is no connector %q.", fault.Clip(in.Connector, 60))
		return c, nil, fault.Invalid(problems[0].Message, problems)
	}
	for i, slug := range in.Grants.Scenarios {
		if !value.IsSlug(slug) {
			wrong(fmt.Sprintf("/grants/scenarios/%d", i), "%q is no scenario's slug.", fault.Clip(slug, 60))
		}
	}
	for i, name := range in.Grants.Actions {
		app, id, _ := strings.Cut(name, ".")
		if app != connector.ID || !slices.ContainsFunc(connector.Actions, func(x actions.Action) bool { return x.ID == id }) {
			wrong(fmt.Sprintf("/grants/actions/%d", i), "%s has no action %q.", connector.Name, fault.Clip(name, 60))
		}
	}
	for name, v := range in.Values {
		if v.ref == nil {
			continue
		}
		if err := a.CheckRef(*v.ref); err != nil {
			wrong("/values/"+name, "%s", fault.MessageOf(err))
		}
		if c.Refs == nil {
			c.Refs = map[string]run.Ref{}
		}
		c.Refs[name] = *v.ref
	}
	values, more := connectionValues(connector, &c, in, keep)
	if len(more) == 0 && len(keep) == 0 && c.Method != "" && !c.Sandbox {
		more = a.checkValues(connector, c, values)
	}
	if problems = append(problems, more...); len(problems) > 0 {
		return c, nil, fault.Invalid(problems[0].Message, problems)
	}
	return c, values, nil
}

// connectionValues holds the values to those that the way of signing in asks for.
func connectionValues(connector *actions.Connector, c *run.Connection, in connectionBody, keep []string) (run.Values, []fault.Problem) {
	given := actions.Given{Method: c.Method, BaseURL: in.BaseURL, Values: texts(in.Values), Elsewhere: slices.Clone(keep), Sandbox: c.Sandbox}
	for name, v := range in.Values {
		if v.ref != nil {
			given.Elsewhere = append(given.Elsewhere, name)
		}
	}
	auth, texts, problems := connector.Take(given)
	if c.Method = cmp.Or(auth.Method, c.Method); auth.NeedsSignIn() && !c.Sandbox {
		c.State, c.Detail = run.NeedsAuth, "Nobody has signed in yet."
	}
	values := run.Values{}
	for name, text := range texts {
		values[name] = run.Secret(text)
	}
	return values, problems
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
		return pageOf(list, *in, func(c run.Connection) string { return c.ID }, a.connectionOf)
	})
	type connectionCreateInput struct{ Body connectionBody }
	operation(a, access.Administer, huma.Operation{Method: "POST", Path: base, Summary: "Create a connection", DefaultStatus: 201}, func(ctx context.Context, actor run.Actor, in *connectionCreateInput) (*connectionOutput, error) {
		if err := freeSlug(in.Body.Slug, "connection"); err != nil {
			return nil, err
		}
		c, values, err := a.check(in.Body, nil)
		if err != nil {
			return nil, err
		}
		c, err = a.Store.CreateConnection(ctx, actor, c, values)
		return &connectionOutput{a.connectionOf(c)}, err
	})
	type connectionUseOutput struct{ Body ConnectionUse }
	operation(a, access.Read, huma.Operation{Method: "GET", Path: base + "/{connection}", Summary: "Show a connection"}, func(ctx context.Context, actor run.Actor, in *connectionInput) (*connectionUseOutput, error) {
		c, err := a.Store.Connection(ctx, actor, in.Connection)
		if err != nil {
			return nil, err
		}
		use, err := a.use(ctx, actor, c)
		return &connectionUseOutput{use}, err
	})
	type connectionUpdateInput struct {
		Connection string `path:"connection"`
		Body       connectionBody
	}
	operation(a, access.Administer, huma.Operation{Method: "PUT", Path: base + "/{connection}", Summary: "Replace a connection's settings; values that are left out stay while method, base_url and the addresses among the values do"}, func(ctx context.Context, actor run.Actor, in *connectionUpdateInput) (*connectionOutput, error) {
		have, err := a.Store.Connection(ctx, actor, in.Connection)
		if err != nil {
			return nil, err
		}
		c, err := a.change(ctx, actor, have, in.Body)
		return &connectionOutput{a.connectionOf(c)}, err
	})
	type connectionDeleteInput struct {
		Connection string `path:"connection" doc:"Slug or id."`
		Force      bool   `query:"force" doc:"Also where published scenarios use it."`
	}
	operation(a, access.Administer, huma.Operation{Method: "DELETE", Path: base + "/{connection}", Summary: "Delete a connection that no published scenario uses", DefaultStatus: 204}, func(ctx context.Context, actor run.Actor, in *connectionDeleteInput) (*struct{}, error) {
		c, err := a.Store.Connection(ctx, actor, in.Connection)
		if err == nil && !in.Force {
			err = a.Drafts.Free(ctx, actor, c.Slug, drafts.UsesConnection)
		}
		if err != nil {
			return nil, err
		}
		return nil, a.Store.DeleteConnection(ctx, actor, c.ID)
	})
	a.tests(base)
	a.switches(base)
}

func (a *api) tests(base string) {
	type connectionTestOutput struct {
		Body struct {
			OK      bool   `json:"ok"`
			Tested  bool   `json:"tested" doc:"Whether a request tested it. Where none can, ok is false and the message says why; of a sandbox ok is true."`
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
		out.Body.OK, out.Body.Tested, out.Body.Message = err == nil, a.connectionOf(c).Untested == "" && !c.Sandbox && !errors.Is(err, actions.ErrUntested), fault.MessageOf(err)
		if c.Sandbox && err == nil {
			out.Body.Message = "It is a sandbox, which sends nothing: there is nothing to test."
		}
		return out, nil
	})
}
