package scenarios

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/web/tree"
	"github.com/stepmill/stepmill/web/ui"
	"github.com/stepmill/stepmill/web/ui/uitest"
)

var now = time.Date(2026, 3, 4, 14, 0, 0, 0, time.UTC)

const orders = `{
  "stepmill": 1,
  "name": "Orders",
  "description": "Tells the team of large orders.",
  "trigger": { "uses": "webhook", "with": { "verify": { "preset": "github", "secret": "s" } }, "sample": { "body": { "total": 12, "note": "it's" } } },
  "steps": [ { "id": "tell", "uses": "slack.send_message", "connection": "slack", "with": {} } ]
}`

const faulty = `{ "stepmill": 1, "name": "Orders", "trigger": { "uses": "webhook" }, "steps": [ { "id": "a", "uses": "core.set" }, { "id": "a", "wiht": 1 } ] }`

// workspace holds scenarios in memory, with the rules that the screens depend on.
type workspace struct {
	list   map[string]scenario.Stored
	sent   []string
	paused map[string]bool
}

func newWorkspace() *workspace {
	w := &workspace{list: map[string]scenario.Stored{}, paused: map[string]bool{}}
	w.list["orders"] = scenario.Stored{ID: "id1", Slug: "orders", Name: "Orders", Status: scenario.Live, Version: 2, Revision: 5, Dirty: true, Draft: []byte(orders), UpdatedAt: now.Add(-time.Hour),
		Triggers: []scenario.StoredTrigger{{ID: "trigger", Uses: "webhook", Key: "KEY"}}}
	w.list["draft"] = scenario.Stored{ID: "id2", Slug: "draft", Name: "Orders", Status: scenario.Draft, Revision: 1, Draft: []byte(faulty),
		Problems: []fault.Problem{{Path: "/steps/1/id", Line: 1, Column: 90, Message: "Twice."}, {Path: "/x", Line: 1, Column: 1, Severity: fault.Warning, Message: "Odd."}}}
	return w
}

func (w *workspace) Scenarios(context.Context, run.Actor) ([]scenario.Stored, error) {
	return []scenario.Stored{w.list["orders"], w.list["draft"]}, nil
}

func (w *workspace) Scenario(_ context.Context, _ run.Actor, ref string) (scenario.Stored, error) {
	if s, ok := w.list[ref]; ok {
		return s, nil
	}
	return scenario.Stored{}, fault.New(fault.NotFound, "There is no scenario %q.", ref)
}

func (w *workspace) Runs(_ context.Context, _ run.Actor, f run.Filter) (run.Page, error) {
	return run.Page{Runs: []run.Run{
		{ID: "r2", Number: 2, Status: run.Failed, CreatedAt: now.Add(-time.Minute), StartedAt: now, EndedAt: now.Add(400 * time.Millisecond)},
		{ID: "r1", Number: 1, Status: run.Running, CreatedAt: now.Add(-time.Hour), StartedAt: now},
	}}, nil
}

func (w *workspace) SetPaused(_ context.Context, _ run.Actor, id string, paused bool) (scenario.Stored, error) {
	w.paused[id] = paused
	return scenario.Stored{Slug: id}, nil
}

func (w *workspace) Delete(_ context.Context, _ run.Actor, id string) error {
	w.sent = append(w.sent, "delete "+id)
	return nil
}

func (w *workspace) Create(_ context.Context, _ run.Actor, slug string, definition []byte) (scenario.Stored, error) {
	if _, taken := w.list[slug]; taken {
		return scenario.Stored{}, fault.New(fault.Conflict, "The slug %s is taken.", slug)
	}
	doc, problems, err := scenario.Decode(definition)
	if err != nil {
		return scenario.Stored{}, err
	}
	s := scenario.Stored{ID: slug, Slug: slug, Name: doc.Name, Revision: 1, Draft: definition, Problems: problems}
	w.list[slug] = s
	return s, nil
}

