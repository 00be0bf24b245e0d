package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/web/access"
)

// maxBody bounds a request's body: a scenario file and what stands around it.
const maxBody = scenario.MaxBytes + 1<<20

// bodyWithin is how long a request's body may take to come.
const bodyWithin = 30 * time.Second

// An operation is a method of a path. What it takes and what it gives are two structs, whose fields say where in the request and the
// answer each stands: as the tags path, query and header name it, or as the Body. huma draws their schemas, holds requests against
// them and writes the document; its own Register does the rest as well, but is compiled again for each operation: 2 MB for 62.
type operationOf struct {
	huma.Operation
	in, out reflect.Type
	do      func(ctx context.Context, actor run.Actor, in any) (out any, err error)

	schemas huma.Registry
	params  []param
	headers []header
	body    *huma.Schema // nil: it takes none
}

// param is a field of a request outside its body.
type param struct {
	field               []int
	in, name, otherwise string
	schema              *huma.Schema
}

// header is a field of an answer beside its body.
type header struct {
	field []int
	name  string
}

// operation adds one operation. Its errors are faults.
func operation[I, O any](a *api, needs access.Permission, op huma.Operation, do func(ctx context.Context, actor run.Actor, in *I) (*O, error)) {
	a.operate(needs, &operationOf{Operation: op, in: reflect.TypeFor[I](), out: reflect.TypeFor[O](), do: func(ctx context.Context, actor run.Actor, in any) (any, error) {
		out, err := do(ctx, actor, in.(*I))
		if out == nil {
			return nil, err
		}
		return out, err
	}})
}

//go:noinline
func (a *api) operate(needs access.Permission, o *operationOf) {
	a.operations = append(a.operations, o)
	a.routes = append(a.routes, access.Route{Method: o.Method, Pattern: o.Path, Needs: needs, Handle: func(w http.ResponseWriter, r *http.Request) error {
		if err := checkQuery(r.URL.RawQuery); err != nil {
			return err
		}
		a.document()
		if r.Method == http.MethodGet || r.Header.Get("Idempotency-Key") == "" {
			return o.serve(w, r)
		}
		return a.once(w, r, o.serve)
	}})
}

// draw makes the document, and with it what the operations read requests by.
func (a *api) draw() *huma.OpenAPI {
	speak()
	huma.ValidateStrictCasing = true
	made := huma.DefaultConfig("Stepmill", a.Version).OpenAPI
	made.Info.Description = "Scenarios, runs, events, connections. Every path needs an API key as Authorization: Bearer smk_…"
	made.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer"}}
	made.Security = []map[string][]string{{"key": {}}}
	for _, o := range a.operations {
		o.draw(made.Components.Schemas)
		made.AddOperation(&o.Operation)
	}
	return made
}

func (o *operationOf) draw(schemas huma.Registry) {
	o.schemas = schemas
	o.OperationID = operationID(o.Operation)
	if o.Method != http.MethodGet {
		o.Parameters = append(o.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"},
			Description: "Makes the request safe to send again: with the same key and the same content it is answered as the first time, for a day."})
	}
	for _, f := range reflect.VisibleFields(o.in) {
		if f.Name == "Body" {
			o.drawBody(f)
		} else if !f.Anonymous {
			o.drawParam(f)
		}
	}
	o.drawAnswer()
	refusal := schemas.Schema(reflect.TypeFor[Refusal](), true, "")
	for _, status := range []int{400, 401, 403, 404, 409, 412, 413, 422, 500} {
		o.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{problemType: {Schema: refusal}}}
	}
}

func (o *operationOf) drawParam(f reflect.StructField) {
	p := param{field: f.Index, otherwise: f.Tag.Get("default"), schema: huma.SchemaFromField(o.schemas, f, "")}
	for _, p.in = range []string{"path", "query", "header"} {
		if p.name = f.Tag.Get(p.in); p.name != "" {
			break
		}
	}
	if p.name == "" {
		panic(fmt.Sprintf("%s %s: no tag says where %s stands in a request", o.Method, o.Path, f.Name))
	}
	drawn := &huma.Param{Name: p.name, In: p.in, Required: p.in == "path", Description: p.schema.Description, Schema: p.schema}
	if p.in == "query" {
		drawn.Explode = new(bool)
	}
	o.Parameters = append(o.Parameters, drawn)
	o.params = append(o.params, p)
}

func (o *operationOf) drawBody(f reflect.StructField) {
	o.body = huma.SchemaFromField(o.schemas, f, o.in.Name()+f.Name)
	o.body.PrecomputeMessages()
	o.RequestBody = &huma.RequestBody{Required: f.Type.Kind() != reflect.Pointer, Content: map[string]*huma.MediaType{jsonType: {Schema: o.body}}}
}

