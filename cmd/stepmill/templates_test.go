package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/actionstest"
	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/scenarios"
)

// TestTemplatesFit: every connector stands in a template, and every template is one that could be published as it is.
func TestTemplatesFit(t *testing.T) {
	used := map[string]bool{"core": true}
	for _, e := range examples() {
		for _, app := range e.Uses {
			used[app] = true
		}
	}
	for _, id := range connectors.Catalogue.IDs() {
		if !used[id] {
			t.Errorf("no template uses %s", id)
		}
	}
	for _, tpl := range templates() {
		doc, problems, err := scenario.Decode(tpl.Definition)
		if err != nil {
			t.Fatal(err)
		}
		problems, _ = examine(doc, problems, nil)
		for _, p := range problems {
			t.Errorf("%s:%d:%d: %s", tpl.ID, p.Line, p.Column, p.Message)
		}
		doc.Walk(func(step *scenario.Step, _ scenario.Place) {
			if step.Name == "" {
				t.Errorf("%s: the step %s has no name", tpl.ID, step.ID)
			}
		})
		trigger := doc.AllTriggers()[0]
		if tpl.Name == "" || tpl.Description == "" || tpl.Group == "" || trigger.Name == "" || !trigger.Sample.Given || doc.Settings == nil || doc.Settings.Label == "" {
			t.Errorf("%s lacks a name, a description, a group, a trigger's name or sample, or a label", tpl.ID)
		}
	}
	for _, id := range demoTemplates {
		if !slices.ContainsFunc(templates(), func(tpl scenarios.Template) bool { return tpl.ID == id }) {
			t.Errorf("the demo names %s, which is no template", id)
		}
	}
}

// TestTemplatesInSandbox: every template runs to its end on its sample, sends nothing, and every system that it acts on has a
// request kept.
func TestTemplatesInSandbox(t *testing.T) {
	for _, tpl := range templates() {
		t.Run(tpl.ID, func(t *testing.T) {
			t.Parallel()
			doc, _, err := scenario.Decode(tpl.Definition)
			if err != nil {
				t.Fatal(err)
			}
			without := actedOn(doc)
			for _, e := range carriedOut(t, filepath.Join("templates", tpl.ID+".json"), "--sandbox") {
				if e.Data.HTTP.Sandboxed {
					delete(without, e.Data.HTTP.Connection)
				}
			}
			if len(without) > 0 {
				t.Errorf("no request was kept for %v", slices.Sorted(maps.Keys(without)))
			}
		})
	}
}

