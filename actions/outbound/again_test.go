package outbound

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestRenewedAndNotTaken: a connection whose new token is not taken says so, and is good again by a probe, also after its
// token expired meanwhile, or by a person's test.
func TestRenewedAndNotTaken(t *testing.T) {
	for _, by := range []string{"probe", "test"} {
		t.Run(by, func(t *testing.T) {
			d := newDesk(t)
			var down atomic.Bool
			var tokens, tests atomic.Int64
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					n := tokens.Add(1)
					fmt.Fprintf(w, `{"access_token": "CANARY-N%d", "refresh_token": "CANARY-M%d", "expires_in": 3600}`, n, n)
					return
				}
				if r.URL.Path == "/user" {
					tests.Add(1)
				}
				if down.Load() || r.Header.Get("Authorization") != fmt.Sprintf("Bearer CANARY-N%d", tokens.Load()) {
					w.WriteHeader(http.StatusUnauthorized)
				}
				fmt.Fprint(w, `{"login": "ada", "message": "Bad credentials"}`)
			}))
			defer api.Close()
			c := d.signedIn("github", api.URL, 0)
			client := d.client(d)
			down.Store(true)
			r := do(client, "github.api_request")
			if r.Failure == nil || r.Failure.Class != string(fault.Unauthorized) || r.Failure.Connection != "c" || r.Failure.Since != c.Since {
				t.Fatalf("%+v", r.Failure)
			}
			got := d.show()
			if got.State != run.NeedsAuth || got.Ails != run.Doubted || !strings.Contains(got.Detail, "the new one is not taken") || strings.Contains(got.Detail, "CANARY") || tokens.Load() != 1 || tests.Load() != 1 {
				t.Errorf("it is %+v after %d tokens and %d tests", got, tokens.Load(), tests.Load())
			}
			known := client.askAgain(t.Context(), nil)
			client.askAgain(t.Context(), known)
			if tests.Load() != 2 || tokens.Load() != 1 || d.show().State != run.NeedsAuth {
				t.Errorf("while it is down: %d tests, %d tokens, %+v", tests.Load(), tokens.Load(), d.show())
			}
			down.Store(false)
			d.ahead.Store(int64(2 * time.Hour))
			if by == "probe" {
				known = client.askAgain(t.Context(), known)
			} else {
				connection, values, err := client.Credentials(t.Context(), run.DefaultWorkspace, "c")
				if err == nil {
					err = client.Test(t.Context(), connection, values)
				}
				if err != nil {
					t.Error(err)
				}
			}
			if got = d.show(); got.State != run.Connected || got.Ails != "" || got.Since <= c.Since || got.Detail != "" {
				t.Errorf("mended it is %+v", got)
			}
			if r := do(client, "github.api_request"); r.Failure != nil {
				t.Errorf("%+v", r.Failure)
			}
			if known = client.askAgain(t.Context(), known); len(known) != 0 {
				t.Errorf("of a good one is known %+v", known)
			}
		})
	}
}

// TestUnread: a connection of which a value cannot be read says so, and is good again once it is read.
func TestUnread(t *testing.T) {
	d := newDesk(t)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) }))
	defer api.Close()
	file := filepath.Join(t.TempDir(), "secrets.env")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("OTHER=CANARY-other\n")
	client := newClient(t, Config{Connections: d.Store, Tokens: d, Allow: loopback, Now: d.now, External: External{EnvFile: file}})
	c, err := d.CreateConnection(t.Context(), run.SystemActor(run.DefaultWorkspace), run.Connection{Slug: "c", Connector: "github", Method: "token", BaseURL: api.URL, Refs: map[string]run.Ref{"token": {From: "env-file", Name: "MINE"}}}, run.Values{})
	if err != nil {
		t.Fatal(err)
	}
	for _, how := range []string{"a call", "a probe"} {
		d.ahead.Add(int64(2 * refKept))
		write("OTHER=CANARY-other\n")
		before := d.show()
		r := do(client, "github.api_request")
		if r.Failure == nil || r.Failure.Class != string(fault.NotFound) || r.Failure.Connection != "c" || r.Failure.Since != before.Since {
			t.Errorf("%+v", r.Failure)
		}
		got := d.show()
		if got.State != run.NeedsAuth || got.Ails != run.Unheard || !strings.Contains(got.Detail, "has no line MINE=") || strings.Contains(got.Detail, "CANARY") {
			t.Errorf("it is %+v", got)
		}
		client.askAgain(t.Context(), nil)
		if got := d.show(); got.State != run.NeedsAuth {
			t.Errorf("while it is missing it is %+v", got)
		}
		write("MINE=CANARY-mine\n")
		if how == "a probe" {
			client.askAgain(t.Context(), nil)
		} else if r := do(client, "github.api_request"); r.Failure != nil {
			t.Errorf("once it is there: %+v", r.Failure)
		}
		if got := d.show(); got.State != run.Connected || got.Ails != "" || got.Detail != "" || got.Since <= before.Since {
			t.Errorf("after %s it is %+v", how, got)
		}
	}
	if err := d.Refused(t.Context(), d.show(), "", "It answered 401."); err != nil {
		t.Fatal(err)
	}
	d.ahead.Add(int64(2 * refKept))
	write("")
	do(client, "github.api_request")
	write("MINE=CANARY-mine\n")
	do(client, "github.api_request")
	if got := d.show(); got.State != run.NeedsAuth || got.Detail != "It answered 401." || got.ID != c.ID {
		t.Errorf("one whose credentials the app refuses is %+v", got)
	}
}

// TestVaultPaths: a path that leads out of the engine is refused where it is written.
func TestVaultPaths(t *testing.T) {
	at, err := url.Parse("https://vault.example")
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, Config{External: External{Vault: at, VaultMount: "kv"}})
	for name, ok := range map[string]bool{"apps/mine": true, "/apps/my app/": true, "../../sys": false, "a/../b": false, "a//b": false, "./a": false, "/": false} {
		if err := client.CheckRef(run.Ref{From: "vault", Name: name}); (err == nil) != ok || err != nil && fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%q: %v", name, err)
		}
	}
}