func (o *operationOf) drawAnswer() {
	body, hasBody := o.out.FieldByName("Body")
	if o.DefaultStatus == 0 {
		o.DefaultStatus = http.StatusNoContent
		if hasBody {
			o.DefaultStatus = http.StatusOK
		}
	}
	status := strconv.Itoa(o.DefaultStatus)
	if o.Responses == nil {
		o.Responses = map[string]*huma.Response{status: {Description: http.StatusText(o.DefaultStatus)}}
		if hasBody {
			schema := huma.SchemaFromField(o.schemas, body, o.out.Name()+body.Name)
			o.Responses[status].Content = map[string]*huma.MediaType{jsonType: {Schema: schema}}
		}
	}
	answer := o.Responses[status]
	for _, f := range reflect.VisibleFields(o.out) {
		name := f.Tag.Get("header")
		if name == "" {
			continue
		}
		o.headers = append(o.headers, header{f.Index, name})
		if answer.Headers == nil {
			answer.Headers = map[string]*huma.Header{}
		}
		answer.Headers[name] = &huma.Header{Schema: &huma.Schema{Type: "string"}}
	}
}

func operationID(op huma.Operation) string {
	return strings.ToLower(op.Method) + strings.NewReplacer("/api/v1", "", "/", "-", "{", "", "}", "").Replace(op.Path)
}

func (o *operationOf) serve(w http.ResponseWriter, r *http.Request) error {
	actor, ok := access.ActorFrom(r.Context())
	if !ok {
		return access.ErrSignedOut
	}
	in := reflect.New(o.in)
	if err := o.read(w, r, in.Elem()); err != nil {
		return err
	}
	out, err := o.do(r.Context(), actor, in.Interface())
	if err != nil {
		return err
	}
	return o.answer(w, out)
}

// checkQuery refuses what Go's reader of queries passes over: of a query that it cannot read it gives a part or nothing, and a filter
// that is left out finds more than was asked for.
func checkQuery(raw string) error {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return fault.New(fault.InvalidInput, "The query cannot be read: an escape or a separator in it is wrong, or it has too many parameters.")
	}
	for name, texts := range query {
		if len(texts) > 1 {
			return fault.Invalid("The query has a parameter twice; give it once.", []fault.Problem{{Path: "/" + name, Message: "it stands more than once"}})
		}
	}
	return nil
}

// read puts a request into what the operation takes. The error names all that is wrong with it.
func (o *operationOf) read(w http.ResponseWriter, r *http.Request, in reflect.Value) error {
	found := &huma.ValidateResult{}
	query := r.URL.Query()
	unknown := maps.Clone(query)
	for _, p := range o.params {
		var text string
		switch p.in {
		case "path":
			text = r.PathValue(p.name)
		case "query":
			text = query.Get(p.name)
			delete(unknown, p.name)
		case "header":
			text = r.Header.Get(p.name)
		}
		if text == "" {
			text = p.otherwise
		}
		at := place(p.in, p.name)
		switch {
		case text != "":
			given, err := set(in.FieldByIndex(p.field), text)
			if err != nil {
				found.Add(at, text, err.Error())
				continue
			}
			huma.Validate(o.schemas, p.schema, at, huma.ModeWriteToServer, given, found)
		case p.in == "path":
			found.Add(at, "", "it is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		found.Add(place("query", name), "", "there is no such parameter")
	}
	if o.body != nil {
		if err := o.readBody(w, r, in.FieldByName("Body"), found); err != nil {
			return err
		}
	} else if r.Method != http.MethodGet {
		data, err := whole(w, r)
		if err != nil {
			return err
		}
		if text := strings.TrimSpace(string(data)); text != "" && text != "{}" {
			found.Add(place("body"), "", "nothing is taken here; leave the body out")
		}
	}
	if len(found.Errors) > 0 {
		return refused(http.StatusUnprocessableEntity, found.Errors)
	}
	return nil
}

func place(parts ...string) *huma.PathBuffer {
	at := huma.NewPathBuffer(nil, 0)
	for _, part := range parts {
		at.Push(part)
	}
	return at
}

// set reads a parameter into its field, and gives it as a body's value would be.
func set(field reflect.Value, text string) (any, error) {
	switch field.Kind() {
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, errors.New("it must be a whole number")
		}
		field.SetInt(n)
		return n, nil
	case reflect.Bool:
		is, err := strconv.ParseBool(text)
		if err != nil {
			return nil, errors.New("it must be true or false")
		}
		field.SetBool(is)
		return is, nil
	}
	field.SetString(text)
	return text, nil
}

const (
	jsonType    = "application/json"
	problemType = "application/problem+json"
)

// readBody reads a request's body into its field. What the schema finds wrong it adds; what is no JSON at all is an error of its own.
func (o *operationOf) readBody(w http.ResponseWriter, r *http.Request, field reflect.Value, found *huma.ValidateResult) error {
	data, err := whole(w, r)
	if err != nil {
		return err
	}
	if len(data) == 0 {
		if o.RequestBody.Required {
			return refusal(http.StatusBadRequest, fault.InvalidInput, "The request has no body; send JSON.")
		}
		return nil
	}
	if kind := r.Header.Get("Content-Type"); !isJSON(kind) {
		return refusal(http.StatusUnsupportedMediaType, fault.InvalidInput,
			fmt.Sprintf("The request's body is called %q. Send JSON, with the header Content-Type: application/json.", fault.Clip(kind, 100)))
	}
	seen, err := value.Decode(withoutDefinition(data), value.Limits{Depth: 500, Nodes: 500_000})
	if err != nil {
		return refused(http.StatusBadRequest, []error{err})
	}
	before := len(found.Errors)
	huma.Validate(o.schemas, o.body, place("body"), huma.ModeWriteToServer, seen, found)
	if len(found.Errors) > before {
		return nil
	}
	if err := json.Unmarshal(data, field.Addr().Interface()); err != nil {
		found.Add(place("body"), "", err.Error())
	}
	return nil
}

// readOn is how much is still read of a body that is too large, in bytes: who reads no answer before all is sent would find the
// connection reset, and not learn why.
const readOn = 16 << 20

// whole reads a request's body.
func whole(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	conn := http.NewResponseController(w)
	conn.SetReadDeadline(time.Now().Add(bodyWithin)) // an answer that cannot have one is a test's
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		conn.SetReadDeadline(time.Time{}) // the operation may take longer: at the deadline its client would count as gone
		return data, nil
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) && !strings.EqualFold(r.Header.Get("Expect"), "100-continue") { // to read would be to ask for it
		io.CopyN(io.Discard, r.Body, readOn)
	}
	return nil, unread(err)
}

