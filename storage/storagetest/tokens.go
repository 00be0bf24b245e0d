package storagetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
)

func makeConnection(t *testing.T, s *storage.Store, slug string) run.Connection {
	t.Helper()
	return must[run.Connection](t)(s.CreateConnection(t.Context(), system, run.Connection{Slug: slug, Connector: "jira", Method: "oauth", State: run.NeedsAuth}, run.Values{"client_id": "id", "client_secret": "CANARY"}))
}

func again(t *testing.T, s *storage.Store, c run.Connection) (run.Connection, run.Values) {
	t.Helper()
	c, values, err := s.Credentials(t.Context(), system.Workspace, c.Slug)
	if err != nil {
		t.Fatal(err)
	}
	return c, values
}

func refreshes(t *testing.T, s *storage.Store) {
	ctx, now := t.Context(), time.Now()
	c := makeConnection(t, s, "c")
	if c.State != run.NeedsAuth || c.Since == 0 {
		t.Errorf("a new one is %+v", c)
	}
	first := run.Tokens{Access: "A1", Refresh: "R1", Account: "ada@example.com", Scopes: "read write", ExpiresAt: now.Add(time.Hour), RefreshAt: now.Add(-time.Second), Values: map[string]string{"site": "acme"}}
	if err := s.EndSignIn(ctx, c, first); err != nil {
		t.Fatal(err)
	}
	signedIn, values := again(t, s, c)
	if signedIn.State != run.Expiring || signedIn.Since <= c.Since || signedIn.Account != "ada@example.com" || signedIn.Scopes != "read write" || signedIn.Tokens != 1 {
		t.Errorf("signed in it is %+v", signedIn)
	}
	if values["access_token"].Reveal() != "A1" || values["refresh_token"].Reveal() != "R1" || values["site"].Reveal() != "acme" || values["client_secret"].Reveal() != "CANARY" {
		t.Error("the tokens do not stand beside the values")
	}
	if due := must[[]run.Connection](t)(s.DueTokens(ctx, 10)); len(due) != 1 || due[0].ID != c.ID {
		t.Errorf("due are %+v", due)
	}
	if taken, broken, err := s.LeaseRefresh(ctx, signedIn, "one", now.Add(time.Minute)); !taken || broken || err != nil {
		t.Errorf("%v %v %v", taken, broken, err)
	}
	if taken, _, err := s.LeaseRefresh(ctx, signedIn, "two", now.Add(time.Minute)); taken || err != nil {
		t.Errorf("two at once may refresh: %v", err)
	}
	if err := s.SaveTokens(ctx, signedIn, run.Tokens{Access: "A2"}); err != nil {
		t.Fatal(err)
	}
	code(t, s.SaveTokens(ctx, signedIn, run.Tokens{Access: "A0"}), fault.Conflict)
	renewed, values := again(t, s, c)
	if values["access_token"].Reveal() != "A2" || values["refresh_token"].Reveal() != "R1" || values["site"].Reveal() != "acme" || renewed.Account != "ada@example.com" || renewed.State != run.Connected || renewed.Since != signedIn.Since {
		t.Errorf("renewed it is %+v", renewed)
	}
	if taken, _, _ := s.LeaseRefresh(ctx, signedIn, "two", now.Add(time.Minute)); taken {
		t.Error("who knows old tokens may refresh")
	}
	if taken, _, _ := s.LeaseRefresh(ctx, renewed, "dies", now.Add(-time.Minute)); !taken {
		t.Error("the lease was not given")
	}
	if taken, broken, _ := s.LeaseRefresh(ctx, renewed, "two", now.Add(time.Minute)); !taken || !broken {
		t.Errorf("after one who died: %v %v", taken, broken)
	}
	for _, known := range []bool{false, true} {
		if err := s.EndRefresh(ctx, renewed, "two", known); err != nil {
			t.Fatal(err)
		}
		if taken, broken, _ := s.LeaseRefresh(ctx, renewed, "two", now.Add(time.Minute)); !taken || broken != !known {
			t.Errorf("given back, known %v: %v %v", known, taken, broken)
		}
	}
	code(t, s.EndSignIn(ctx, run.Connection{Workspace: "other", ID: c.ID}, first), fault.NotFound)
}

