package actionstest

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/value"
)

// Contract is a server that stands in for a vendor: it refuses what the vendor's description refuses, with 400 and the reason,
// and answers everything else in the shapes that the description gives.
type Contract struct {
	*httptest.Server
	prefix string // of the vendor's base URL
	of     *description

	mu      sync.Mutex
	refused []string
	taken   []string         // "POST /path"
	next    [][]byte         // recorded answers that come first
	given   []string         // the recorded answers that were given
	ends    []string         // JSON Pointers to what leads to the next part of a list: made-up answers have nothing there
	picked  *actions.Choices // whose items made-up answers have as it picks them; nil: as they come
}

// newContract starts a server for the address base of a vendor.
func newContract(t *testing.T, d *description, base string) *Contract {
	c := &Contract{of: d, prefix: basePath(base)}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

// Serve starts the contract server of a connector, whose description lies in a folder that folders may name by the connector's
// id. nil: its vendor publishes none. Where there are no descriptions at all the test is skipped.
func Serve(t *testing.T, c *actions.Connector, folders map[string]string) *Contract {
	t.Helper()
	dir := specsDir(t)
	if dir == "" {
		t.Skip("the vendors' API descriptions are not here; set STEPMILL_SHARED")
	}
	d := describe(t, specs{dir, folders}, c)
	if d == nil {
		return nil
	}
	server := newContract(t, d, c.BaseURL)
	for _, a := range c.Actions {
		if a.Page != nil {
			server.ends = append(server.ends, a.Page.Next)
		}
	}
	for _, trigger := range c.Triggers {
		if trigger.Poll != nil {
			server.ends = append(server.ends, trigger.Poll.Page.Next)
		}
	}
	return server
}

// Answer makes the next request be answered as recorded: a line with the status, headers, an empty line, the body; or "cut".
// VENDOR stands for the server's address: a request to an address that an answer named is no operation of the description,
// and is taken.
func (c *Contract) Answer(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = append(c.next, []byte(text))
}

// Waiting is how many recorded answers nothing was asked for yet.
func (c *Contract) Waiting() int { c.mu.Lock(); defer c.mu.Unlock(); return len(c.next) }

// named says that an answer that was given named an address.
func (c *Contract) named(uri string) bool {
	return slices.ContainsFunc(c.given, func(text string) bool { return strings.Contains(text, "VENDOR"+uri) })
}

// Refused are the requests that the description refuses, each with the reason; Taken those that it takes.
func (c *Contract) Refused() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.refused)
}

// Taken are the requests that were taken.
func (c *Contract) Taken() []string { c.mu.Lock(); defer c.mu.Unlock(); return slices.Clone(c.taken) }

func (c *Contract) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	u := &url.URL{Scheme: "http", Host: "vendor.test", Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	behind(c.prefix, u)
	err := c.of.check(r.Method, u, r.Header, body)
	c.mu.Lock()
	named := c.named(r.URL.RequestURI())
	if named {
		err = nil
	}
	if err != nil {
		c.refused = append(c.refused, r.Method+" "+r.URL.RequestURI()+": "+err.Error())
	} else {
		c.taken = append(c.taken, r.Method+" "+r.URL.Path)
	}
	var first []byte
	if err == nil && len(c.next) > 0 {
		first, c.next = c.next[0], c.next[1:]
		c.given = append(c.given, string(first))
		first = bytes.ReplaceAll(first, []byte("VENDOR"), []byte(r.Host))
	}
	c.mu.Unlock()
	switch {
	case err != nil:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
	case lost(first):
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			conn.Close()
		}
	case first != nil:
		reply(w, first)
	case named:
		w.WriteHeader(http.StatusOK)
	default:
		c.of.answer(w, &http.Request{Method: r.Method, URL: u, Header: r.Header, Body: io.NopCloser(bytes.NewReader(body))}, c.ends, c.picked)
	}
}

