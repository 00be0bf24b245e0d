package actionstest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/stepmill/stepmill/actions"
)

// specsDir is the folder of the vendors' API descriptions: specs in $STEPMILL_SHARED, which is ../shared beside the
// repository where it is not set. Empty: it is not here, and then nothing is held against it.
func specsDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("STEPMILL_SHARED")
	if dir == "" {
		if dir = root(t); dir == "" {
			t.Fatal("there is no go.mod above this folder")
		}
		dir = filepath.Join(dir, "..", "shared")
	}
	dir = filepath.Join(dir, "specs")
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if os.Getenv("STEPMILL_REQUIRE_ALL") == "1" {
		t.Fatalf("the vendors' API descriptions are not in %s, and STEPMILL_REQUIRE_ALL=1 asks for them", dir)
	}
	return ""
}

// root is the folder of the module; empty: the test runs outside of it, as that of a connector somewhere else.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}

// specs are the vendors' API descriptions: where they lie, and whose folder has another name.
type specs struct {
	dir   string // empty: they are not here
	named map[string]string
}

// description is a vendor's own word on its API, in one or several documents; nil: there is none here. What the vendor publishes
// no document of, or the document here leaves out, stands in documented.openapi.json in testdata of the connector's folder (of an
// API that is GraphQL in documented.graphql, which extends the schema): written from the vendor's pages, each operation with its page.
type description struct {
	files   []string // as sample-requests.json names them
	routers []routers.Router
	graph   *ast.Schema // of an API that is GraphQL; nil: it is another
}

// describe loads the descriptions in the folder that is named like the connector's, and what its own folder adds; nil: there is
// none, and what was recorded has to do.
func describe(t *testing.T, specs specs, c *actions.Connector) *description {
	t.Helper()
	name, renamed := specs.named[c.ID]
	if !renamed {
		name = folder(c.ID)
	}
	if !c.Based() || specs.dir == "" && name != "" {
		return nil
	}
	dir, own := filepath.Join(specs.dir, name), filepath.Join(root(t), "actions", "connectors", folder(c.ID), "testdata")
	added := filepath.Join(own, "documented.openapi.json")
	if _, err := os.Stat(added); err != nil || root(t) == "" {
		added = ""
	}
	if _, err := os.Stat(dir); name == "" || os.IsNotExist(err) {
		if added == "" {
			return nil
		}
		return &description{routers: []routers.Router{router(t, added)}}
	}
	schema, err := graph(dir, filepath.Join(own, "documented.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	if schema != nil {
		return &description{graph: schema}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.openapi.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no API description in %s (%v)", c.ID, specs.dir, err)
	}
	d := &description{}
	for _, file := range files {
		d.files, d.routers = append(d.files, name+"/"+filepath.Base(file)), append(d.routers, router(t, file))
	}
	if added != "" {
		d.routers = append(d.routers, router(t, added))
	}
	return d
}

func router(t *testing.T, file string) routers.Router {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	router, err := load(text)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return router
}

// load reads a description. Of its servers the path counts, since tests run on servers of their own, and who signs in is
// not its business here.
func load(text []byte) (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	prefix := "/"
	if len(doc.Servers) > 0 {
		u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(doc.Servers[0].URL)) // a host may hold {names}
		if err != nil {
			return nil, err
		}
		prefix = "/" + strings.Trim(u.Path, "/")
	}
	doc.Servers = openapi3.Servers{{URL: prefix}}
	seen := map[*openapi3.Schema]bool{}
	for _, ref := range doc.Components.Schemas {
		openNull(ref, seen)
	}
	for _, item := range doc.Paths.Map() {
		item.Servers = nil
		for _, op := range item.Operations() {
			scopesOf(op)
			op.Servers, op.Security = nil, &openapi3.SecurityRequirements{}
			op.Parameters = slices.DeleteFunc(op.Parameters, func(p *openapi3.ParameterRef) bool { // an object's members stand beside the other parameters, which closed alternatives refuse
				return p.Value.In == openapi3.ParameterInQuery && p.Value.Schema != nil && p.Value.Schema.Value.Type.Is("object") && len(p.Value.Schema.Value.OneOf) > 0
			})
			if op.RequestBody == nil || op.RequestBody.Value == nil {
				continue
			}
			for kind, media := range op.RequestBody.Value.Content {
				openNull(media.Schema, seen)
				if s := media.Schema.Value; len(s.OneOf) > 0 && s.Discriminator == nil { // a body of Intercom's for a tag at companies is one for a tag too
					s.AnyOf, s.OneOf = append(s.AnyOf, s.OneOf...), nil
				}
				if kind == "multipart/form-data" && media.Schema.Value.Type.Is("array") { // Jira's list of parts, which are called file
					media.Schema = openapi3.NewObjectSchema().WithProperty("file", openapi3.NewStringSchema().WithFormat("binary")).WithRequired([]string{"file"}).NewRef()
				}
			}
		}
	}
	return gorillamux.NewRouter(doc)
}

