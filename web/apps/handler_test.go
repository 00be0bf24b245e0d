package apps

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

// shelf has two connections of one app, or fails.
type shelf struct{ err error }

func (s shelf) Connections(context.Context, run.Actor) ([]run.Connection, error) {
	return []run.Connection{{Connector: "acme"}, {Connector: "acme"}}, s.err
}

// options are more than fit in a line.
func options() []actions.Option {
	out := []actions.Option{{Value: "all", Label: "All"}, {Value: "one", Label: "Only one"}}
	for _, name := range strings.Split("bcdefghijklmnop", "") {
		out = append(out, actions.Option{Value: name, Label: name})
	}
	return out
}

func handler(role run.Role) *Handler {
	field := actions.Field{ID: "to", Label: "To <b>", Help: "Who gets it.", Type: actions.Select, Required: true, Default: "all", Options: options()}
	nested := actions.Field{ID: "parts", Label: "Parts", Type: actions.List, Fields: []actions.Field{{ID: "n", Label: "Number", Help: "How many.", Type: actions.Integer, Choices: &actions.Choices{}}}}
	acme := actions.Connector{ID: "acme", Name: "Acme", Category: "CRM", Description: "Deals in Acme.", Color: "#4a154b", Monogram: "A", BaseURL: "https://api.acme.example/v1", Also: []string{"https://files.acme.example"}, DocsURL: "https://acme.example/docs",
		Untested: "Acme gives nothing out.", Rate: actions.Rate{Requests: 1000, Window: time.Minute}, Limits: &actions.Limits{Headers: []actions.Limit{{Remaining: "X-Left"}}},
		Auth: []actions.Auth{{Method: "token", Name: "Token", Help: "Under Settings.", Fields: []actions.Field{{ID: "token", Label: "Token", Help: "The token.", Type: actions.Text, Required: true, Secret: true}}},
			{Method: "oauth", Name: "Sign in", Help: "Make an app.", OAuth: &actions.OAuth{Grant: actions.Code, Scopes: []string{"read", "write"}, Lives: time.Hour}}},
		Actions: []actions.Action{{ID: "send", Name: "Send", Description: "Sends it.", Guarantee: "You are asked.", Input: []actions.Field{field, nested}, Sample: map[string]any{"id": "<1>"}, Scopes: []string{"send.all"}}, {ID: "find", Name: "Find", Description: "Finds it."}},
		Triggers: []actions.Trigger{{ID: "event", Name: "Event", Description: "It happened.", Kind: actions.EventKind, Verify: actions.Verification{Preset: "acme"}}, {ID: "new", Name: "New one", Description: "One was made.", Kind: actions.PollKind, Poll: &actions.Poll{Every: 5 * time.Minute, Least: time.Minute}},
			{ID: "hook", Name: "Hook", Description: "It is told.", Scopes: []string{"send.all", "hooks"}, Subscribe: &actions.Subscribe{}}},
		Records: []actions.Record{{ID: "deal", Name: "Deal", Many: "Deals", Get: actions.Operation{Action: "find"}, Create: actions.Operation{Action: "send"}}}}
	catalogue := actions.CatalogueOf(actions.Connector{ID: "core", Name: "Built in", Category: "Built in", Description: "Values.", Actions: []actions.Action{{ID: "set", Name: "Set values", Words: "variable", Description: "Makes values."}}}, acme)
	return &Handler{Store: shelf{}, Catalogue: catalogue, Apps: tree.AppsOf(catalogue), Guides: []actions.Guide{{Preset: "acme"}}, Examples: func() []Example {
		return []Example{{ID: "won", Name: "Deal won", Description: "Tells everybody.", Uses: []string{"acme"}}, {ID: "other", Uses: []string{"core"}}}
	},
		Actor: func(*http.Request) run.Actor { return run.Actor{Role: role} }, Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada"} }}
}

// TestLimits: one header says, several say.
func TestLimits(t *testing.T) {
	c := &actions.Connector{Auth: []actions.Auth{{}}}
	for want, headers := range map[string][]actions.Limit{
		"The header A says how much is left,":         {{Remaining: "A"}},
		"The headers A and B say how much is left,":   {{Remaining: "A", Used: "B"}, {Remaining: "A"}},
		"The headers A, B and C say how much is left": {{Remaining: "A"}, {Used: "B"}, {Remaining: "C"}},
		"An answer that asks to wait":                 nil,
	} {
		if got := limits(c, actions.Limits{Headers: headers})[0]; !strings.HasPrefix(got, want) {
			t.Errorf("%s; want %s", got, want)
		}
	}
}

// TestFew: a card has room for a few names.
func TestFew(t *testing.T) {
	for want, names := range map[string][]string{"A": {"A"}, "A, B, C": {"A", "B", "C"}, "A, B, C and 2 others": {"A", "B", "C", "D", "E"}} {
		if got := few(names); got != want {
			t.Errorf("%s; want %s", got, want)
		}
	}
}

func get(t *testing.T, f func(http.ResponseWriter, *http.Request) error, path, app string) (string, error) {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.SetPathValue("app", app)
	w := httptest.NewRecorder()
	err := f(w, r)
	return w.Body.String(), err
}

func TestPages(t *testing.T) {
	h := handler(run.Admin)
	for name, c := range map[string]struct {
		f         func(http.ResponseWriter, *http.Request) error
		path, app string
	}{"list": {h.List, "/apps", ""}, "none": {h.List, "/apps?q=zzz", ""}, "app": {h.Show, "/apps/acme", "acme"}, "built-in": {h.Show, "/apps/core", "core"}} {
		page, err := get(t, c.f, c.path, c.app)
		if err != nil {
			t.Fatal(err)
		}
		uitest.Compare(t, name, page)
	}
	if page, err := get(t, h.List, "/apps?q=crm+DEALS", ""); err != nil || !strings.Contains(page, "Acme") || strings.Contains(page, "Set values") || strings.Contains(page, ">Built in<") {
		t.Errorf("searched: %v %s", err, page)
	}
	if page, err := get(t, h.List, "/apps?q=SEND", ""); err != nil || !strings.Contains(page, `href="/apps/acme?q=SEND"`) || !strings.Contains(page, "<p>Send</p>") || strings.Contains(page, "Deals in Acme") {
		t.Errorf("searched by what it does: %v %s", err, page)
	}
	if page, err := get(t, h.List, "/apps?q=variable", ""); err != nil || !strings.Contains(page, `href="/apps/core?q=variable"`) || strings.Contains(page, "Acme") {
		t.Errorf("another word for a step finds %q, %v", page, err)
	}
	if page, err := get(t, h.Show, "/apps/core?q=variable", "core"); err != nil || !strings.Contains(page, "action-set") {
		t.Errorf("another word for a step finds %q, %v", page, err)
	}
	if page, err := get(t, h.Show, "/apps/acme?q=made", "acme"); err != nil || !strings.Contains(page, "trigger-new") || strings.Contains(page, "trigger-hook") || strings.Contains(page, "action-send") {
		t.Errorf("searched in an app: %v %s", err, page)
	}
	if page, err := get(t, h.Show, "/apps/acme?q=zzz", "acme"); err != nil || !strings.Contains(page, "No trigger and no action fits") {
		t.Errorf("nothing fits in an app: %v %s", err, page)
	}
	if page, _ := get(t, handler(run.Viewer).Show, "/apps/acme", "acme"); strings.Contains(page, "connections/new") {
		t.Error("who may not connect an app is led there")
	}
	if _, err := get(t, h.Show, "/apps/acmee", "acmee"); fault.CodeOf(err) != fault.NotFound || !strings.Contains(fault.MessageOf(err), "acme") {
		t.Errorf("an unknown app: %v", err)
	}
	h.Store = shelf{fault.New(fault.Unavailable, "No.")}
	for _, f := range []func(http.ResponseWriter, *http.Request) error{h.List, h.Show} {
		if _, err := get(t, f, "/apps", "acme"); fault.CodeOf(err) != fault.Unavailable {
			t.Errorf("without the store: %v", err)
		}
	}
}
