package main

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// fileTokens are what vendors gave to the connections of a file, by slug, as long as the process lives. A sign-in that a person
// made is not renewed: the vendor may take back what stands in the file.
type fileTokens struct {
	mu    sync.Mutex
	given map[string]run.Tokens
	times map[string]int64
}

// add puts the tokens of a connection with its values.
func (f *fileTokens) add(c *run.Connection, values run.Values) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, ok := f.given[c.Slug]
	if !ok {
		return
	}
	c.Tokens, c.ExpiresAt, c.RefreshAt = f.times[c.Slug], t.ExpiresAt, t.RefreshAt
	values[actions.ValueAccess] = t.Access
	for name, text := range t.Values {
		values[name] = run.Secret(text)
	}
}

// SaveTokens keeps them.
func (f *fileTokens) SaveTokens(_ context.Context, c run.Connection, t run.Tokens) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.given == nil {
		f.given, f.times = map[string]run.Tokens{}, map[string]int64{}
	}
	t.Values = maps.Clone(t.Values)
	f.given[c.Slug] = t
	f.times[c.Slug]++
	return nil
}

// LeaseRefresh gives the right to ask, which nobody else wants.
func (f *fileTokens) LeaseRefresh(_ context.Context, c run.Connection, _ string, _ time.Time) (taken, broken bool, err error) {
	way, _ := connectors.Catalogue.Get(c.Connector).Way(c.Method)
	if way.OAuth != nil && way.OAuth.Grant == actions.Code {
		return false, false, fault.New(fault.Unauthorized, "The access_token of the connection %q is not taken any more, and only a server renews one; put one that is good into the file of --connections.", c.Slug)
	}
	return true, false, nil
}

// EndRefresh gives it back.
func (f *fileTokens) EndRefresh(context.Context, run.Connection, string, bool) error { return nil }

// DueTokens are none: each call asks for itself.
func (f *fileTokens) DueTokens(context.Context, int) ([]run.Connection, error) { return nil, nil }

// Ailing are none: nothing is kept.
func (f *fileTokens) Ailing(context.Context, int) ([]run.Connection, error) { return nil, nil }

// Refused is said by the step.
func (f *fileTokens) Refused(context.Context, run.Connection, run.Ailment, string) error { return nil }

// Mended has nothing to mend.
func (f *fileTokens) Mended(context.Context, run.Connection) error { return nil }