func connectionStates(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	c := makeConnection(t, s, "c")
	if err := s.EndSignIn(ctx, c, run.Tokens{Access: "A1"}); err != nil {
		t.Fatal(err)
	}
	good, _ := again(t, s, c)
	state := func(want run.State) run.Connection {
		t.Helper()
		c, _ := again(t, s, c)
		if c.State != want {
			t.Errorf("it is %s, not %s", c.State, want)
		}
		return c
	}
	state(run.Connected)
	if err := s.Refused(ctx, c, "", "stale"); err != nil { // read before it was signed in
		t.Fatal(err)
	}
	state(run.Connected)
	if err := s.Limited(ctx, good, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if until := state(run.RateLimited).LimitedUntil; time.Until(until) < 59*time.Minute || !good.LimitedUntil.IsZero() {
		t.Errorf("it is to wait until %s", until)
	}
	must[run.Connection](t)(s.PauseConnection(ctx, system, c.ID, true))
	if since := state(run.Paused).Since; since != good.Since {
		t.Error("pausing mends")
	}
	must[run.Connection](t)(s.PauseConnection(ctx, system, c.ID, false))
	resumed := state(run.RateLimited)
	if resumed.Since <= good.Since {
		t.Error("what was refused while it was paused does not go on")
	}
	if _, err := s.PauseConnection(ctx, other, c.ID, true); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another workspace pauses it: %v", err)
	}
	if err := s.Refused(ctx, resumed, "", "Sign in again."); err != nil {
		t.Fatal(err)
	}
	refused := state(run.NeedsAuth)
	if refused.Detail != "Sign in again." {
		t.Errorf("it says %q", refused.Detail)
	}
	must[run.Connection](t)(s.PauseConnection(ctx, system, c.ID, true))
	must[run.Connection](t)(s.PauseConnection(ctx, system, c.ID, false))
	refused = state(run.NeedsAuth)
	if err := s.Mended(ctx, refused); err != nil {
		t.Fatal(err)
	}
	mended := state(run.RateLimited)
	if mended.Since <= refused.Since || mended.Detail != "" {
		t.Errorf("mended it is %+v", mended)
	}
	if err := s.Refused(ctx, mended, run.Unheard, "It cannot be read."); err != nil {
		t.Fatal(err)
	}
	if list := must[[]run.Connection](t)(s.Ailing(ctx, 10)); len(list) != 1 || list[0].ID != c.ID || list[0].Ails != run.Unheard {
		t.Errorf("what may pass ails %+v", list)
	}
	if err := s.Mended(ctx, mended); err != nil {
		t.Fatal(err)
	}
	if list := must[[]run.Connection](t)(s.Ailing(ctx, 10)); len(list) != 0 || state(run.RateLimited).Ails != "" {
		t.Errorf("mended, something ails %+v", list)
	}
}

