package storagetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
)

func workspaces(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	sc := makeScenario(t, s, system, "s")
	r := taken(t, s, accept(sc))
	c := must[run.Connection](t)(s.CreateConnection(ctx, system, run.Connection{Slug: "c", Connector: "slack"}, run.Values{"token": "x"}))
	must[run.SecretInfo](t)(s.CreateSecret(ctx, system, "sec", "x"))
	if err := s.Record(ctx, run.Recorded{Workspace: system.Workspace, Method: "POST", At: start}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"scenario":   second(s.Scenario(ctx, other, sc.ID)),
		"version":    second(s.Version(ctx, other, sc.ID, 1)),
		"run":        second(s.Run(ctx, other, r.ID)),
		"event":      second(s.Event(ctx, other, r.EventID)),
		"connection": second(s.Connection(ctx, other, c.ID)),
		"secret":     second(s.SecretValue(ctx, other.Workspace, "sec")),
		"publish":    second(s.Publish(ctx, other, sc.ID, scenario.Release{})),
		"pause":      second(s.SetPaused(ctx, other, sc.ID, true)),
		"delete":     s.DeleteScenario(ctx, other, sc.ID),
		"unlink":     s.DeleteConnection(ctx, other, c.ID),
		"forget":     s.DeleteSecret(ctx, other, "sec"),
	} {
		if fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s answers another workspace with %v", name, err)
		}
	}
	seen := len(must[[]scenario.Stored](t)(s.Scenarios(ctx, other))) + must[run.Page](t)(s.Runs(ctx, other, run.Filter{})).Total + len(must[run.EventPage](t)(s.Events(ctx, other, run.EventFilter{})).Events) +
		len(must[[]run.Connection](t)(s.Connections(ctx, other))) + len(must[[]run.SecretInfo](t)(s.Secrets(ctx, other))) + len(must[[]run.Recorded](t)(s.Outbox(ctx, other, 10, ""))) +
		len(must[[]run.Entry](t)(s.Journal(ctx, other, r.ID, 0))) + len(must[[]run.APIKey](t)(s.Keys(ctx, other))) + len(must[[]run.User](t)(s.Users(ctx, other)))
	if seen != 0 {
		t.Errorf("another workspace sees %d things", seen)
	}
	makeScenario(t, s, other, "s") // a slug is unique within its workspace
}

func second[T any](_ T, err error) error { return err }

func sealed(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	c := must[run.Connection](t)(s.CreateConnection(ctx, system, run.Connection{Slug: "c", Connector: "slack", Method: "token", Rate: "1/1s"}, run.Values{"token": "CANARY"}))
	_, err := s.CreateConnection(ctx, system, run.Connection{Slug: "c", Connector: "slack"}, nil)
	code(t, err, fault.Conflict)
	got, values, err := s.Credentials(ctx, system.Workspace, "c")
	if err != nil || values["token"].Reveal() != "CANARY" || got.ID != c.ID || got.Rate != "1/1s" {
		t.Errorf("%+v %v", got, err)
	}
	for _, ref := range []string{c.Slug, c.ID} { // as a scenario that was imported may name it
		_, _, err := s.Credentials(ctx, other.Workspace, ref)
		code(t, err, fault.NotFound)
	}
	if fmt.Sprint(values) == "" || bytes.Contains([]byte(fmt.Sprintf("%v %+v %#v", values, values, values)), []byte("CANARY")) {
		t.Error("printing values shows them")
	}
	c.Name, c.State = "named", run.NeedsAuth
	must[run.Connection](t)(s.UpdateConnection(ctx, system, c, nil))
	if _, values, _ := s.Credentials(ctx, system.Workspace, "c"); values["token"].Reveal() != "CANARY" {
		t.Error("an update without values lost them")
	}
	must[run.Connection](t)(s.UpdateConnection(ctx, system, c, run.Values{"token": "NEW"}))
	if _, values, _ := s.Credentials(ctx, system.Workspace, "c"); values["token"].Reveal() != "NEW" {
		t.Error("an update with values did not take them")
	}
	must[run.SecretInfo](t)(s.CreateSecret(ctx, system, "s", "one"))
	_, err = s.CreateSecret(ctx, system, "s", "two")
	code(t, err, fault.Conflict)
	must[run.SecretInfo](t)(s.ReplaceSecret(ctx, system, "s", "three"))
	if v := must[run.Secret](t)(s.SecretValue(ctx, system.Workspace, "s")); v.Reveal() != "three" {
		t.Errorf("the secret is %q", v.Reveal())
	}
	_, err = s.ReplaceSecret(ctx, system, "nope", "x")
	code(t, err, fault.NotFound)
	if err := s.DeleteSecret(ctx, system, "s"); err != nil {
		t.Error(err)
	}
}

func people(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	owner := must[run.User](t)(s.CreateUser(ctx, system, run.User{Name: "Ada", Email: "a@x.org", Password: "h", Role: run.Owner}, true))
	_, err := s.CreateUser(ctx, system, run.User{Name: "Eve", Email: "e@x.org", Password: "h", Role: run.Owner}, true)
	code(t, err, fault.Conflict)
	_, err = s.CreateUser(ctx, system, run.User{Name: "Eve", Email: "a@x.org", Password: "h", Role: run.Viewer}, false)
	code(t, err, fault.Conflict)
	if n := must[int](t)(s.Owners(ctx)); n != 1 {
		t.Errorf("%d owners", n)
	}
	if u := must[run.User](t)(s.UserByEmail(ctx, "a@x.org")); u.ID != owner.ID || u.Role != run.Owner {
		t.Errorf("%+v", u)
	}
	if err := s.CreateSession(ctx, owner, "h1", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateSession(ctx, owner, "h2", time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if session := must[run.Session](t)(s.SessionByHash(ctx, "h1")); session.User.ID != owner.ID {
		t.Errorf("%+v", session)
	}
	code(t, second(s.SessionByHash(ctx, "h2")), fault.NotFound)
	if err := s.DeleteSession(ctx, "h1"); err != nil {
		t.Fatal(err)
	}
	code(t, second(s.SessionByHash(ctx, "h1")), fault.NotFound)
	key := must[run.APIKey](t)(s.CreateKey(ctx, system, run.APIKey{Name: "ci", Prefix: "smk_abc", Hash: "kh", Role: run.Admin, ExpiresAt: start}))
	if got := must[run.APIKey](t)(s.KeyByHash(ctx, "kh")); got.ID != key.ID || !got.ExpiresAt.Equal(start) || !got.UsedAt.IsZero() {
		t.Errorf("%+v", got)
	}
	if err := s.TouchKey(ctx, key.ID); err != nil {
		t.Error(err)
	}
	if err := s.RevokeKey(ctx, system, "ci"); err != nil {
		t.Error(err)
	}
	code(t, s.RevokeKey(ctx, system, "ci"), fault.NotFound)
	if got := must[run.APIKey](t)(s.KeyByHash(ctx, "kh")); got.RevokedAt.IsZero() || got.UsedAt.IsZero() {
		t.Errorf("%+v", got)
	}
}