func (w *workspace) Save(_ context.Context, _ run.Actor, ref string, definition []byte, ifRevision int64) (scenario.Stored, error) {
	s := w.list[ref]
	if ifRevision != 0 && ifRevision != s.Revision {
		return s, fault.New(fault.Conflict, "Revision %d was saved meanwhile.", s.Revision)
	}
	doc, problems, err := scenario.Decode(definition)
	if err != nil {
		return s, err
	}
	s.Name, s.Draft, s.Problems = doc.Name, definition, problems
	s.Revision++
	w.list[ref] = s
	return s, nil
}

func (w *workspace) Publish(_ context.Context, _ run.Actor, ref, note string, revision int64) (scenario.Stored, error) {
	s := w.list[ref]
	if len(fault.Faults(s.Problems)) > 0 {
		return s, fault.Invalid("The scenario has faults.", s.Problems)
	}
	w.sent = append(w.sent, "publish "+note)
	return s, nil
}

func (w *workspace) Sample(_ context.Context, _ run.Actor, ref, trigger string) (string, error) {
	w.sent = append(w.sent, "sample "+ref+" "+trigger)
	return "run1", nil
}

// addressOf says where triggers are, as cmd does.
func addressOf(t *scenario.Trigger, key string) (url, mail string) {
	switch {
	case t.Uses == "form":
		return "https://example.com/forms/" + key, ""
	case t.Uses == "email":
		return "", key + "@in.example.com"
	case t.Uses == "webhook" || t.Connector():
		return "https://example.com/hooks/" + key, ""
	}
	return "", ""
}

func handler(w *workspace) *Handler {
	slack := actions.Connector{ID: "slack", Name: "Slack", Color: "#611f69", Monogram: "S", Actions: []actions.Action{{ID: "send_message", Name: "Send a message"}}}
	return &Handler{Store: w, Editing: w, Templates: func() []Template { return []Template{{ID: "orders", Definition: []byte(orders)}} },
		Drawer: tree.Drawer{Apps: tree.AppsOf(actions.CatalogueOf(slack)), Catalogue: actions.CatalogueOf(slack)},
		Actor:  func(*http.Request) run.Actor { return run.Actor{Role: run.Editor} }, Chrome: func(*http.Request) ui.Chrome { return ui.Chrome{User: "Ada"} },
		Now: func() time.Time { return now }, Address: addressOf}
}

// send asks a handler as cmd does, with the scenario in the path.
func send(t *testing.T, f func(http.ResponseWriter, *http.Request) error, r *http.Request, slug string) *httptest.ResponseRecorder {
	t.Helper()
	r.SetPathValue("scenario", slug)
	w := httptest.NewRecorder()
	if err := f(w, r); err != nil {
		t.Fatal(err)
	}
	return w
}

func get(path string) *http.Request { return httptest.NewRequest("GET", path, nil) }

func TestPages(t *testing.T) {
	h := handler(newWorkspace())
	uitest.Compare(t, "list", send(t, h.List, get("/scenarios?done=deleted"), "").Body.String())
	uitest.Compare(t, "new", send(t, h.New, get("/scenarios/new"), "").Body.String())
	uitest.Compare(t, "edit", send(t, h.Edit, get("/scenarios/orders"), "orders").Body.String())
	uitest.Compare(t, "edit-draft", send(t, h.Edit, get("/scenarios/draft"), "draft").Body.String())
	uitest.Golden(t, "list-empty", listPage(ui.Chrome{User: "Ada"}, listing{Templates: h.cards(), Now: now}))
}