// replaced is what becomes of tokens when a connection's settings are replaced: they go to no other app and no other host.
func replaced(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	c := makeConnection(t, s, "c")
	if err := s.EndSignIn(ctx, c, run.Tokens{Access: "A1"}); err != nil {
		t.Fatal(err)
	}
	same := run.Values{"client_id": "id", "client_secret": "CANARY"}
	c.Name, c.State = "Named", run.NeedsAuth
	kept := must[run.Connection](t)(s.UpdateConnection(ctx, system, c, same))
	if _, values := again(t, s, c); kept.State != run.Connected || kept.Name != "Named" || values["access_token"].Reveal() != "A1" {
		t.Errorf("with the same values it is %+v", kept)
	}
	c.Grants, c.Refs = run.Grants{Scenarios: []string{"a"}, Actions: []string{"jira.b"}}, nil
	if kept = must[run.Connection](t)(s.UpdateConnection(ctx, system, c, same)); fmt.Sprint(kept.Grants) != fmt.Sprint(c.Grants) || kept.Tokens != 1 {
		t.Errorf("the grants are %+v", kept)
	}
	if err := s.Limited(ctx, kept, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	c.Name = "Renamed"
	if kept = must[run.Connection](t)(s.UpdateConnection(ctx, system, c, same)); kept.State != run.RateLimited {
		t.Errorf("renamed, it waits no more: %+v", kept)
	}
	for name, change := range map[string]func(*run.Connection, run.Values){
		"secret": func(_ *run.Connection, v run.Values) { v["client_secret"] = "other" },
		"host":   func(c *run.Connection, _ run.Values) { c.BaseURL = "https://evil.example" },
		"method": func(c *run.Connection, _ run.Values) { c.Method = "basic" },
		"ref":    func(c *run.Connection, _ run.Values) { c.Refs = map[string]run.Ref{"x": {From: "vault", Name: "y"}} },
	} {
		one := makeConnection(t, s, name)
		if err := s.EndSignIn(ctx, one, run.Tokens{Access: "A1", Account: "ada"}); err != nil {
			t.Fatal(err)
		}
		if err := s.Limited(ctx, one, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		values := run.Values{"client_id": "id", "client_secret": "CANARY"}
		change(&one, values)
		must[run.Connection](t)(s.UpdateConnection(ctx, system, one, values))
		got, values := again(t, s, one)
		if got.State != run.NeedsAuth || values["access_token"] != "" || got.Account != "" || !got.LimitedUntil.IsZero() {
			t.Errorf("with another %s the tokens stay: %+v", name, got)
		}
	}
}

func signIns(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	in := run.SignIn{State: "hash", Workspace: system.Workspace, Connection: "c", Actor: "user ada", Browser: "cookie", Verifier: "VERIFIER", Redirect: "https://here/oauth/callback", Until: time.Now().Add(time.Minute)}
	if err := s.BeginSignIn(ctx, in); err != nil {
		t.Fatal(err)
	}
	take := func(state, browser, actor string) error {
		_, err := s.TakeSignIn(ctx, state, browser, actor)
		return err
	}
	code(t, take("other", "cookie", ""), fault.InvalidInput)
	code(t, take("hash", "other", ""), fault.Unauthorized)
	code(t, take("hash", "", ""), fault.Unauthorized)
	code(t, take("hash", "cookie", "user bob"), fault.Unauthorized)
	got, err := s.TakeSignIn(ctx, "hash", "cookie", "user ada") // none of those before used it up
	if err != nil || got.Connection != "c" || got.Verifier.Reveal() != "VERIFIER" || got.Redirect != in.Redirect {
		t.Errorf("%+v %v", got, err)
	}
	code(t, take("hash", "cookie", "user ada"), fault.Conflict)
	in.State, in.Until = "late", time.Now().Add(-time.Millisecond)
	if err := s.BeginSignIn(ctx, in); err != nil {
		t.Fatal(err)
	}
	code(t, take("late", "cookie", "user ada"), fault.InvalidInput)
}

// stand is which steps stand for want of a connection, and which of them may go on.
func stand(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	c := makeConnection(t, s, "c")
	sc := makeScenario(t, s, system, "s")
	r := taken(t, s, accept(sc))
	park := func(path string, since int64) run.Entry {
		return run.Entry{Kind: run.StepParked, Path: path, At: start, Data: run.Data{Failure: &run.Failure{Class: "unauthorized", Message: "No.", Connection: c.Slug, Since: since}}}
	}
	r.Status = run.Incomplete
	appendTo(t, s, &r, park("old", c.Since-1), park("now", c.Since), park("gone", c.Since-1), run.Entry{Kind: run.StepResumed, Path: "gone", At: start})
	if n := must[map[string]int](t)(s.StandFor(ctx, system)); n["c"] != 1 {
		t.Errorf("for it stand %v", n)
	}
	list := func() string {
		t.Helper()
		return fmt.Sprint(must[[]run.Parked](t)(s.Parked(ctx, run.Parked{}, 10)))
	}
	if got := must[[]run.Standing](t)(s.Standing(ctx, system, "c", 10)); len(got) != 2 || got[0] != (run.Standing{Run: r.ID, Number: r.Number, Scenario: "s", Path: "now", At: r.CreatedAt}) || got[1].Path != "old" || got[1].Going {
		t.Errorf("for it stand %+v", got)
	}
	if got := must[[]run.Standing](t)(s.Standing(ctx, system, "c", 1)); len(got) != 1 {
		t.Errorf("of two steps %d are listed, not one", len(got))
	}
	if got := must[[]run.Standing](t)(s.Standing(ctx, other, "c", 10)); len(got) != 0 {
		t.Errorf("another workspace sees %+v", got)
	}
	if got := list(); got != "[]" {
		t.Errorf("while it needs a sign-in these may go on: %s", got)
	}
	if err := s.EndSignIn(ctx, c, run.Tokens{Access: "A1"}); err != nil {
		t.Fatal(err)
	}
	if got := must[[]run.Parked](t)(s.Parked(ctx, run.Parked{}, 10)); len(got) != 2 || got[0].Path != "now" || got[1].Path != "old" {
		t.Errorf("signed in, these may go on: %v", got)
	}
	signedIn, _ := again(t, s, c)
	appendTo(t, s, &r, run.Entry{Kind: run.StepResumed, Path: "now", At: start}, park("now", signedIn.Since))
	got := must[[]run.Parked](t)(s.Parked(ctx, run.Parked{}, 10))
	if len(got) != 1 || got[0].Path != "old" {
		t.Errorf("one that was refused again goes on for ever: %v", got)
	}
	if shown := must[[]run.Standing](t)(s.Standing(ctx, system, "c", 10)); len(shown) != 2 || shown[0].Going || !shown[1].Going {
		t.Errorf("of which only that one goes on, they are shown as %+v", shown)
	}
	if more := must[[]run.Parked](t)(s.Parked(ctx, got[0], 10)); len(more) != 0 {
		t.Errorf("behind it there are %v", more)
	}
	if err := s.Mended(ctx, signedIn); err != nil { // a test succeeded, and one step was refused since it was signed in
		t.Fatal(err)
	}
	if more := must[[]run.Parked](t)(s.Parked(ctx, run.Parked{}, 10)); len(more) != 2 {
		t.Errorf("after a test that succeeded these may go on: %v", more)
	}
	if after, _ := again(t, s, c); after.State != run.Connected || after.Since <= signedIn.Since {
		t.Errorf("after a test that succeeded it is %+v", after)
	}
	appendTo(t, s, &r, run.Entry{Kind: run.StepResumed, Path: "now", At: start})
	before, _ := again(t, s, c)
	if err := s.Mended(ctx, before); err != nil {
		t.Fatal(err)
	}
	if err := s.Unpark(ctx, got[0]); err != nil {
		t.Fatal(err)
	}
	if got := list(); got != "[]" {
		t.Errorf("forgotten, it is still there: %s", got)
	}
}

func appendTo(t *testing.T, s *storage.Store, r *run.Run, entries ...run.Entry) {
	t.Helper()
	for i := range entries {
		r.Seq++
		entries[i].Seq = r.Seq
	}
	if errs := s.Commit(t.Context(), []*run.Write{{Append: &run.Append{Run: *r, Entries: entries, Owner: "me"}}}); errs[0] != nil {
		t.Fatal(errs[0])
	}
}

// tokensSealed asks that no row shows a token, nor what a sign-in proves itself by.
func tokensSealed(t *testing.T, s *storage.Store) {
	c := makeConnection(t, s, "c")
	if err := s.EndSignIn(t.Context(), c, run.Tokens{Access: "CANARY", Refresh: "CANARY"}); err != nil {
		t.Fatal(err)
	}
	c, values := again(t, s, c)
	if bytes.Contains([]byte(fmt.Sprintf("%+v %#v %+v", c, c, values)), []byte("CANARY")) {
		t.Error("printing a connection shows its tokens")
	}
}

// configured is what people set about a connection beside what it signs in with.
func configured(t *testing.T, s *storage.Store) {
	ctx := t.Context()
	c := makeConnection(t, s, "c")
	if n := must[int](t)(s.NeedSignIn(ctx, system)); n != 1 {
		t.Errorf("%d need a sign-in, not 1", n)
	}
	must[run.Connection](t)(s.CreateConnection(ctx, system, run.Connection{Slug: "dry", Connector: "jira", Method: "oauth", State: run.NeedsAuth, Sandbox: true}, run.Values{}))
	if n := must[int](t)(s.NeedSignIn(ctx, system)); n != 1 {
		t.Errorf("with a sandbox %d need a sign-in, not 1", n)
	}
	if n := must[int](t)(s.NeedSignIn(ctx, other)); n != 0 {
		t.Errorf("%d of another workspace need a sign-in", n)
	}
	must[run.Connection](t)(s.PauseConnection(ctx, system, c.ID, true))
	if n := must[int](t)(s.NeedSignIn(ctx, system)); n != 0 {
		t.Errorf("%d that are switched off need a sign-in", n)
	}
	c.Name, c.Rate, c.Concurrency, c.Grants = "Ours", "10/1s", 3, run.Grants{Scenarios: []string{"s"}}
	set := must[run.Connection](t)(s.ConfigureConnection(ctx, system, c))
	if set.Name != "Ours" || set.Rate != "10/1s" || set.Concurrency != 3 || len(set.Grants.Scenarios) != 1 || set.State != run.Paused || set.Since != c.Since {
		t.Errorf("set, it is %+v", set)
	}
	must[run.Connection](t)(s.PauseConnection(ctx, system, c.ID, false))
	if got, _ := again(t, s, c); got.State != run.NeedsAuth || got.Detail != c.Detail {
		t.Errorf("switched on again it is %s: %s", got.State, got.Detail)
	}
	_, err := s.ConfigureConnection(ctx, other, c)
	code(t, err, fault.NotFound)
}
