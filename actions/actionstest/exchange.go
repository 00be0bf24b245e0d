package actionstest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

var update = flag.Bool("update", false, "rewrite what was recorded")

// Updating says that the tests are asked to rewrite what was recorded.
func Updating() bool { return *update }

// exchange is one recorded case. Its file begins with the action, or the trigger that polls, whose look.json says from where on;
// then come input.json, connection.json where the
// credentials matter, the vendor's answers (response, response 2, or cut in place of one), and what is expected: the
// requests, and output.json or fault.json. VENDOR stands for the server's address. A part "file NAME" is a file of the run's, to
// which {"file": "NAME", "type": "text/plain"} refers in input.json; "file NAME 1000" is one of so many zeros, and "base64 NAME" one that is
// no text. What a data store answers stands in data.json. A part "may lack" says why the action does without the last answer.
type exchange struct {
	connector *actions.Connector
	action    actions.Action
	trigger   *actions.Trigger // that polls; nil: the case is the action's
	file      string
	archive   *txtar.Archive
	parts     map[string][]byte
}

func read(t *testing.T, c *actions.Connector, file string) *exchange {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	e := &exchange{connector: c, file: file, archive: archive, parts: map[string][]byte{}}
	for _, f := range archive.Files {
		e.parts[f.Name] = f.Data
	}
	name, _, _ := strings.Cut(strings.TrimSpace(string(archive.Comment)), "\n")
	for _, a := range c.Actions {
		if c.ID+"."+a.ID == strings.TrimSpace(name) {
			e.action = a
			return e
		}
	}
	for i := range c.Triggers {
		if c.ID+"."+c.Triggers[i].ID == strings.TrimSpace(name) && c.Triggers[i].Poll != nil {
			e.trigger = &c.Triggers[i]
			return e
		}
	}
	t.Fatalf("%s begins with %q, which is no action of %s, nor a trigger that polls", file, name, c.ID)
	return nil
}

// scopes are those that the case's action or trigger says it needs.
func (e *exchange) scopes() []string {
	if e.trigger != nil {
		return e.trigger.Scopes
	}
	return e.action.Scopes
}

// answers are the vendor's, in their order.
func (e *exchange) answers() [][]byte {
	var out [][]byte
	for _, f := range e.archive.Files {
		if strings.HasPrefix(f.Name, "response") {
			out = append(out, f.Data)
		}
	}
	return out
}

// replay carries the case out and gives what happened in it.
func (e *exchange) replay(t *testing.T, described *description) []string {
	t.Helper()
	v := newVendor(t, e.answers())
	result := e.carryOut(t, v)
	e.compare(t, v, result)
	answers := e.answers()
	happened := []string{succeeds}
	if f := result.Failure; f != nil {
		happened = []string{f.Class}
		if f.RetryAfter > 0 {
			happened = append(happened, waitsLong)
		}
		if len(answers) > 0 && lost(answers[len(answers)-1]) {
			happened = append(happened, loses)
		}
		return happened
	}
	for i, r := range v.requests() {
		if r.base = e.base(t, v); !e.gave(r, answers[:min(i, len(answers))]) {
			described.hold(t, e.connector, r)
			if problem := described.ungranted(e.connector, e.scopes(), r); problem != "" {
				t.Error(problem)
			}
		}
	}
	switch {
	case e.trigger != nil:
		e.sample(t, v)
		e.others(t, answers)
		if len(v.requests()) > 1 {
			happened = append(happened, inParts)
		}
	case e.action.Effect != actions.Pure && len(v.requests()) > 0: // a data store is no other system's, and files are here
		e.sandbox(t, v)
		e.others(t, answers)
		if e.action.Page != nil && len(v.requests()) > 1 {
			happened = append(happened, inParts)
		}
	}
	return happened
}

