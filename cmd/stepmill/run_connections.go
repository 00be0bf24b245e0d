package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers/webhook"
)

// fileConnections are the connections of a file, or with any, a stand-in for each that a scenario names.
type fileConnections struct {
	fileTokens
	list map[string]fileConnection
	any  bool
}

type fileConnection struct {
	Slug      string            `json:"slug"`
	Connector string            `json:"connector"`
	Method    string            `json:"method"`
	Values    map[string]string `json:"values"`
	Sandbox   bool              `json:"sandbox"`
	BaseURL   string            `json:"base_url"`
	Name      string            `json:"name"`
	Limits    struct {
		Rate        string `json:"rate"`
		Concurrency int    `json:"concurrency"`
	} `json:"limits"`
	Grants run.Grants `json:"grants"`
}

func readConnections(file string) (*fileConnections, error) {
	book := &fileConnections{list: map[string]fileConnection{}}
	if file == "" {
		return book, nil
	}
	text, err := readFile(file, webhook.MaxBody, nil)
	if err != nil {
		return nil, unreadable(err, "file", file)
	}
	var list []fileConnection
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&list); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			where := "it"
			if wrong.Field != "" {
				where = "its " + wrong.Field
			}
			return nil, fault.New(fault.InvalidInput, "The file %s is not a list of connections: at byte %d %s is a JSON %s. It is written as [{\"slug\": \"crm\", \"connector\": \"hubspot\", \"method\": \"token\", \"values\": {\"token\": \"…\"}}].", file, wrong.Offset, where, wrong.Value)
		}
		return nil, fault.New(fault.InvalidInput, "The file %s is not a list of connections: %s", file, fault.Clip(err.Error(), 200))
	}
	for _, c := range list {
		book.list[c.Slug] = c
	}
	return book, nil
}

// check holds the connections to what is asked of those that are posted, and keeps their values as these are kept.
func (b *fileConnections) check(file string, together func(run.Connection, run.Values) error) error {
	for _, slug := range slices.Sorted(maps.Keys(b.list)) {
		c := b.list[slug]
		wrong := func(format string, args ...any) error {
			return fault.New(fault.InvalidInput, "The connection %q of the file %s: %s", fault.Clip(slug, 60), file, fmt.Sprintf(format, args...))
		}
		connector := connectors.Catalogue.Get(c.Connector)
		why := actions.WrongAddress(c.BaseURL)
		_, _, badRate := scenario.ParseRate(c.Limits.Rate, run.MaxRate)
		switch {
		case !value.IsSlug(slug):
			return wrong("its slug has lower-case letters, digits, - and _ only.")
		case connector == nil:
			return wrong("there is no connector %q.", fault.Clip(c.Connector, 60))
		case c.BaseURL != "" && why != "":
			return wrong("base_url: %s", why)
		case c.Limits.Rate != "" && badRate != nil:
			return wrong("%q is no rate; write it as 100/1m.", fault.Clip(c.Limits.Rate, 40))
		}
		given := actions.Given{Method: c.Method, BaseURL: c.BaseURL, Values: c.Values, Sandbox: c.Sandbox || b.any}
		way, _ := connector.Way(c.Method)
		if way.OAuth != nil && c.Values[actions.ValueAccess] != "" { // what gets others is not needed then
			given.Also = append([]string{actions.ValueAccess, actions.ValueRefresh}, way.OAuth.Gives()...)
			for _, f := range way.Fields {
				if c.Values[f.ID] == "" {
					given.Elsewhere = append(given.Elsewhere, f.ID)
				}
			}
		}
		if way.OAuth != nil && way.OAuth.Grant == actions.Code && c.Values[actions.ValueAccess] == "" && !given.Sandbox {
			return wrong("nobody signs in over a browser here; give its values an access_token that is good, as a server got it%s.", others(connector))
		}
		auth, values, problems := connector.Take(given)
		if len(problems) > 0 {
			return wrong("%s", problems[0].Message)
		}
		c.Method, c.Values = cmp.Or(auth.Method, c.Method), values
		b.list[slug] = c
		if connection, have := c.opened("", slug); auth.Certificates && auth.OAuth == nil && !given.Sandbox {
			if err := together(connection, have); err != nil {
				return wrong("%s", fault.MessageOf(err))
			}
		}
	}
	return nil
}

// others names the ways to sign in that need nobody at a browser, as the end of a sentence.
func others(c *actions.Connector) string {
	var list []string
	for _, way := range c.Auth {
		if way.OAuth == nil || way.OAuth.Grant != actions.Code {
			list = append(list, way.Method)
		}
	}
	if list == nil {
		return ""
	}
	return ", or take another method: " + strings.Join(list, ", ")
}

// opened is the connection with its values.
func (c fileConnection) opened(workspace, slug string) (run.Connection, run.Values) {
	values := run.Values{}
	for name, text := range c.Values {
		values[name] = run.Secret(text)
	}
	return run.Connection{Workspace: workspace, ID: slug, Slug: slug, Connector: c.Connector, Method: c.Method, State: run.Connected,
		Sandbox: c.Sandbox, BaseURL: c.BaseURL, Rate: c.Limits.Rate, Concurrency: c.Limits.Concurrency, Grants: c.Grants}, values
}

// Credentials gives a connection and what it signs in with.
func (b *fileConnections) Credentials(_ context.Context, workspace, slug string) (run.Connection, run.Values, error) {
	c, ok := b.list[slug]
	if !ok && !b.any {
		return run.Connection{}, nil, fault.New(fault.NotFound, "There is no connection %q; give it in --connections, or run with --sandbox.", slug)
	}
	if !ok {
		return run.Connection{Workspace: workspace, ID: slug, Slug: slug, State: run.Connected, Sandbox: true}, run.Values{}, nil
	}
	connection, values := c.opened(workspace, slug)
	b.add(&connection, values)
	return connection, values, nil
}
