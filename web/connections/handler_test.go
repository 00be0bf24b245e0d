package connections

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

func TestPages(t *testing.T) {
	h := handler(stocked())
	uitest.Compare(t, "list", send(t, h.List, get("/connections"), "").Body.String())
	uitest.Compare(t, "list-empty", send(t, handler(&shelf{}).List, get("/connections"), "").Body.String())
	uitest.Compare(t, "pick", send(t, h.New, get("/connections/new"), "").Body.String())
	uitest.Compare(t, "form", send(t, h.New, get("/connections/new?connector=slack"), "").Body.String())
	uitest.Compare(t, "form-sign-in", send(t, h.New, get("/connections/new?connector=jira"), "").Body.String())
	uitest.Compare(t, "values", send(t, h.Fill, get("/connections/mail/values"), "mail").Body.String())
	uitest.Compare(t, "one-broken", send(t, h.Show, get("/connections/slack"), "slack").Body.String())
	uitest.Compare(t, "one-limited", send(t, h.Show, get("/connections/mail"), "mail").Body.String())
	uitest.Compare(t, "one-signed-in", send(t, h.Show, get("/connections/jira?done=signed-in"), "jira").Body.String())
	uitest.Compare(t, "lead", send(t, h.SignIn, uitest.Form("/connections/jira/sign-in"), "jira").Body.String())
	for _, path := range []string{"/connections/new?connector=core", "/connections/new?connector=none"} {
		if err := h.New(httptest.NewRecorder(), get(path)); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s gives %v", path, err)
		}
	}
}

// TestOfAnApp: a list may be of one app; one that there is not is nobody's.
func TestOfAnApp(t *testing.T) {
	h := handler(stocked())
	page := send(t, h.List, get("/connections?app=jira"), "").Body.String()
	if !strings.Contains(page, `data-list-src="/connections?app=jira"`) || !strings.Contains(page, "Those of Jira.") || !strings.Contains(page, `href="/connections/soon"`) || strings.Contains(page, `href="/connections/mail"`) {
		t.Errorf("of Jira: %s", page)
	}
	if page := send(t, h.List, get("/connections?app=mute"), "").Body.String(); !strings.Contains(page, "No connection to Mute") {
		t.Errorf("of Mute: %s", page)
	}
	if page := send(t, h.List, get("/connections?app=none"), "").Body.String(); !strings.Contains(page, `href="/connections/mail"`) || !strings.Contains(page, `data-list-src="/connections"`) {
		t.Errorf("of an app that there is not: %s", page)
	}
}

// TestFreeSlug: the form offers a slug that is not taken, unless a scenario waits for one.
func TestFreeSlug(t *testing.T) {
	s := stocked()
	s.list = append(s.list, run.Connection{Slug: "slack-2"})
	h := handler(s)
	for path, slug := range map[string]string{"?connector=slack": "slack-3", "?connector=mute": "mute", "?connector=slack&slug=slack": "slack"} {
		if page := send(t, h.New, get("/connections/new"+path), "").Body.String(); !strings.Contains(page, `name="slug" value="`+slug+`"`) {
			t.Errorf("%s does not offer %s: %s", path, slug, page)
		}
	}
}

// TestWhoOnlyLooks sees everything and is offered nothing that they may not do.
func TestWhoOnlyLooks(t *testing.T) {
	h := handler(stocked())
	h.Actor = func(*http.Request) run.Actor { return run.Actor{Role: run.Viewer} }
	for name, page := range map[string]string{"the list": send(t, h.List, get("/connections"), "").Body.String(), "a page": send(t, h.Show, get("/connections/mail"), "mail").Body.String(),
		"an empty list": send(t, h.withNone().List, get("/connections"), "").Body.String()} {
		_, main, _ := strings.Cut(page, "<main")
		main, _, _ = strings.Cut(main, "</main>")
		for _, word := range []string{"<form", "<button", "/values", "/connections/new\""} {
			if strings.Contains(main, word) {
				t.Errorf("%s has %s for who may not", name, word)
			}
		}
	}
	if page := send(t, h.Show, get("/connections/mail"), "mail").Body.String(); !strings.Contains(page, "gone (not there any more)") {
		t.Error("who may use it is not shown")
	}
}

func (h *Handler) withNone() *Handler {
	none := *h
	none.Store = &shelf{}
	return &none
}