// gave says that an answer that came before named a request's address: that is no operation of the description.
func (e *exchange) gave(r *request, before [][]byte) bool {
	return slices.ContainsFunc(before, func(answer []byte) bool { return bytes.Contains(answer, []byte("VENDOR"+r.uri)) })
}

// compare holds what happened to what was recorded, or records it.
func (e *exchange) compare(t *testing.T, v *vendor, result run.Result) {
	t.Helper()
	var texts []string
	for _, r := range v.requests() {
		texts = append(texts, strings.ReplaceAll(r.text(), v.host(), "VENDOR"))
	}
	got := map[string]string{"request": strings.Join(texts, "\n")}
	name, what := "output.json", result.Output
	if result.Failure != nil {
		name, what = "fault.json", any(result.Failure.Value())
	}
	b, err := value.Encode(what)
	if err != nil {
		t.Fatal(err)
	}
	got[name] = strings.ReplaceAll(indented(b), v.host(), "VENDOR")
	if *update {
		e.rewrite(t, got)
		return
	}
	for _, name := range []string{"request", "output.json", "fault.json"} {
		if have, want := strings.TrimSpace(got[name]), strings.TrimSpace(string(e.parts[name])); have != want {
			t.Errorf("%s is\n%s\nand was\n%s", name, have, want)
		}
	}
}