// openNull lets null be where a schema names no type at all, as OpenAPI 3.0.3 has it: it is how a field is emptied.
func openNull(ref *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || seen[ref.Value] {
		return
	}
	s := ref.Value
	seen[s] = true
	alternatives := slices.Concat(s.AllOf, s.OneOf, s.AnyOf)
	s.Nullable = s.Nullable || s.Type == nil && len(s.Properties) == 0 && len(s.Enum) == 0 && len(alternatives) == 0
	for _, inner := range append(alternatives, s.Items, s.AdditionalProperties.Schema) {
		openNull(inner, seen)
	}
	for _, inner := range s.Properties {
		openNull(inner, seen)
	}
}

// check holds a request to the description.
func (d *description) check(method string, u *url.URL, header http.Header, body []byte) error {
	if d.graph != nil {
		_, err := asked(d.graph, method, u, body)
		return err
	}
	if len(body) == 0 && header.Get("Content-Type") == "application/octet-stream" {
		body = []byte{0} // an empty file is one too, which is taken for no body here
	}
	req := &http.Request{Method: method, URL: u, Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body))}
	var route *routers.Route
	var params map[string]string
	var err error
	for _, router := range d.routers {
		if route, params, err = router.FindRoute(req); err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, u.Path, err)
	}
	return openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}})
}

// routes says that the description has an operation there.
func (d *description) routes(method string, u *url.URL) bool {
	if d.graph != nil {
		return method == http.MethodPost && u.Path == "/graphql"
	}
	return slices.ContainsFunc(d.routers, func(router routers.Router) bool {
		_, _, err := router.FindRoute(&http.Request{Method: method, URL: u, Header: http.Header{}})
		return err == nil
	})
}

// hold asks that the vendor takes a request that succeeded, and that it refuses the request when it is spoiled: a check
// that cannot fail is none.
func (d *description) hold(t *testing.T, c *actions.Connector, r *request) {
	t.Helper()
	if d == nil || r.base == "" { // of a whole URL nothing is known
		return
	}
	u := r.path()
	u.Scheme, u.Host = "http", "vendor.test"
	behind(basePath(r.base), u)
	if err := d.check(r.method, u, r.header, r.body); err != nil {
		t.Errorf("the vendor's description refuses the request: %v", err)
	}
	bad := *u
	bad.Path, bad.RawPath = u.Path+"/nowhere/at/all", ""
	if d.check(r.method, &bad, r.header, r.body) == nil {
		t.Errorf("the vendor's description takes any path, as %s", bad.Path)
	}
	if len(r.body) == 0 || d.anyBody(r.method, u) {
		return
	}
	kind, _, _ := mime.ParseMediaType(r.header.Get("Content-Type"))
	if kind == "application/octet-stream" { // any bytes are right
		return
	}
	form := kind == "application/x-www-form-urlencoded"
	if !form && d.check(r.method, u, r.header, []byte(`[1]`)) == nil {
		t.Errorf("the vendor's description takes a list for the body of %s", u.Path)
	}
	variations := spoiledForm
	switch {
	case kind == "multipart/form-data":
		variations = spoiledParts
	case !form:
		variations = spoiled
	}
	refused, list := 0, variations(t, r.body)
	for _, body := range list {
		if d.check(r.method, u, r.header, body) != nil {
			refused++
		}
	}
	if refused == 0 && len(list) > 0 {
		t.Errorf("the vendor's description takes any value for every member of the body of %s", u.Path)
	}
}

// anyBody says that an operation takes any body, as a webhook does that people make: it is marked x-any-body.
func (d *description) anyBody(method string, u *url.URL) bool {
	return slices.ContainsFunc(d.routers, func(router routers.Router) bool {
		route, _, err := router.FindRoute(&http.Request{Method: method, URL: u, Header: http.Header{}})
		return err == nil && route.Operation.Extensions["x-any-body"] == true
	})
}

// spoiledForm gives a form's variations with one member each that is another text, or missing.
func spoiledForm(t *testing.T, body []byte) [][]byte {
	t.Helper()
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatalf("the body is no form: %v", err)
	}
	var out [][]byte
	for name, was := range form {
		form[name] = []string{"stepmill"}
		out = append(out, []byte(form.Encode()))
		delete(form, name)
		out, form[name] = append(out, []byte(form.Encode())), was
	}
	return out
}