// TestTemplatesAtVendors: every template runs by the real program on its sample against the servers that hold requests to the
// vendors' own descriptions; none is refused, and each system that it acts on is called.
func TestTemplatesAtVendors(t *testing.T) {
	shelf := &vendors{t: t, list: map[string]stand{}}
	shelf.of("slack") // it skips where there are no descriptions
	for _, tpl := range templates() {
		t.Run(tpl.ID, func(t *testing.T) {
			doc, _, err := scenario.Decode(tpl.Definition)
			if err != nil {
				t.Fatal(err)
			}
			dir, text := t.TempDir(), string(tpl.Definition)
			var list []map[string]any
			before := map[string]int{}
			for app := range actedOn(doc) {
				at := shelf.of(app)
				if at.contract != nil {
					for _, answer := range answers[tpl.ID+" "+app] {
						at.contract.Answer(answer)
					}
				}
				before[app] = at.taken()
				list = append(list, connectionTo(connectors.Catalogue.Get(app), methods[tpl.ID+" "+app], at.url))
				text = strings.ReplaceAll(text, "https://"+app+".example.com", at.url) // where a step has the whole URL
			}
			made, err := json.Marshal(list)
			if err != nil {
				t.Fatal(err)
			}
			file, connections := filepath.Join(dir, tpl.ID+".json"), filepath.Join(dir, "connections.json")
			for name, b := range map[string][]byte{file: []byte(text), connections: made} {
				if err := os.WriteFile(name, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			carriedOut(t, file, "--connections", connections, "--egress-allow", "127.0.0.0/8")
			for app, n := range before {
				at := shelf.of(app)
				if at.taken() == n {
					t.Errorf("%s was not called", app)
				}
				if at.contract == nil {
					continue
				}
				if at.contract.Waiting() > 0 {
					t.Errorf("%d answers of %s were not asked for", at.contract.Waiting(), app)
				}
				if refused := at.contract.Refused(); len(refused) > 0 {
					t.Errorf("%s refused %v", app, refused)
				}
			}
		})
	}
}

// carriedOut runs a scenario file and gives what happened, which was nothing but success.
func carriedOut(t *testing.T, file string, args ...string) []happened {
	t.Helper()
	out, said, status := stepmill(t, append([]string{"run", file, "--json"}, args...)...)
	var entries []happened
	for line := range strings.Lines(out) {
		var e happened
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
		switch e.Kind {
		case "step.ignored", "step.handling", "step.parked", "step.retrying", "step.failed":
			t.Errorf("%s: %s %s", e.Kind, e.Path, fault.Clip(line, 600))
		}
	}
	if status != 0 || len(entries) == 0 || entries[len(entries)-1].Kind != "run.succeeded" {
		t.Fatalf("it ends with %d: %s\n%s", status, said, fault.Clip(out, 3000))
	}
	return entries
}

type happened struct {
	Kind, Path string
	Data       struct {
		HTTP struct {
			Connection string
			Sandboxed  bool
		}
	}
}

// actedOn are the systems that a scenario's steps call, beside those that only an error's steps do.
func actedOn(doc *scenario.Document) map[string]bool {
	apps := map[string]bool{}
	doc.Walk(func(step *scenario.Step, at scenario.Place) {
		if app, _, dotted := strings.Cut(step.Uses, "."); dotted && app != "core" && !at.InHandler && !slices.Contains(at.Handles, true) {
			apps[app] = true
		}
	})
	return apps
}

// connectionTo is a connection as a file has it, by a way to sign in or the first that needs nothing of others.
func connectionTo(c *actions.Connector, method, at string) map[string]any {
	way := c.Auth[max(0, slices.IndexFunc(c.Auth, func(a actions.Auth) bool { return a.Method == method }))]
	values := map[string]string{}
	for _, f := range way.Fields {
		if f.Required || slices.ContainsFunc(c.Triggers, func(t actions.Trigger) bool { return t.Verify.Secret == f.ID }) {
			values[f.ID] = "my-" + f.ID
		}
	}
	if way.OAuth != nil {
		for _, name := range way.OAuth.Gives() {
			values[name] = "my-" + name
		}
	}
	maps.Copy(values, hookURLs[c.ID])
	connection := map[string]any{"slug": c.ID, "name": c.Name, "connector": c.ID, "method": way.Method, "values": values}
	if c.BaseURL != "" {
		connection["base_url"] = at
	}
	return connection
}

// methods are the ways to sign in that a template's step needs, where it is not the first.
var methods = map[string]string{"order-to-analytics google_analytics": "measurement"}

// hookURLs are the values that must be such as the vendor gives them.
var hookURLs = map[string]map[string]string{
	"zapier": {"url": "https://hooks.zapier.com/hooks/catch/123/abc/"},
	"make":   {"url": "https://hook.eu1.make.com/abc"},
}

// vendors are the servers that stand in for the systems, each started when it is first needed.
type vendors struct {
	t    *testing.T
	list map[string]stand
}

// stand is one of them: a contract server, or one that answers as the vendor's documentation says.
type stand struct {
	url      string
	contract *actionstest.Contract
	own      *documented
}

func (s stand) taken() int {
	if s.contract != nil {
		return len(s.contract.Taken())
	}
	return s.own.count()
}

func (v *vendors) of(app string) stand {
	if one, ok := v.list[app]; ok {
		return one
	}
	one := stand{contract: actionstest.Serve(v.t, connectors.Catalogue.Get(app), map[string]string{"microsoft_teams": "msteams", "salesforce": ""})}
	if one.contract != nil {
		one.url = one.contract.URL
	} else {
		one.own = &documented{answer: byHand[app]}
		server := httptest.NewServer(one.own)
		v.t.Cleanup(server.Close)
		one.url = server.URL
	}
	v.list[app] = one
	return one
}

// documented is a server for a vendor without a description: it knows the paths that it answers, and has the shapes that the
// documentation shows.
type documented struct {
	answer func(method, path string, body any) (kind, text string)
	mu     sync.Mutex
	calls  int
}

func (d *documented) count() int { d.mu.Lock(); defer d.mu.Unlock(); return d.calls }

func (d *documented) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	var body any
	if len(text) > 0 && json.Unmarshal(text, &body) != nil {
		http.Error(w, "the body is no JSON", http.StatusBadRequest)
		return
	}
	kind, answer := d.answer(r.Method, r.URL.Path, body)
	if answer == "" {
		http.Error(w, "[]", http.StatusNotFound)
		return
	}
	d.mu.Lock()
	d.calls++
	d.mu.Unlock()
	w.Header().Set("Content-Type", kind)
	fmt.Fprint(w, answer)
}

// byHand are the answers of the vendors that publish no description.
var byHand = map[string]func(method, path string, body any) (kind, text string){
	"zapier": func(method, _ string, body any) (string, string) {
		if object, ok := body.(map[string]any); ok && method == http.MethodPost && object["invoice"] != "" {
			return "application/json", `{"attempt": "01890b3a", "id": "01890b3a", "request_id": "01890b3a", "status": "success"}`
		}
		return "", ""
	},
}