// unread says why a body did not come in.
func unread(err error) error {
	var large *http.MaxBytesError
	var slow net.Error
	switch {
	case errors.As(err, &large):
		return fault.New(fault.TooLarge, "The request's body is larger than %d MB, which is the most that is taken here.", maxBody>>20)
	case errors.As(err, &slow) && slow.Timeout():
		return refusal(http.StatusRequestTimeout, fault.Timeout, fmt.Sprintf("The request's body did not come in within %s.", bodyWithin))
	}
	return refusal(http.StatusBadRequest, fault.InvalidInput, "The request's body did not come in whole.")
}

// isJSON tells whether a content type is one of JSON's; without one a body is taken to be.
func isJSON(kind string) bool {
	name, _, err := mime.ParseMediaType(kind)
	return kind == "" || err == nil && (name == jsonType || strings.HasSuffix(name, "+json"))
}

// withoutDefinition blanks what stands in a body as `definition`: a scenario file has a reader of its own, which finds
// more than the first fault and says their lines and columns.
func withoutDefinition(body []byte) []byte {
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if first, err := dec.ReadToken(); err != nil || first.Kind() != '{' {
		return body
	}
	out := bytes.Clone(body)
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return body
		}
		blank := name.String() == "definition"
		text, err := dec.ReadValue()
		if err != nil {
			return body
		}
		if blank {
			place := out[int(dec.InputOffset())-len(text) : dec.InputOffset()]
			copy(place, "0"+strings.Repeat(" ", len(place)-1)) // as long as it was: the places of faults behind it stay
		}
	}
	return out
}

// answer writes what an operation gave; nil: nothing but that it went well.
func (o *operationOf) answer(w http.ResponseWriter, out any) error {
	if out == nil {
		w.WriteHeader(o.DefaultStatus)
		return nil
	}
	v := reflect.ValueOf(out).Elem()
	for _, h := range o.headers {
		if text := headerText(v.FieldByIndex(h.field)); text != "" {
			w.Header().Set(h.name, text)
		}
	}
	body := v.FieldByName("Body")
	if !body.IsValid() {
		w.WriteHeader(o.DefaultStatus)
		return nil
	}
	switch body := body.Interface().(type) {
	case io.ReadCloser:
		defer body.Close()
		w.WriteHeader(o.DefaultStatus)
		_, err := io.Copy(w, body)
		return err
	case []byte:
		w.WriteHeader(o.DefaultStatus)
		_, err := w.Write(body)
		return err
	default:
		w.Header().Set("Content-Type", jsonType)
		enc := json.NewEncoder(&begun{w, o.DefaultStatus})
		enc.SetEscapeHTML(false)
		return enc.Encode(body)
	}
}

// headerText is a field as a header: a text, or what says itself as one, as a cookie does.
func headerText(field reflect.Value) string {
	if s, ok := field.Addr().Interface().(fmt.Stringer); ok {
		return s.String()
	}
	return field.String()
}

// begun gives an answer its status with its first byte: one that cannot be written as JSON becomes an error yet.
type begun struct {
	w      http.ResponseWriter
	status int
}

func (b *begun) Write(p []byte) (int, error) {
	if b.status != 0 {
		b.w.WriteHeader(b.status)
		b.status = 0
	}
	return b.w.Write(p)
}