func (e *exchange) rewrite(t *testing.T, got map[string]string) {
	t.Helper()
	keep := &txtar.Archive{Comment: e.archive.Comment}
	for _, f := range e.archive.Files {
		if f.Name != "request" && f.Name != "output.json" && f.Name != "fault.json" {
			keep.Files = append(keep.Files, f)
		}
	}
	for _, name := range []string{"request", "output.json", "fault.json"} {
		if text := got[name]; text != "" {
			keep.Files = append(keep.Files, txtar.File{Name: name, Data: []byte(text)})
		}
	}
	if err := os.WriteFile(e.file, txtar.Format(keep), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sandbox asks that a sandbox connection keeps the very requests that went out, with stars for the credentials, and
// answers with the sample.
func (e *exchange) sandbox(t *testing.T, v *vendor) {
	t.Helper()
	kept := &outbox{}
	result := e.invoke(t, v, true, kept)
	if result.Failure != nil {
		t.Errorf("in the sandbox it fails: %+v", result.Failure)
		return
	}
	if have, want := value.Text(nameless(result.Output)), value.Text(nameless(e.action.Sample)); have != want {
		t.Errorf("in the sandbox it gives %s, not the sample %s", have, want)
	}
	sent := v.requests()
	if len(kept.list) != len(sent) && (e.action.Page == nil && e.action.Request != nil || len(kept.list) == 0) {
		t.Errorf("in the sandbox %d requests were kept, of %d", len(kept.list), len(sent))
		return
	}
	for i, r := range kept.list[:min(len(kept.list), len(sent))] { // of a list the first part is asked for only
		if i > 0 && e.action.Run != nil && r.Method != sent[i].method {
			break // code asks the next by what came, which in a sandbox is the sample
		}
		if e.gave(sent[i], e.answers()[:min(i, len(e.answers()))]) {
			continue // the sample gives another address
		}
		header := http.Header{}
		for name, text := range r.Header {
			header.Set(name, text)
		}
		if sent[i].header.Get("Authorization") != "" && !strings.HasSuffix(header.Get("Authorization"), "***") {
			t.Errorf("in the sandbox the credentials read %q", header.Get("Authorization"))
		}
		header.Del("Authorization")
		u, err := url.Parse(r.URL)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(r.Body, "(a file of ") { // a sandbox reads none
			r.Body = string(sent[i].body)
			if kind := sent[i].header.Get("Content-Type"); strings.HasPrefix(kind, "multipart/") && strings.HasPrefix(r.Header["Content-Type"], "multipart/") {
				header.Set("Content-Type", kind) // its boundary is random
			}
		}
		have := &request{method: r.Method, uri: u.RequestURI(), header: header, body: []byte(r.Body), size: sent[i].size}
		want := *sent[i]
		want.header = want.header.Clone()
		want.header.Del("Authorization")
		plain := strings.ReplaceAll(have.text(), "%2A%2A%2A", "***") // as a form has the stars
		if have, want := plain, e.starred(t, v, want.text()); have != want {
			t.Errorf("in the sandbox this was kept:\n%s\nand this was sent:\n%s", have, want)
		}
	}
}

// nameless is a value without the bytes of its files, which a sandbox makes.
func nameless(v any) any {
	switch v := v.(type) {
	case map[string]any:
		f, file := value.FileOf(v)
		if file {
			return f.Name + " of the type " + f.Type
		}
		out := map[string]any{}
		for name, member := range v {
			out[name] = nameless(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = nameless(item)
		}
		return out
	}
	return v
}

// others asks that what did not come from the vendor, in place of its last answer with data, is no success: a proxy's page, and nothing.
func (e *exchange) others(t *testing.T, answers [][]byte) {
	t.Helper()
	_, free := e.action.Output.Fields["body"] // the output is whatever comes
	if e.connector.BaseURL == "" || len(answers) == 0 || free || e.parts["may lack"] != nil {
		return
	}
	last := len(answers) - 1
	if _, body, _ := bytes.Cut(answers[last], []byte("\n\n")); len(bytes.TrimSpace(body)) == 0 || !bytes.ContainsAny(bytes.TrimSpace(body)[:1], "{[") {
		return
	}
	for _, answer := range []string{"200 OK\nContent-Type: text/html\n\n<!DOCTYPE html><title>Sign in</title>", "200 OK\n\n"} {
		v := newVendor(t, append(slices.Clone(answers[:last]), []byte(answer)))
		if r := e.carryOut(t, v); r.Failure == nil {
			t.Errorf("where the last answer is %q it gives %s", answer, fault.Clip(value.Text(r.Output), 300))
		}
	}
}

// starred is a text with stars for the connection's secrets.
func (e *exchange) starred(t *testing.T, v *vendor, text string) string {
	t.Helper()
	b := e.connection(t, v)
	for _, a := range e.connector.Auth {
		for _, f := range a.Fields {
			if secret := b.values[f.ID].Reveal(); a.Method == b.connection.Method && f.Secret && secret != "" {
				text = strings.NewReplacer(secret, "***", url.QueryEscape(secret), "***").Replace(text)
			}
		}
		if a.OAuth != nil && a.Method == b.connection.Method {
			text = strings.ReplaceAll(text, b.values[actions.ValueAccess].Reveal(), "***")
		}
	}
	return text
}

func (e *exchange) invoke(t *testing.T, v *vendor, sandbox bool, kept *outbox) run.Result {
	t.Helper()
	input := e.input(t, v)
	client, book := e.client(t, v, sandbox, kept)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return client.Invoke(ctx, run.Call{Workspace: "default", Run: "run1", Scenario: "s", Path: "step", Attempt: 1, Action: e.connector.ID + "." + e.action.ID,
		Connection: book.connection.Slug, Input: input, Key: "run1.step", Effect: run.Effect(e.action.Effect), Timeout: 10 * time.Second})
}

// carryOut does what the case is of.
func (e *exchange) carryOut(t *testing.T, v *vendor) run.Result {
	if e.trigger != nil {
		return e.poll(t, v, false, nil, false)
	}
	return e.invoke(t, v, false, nil)
}

func (e *exchange) input(t *testing.T, v *vendor) map[string]any {
	t.Helper()
	in, err := value.Decode([]byte(strings.ReplaceAll(string(e.parts["input.json"]), "VENDOR", v.host())), value.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	input, ok := v.files.filled(e.archive, in).(map[string]any)
	if !ok {
		t.Fatal("input.json is no object")
	}
	return input
}

// now is the time at which the cases happened.
func now() time.Time { return time.Unix(1764000000, 0) }

func (e *exchange) client(t *testing.T, v *vendor, sandbox bool, kept *outbox) (*outbound.Client, book) {
	t.Helper()
	book := e.connection(t, v)
	book.connection.Sandbox = sandbox
	return outbound.New(outbound.Config{Connectors: actions.CatalogueOf(*e.connector), Connections: book, Outbox: kept, Files: v.files, Data: dataAnswer(e.parts["data.json"]), Version: "test",
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Logger: slog.New(slog.DiscardHandler), Now: now}), book
}

// dataAnswer is a data store that gives one answer to everything.
type dataAnswer []byte

func (d dataAnswer) Data(context.Context, value.DataOp) (answer value.DataAnswer, err error) {
	if len(d) == 0 {
		return answer, fault.New(fault.Internal, "The case has no data.json.")
	}
	return answer, json.Unmarshal(d, &answer)
}

// connection is that of connection.json, or one with made-up values for the first way to sign in.
func (e *exchange) connection(t *testing.T, v *vendor) book {
	t.Helper()
	b := e.connectionBy(v, e.way())
	if text := e.parts["connection.json"]; text != nil {
		var given struct {
			Method string
			Values map[string]string
		}
		if err := json.Unmarshal([]byte(strings.ReplaceAll(string(text), "VENDOR", v.host())), &given); err != nil {
			t.Fatal(err)
		}
		way, _ := e.connector.Way(given.Method)
		b = e.connectionBy(v, way)
		b.connection.Method, b.values = given.Method, run.Values{}
		for name, text := range given.Values {
			b.values[name] = run.Secret(text)
		}
	}
	return b
}

// way is the first way to sign in that the case's action, or trigger, works with; zero: there is none.
func (e *exchange) way() actions.Auth {
	ways := e.action.Ways
	if e.trigger != nil {
		ways = e.trigger.Ways
	}
	for _, a := range e.connector.Auth {
		if len(ways) == 0 || slices.Contains(ways, a.Method) {
			return a
		}
	}
	return actions.Auth{}
}

// connectionBy is a connection with made-up values for a way to sign in.
func (e *exchange) connectionBy(v *vendor, auth actions.Auth) book {
	b := book{connection: run.Connection{ID: "1", Slug: "c", Connector: e.connector.ID, Method: auth.Method, State: run.Connected}, values: run.Values{}}
	if auth.OAuth != nil {
		for _, name := range auth.OAuth.Gives() {
			b.values[name] = run.Secret("my-" + name)
		}
	}
	for _, f := range auth.Fields {
		if f.Default == nil {
			b.values[f.ID] = run.Secret("my-" + f.ID)
		}
	}
	if cmp.Or(auth.BaseURL, e.connector.BaseURL) != "" {
		b.connection.BaseURL = v.URL
	}
	return b
}

// base is the address of the vendor's that the server of the case stands in for.
func (e *exchange) base(t *testing.T, v *vendor) string {
	auth := actions.Auth{}
	if v != nil {
		auth, _ = e.connector.Way(e.connection(t, v).connection.Method)
	} else {
		auth = e.way()
	}
	if auth.BaseURL != "" {
		return auth.BaseURL
	}
	return e.connector.BaseURL
}

// book holds the one connection of a case.
type book struct {
	connection run.Connection
	values     run.Values
}

func (b book) Credentials(_ context.Context, _, slug string) (run.Connection, run.Values, error) {
	if slug != b.connection.Slug {
		return run.Connection{}, nil, fault.New(fault.NotFound, "There is no connection %q.", slug)
	}
	return b.connection, b.values, nil
}

// outbox keeps what a sandbox does not send.
type outbox struct {
	mu   sync.Mutex
	list []run.Recorded
}

func (o *outbox) Record(_ context.Context, r run.Recorded) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, r)
	return nil
}