// spoiledParts gives a multipart body whose parts have other names.
func spoiledParts(_ *testing.T, body []byte) [][]byte {
	return [][]byte{bytes.ReplaceAll(body, []byte(`form-data; name="`), []byte(`form-data; name="no`))}
}

// spoiled gives a JSON object's variations with one member of another kind each; of a list those of its first item,
// of a text a number.
func spoiled(t *testing.T, body []byte) [][]byte {
	t.Helper()
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		var out [][]byte
		for _, item := range spoiled(t, list[0]) {
			out = append(out, append(append([]byte("["), item...), ']'))
		}
		return out
	}
	if text := ""; json.Unmarshal(body, &text) == nil {
		return [][]byte{[]byte(`7`)}
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil {
		t.Fatalf("the body is no object: %v", err)
	}
	var out [][]byte
	for name, was := range object {
		object[name] = json.RawMessage(`[[{"stepmill": true}]]`)
		if was[0] == '[' {
			object[name] = json.RawMessage(`7`)
		}
		b, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		out, object[name] = append(out, b), was
	}
	return out
}

// basePath is the path of a base URL, whose host may hold {names}.
func basePath(base string) string {
	_, rest, _ := strings.Cut(base, "://")
	_, path, found := strings.Cut(rest, "/")
	if !found {
		return ""
	}
	return "/" + strings.TrimRight(path, "/")
}

// behind puts a path behind that of a vendor's base URL, unless it begins with that already, as one that an answer named.
func behind(prefix string, u *url.URL) {
	if prefix != "" && strings.HasPrefix(u.Path, prefix+"/") {
		return
	}
	u.Path = prefix + u.Path
	if u.RawPath != "" {
		u.RawPath = prefix + u.RawPath
	}
}

// unclaimed names the folders of descriptions that no connector is held to: one is called otherwise, as a rule.
func unclaimed(t *testing.T, catalogue *actions.Catalogue, specs specs) []string {
	t.Helper()
	entries, err := os.ReadDir(specs.dir)
	if err != nil {
		t.Fatal(err)
	}
	var problems []string
	for _, e := range entries {
		described, _ := filepath.Glob(filepath.Join(specs.dir, e.Name(), "*.openapi.json"))
		graphs, _ := filepath.Glob(filepath.Join(specs.dir, e.Name(), "schema.graphql"))
		if len(described)+len(graphs) > 0 && !slices.ContainsFunc(catalogue.IDs(), func(id string) bool { return folder(id) == e.Name() || specs.named[id] == e.Name() }) {
			problems = append(problems, "the descriptions in "+e.Name()+" are of no connector; name the folder as the connector's")
		}
	}
	return problems
}

// samples holds the way in which descriptions are loaded here to the verdicts that stand beside them.
func samples(t *testing.T, catalogue *actions.Catalogue, specs specs) {
	if specs.dir == "" {
		t.Skip("the vendors' API descriptions are not here; set STEPMILL_SHARED")
	}
	for _, problem := range unclaimed(t, catalogue, specs) {
		t.Error(problem)
	}
	text, err := os.ReadFile(filepath.Join(specs.dir, "sample-requests.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Samples []struct {
			Spec, Name, Method, URL, Form string
			Accept                        bool
			Headers                       map[string]string
			Body                          json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for c := range catalogue.All() {
		d := describe(t, specs, c)
		if d == nil || len(d.files) == 0 { // of a graph there are none, nor of what is documented here
			continue
		}
		verdicts := map[bool]int{}
		for _, s := range file.Samples {
			if !slices.Contains(d.files, s.Spec) {
				continue
			}
			verdicts[s.Accept]++
			u, err := url.Parse(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			header, body := http.Header{}, []byte(s.Body)
			for name, text := range s.Headers {
				header.Set(name, text)
			}
			if len(body) > 0 {
				header.Set("Content-Type", "application/json")
			}
			if s.Form != "" {
				body = []byte(s.Form)
				header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			if err := d.check(s.Method, u, header, body); (err == nil) != s.Accept {
				t.Errorf("%s, %s: accept should be %v: %v", s.Spec, s.Name, s.Accept, err)
			}
		}
		if verdicts[true] == 0 || verdicts[false] == 0 {
			t.Errorf("%v has %d samples to accept and %d to refuse", d.files, verdicts[true], verdicts[false])
		}
	}
}