// answer gives the best answer that the description has for a request: its example, or one that is made up. It is the last
// part of a list, with nothing at ends.
func (d *description) answer(w http.ResponseWriter, r *http.Request, ends []string, by *actions.Choices) {
	if d.graph != nil {
		body, _ := io.ReadAll(r.Body)
		op, err := asked(d.graph, r.Method, r.URL, body)
		if err != nil { // it was taken before
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(without(graphAnswer(d.graph, op), ends...))
		return
	}
	var route *routers.Route
	for _, router := range d.routers {
		var err error
		if route, _, err = router.FindRoute(r); err == nil {
			break
		}
	}
	status, response := 0, (*openapi3.Response)(nil)
	for code, ref := range route.Operation.Responses.Map() {
		if n, err := strconv.Atoi(strings.ReplaceAll(code, "XX", "00")); err == nil && n >= 200 && n < 300 && (status == 0 || n < status) && ref.Value != nil {
			status, response = n, ref.Value
		}
	}
	if response == nil {
		w.WriteHeader(http.StatusOK)
		return
	}
	for kind, media := range response.Content {
		if base, _, err := mime.ParseMediaType(kind); err != nil || !strings.HasSuffix(base, "json") {
			continue
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		body := media.Example
		if body == nil {
			body = exampleOf(media.Schema, 0)
		}
		if _, one := body.(map[string]any); one && media.Schema != nil && media.Schema.Value.Type.Is("array") {
			body = []any{body} // an example of an item, as Jira has it
		}
		json.NewEncoder(w).Encode(without(picked(body, by), ends...))
		return
	}
	w.WriteHeader(status)
}

// picked is a list whose items say yes where options are picked by that, in a member that the description has.
func picked(body any, by *actions.Choices) any {
	if by == nil || by.Equals != "true" {
		return body
	}
	list, _ := value.At(body, by.Page.Items).([]any)
	for _, item := range list {
		if one, ok := item.(map[string]any); ok && value.At(item, by.Pick) == false {
			one[strings.TrimPrefix(by.Pick, "/")] = true
		}
	}
	return body
}

// deepest is how deep made-up answers go.
const deepest = 8

// exampleOf makes up a value of a schema: every member that it names, of an object that names none one, and lists of one item.
func exampleOf(ref *openapi3.SchemaRef, depth int) any {
	if ref == nil || ref.Value == nil || depth > deepest {
		return nil
	}
	s := ref.Value
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.AllOf) > 0:
		return merged(s, depth)
	case len(s.OneOf) > 0:
		return exampleOf(s.OneOf[0], depth+1)
	case len(s.AnyOf) > 0:
		return exampleOf(s.AnyOf[0], depth+1)
	case s.Type == nil && s.Items != nil: // how Slack's description names alternatives
		return exampleOf(s.Items, depth+1)
	case s.Type.Is("array"):
		if item := exampleOf(s.Items, depth+1); item != nil {
			return []any{item}
		}
		return []any{}
	case s.Type.Is("object") || len(s.Properties) > 0:
		return merged(s, depth)
	}
	if s.Type == nil { // any value
		return "text"
	}
	return scalar(s)
}

func merged(s *openapi3.Schema, depth int) any {
	out := map[string]any{}
	for _, part := range s.AllOf {
		if object, ok := exampleOf(part, depth+1).(map[string]any); ok {
			for name, v := range object {
				out[name] = v
			}
		}
	}
	for name, property := range s.Properties {
		if v := exampleOf(property, depth+1); v != nil {
			out[name] = v
		}
	}
	if of := s.AdditionalProperties.Schema; len(out) == 0 && of != nil {
		if v := exampleOf(of, depth+1); v != nil {
			out["member"] = v
		}
	}
	return out
}

func scalar(s *openapi3.Schema) any {
	switch {
	case s.Type.Is("boolean"):
		return false // as of has_more: the list ends
	case s.Type.Is("integer"), s.Type.Is("number"):
		if s.Min != nil {
			return *s.Min
		}
		return 1
	case s.Type.Is("string"):
		switch s.Format {
		case "date-time":
			return "2026-01-31T09:30:00Z"
		case "date":
			return "2026-01-31"
		case "uuid":
			return "018e6f1a-0000-7000-8000-000000000001"
		case "email":
			return "ada@example.com"
		case "uri":
			return "https://example.com/1"
		}
		if text, ok := s.Example.(string); ok && text != "" {
			return text
		}
		return "text"
	}
	return nil
}

// without is a value with nothing at some JSON Pointers.
func without(v any, ends ...string) any {
	for _, at := range ends {
		v = lacking(v, at)
	}
	return v
}

func lacking(v any, at string) any {
	name, rest, deeper := strings.Cut(strings.TrimPrefix(at, "/"), "/")
	object, ok := v.(map[string]any)
	if at == "" || !ok {
		return v
	}
	object = maps.Clone(object)
	if deeper {
		object[name] = lacking(object[name], "/"+rest)
	} else {
		delete(object, name)
	}
	return object
}
