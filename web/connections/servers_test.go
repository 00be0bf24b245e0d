package connections

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/run"
)

// TestManyWays: where there are many ways to sign in at servers one is chosen first, by what they are for.
func TestManyWays(t *testing.T) {
	h := handler(stocked())
	var list []actions.Auth
	for _, protocol := range []string{"", "", "smtp", "imap", "sftp", "sql", "odd"} {
		list = append(list, actions.Auth{Method: "w" + strconv.Itoa(len(list)), Name: "Way " + strconv.Itoa(len(list)), Protocol: protocol})
	}
	h.Connectors = actions.CatalogueOf(actions.Connector{ID: "app", Name: "An app", Auth: slices.Repeat(list[:1], 6)})
	if page := send(t, h.New, get("/connections/new?connector=app"), "").Body.String(); !strings.Contains(page, `<nav class="tabbar ways"`) || strings.Contains(page, "kind of server") {
		t.Error("an app's ways are called servers")
	}
	h.Connectors = actions.CatalogueOf(actions.Connector{ID: "server", Name: "A server", Auth: list})
	page := send(t, h.New, get("/connections/new?connector=server&slug=mine"), "").Body.String()
	last := 0
	for _, want := range []string{"<h1>Connect a server</h1>", "HTTP API</h2>", "method=w1&amp;slug=mine", "Way 1", "Mail</h2>", "Way 3", "Files</h2>", "Database</h2>", "Way 5", "Others</h2>", "Way 6"} {
		at := strings.Index(page, want)
		if at < last {
			t.Errorf("%s stands at %d, behind %d", want, at, last)
		}
		last = at
	}
	if strings.Contains(page, `name="slug"`) {
		t.Error("a form is shown before a way was chosen")
	}
	if page := send(t, h.New, get("/connections/new?connector=server&method=w4"), "").Body.String(); strings.Contains(page, `<details class="ways" open>`) || !strings.Contains(page, `aria-current="page">Way 4`) {
		t.Error("the one that was chosen is not marked, or the others stand open")
	}
}

// TestServers: connections that are no app's stand first, are found by what their servers speak, and are called by that.
func TestServers(t *testing.T) {
	h := handler(stocked())
	core := actions.Connector{ID: "core", Name: "Stepmill", Category: "Built in", Auth: []actions.Auth{{Method: "none", Name: "No sign-in"}, {Method: "bearer", Name: "Bearer token"}, {Method: "smtp", Name: "Mail server (SMTP)", Protocol: "smtp"},
		{Method: "sftp", Name: "Files by SSH (SFTP)", Protocol: "sftp"}, {Method: "imap_oauth", Name: "Mailbox by OAuth", Protocol: "imap"}},
		Actions: []actions.Action{{ID: "http_request", Name: "HTTP request", Effect: actions.Idempotent}, {ID: "sort", Name: "Sort a list", Effect: actions.Pure}, {ID: "lock", Name: "Lock", Effect: actions.Idempotent, Local: true}, {ID: "email_send", Name: "Send a mail", Effect: actions.Once, Protocol: "smtp"}}}
	app := actions.Connector{ID: "acme", Name: "Acme", BaseURL: "https://acme.test", Auth: []actions.Auth{{Method: "key", Name: "Key"}, {Method: "hook", Name: "Hook"}},
		Actions: []actions.Action{{ID: "make", Name: "Make", Effect: actions.Once}, {ID: "count", Name: "Count", Effect: actions.Pure}, {ID: "tell", Name: "Tell", Effect: actions.Once, Ways: []string{"hook"}}}}
	h.Connectors = actions.CatalogueOf(core, app)
	for word, want := range map[string]string{"": serversName + ", Acme", "smtp": serversName, "databases": serversName, "stepmill": serversName, "acme": "Acme"} {
		var got []string
		for _, p := range h.pick(word).Apps {
			got = append(got, p.Name)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q finds %q", word, got)
		}
	}
	if page := send(t, h.New, get("/connections/new?q=zzz"), "").Body.String(); !strings.Contains(page, `href="/connections/new?connector=core"`) {
		t.Error("where no app fits, the way to any server is not shown")
	}
	for method, want := range map[string][2]string{"none": {"http", "HTTP API"}, "bearer": {"http-bearer", "HTTP API"}, "smtp": {"smtp", "Mail"}, "sftp": {"sftp", "Files"}, "imap_oauth": {"imap-oauth", "Mail"}} {
		auth, _ := core.Way(method)
		page := send(t, h.New, get("/connections/new?connector=core&method="+method), "").Body.String()
		if !strings.Contains(page, `name="slug" value="`+want[0]+`"`) || !strings.Contains(page, "<h2>"+auth.Name+"</h2>") || strings.Contains(page, "Nothing") {
			t.Errorf("the form for %s is %s", method, page)
		}
		if got := h.card(run.Connection{Slug: "c", Connector: "core", Method: method}, uses{}); got.App != want[1] {
			t.Errorf("a connection by %s is one of %q", method, got.App)
		}
	}
	for _, c := range []struct{ connector, method, granted, want string }{
		{"core", "bearer", "", "HTTP request"}, {"core", "smtp", "", "Send a mail"}, {"core", "sftp", "", ""}, {"core", "bearer", "core.sort", "HTTP request, Sort a list"}, {"core", "bearer", "core.gone", "HTTP request, core.gone (not there any more)"},
		{"acme", "key", "", "Count, Make"}, {"acme", "hook", "", "Count, Make, Tell"},
	} {
		k := run.Connection{Connector: c.connector, Method: c.method}
		if c.granted != "" {
			k.Grants.Actions = []string{c.granted}
		}
		var got []string
		for _, one := range grantsOf(k, uses{}, *h.Connectors.Get(c.connector))[1].Choices {
			got = append(got, one.Name)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%+v: it is offered %q", c, got)
		}
	}
}

// TestUnsigned: a connection that nobody has signed in over needs no new sign-in.
func TestUnsigned(t *testing.T) {
	for _, c := range []struct {
		connection run.Connection
		want       string
	}{
		{run.Connection{Connector: "jira", Method: "oauth", State: run.NeedsAuth, Detail: "Nobody has signed in yet."}, "Not signed in yet"},
		{run.Connection{Connector: "jira", Method: "oauth", State: run.NeedsAuth, Tokens: 1}, "Needs a new sign-in"},
		{run.Connection{Connector: "jira", Method: "oauth", State: run.NeedsAuth, Ails: run.Unheard}, "Secret not found"},
		{run.Connection{Connector: "slack", Method: "token", State: run.NeedsAuth}, "Needs a new sign-in"},
		{run.Connection{Connector: "jira", Method: "oauth", State: run.Paused}, "Paused"},
	} {
		if word, _ := stateWords(handler(stocked()).card(c.connection, uses{})); word != c.want {
			t.Errorf("%+v is %q", c.connection, word)
		}
	}
}
