package api

import (
	"context"
	"fmt"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Held is what a connection holds, by field id. No secret is in it.
type Held struct {
	Plain  map[string]string // those that are no secrets
	Sealed map[string]bool   // the secrets that there are
}

// change puts a body in place of what a connection is. Values that the body leaves out stay, as long as the credentials go
// where they went.
func (a *api) change(ctx context.Context, actor run.Actor, have run.Connection, in connectionBody) (run.Connection, error) {
	if in.Slug != have.Slug || in.Connector != have.Connector {
		return have, fault.New(fault.InvalidInput, "The slug and the connector of a connection stay; make another connection.")
	}
	if in.Method == "" {
		in.Method = have.Method
	}
	untouched := len(in.Values) == 0 && in.Sandbox == have.Sandbox
	held, err := a.Held(ctx, actor, have)
	if err != nil {
		return have, err
	}
	keep, err := a.fill(&in, have, held)
	if err != nil {
		return have, err
	}
	c, values, err := a.check(in, keep)
	if err != nil {
		return have, err
	}
	if c.ID = have.ID; untouched && have.State == run.NeedsAuth { // who sets a limit has mended nothing
		c.State, c.Detail, c.Ails = have.State, have.Detail, have.Ails
	}
	return a.Renew(ctx, actor, c, values, keep)
}

// fill puts into a body the values that it leaves out and that the connection has, and gives the names of the secrets among
// these, which nobody can read here. Its error names those that must be given again.
func (a *api) fill(in *connectionBody, have run.Connection, held Held) (keep []string, err error) {
	connector := a.Connectors.Get(in.Connector)
	if connector == nil {
		return nil, nil
	}
	auth, ok := connector.Way(in.Method)
	if !ok {
		return nil, nil
	}
	before := func(name string) string { return given{held.Plain[name], refOf(have, name)}.whole() }
	moved := connector.Moved(in.Method, before, func(name string) string {
		if v, ok := in.Values[name]; ok {
			return v.whole()
		}
		return before(name)
	})
	switch {
	case auth.Method != have.Method:
		moved = "the way to sign in"
	case in.BaseURL != have.BaseURL:
		moved = "base_url"
	}
	values := map[string]given{}
	for name, v := range in.Values {
		values[name] = v
	}
	var problems []fault.Problem
	for _, f := range auth.Fields {
		_, said := values[f.ID]
		ref, text := refOf(have, f.ID), held.Plain[f.ID]
		switch {
		case said || ref == nil && text == "" && !held.Sealed[f.ID] || auth.Method != have.Method && !f.Secret:
		case moved != "" && (f.Secret || ref != nil):
			problems = append(problems, fault.Problem{Path: "/values/" + f.ID, Message: fmt.Sprintf("%s must be given again: %s is another than before, and what is kept goes nowhere but where it went.", f.Label, moved)})
		case held.Sealed[f.ID] && ref == nil:
			keep = append(keep, f.ID)
		default:
			values[f.ID] = given{text, ref}
		}
	}
	if len(problems) > 0 {
		return nil, fault.Invalid(problems[0].Message, problems)
	}
	in.Values = values
	return keep, nil
}

func refOf(c run.Connection, name string) *run.Ref {
	if r, ok := c.Refs[name]; ok {
		return &r
	}
	return nil
}

// whole is a value, or where it lies, as one text to compare.
func (g given) whole() string {
	if g.ref != nil {
		return fmt.Sprintf("%q", []string{g.ref.From, g.ref.Name, g.ref.Key, g.ref.Stage})
	}
	return g.text
}
