package core

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// now is the time of every call in these tests.
func now() time.Time { return time.Unix(1764000000, 0).UTC() }

func actionOf(t testing.TB, id string) *actions.Action {
	t.Helper()
	c := Connector()
	for i := range c.Actions {
		if c.Actions[i].ID == id {
			return &c.Actions[i]
		}
	}
	t.Fatalf("there is no action %s", id)
	return nil
}

// call carries an action out with inputs as JSON has them.
func call(t testing.TB, id, input string) (any, error) {
	t.Helper()
	in, err := value.Decode([]byte(input), value.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", input, err)
	}
	return callWith(t, id, in.(map[string]any))
}

func callWith(t testing.TB, id string, in map[string]any) (any, error) {
	t.Helper()
	a := actionOf(t, id)
	v, err := actions.Coerce(a.Input, in)
	if err != nil {
		return nil, err
	}
	out, err := a.Run(context.Background(), actions.Input{Values: v, Key: "run1.step", Now: now()}, nil)
	if err == nil && !value.Normal(out) {
		if out, err = value.Normalize(out); err != nil {
			t.Errorf("%s gives what is no value: %v", id, err)
		}
	}
	return out, err
}

// cases are inputs with the output as JSON, or the beginning of the error after a !.
type cases []struct{ name, action, input, want string }

func (list cases) run(t *testing.T) {
	for _, c := range list {
		t.Run(c.action+" "+c.name, func(t *testing.T) {
			out, err := call(t, c.action, c.input)
			got := value.Text(out)
			if text, ok := out.(string); ok {
				got = text
			}
			if err != nil {
				got = "!" + fault.MessageOf(err)
				if code := fault.CodeOf(err); code != fault.InvalidInput && code != fault.TooLarge {
					t.Errorf("the class is %s", code)
				}
			}
			if got != c.want && !(strings.HasPrefix(c.want, "!") && strings.HasPrefix(got, c.want)) {
				t.Errorf("%s\ngives %s\n  not %s", c.input, got, c.want)
			}
		})
	}
}

// issues are what publishing says of inputs; a text with {{ is a template.
func issues(t *testing.T, id, input string) string {
	t.Helper()
	in, err := value.Decode([]byte(input), value.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	with, a := in.(map[string]any), actionOf(t, id)
	dynamic := func(v any) bool { text, ok := v.(string); return ok && strings.Contains(text, "{{") }
	found := actions.CheckInput(a.Input, with, dynamic)
	if len(found) == 0 && a.Check != nil {
		found = a.Check(with, func(name string) bool {
			return with[name] != nil && !strings.Contains(value.Text(with[name]), "{{")
		})
	}
	var texts []string
	for _, i := range found {
		texts = append(texts, i.Path+" "+i.Message)
	}
	return strings.Join(texts, "\n")
}

// many is a list of so many items.
func many(n int, item func(i int) any) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = item(i)
	}
	return out
}

// What would fail a request whatever the event is, is said before anything runs.
func TestHTTPIsChecked(t *testing.T) {
	everything := func(string) bool { return true }
	for with, want := range map[string]string{
		`{"url": "https://a.test", "method": "get", "fail_on_status": "5xx", "headers": {"X-A": "1"}, "json": {}}`: "",
		`{"url": "https://a.test", "fail_on_status": []}`:                                                          "",
		`{"url": "a.test", "method": "PO ST"}`:                                                                     `/method "PO ST" is no method that can be sent. /url It must begin with http:// or https://.`,
		`{"url": "https://a.test", "method": "CONNECT", "fail_on_status": "never"}`:                                `/method "CONNECT" is no method that can be sent. /fail_on_status "never" is neither a status as 404 nor a class as 4xx.`,
		`{"url": "https://a.test", "fail_on_status": ["4xx", "6xx"], "timeout": "soon"}`:                           `/timeout "soon" is no duration; write it as 30s. /fail_on_status "6xx" is neither a status as 404 nor a class as 4xx.`,
		`{"url": "https://a.test", "headers": {"Host": "b", "content-length": "1"}}`:                               `/headers/Host Host is set by the request itself; leave it out. /headers/content-length Content-length is set by the request itself; leave it out.`,
		`{"url": "https://a.test", "headers": {"X A:": "1", "X-{{ b }}": "1", "X-B": ["1", "2"]}}`:                 `/headers/X A: "X A:" is no header's name; it has letters, digits and hyphens alone.`,
		`{"url": "https://a.test", "pages": {"by": "link", "limit": -1}}`:                                          `/pages/limit It is from 1 to 10000.`,
		`{"url": "https://a.test", "pages": {"by": "link", "limit": "{{ n }}"}}`:                                   "",
		`{"url": "https://a.test", "pages": {"by": "link"}, "download": true}`:                                     `/download It stands beside pages; a list is read, not kept as a file.`,
		`{"url": "https://a.test", "pages": {"by": "link"}, "method": "PUT"}`:                                      `/pages A list in parts is asked for by GET, or by POST where the service searches so, not by PUT.`,
		`{"url": "https://a.test", "pages": {"by": "token", "param": "c"}}`:                                        `/pages/next By token it is needed: where the answer says what follows.`,
		`{"url": "https://a.test", "pages": {"by": "token", "param": "c", "next": "{{ n }}"}}`:                     "",
		`{"url": "https://a.test", "pages": {"by": "{{ by }}"}}`:                                                   "",
		`{"url": "https://a.test", "json": {}, "text": "a"}`:                                                       `/text It stands beside json; give one body.`,
	} {
		v, err := value.Decode([]byte(with), value.Limits{Depth: 10, Nodes: 100})
		if err != nil {
			t.Fatal(err)
		}
		object := v.(map[string]any)
		if object["method"] == nil {
			object["method"] = "GET"
		}
		if object["timeout"] == nil {
			object["timeout"] = "30s"
		}
		var got []string
		for _, issue := range checkHTTP(object, everything) {
			got = append(got, issue.Path+" "+issue.Message)
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: %s", with, text)
		}
	}
}

// A list as a header's value is that header several times; an object is JSON, as some services ask for.
func TestHeaderLists(t *testing.T) {
	req, err := httpInput(map[string]any{"method": "GET", "url": "https://a.test", "headers": map[string]any{"x-a": []any{"a", nil, 2}, "X-B": map[string]any{"p": 1}, "X-C": []any{}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(req.Header); got != `map[X-A:[a 2] X-B:[{"p":1}]]` {
		t.Error(got)
	}
}

// TestFindable: every step has other words that people look for it by.
func TestFindable(t *testing.T) {
	for _, a := range Connector().Actions {
		if a.Words == "" {
			t.Errorf("%s has none", a.ID)
		}
	}
}
