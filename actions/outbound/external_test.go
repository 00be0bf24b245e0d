package outbound

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// TestExternal: values that lie elsewhere are fetched when they are used, kept for a moment, and shown to nobody.
func TestExternal(t *testing.T) {
	asked, status, secret := 0, 200, "CANARY-vault"
	vault := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("X-Vault-Token") != "CANARY-token" || r.URL.EscapedPath() != "/v1/kv/data/apps/my%20app" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if status != 200 {
			w.WriteHeader(status)
			return
		}
		io.WriteString(w, `{"data": {"data": {"value": "`+secret+`", "n": 1}, "metadata": {"version": 1}}}`)
	}))
	defer vault.Close()
	var got string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		io.WriteString(w, `{"echo": "`+got+`"}`)
	}))
	defer api.Close()
	file := filepath.Join(t.TempDir(), "secrets.env")
	if err := os.WriteFile(file, []byte("# ours\nOTHER=x\nTOKEN = CANARY-file\r\nTOKEN2=y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(vault.URL)
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t)
	client := newClient(t, Config{Connections: d.Store, Tokens: d, Allow: loopback, Now: d.now, External: External{EnvFile: file, Vault: at, VaultToken: "CANARY-token", VaultMount: "kv"}})
	refer := func(r run.Ref) run.Result {
		t.Helper()
		d.DeleteConnection(t.Context(), run.SystemActor(run.DefaultWorkspace), d.find())
		if _, err := d.CreateConnection(t.Context(), run.SystemActor(run.DefaultWorkspace), run.Connection{Slug: "c", Connector: "github", Method: "token", BaseURL: api.URL, Refs: map[string]run.Ref{"token": r}}, run.Values{}); err != nil {
			t.Fatal(err)
		}
		got = ""
		return do(client, "github.api_request")
	}
	if r := refer(run.Ref{From: "env-file", Name: "TOKEN"}); r.Failure != nil || got != "Bearer CANARY-file" || strings.Contains(fmtValue(r), "CANARY") {
		t.Errorf("%+v %s", r, got)
	}
	inVault := run.Ref{From: "vault", Name: "/apps/my app"}
	for range 2 {
		if r := refer(inVault); r.Failure != nil || got != "Bearer CANARY-vault" || strings.Contains(fmtValue(r), "CANARY") {
			t.Errorf("%+v %s", r, got)
		}
	}
	if asked != 1 {
		t.Errorf("the Vault was asked %d times", asked)
	}
	secret, status = "CANARY-next", 200
	d.ahead.Store(int64(refKept + time.Second))
	if r := refer(inVault); r.Failure != nil || got != "Bearer CANARY-next" {
		t.Errorf("a value that was replaced: %+v %s", r, got)
	}
	d.ahead.Store(int64(3 * refKept))
	status = 503
	for r, want := range map[run.Ref]fault.Code{
		inVault:                                      fault.Unavailable,
		{From: "vault", Name: "other"}:               fault.Unavailable, // it is not allowed
		{From: "vault", Name: "../sys/mounts"}:       fault.InvalidInput,
		{From: "vault", Name: ""}:                    fault.InvalidInput,
		{From: "env-file", Name: "NONE"}:             fault.NotFound,
		{From: "env-file", Name: "# ours"}:           fault.NotFound,
		{From: "aws", Name: "x"}:                     fault.InvalidInput,
		{From: "env-file", Name: "TOKEN\r\nX: evil"}: fault.InvalidInput,
	} {
		if res := refer(r); res.Failure == nil || res.Failure.Class != string(want) || got != "" || strings.Contains(res.Failure.Message, "CANARY") {
			t.Errorf("%+v: %+v %s", r, res.Failure, got)
		}
	}
	status = 404
	if res := refer(inVault); res.Failure == nil || res.Failure.Class != string(fault.NotFound) {
		t.Errorf("%+v", res.Failure)
	}
	status = 200
	if res := refer(run.Ref{From: "vault", Name: "apps/my app", Key: "n"}); res.Failure == nil || res.Failure.Class != string(fault.NotFound) {
		t.Errorf("a number: %+v", res.Failure)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if res := refer(run.Ref{From: "env-file", Name: "TOKEN"}); res.Failure == nil || res.Failure.Class != string(fault.Unavailable) {
		t.Errorf("a file that others may read: %+v", res.Failure)
	}
	vault.Close()
	d.ahead.Store(int64(9 * refKept))
	if res := refer(inVault); res.Failure == nil || res.Failure.Class != string(fault.Unavailable) || got != "" {
		t.Errorf("a Vault that is down: %+v", res.Failure)
	}
	bare := newClient(t, Config{Connections: d.Store})
	for _, r := range []run.Ref{inVault, {From: "env-file", Name: "TOKEN"}} {
		if err := bare.CheckRef(r); fault.CodeOf(err) != fault.InvalidInput {
			t.Errorf("%+v where nothing is set up: %v", r, err)
		}
	}
}

// TestVaultKeepsItsToken: a Vault that redirects, or one at a private address, sees no token go on.
func TestVaultKeepsItsToken(t *testing.T) {
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the thief got %v", r.Header) }))
	defer thief.Close()
	server := httptest.NewServer(http.RedirectHandler(thief.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	for address, allow := range map[string]bool{server.URL: true, thief.URL: false} {
		at, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		cfg := Config{External: External{Vault: at, VaultToken: "CANARY", VaultMount: "secret"}}
		if allow {
			cfg.Allow = loopback
		}
		if _, err := newClient(t, cfg).refer(t.Context(), run.Ref{From: "vault", Name: "x"}); err == nil {
			t.Errorf("%s gives a value", address)
		}
	}
}

// find gives the id of the connection c; "": there is none.
func (d *desk) find() string {
	c, err := d.Connection(d.t.Context(), run.SystemActor(run.DefaultWorkspace), "c")
	if err != nil {
		return ""
	}
	return c.ID
}

func fmtValue(r run.Result) string {
	text, _ := r.Output.(map[string]any)
	body, _ := text["body"].(map[string]any)
	echo, _ := body["echo"].(string)
	return echo
}