// TestOrderAndMending: those that need a person come first, each with the one thing that mends it.
func TestOrderAndMending(t *testing.T) {
	h := handler(stocked())
	page := send(t, h.List, get("/connections"), "").Body.String()
	last := 0
	for _, want := range []string{`href="/connections/slack/values"`, `action="/connections/fresh/sign-in"`, `action="/connections/old/sign-in"`, `action="/connections/soon/sign-in"`, `action="/connections/c5/resume"`, `action="/connections/mail/test"`,
		`Sandbox</span>`, `action="/connections/jira/test"`} {
		at := strings.Index(page, want)
		if at < last {
			t.Errorf("%s stands at %d, behind %d", want, at, last)
		}
		last = at
	}
	if strings.Contains(page, `action="/connections/test/test"`) {
		t.Error("a sandbox can be tested")
	}
	for _, c := range []run.Connection{{Slug: "m", Connector: "mute", State: run.Connected}, {Slug: "m", Connector: "gone", State: run.Connected}, {Slug: "m", Connector: "jira", Method: "oauth", State: run.NeedsAuth, Detail: "X", Sandbox: true}} {
		if got := h.card(c, uses{}); got.Mend != (mend{}) || got.State != run.Connected || got.Detail != "" {
			t.Errorf("%+v is offered %+v in the state %s: %s", c, got.Mend, got.State, got.Detail)
		}
	}
	for _, want := range []string{"3 connections need you", "3 runs wait for them", "Sign in <span", "Signed in as <b>ada@example.com", `href="/connections/c5"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if n := strings.Count(page, `href="/scenarios/one"`); n != 2 { // slack in its draft, mail in what runs
		t.Errorf("the scenario is named %d times", n)
	}
	for word, apps := range map[string]string{"": "jira mute slack", "comm": "slack", "JIRA dev": "jira", "jira comm": "", "zzz": ""} {
		var got []string
		for _, p := range h.pick(word).Apps {
			got = append(got, p.ID)
		}
		if strings.Join(got, " ") != apps {
			t.Errorf("%q finds %v", word, got)
		}
	}
	r := get("/connections/new?q=zzz")
	r.Header.Set("X-Fragment", "list")
	if part := send(t, h.New, r, "").Body.String(); strings.Contains(part, "<html") || !strings.Contains(part, "No app fits") {
		t.Errorf("searched for, it is %s", part)
	}
}

func TestCreate(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []string
		wrong  string // a sentence of the form shown again; empty: it was made
	}{
		{"all that is needed", []string{"slug", "team", "name", "Team", "value.token", " xoxb-1 ", "value.region", "eu"}, ""},
		{"no token", []string{"slug", "team", "name", "kept"}, "Token is needed."},
		{"a sandbox needs none", []string{"slug", "team", "sandbox", "1"}, ""},
		{"a token that lies elsewhere", []string{"slug", "team", "ref.token.from", "vault", "ref.token.name", "a/b"}, ""},
		{"a token that lies nowhere", []string{"slug", "team", "ref.token.from", "vault"}, "Nothing lies there."},
		{"a slug with capitals", []string{"slug", "Team", "value.token", "xoxb-1"}, "A slug is small letters"},
		{"a slug that is taken", []string{"slug", "slack", "value.token", "xoxb-1"}, "There is a connection of this slug already"},
		{"an address without a host", []string{"slug", "team", "value.token", "xoxb-1", "base_url", "localhost:9000"}, "An address begins with"},
		{"an address with a port that there is not", []string{"slug", "team", "value.token", "xoxb-1", "base_url", "http://x:99999"}, "ports go from 1"},
		{"a rate that nobody has", []string{"slug", "team", "value.token", "xoxb-1", "rate", "99999999999999999999/1s"}, "A rate is a number"},
		{"a rate in no time", []string{"slug", "team", "value.token", "xoxb-1", "rate", "5/0s"}, "A rate is a number"},
		{"an address with a user", []string{"slug", "team", "value.token", "xoxb-1", "base_url", "https://u:p@localhost"}, "An address begins with"},
		{"a rate that is none", []string{"slug", "team", "value.token", "xoxb-1", "rate", "fast"}, "A rate is a number"},
		{"too many at once", []string{"slug", "team", "value.token", "xoxb-1", "concurrency", "1001"}, "from 1 to 1000"},
		{"a token in two lines", []string{"slug", "team", "value.token", "xoxb-1\nx"}, "holds a line break"},
		{"a token that is too long", []string{"slug", "team", "value.token", strings.Repeat("xoxb-1", 4000)}, "longer than 16 kB"},
		{"a region that there is not", []string{"slug", "team", "value.token", "xoxb-1", "value.region", "mars"}, "Region is not one of those"},
		{"a token that the app sees through", []string{"slug", "team", "value.token", "odd"}, "ends without a data centre"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := stocked()
			got := send(t, handler(s).Create, uitest.Form("/connections", append(c.fields, "connector", "slack", "method", "token")...), "")
			body := got.Body.String()
			if (c.wrong == "") != (got.Code == http.StatusSeeOther) || !strings.Contains(body, c.wrong) {
				t.Errorf("status %d: %s", got.Code, got.Header().Get("Location"))
			}
			if strings.Contains(body, "xoxb-1") {
				t.Error("the secret is shown again")
			}
			if c.wrong != "" && (s.made.Slug != "" || !strings.Contains(body, `value="`+c.fields[1]+`"`)) {
				t.Error("it was made all the same, or what was typed is gone")
			}
		})
	}
	s := stocked()
	send(t, handler(s).Create, uitest.Form("/connections", "connector", "slack", "method", "token", "slug", "team", "name", "Team", "value.token", " xoxb-1 ", "value.region", "eu", "base_url", "https://eu.example.com", "rate", "10/1s", "concurrency", "4"), "")
	if s.values["token"].Reveal() != "xoxb-1" || s.values["region"].Reveal() != "eu" || s.made.BaseURL != "https://eu.example.com" || s.made.Rate != "10/1s" || s.made.Concurrency != 4 || s.made.Method != "token" || s.made.State != run.Connected {
		t.Errorf("it made %+v", s.made)
	}
	lines := stocked()
	if got := send(t, handler(lines).Create, uitest.Form("/connections", "connector", "slack", "method", "key", "slug", "team", "value.key", "{\n}"), ""); got.Code != http.StatusSeeOther {
		t.Errorf("a file of several lines is answered %d", got.Code)
	}
}

// TestCreatedLeadsOn: a new connection is tested at once; a person who has to sign in is led to the vendor.
func TestCreatedLeadsOn(t *testing.T) {
	for _, c := range []struct{ connector, slug, sandbox, to, says string }{
		{"slack", "team", "", "/connections/team?done=works", "The app answered"},
		{"slack", "bare", "", "/connections/bare?done=untested", "With a test address, under New values, they can be tested"},
		{"slack", "team", "1", "/connections/team?done=sandboxed", "recorded in the outbox"},
		{"jira", "team", "1", "/connections/team?done=sandboxed", "recorded in the outbox"},
		{"mute", "team", "", "/connections/team?done=filled", "They cannot be tested"},
	} {
		h := handler(stocked())
		made := send(t, h.Create, uitest.Form("/connections", "connector", c.connector, "slug", c.slug, "value.token", "x", "value.key", "k", "value.client_id", "id", "value.client_secret", "s", "sandbox", c.sandbox), "")
		if to := made.Header().Get("Location"); to != c.to {
			t.Errorf("it leads to %s, not %s", to, c.to)
		}
		page := send(t, h.Show, get(c.to), c.slug).Body.String()
		if why := strings.Contains(page, "It cannot be tested. Mute gives nothing out."); why != (c.connector == "mute") || why && strings.Contains(page, "/connections/team/test") {
			t.Errorf("%s: why it cannot be tested is on the page: %v", c.connector, why)
		}
		if _, toast, _ := strings.Cut(page, "data-toasts"); !strings.Contains(toast, c.says) {
			t.Errorf("the page says %s", toast)
		}
	}
	s := stocked()
	led := send(t, handler(s).Create, uitest.Form("/connections", "connector", "jira", "slug", "team", "value.client_id", "id", "value.client_secret", "s"), "")
	if led.Code != 200 || led.Header().Get("Location") != "" || !strings.Contains(led.Body.String(), `http-equiv="refresh" content="0; url=https://jira.test/a?state=s&amp;of=team"`) || len(led.Result().Cookies()) != 1 {
		t.Errorf("it does not lead on: %d %v", led.Code, led.Result().Cookies())
	}
	if s.made.State != run.NeedsAuth || s.made.Detail != "Nobody has signed in yet." {
		t.Errorf("it is made as %+v", s.made)
	}
	if odd := send(t, handler(stocked()).Create, uitest.Form("/connections", "connector", "jira", "slug", "team", "value.client_id", "id", "value.client_secret", "s", "value.token_url", "ftp://x"), ""); odd.Code != 422 || !strings.Contains(odd.Body.String(), "begins with https://") {
		t.Errorf("an address for tokens that is none is answered %d", odd.Code)
	}
}

func TestRenew(t *testing.T) {
	s := stocked()
	h := handler(s)
	if got := send(t, h.Renew, uitest.Form("/connections/mail/values", "value.token", "xoxb-2", "value.region", "us"), "mail"); got.Header().Get("Location") != "/connections/mail?done=works" {
		t.Errorf("status %d", got.Code)
	}
	if s.values["token"].Reveal() != "xoxb-2" || len(s.made.Refs) != 0 || len(s.keep) != 0 || s.made.State != run.Connected || s.made.ID != "c4" || len(s.made.Grants.Scenarios) != 2 {
		t.Errorf("typed anew, it is %+v, keeping %v", s.made, s.keep)
	}
	send(t, h.Renew, uitest.Form("/connections/mail/values", "value.region", "eu", "ref.token.from", "vault", "ref.token.name", "c/d"), "mail")
	if s.made.Refs["token"] != (run.Ref{From: "vault", Name: "c/d"}) || len(s.keep) != 0 {
		t.Errorf("lying elsewhere, it is %+v, keeping %v", s.made, s.keep)
	}
	send(t, h.Renew, uitest.Form("/connections/mail/values", "value.region", "eu", "ref.token.from", "aws", "ref.token.name", "app", "ref.token.key", "k", "ref.token.stage", "AWSPREVIOUS"), "mail")
	if s.made.Refs["token"] != (run.Ref{From: "aws", Name: "app", Key: "k", Stage: "AWSPREVIOUS"}) {
		t.Errorf("in AWS, it is %+v", s.made)
	}
	send(t, h.Renew, uitest.Form("/connections/mail/values", "value.region", "eu"), "mail")
	if !slices.Equal(s.keep, []string{"token"}) || len(s.made.Refs) != 0 {
		t.Errorf("left empty, it keeps %v", s.keep)
	}
	s.did = ""
	if got := send(t, h.Renew, uitest.Form("/connections/mail/values", "value.region", "us"), "mail"); got.Code != 422 || !strings.Contains(got.Body.String(), "Token is to be typed again: Region is another than before") || s.did != "" {
		t.Errorf("what is kept goes elsewhere: %d, it was %s", got.Code, s.did)
	}
	if led := send(t, h.Renew, uitest.Form("/connections/jira/values", "value.client_id", "other"), "jira"); !strings.Contains(led.Body.String(), "of=jira") || s.made.State != run.NeedsAuth {
		t.Errorf("new values of an app do not lead on to the vendor: %s", led.Body)
	}
	if tested := send(t, h.Renew, uitest.Form("/connections/slack/values", "value.token", "x", "value.region", "us"), "slack"); !strings.Contains(tested.Body.String(), "Slack answered invalid_auth.") {
		t.Error("what the app says to the new values is not shown")
	}
	s.did = ""
	for text, says := range map[string]string{"x\ny": "holds a line break", "never": "Such a token is none."} {
		if got := send(t, h.Renew, uitest.Form("/connections/mail/values", "value.token", text, "value.region", "us"), "mail"); got.Code != 422 || !strings.Contains(got.Body.String(), says) || s.did != "" {
			t.Errorf("%q is answered %d, and it was %s", text, got.Code, s.did)
		}
	}
	s.list[0].Method = "gone"
	if err := h.Fill(httptest.NewRecorder(), func() *http.Request { r := get("/"); r.SetPathValue("connection", "test"); return r }()); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a way to sign in that is gone gives %v", err)
	}
}

func TestSettings(t *testing.T) {
	s := stocked()
	h := handler(s)
	got := send(t, h.Set, uitest.Form("/connections/mail", "name", " Post ", "rate", "5/1s", "concurrency", "1000", "scenario", "one", "action", "slack.send_message"), "mail")
	if got.Header().Get("Location") != "/connections/mail?done=saved" || s.made.Name != "Post" || s.made.Rate != "5/1s" || s.made.Concurrency != 1000 || !slices.Equal(s.made.Grants.Scenarios, []string{"one"}) || !slices.Equal(s.made.Grants.Actions, []string{"slack.send_message"}) {
		t.Errorf("set, it is %+v", s.made)
	}
	s.list[2] = s.made
	if page := send(t, h.Show, get("/connections/mail"), "mail").Body.String(); !strings.Contains(page, `name="concurrency" value="1000"`) {
		t.Error("a thousand at once is not shown as it is typed")
	}
	send(t, h.Set, uitest.Form("/connections/mail", "name", "Post"), "mail")
	if len(s.made.Grants.Scenarios) != 0 || s.made.Rate != "" || s.made.Concurrency != 0 {
		t.Errorf("emptied, it is %+v", s.made)
	}
	s.did = ""
	for _, c := range [][3]string{{"rate", "fast", "A rate is a number"}, {"concurrency", "0", "from 1 to 1000"}, {"name", strings.Repeat("x", 201), "at most 200"}} {
		got := send(t, h.Set, uitest.Form("/connections/mail", c[0], c[1]), "mail")
		if got.Code != 422 || !strings.Contains(got.Body.String(), c[2]) || !strings.Contains(got.Body.String(), `value="`+c[1]+`"`) || s.did != "" {
			t.Errorf("%s is answered %d, and it was %s", c[0], got.Code, s.did)
		}
	}
}

func TestTestSwitchAndDelete(t *testing.T) {
	s := stocked()
	h := handler(s)
	if got := send(t, h.TestOne, uitest.Form("/connections/slack/test"), "slack"); !strings.Contains(got.Body.String(), "Slack answered invalid_auth.") {
		t.Error("the app's own words are not shown")
	}
	if got := send(t, h.TestOne, uitest.Form("/connections/mail/test"), "mail"); got.Header().Get("Location") != "/connections/mail?done=works" {
		t.Errorf("status %d", got.Code)
	}
	for _, c := range []struct {
		f    func(http.ResponseWriter, *http.Request) error
		slug string
		did  string
		to   string
	}{
		{h.Pause, "mail", "paused c4", "/connections/mail?done=paused"},
		{h.Resume, "new", "resumed c5", "/connections/c5?done=resumed"},
		{h.Delete, "slack", "deleted c1", "/connections?done=deleted"},
	} {
		if got := send(t, c.f, uitest.Form("/connections/x"), c.slug); got.Header().Get("Location") != c.to || s.did != c.did {
			t.Errorf("%s: %s, to %s", c.slug, s.did, got.Header().Get("Location"))
		}
	}
	for _, f := range []func(http.ResponseWriter, *http.Request) error{h.Show, h.Set, h.Fill, h.Renew, h.SignIn, h.TestOne, h.Pause, h.Resume, h.Delete} {
		r := uitest.Form("/connections/none")
		r.SetPathValue("connection", "none")
		if err := f(httptest.NewRecorder(), r); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("a connection that there is not gives %v", err)
		}
	}
	if page := send(t, h.Show, get("/connections/slack"), "slack").Body.String(); !strings.Contains(page, "1 scenario uses it") || !strings.Contains(page, "3 runs that wait for it wait on") {
		t.Error("the page does not say what deleting stops")
	}
}

// TestSignInFails: the page says why, and offers what can be done by who looks.
func TestSignInFails(t *testing.T) {
	h := handler(stocked())
	if got := send(t, h.SignIn, uitest.Form("/connections/slack/sign-in"), "slack"); !strings.Contains(got.Body.String(), "Nobody signs in here.") || len(got.Result().Cookies()) != 0 {
		t.Errorf("a sign-in that cannot be begun is answered %s", got.Body)
	}
	no := fault.New(fault.Unauthorized, "Access was denied <b>.")
	failed := func(slug string) string {
		t.Helper()
		got := send(t, func(w http.ResponseWriter, r *http.Request) error { return h.SignInFailed(w, r, slug, 403, no) }, get("/oauth/callback"), "")
		if got.Code != 403 || !strings.Contains(got.Body.String(), "Access was denied &lt;b&gt;.") {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		return got.Body.String()
	}
	uitest.Compare(t, "failed", failed("jira"))
	if page := failed(""); strings.Contains(page, "/sign-in") || !strings.Contains(page, `href="/connections"`) {
		t.Error("a connection that is not known is offered")
	}
	h.Chrome = func(*http.Request) ui.Chrome { return ui.Chrome{} }
	h.Actor = func(*http.Request) run.Actor { return run.Actor{} }
	if page := failed("jira"); strings.Contains(page, "/sign-in") || strings.Contains(page, "Jira") {
		t.Error("who is not signed in is offered a connection")
	}
}

// TestAils: a connection that may be good again without a person says what ails it, and what lets its runs go on.
func TestAils(t *testing.T) {
	for _, c := range []struct {
		state run.State
		ails  run.Ailment
		want  []string
	}{
		{run.NeedsAuth, run.Unheard, []string{"Secret not found", "The file of secrets has no line X=.", "/connections/slack/test", "once it is mended"}},
		{run.NeedsAuth, run.Doubted, []string{"Not taken now", "/connections/slack/test", "once it is mended"}},
		{run.NeedsAuth, run.Unrenewed, []string{"No new token", "/connections/slack/test", "once it is mended"}},
		{run.Connected, "", []string{"Connected", "A test that succeeds lets them go on"}},
	} {
		s := stocked()
		for i := range s.list {
			if s.list[i].Slug == "slack" {
				s.list[i].State, s.list[i].Ails, s.list[i].Detail = c.state, c.ails, "The file of secrets has no line X=."
			}
		}
		page := send(t, handler(s).Show, get("/connections/slack"), "slack").Body.String()
		for _, want := range c.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s, %q: the page has no %q", c.state, c.ails, want)
			}
		}
	}
}

// TestWords: what a connection's page says is so when it says it.
func TestWords(t *testing.T) {
	h := handler(stocked())
	list := send(t, h.List, get("/connections"), "").Body.String()
	late := send(t, h.Show, get("/connections/late"), "late").Body.String()
	for _, page := range []string{list, late} {
		if !strings.Contains(page, "Token expired</span>") || !strings.Contains(page, "Its token expired and could not be renewed yet. That is tried again") {
			t.Error("that a token expired is not said")
		}
	}
	if strings.Contains(late, "Token good") || strings.Count(list, "Token good") != 2 {
		t.Errorf("an expired token is called good: %d are", strings.Count(list, "Token good"))
	}
	if page := send(t, h.Show, get("/connections/mail"), "mail").Body.String(); !strings.Contains(page, "None is parked. Calls over it wait") {
		t.Error("of one that is asked to slow down it is not said that calls wait")
	}
	for said, want := range map[string]string{"Jira answered 403: X. Reconnect it under Connections: sign in again.": "Jira answered 403: X.", "No. Put new values into it under Connections, and test it.": "No.", "As it is.": "As it is."} {
		if got := here(said); got != want {
			t.Errorf("%q becomes %q", said, got)
		}
	}
	s := stocked()
	s.list[4].State = run.Connected
	for _, going := range []bool{true, false} {
		s.going = going
		page := send(t, handler(s).Show, get("/connections/slack"), "slack").Body.String()
		if strings.Contains(page, "It was mended: they go on now") != going || strings.Contains(page, "refused a request of these") == going {
			t.Errorf("where they go on is %v, it says otherwise", going)
		}
	}
}

// TestNames: one that would turn what stands behind it is not taken.
func TestNames(t *testing.T) {
	for name, taken := range map[string]bool{"Über — 销售 ✓": true, "עברית": true, "": true, "abc\u202egnp": false, "a\u2066b": false, "a\tb": false} {
		s := stocked()
		made := send(t, handler(s).Create, uitest.Form("/connections", "connector", "slack", "slug", "team", "value.token", "x", "name", name), "")
		set := send(t, handler(s).Set, uitest.Form("/connections/mail", "name", name), "mail")
		if (made.Code == http.StatusSeeOther) != taken || (set.Code == http.StatusSeeOther) != taken {
			t.Errorf("%q is answered %d and %d", name, made.Code, set.Code)
		}
	}
}
