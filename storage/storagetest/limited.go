package storagetest

import (
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
)

// limited: a connection's limit shows as its state and goes by itself; what a person or a refused token made of it stays.
func limited(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	c := must[run.Connection](t)(s.CreateConnection(ctx, system, run.Connection{Slug: "c", Connector: "slack"}, nil))
	is := func(state run.State, detail string) {
		t.Helper()
		if got := must[run.Connection](t)(s.Connection(ctx, system, "c")); got.State != state || got.Detail != detail {
			t.Errorf("it is %q, %q", got.State, got.Detail)
		}
	}
	note := func(workspace string, until time.Time) {
		t.Helper()
		if err := s.LimitConnection(ctx, workspace, c.ID, until); err != nil {
			t.Error(err)
		}
	}
	until := start.Add(90 * time.Minute)
	note("other", until)
	is(run.Connected, "")
	note(run.DefaultWorkspace, until)
	is(run.RateLimited, "It asked to wait until 01:30 on 1 January (UTC).")
	note(run.DefaultWorkspace, until.Add(time.Hour))
	is(run.RateLimited, "It asked to wait until 02:30 on 1 January (UTC).")
	note(run.DefaultWorkspace, time.Time{})
	is(run.Connected, "")
	for _, state := range []run.State{run.Paused, run.NeedsAuth, run.Expiring} {
		c.State, c.Detail = state, "why"
		must[run.Connection](t)(s.UpdateConnection(ctx, system, c, nil))
		note(run.DefaultWorkspace, until)
		note(run.DefaultWorkspace, time.Time{})
		is(state, "why")
	}
}