// TestPlanned: a schedule is said in words with its next times, in its zone; one that cannot be read says nothing.
func TestPlanned(t *testing.T) {
	w := newWorkspace()
	zone, err := time.LoadLocation("Asia/Kathmandu")
	if err != nil {
		t.Fatal(err)
	}
	for name, cron := range map[string]string{"nightly": "0 2 * * *", "odd": "0 2"} {
		w.list[name] = scenario.Stored{ID: name, Slug: name, Name: name, Version: 1, Status: scenario.Live, UpdatedAt: now, Draft: []byte(`{"stepmill": 1, "name": "N", "timezone": "Asia/Kathmandu", "trigger": {"uses": "schedule", "with": {"cron": "` + cron + `"}}, "steps": []}`)}
	}
	h := handler(w)
	h.Planned = func(with map[string]any, timezone string) (scenario.Planned, error) {
		if with["cron"] != "0 2 * * *" || timezone != "Asia/Kathmandu" {
			return scenario.Planned{}, fault.New(fault.InvalidInput, "It cannot be read.")
		}
		return scenario.Planned{Words: "At two, " + timezone, Zone: zone, Next: []time.Time{time.Date(2026, 3, 4, 20, 15, 0, 0, time.UTC)}}, nil
	}
	page := send(t, h.Edit, get("/scenarios/nightly"), "nightly").Body.String()
	for _, want := range []string{"At two, Asia/Kathmandu", "Thursday, 5 March 2026, 02:00:00 +0545", `datetime="2026-03-04T20:15:00Z"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if page := send(t, h.Edit, get("/scenarios/odd"), "odd").Body.String(); strings.Contains(page, "When it fires") {
		t.Error("a schedule that cannot be read has times")
	}
}

// TestSilent: a trigger that is silent is called so, with since when, in the scenario's zone.
func TestSilent(t *testing.T) {
	w := newWorkspace()
	h := handler(w)
	h.Health = func(_ context.Context, _ run.Actor, id string) []run.Health {
		return []run.Health{{Seen: run.Seen{ScenarioID: id, Trigger: "other"}, SilentSince: now},
			{Seen: run.Seen{ScenarioID: id, Trigger: "trigger"}, Expect: time.Hour, SilentSince: now.Add(-650 * time.Minute)}}
	}
	page := send(t, h.Edit, get("/scenarios/orders"), "orders").Body.String()
	if !strings.Contains(page, "Expected every hour, nothing since 03:10.") || strings.Count(page, ">Silent<") != 2 {
		t.Error("the page does not say that the trigger is silent")
	}
	if page := send(t, h.Edit, get("/scenarios/draft"), "draft").Body.String(); strings.Contains(page, "Silent") {
		t.Error("a draft is silent")
	}
	if got := sinceText(now.Add(-48*time.Hour), now); got != "2 March 2026, 14:00" {
		t.Error(got)
	}
}

// TestSubscribed: beside the URL of a trigger whose vendor is asked for its events stands where that is, and no line for a shell.
func TestSubscribed(t *testing.T) {
	w := newWorkspace()
	w.list["issues"] = scenario.Stored{ID: "issues", Slug: "issues", Name: "Issues", Version: 1, Status: scenario.Live, UpdatedAt: now, Triggers: []scenario.StoredTrigger{{ID: "trigger", Uses: "acme.event", Key: "k"}},
		Draft: []byte(`{"stepmill": 1, "name": "N", "trigger": {"uses": "acme.event", "connection": "gh"}, "steps": []}`)}
	h := handler(w)
	h.Drawer.Catalogue = h.Drawer.Catalogue.With(actions.Connector{ID: "acme", Name: "Acme", Triggers: []actions.Trigger{{ID: "event", Name: "Event", Subscribe: &actions.Subscribe{}}}})
	for said, one := range map[string]*scenario.Subscribed{
		"asked for when the scenario is published": nil,
		"being asked for":                          {State: "wanted"},
		">live<":                                   {State: "live"},
		"2 January 2026, 15:04 UTC":                {State: "live", ExpiresAt: time.Date(2026, 1, 2, 15, 4, 0, 0, time.UTC)},
		"live, and could not be":                   {State: "live", Error: "It is away."},
		"It is away.":                              {State: "failed", Error: "It is away."},
		"not there":                                {State: "failed", Error: "It is away."},
		"the connection sends nothing":             {State: "sandbox"},
		"Some were lost.":                          {State: "live", Note: "Some were lost."},
	} {
		h.Subscribed = func(string, string) map[string]scenario.Subscribed {
			if one == nil {
				return nil
			}
			return map[string]scenario.Subscribed{"trigger": *one}
		}
		page := send(t, h.Edit, get("/scenarios/issues"), "issues").Body.String()
		if !strings.Contains(page, said) || !strings.Contains(page, "Subscription at acme") || strings.Contains(page, "from a shell") {
			_, view, _ := strings.Cut(page, "Trigger URL")
			t.Errorf("%q is not on the page: %.900s", said, view)
		}
	}
}

func TestCreate(t *testing.T) {
	for _, c := range []struct {
		name   string
		fields []string
		slug   string
	}{
		{"a template whose slug is taken gets a number", []string{"template", "orders"}, "orders-2"},
		{"a file is called by its name", []string{"definition", strings.Replace(orders, `"Orders"`, `"Été: große Bestellungen!"`, 1)}, "t-gro-e-bestellungen"},
		{"a blank one", []string{"template", ""}, "new-scenario"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorkspace()
			got := send(t, handler(w).Create, uitest.Form("/scenarios", c.fields...), "")
			if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/scenarios/"+c.slug+"?done=created" {
				t.Errorf("status %d, to %s", got.Code, got.Header().Get("Location"))
			}
			if len(w.list[c.slug].Problems) > 0 {
				t.Errorf("it has problems: %v", w.list[c.slug].Problems)
			}
		})
	}
	got := send(t, handler(newWorkspace()).Create, uitest.Form("/scenarios", "definition", `{"nodes": []}`), "")
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "{&#34;nodes&#34;: []}") {
		t.Errorf("what is no scenario gives %d and loses the text", got.Code)
	}
	got = send(t, handler(newWorkspace()).Create, uitest.Form("/scenarios", "definition", "{\n  \"stepmill\": 1,"), "")
	page := got.Body.String()
	if why := strings.Index(page, "Line 2, column"); why < 0 || why > strings.Index(page, "Search the templates") || strings.Count(page, `id="import"`) != 1 {
		t.Errorf("why nothing was imported stands at %d, below the fold or without a place", why)
	}
}

// TestBrokenForms: a form that did not come as it was meant makes and saves nothing, and says so on the page.
func TestBrokenForms(t *testing.T) {
	const form, parts = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
	part := func(text string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"definition\"; filename=\"a.json\"\r\n\r\n" + text + "\r\n--b--\r\n"
	}
	large := strings.Repeat("x", scenario.MaxBytes+1)
	for _, c := range []struct {
		name, kind, body string
		status           int
		says             string
	}{
		{"a text over a scenario's bound", form, "definition=" + large, 413, "larger than 8 MB"},
		{"a file over it", parts, part(large), 413, "larger than 8 MB"},
		{"a form over its own bound", form, "definition=" + strings.Repeat("x", maxForm), 413, "more than can be taken"},
		{"a broken encoding", form, "definition=%zz{", 422, "did not come whole"},
		{"a broken encoding of something else", form, "template=&x=%zz", 422, "did not come whole"},
		{"parts that break off", parts, part("{}")[:80], 422, "did not come whole"},
		{"parts without their boundary", "multipart/form-data", part("{}"), 422, "did not come whole"},
		{"an empty text", form, "definition=+", 422, "nothing to import"},
		{"an empty file", parts, part(""), 422, "nothing to import"},
		{"no field at all", form, "", 422, "nothing to import"},
		{"no form", "application/json", orders, 422, "nothing to import"},
		{"a file", parts, part(orders), 303, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorkspace()
			ask := func(path string, f func(http.ResponseWriter, *http.Request) error) *httptest.ResponseRecorder {
				r := httptest.NewRequest("POST", path, strings.NewReader(c.body))
				r.Header.Set("Content-Type", c.kind)
				return send(t, f, r, "orders")
			}
			got := ask("/scenarios", handler(w).Create)
			if got.Code != c.status || !strings.Contains(got.Body.String(), c.says) || got.Body.Len() > 100_000 {
				t.Errorf("status %d and a page of %d bytes without %q", got.Code, got.Body.Len(), c.says)
			}
			if made := len(w.list) - 2; made > 0 != (c.status == 303) {
				t.Errorf("%d were made", made)
			}
			if c.status == 303 {
				return
			}
			if got := ask("/scenarios/orders/draft", handler(w).SaveDraft); got.Code != 422 || w.list["orders"].Revision != 5 {
				t.Errorf("saving is answered %d; revision %d", got.Code, w.list["orders"].Revision)
			}
		})
	}
}

func TestSaveForScripts(t *testing.T) {
	for _, c := range []struct {
		name, text, revision string
		status               int
		check                func(reply) bool
	}{
		{"a good text", orders, "5", 200, func(r reply) bool {
			return r.Revision == 6 && len(r.Problems) == 0 && strings.Contains(r.Canvas, "<flow-canvas")
		}},
		{"a text with problems is saved", faulty, "5", 200, func(r reply) bool { return r.Revision == 6 && len(r.Problems) > 0 && r.Problems[0].Line > 0 }},
		{"an old revision is not", orders, "4", 409, func(r reply) bool { return r.Conflict && r.Error != "" && r.Revision == 5 }},
		{"revision 0 goes over whatever is there", orders, "0", 200, func(r reply) bool { return r.Revision == 6 }},
		{"what is no JSON is not saved", `{"stepmill": 1,`, "5", 422, func(r reply) bool { return r.Error != "" && len(r.Problems) > 0 && r.Canvas == "" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorkspace()
			r := uitest.Form("/scenarios/orders/draft", "definition", c.text, "revision", c.revision)
			r.Header.Set("X-Fragment", "json")
			got := send(t, handler(w).SaveDraft, r, "orders")
			var answer reply
			if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			if got.Code != c.status || !c.check(answer) {
				t.Errorf("status %d: %s", got.Code, got.Body.String())
			}
			if saved := string(w.list["orders"].Draft) != orders || w.list["orders"].Revision == 6; saved != (c.status == 200) {
				t.Errorf("saved: %v", saved)
			}
		})
	}
}

func TestCheckKeepsNothing(t *testing.T) {
	w := newWorkspace()
	got := send(t, handler(w).CheckDraft, uitest.Form("/scenarios/orders/check", "definition", faulty), "orders")
	var answer reply
	if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Problems) == 0 || answer.Canvas == "" || string(w.list["orders"].Draft) != orders {
		t.Errorf("it answers %s", got.Body.String())
	}
}

func TestPublishShowsWhatIsWrong(t *testing.T) {
	w := newWorkspace()
	got := send(t, handler(w).Publish, uitest.Form("/scenarios/draft/publish", "revision", "1"), "draft")
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), "Twice.") || !strings.Contains(got.Body.String(), "1:90") {
		t.Errorf("status %d", got.Code)
	}
	h := handler(w)
	h.Check = func(context.Context, run.Actor, string, []byte) ([]fault.Problem, error) {
		return []fault.Problem{{Message: "Said already.", Line: 1, Column: 90}, {Message: "This is odd.", Severity: fault.Warning, Line: 1, Column: 2}}, nil
	}
	got = send(t, h.Publish, uitest.Form("/scenarios/draft/publish", "revision", "1"), "draft")
	if page := got.Body.String(); !strings.Contains(page, "Twice.") || !strings.Contains(page, "This is odd.") || strings.Contains(page, "Said already.") {
		t.Errorf("beside the faults of a refusal the warnings are %s", page)
	}
	got = send(t, handler(w).Publish, uitest.Form("/scenarios/orders/publish", "revision", "5", "note", "first"), "orders")
	if got.Code != http.StatusSeeOther || len(w.sent) != 1 || w.sent[0] != "publish first" {
		t.Errorf("status %d, sent %v", got.Code, w.sent)
	}
}

func TestSwitchesAndSample(t *testing.T) {
	w := newWorkspace()
	h := handler(w)
	if got := send(t, h.Pause, uitest.Form("/scenarios/orders/pause?back=list"), "orders"); got.Header().Get("Location") != "/scenarios?done=paused" || !w.paused["orders"] {
		t.Errorf("pausing leads to %s", got.Header().Get("Location"))
	}
	if got := send(t, h.Resume, uitest.Form("/scenarios/orders/resume"), "orders"); got.Header().Get("Location") != "/scenarios/orders?done=resumed" || w.paused["orders"] {
		t.Errorf("resuming leads to %s", got.Header().Get("Location"))
	}
	if got := send(t, h.Sample, uitest.Form("/scenarios/orders/sample", "trigger", "trigger"), "orders"); got.Header().Get("Location") != "/runs/run1?done=sample" || w.sent[0] != "sample orders trigger" {
		t.Errorf("the sample leads to %s", got.Header().Get("Location"))
	}
	if got := send(t, h.Export, get("/scenarios/orders/export"), "orders"); got.Body.String() != orders || !strings.Contains(got.Header().Get("Content-Disposition"), "orders.json") {
		t.Error("the export is not the draft")
	}
	if got := send(t, h.Delete, uitest.Form("/scenarios/orders/delete"), "orders"); got.Code != http.StatusSeeOther || w.sent[1] != "delete orders" {
		t.Errorf("deleting did %v", w.sent)
	}
	r := get("/scenarios/none")
	r.SetPathValue("scenario", "none")
	if err := h.Edit(httptest.NewRecorder(), r); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("an unknown scenario gives %v", err)
	}
}

// The signed line is what a shell sends: it is run, with curl standing for itself by printing what it was given.
func TestCurlSignsAsTheSenderDoes(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	doc, _, err := scenario.Decode([]byte(orders))
	if err != nil {
		t.Fatal(err)
	}
	sign, known := signingOf(doc.Trigger, nil)
	if !known {
		t.Fatal("the scheme is not known")
	}
	line := curl("https://example.com/hooks/KEY", sampleBody(doc.Trigger, nil), sign, "")
	script := "curl() { printf '%s\\n' \"$@\"; }\n" + strings.Replace(line, "'…'", "'key'", 1)
	out, err := exec.Command("sh", "-c", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// HMAC-SHA-256 of the body with the key "key"
	const want = "X-Hub-Signature-256: sha256=751e6aa53ac2e12bdcc5188bcdfa0f69c1c63f6f822b93f2c01ca87d674576af"
	if !strings.Contains(string(out), want) || !strings.Contains(string(out), `{"note":"it's","total":12}`) {
		t.Errorf("it sends\n%s", out)
	}
}

// TestDoors: the panel shows a form's page with a link to it, and a mail's address, each to be copied.
func TestDoors(t *testing.T) {
	w := newWorkspace()
	put := func(slug, uses string, version int) {
		w.list[slug] = scenario.Stored{ID: slug, Slug: slug, Name: slug, Version: version, Status: scenario.Live, UpdatedAt: now, Triggers: []scenario.StoredTrigger{{ID: "trigger", Uses: uses, Key: "k1"}},
			Draft: []byte(`{"stepmill": 1, "name": "N", "trigger": {"uses": "` + uses + `", "with": {"identity": {"secret": "s"}}}, "steps": []}`)}
	}
	put("form", "form", 1)
	put("fresh", "form", 0)
	put("mail", "email", 1)
	h := handler(w)
	show := func(slug string) string { return send(t, h.Edit, get("/scenarios/"+slug), slug).Body.String() }
	actor := h.Actor
	h.Actor = func(*http.Request) run.Actor { return run.Actor{Role: run.Viewer} }
	if page := show("form"); strings.Contains(page, "forms/k1") {
		t.Error("who may not start runs is shown where they are started")
	}
	h.Actor = actor
	for slug, want := range map[string][]string{
		"form":  {`>https://example.com/forms/k1</code>`, `href="https://example.com/forms/k1" target="_blank" rel="noopener"`, "proves who they are", `data-copy="url-0"`},
		"fresh": {`>https://example.com/forms/k1</code>`, "Publish the scenario first"},
		"mail":  {`>k1@in.example.com</code>`, "can be forged", `data-copy="mail-0"`},
	} {
		page := show(slug)
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%s: the page does not say %q", slug, text)
			}
		}
		if strings.Contains(page, "curl") {
			t.Errorf("%s: a line for a shell is shown", slug)
		}
	}
	if strings.Contains(show("fresh"), "Open the page") {
		t.Error("a page that is not there yet can be opened")
	}
	h.Address = func(*scenario.Trigger, string) (string, string) { return "", "" }
	if page := show("mail"); !strings.Contains(page, "--mail-addr") || strings.Contains(page, "k1") {
		t.Error("without a listener the panel does not say how mail comes in")
	}
}
