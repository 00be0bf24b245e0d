package webhook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers"
)

const (
	maxParams = 1000 // of a query or a form
	maxDepth  = 16   // runs that led to one another, as scenarios that call one another
)

// happening makes what `trigger` will be of a request that is verified, and finds the delivery's identity.
func (h *Handler) happening(r *http.Request, t *triggers.Trigger, s scheme, in *content) (triggers.Happening, error) {
	body := in.proof.body
	out := triggers.Happening{Raw: body, Files: in.files, Header: headers(r.Header, s.secretHeader()), Source: run.SourceRequest}
	if out.Depth, _ = strconv.Atoi(r.Header.Get("Stepmill-Depth")); out.Depth < 0 { // anybody may write anything
		out.Depth = 0
	}
	if out.Depth > maxDepth {
		return out, fault.New(fault.InvalidInput, "The request comes from a run that others led to, more than %d one by one: scenarios that send to one another in a ring are stopped here.", maxDepth)
	}
	parsed, text, err := in.value, json.RawMessage(nil), error(nil)
	if !in.streamed {
		parsed, text, err = parseBody(r.Header, body)
	}
	if err != nil {
		return out, err
	}
	if t.Spec != nil {
		if t.Spec.Within != "" {
			inner, err := value.Decode([]byte(value.Text(value.At(parsed, "/"+t.Spec.Within))), value.Limits{})
			if err != nil {
				return out, fault.New(fault.InvalidInput, "The body must be a form whose %s is JSON, as %s sends it.", t.Spec.Within, t.Def.Uses)
			}
			parsed, text = inner, nil
		} else if form, ok := parsed.(map[string]any); ok && text == nil && isForm(r.Header) {
			parsed = nested(form)
		}
		if list, ok := parsed.([]any); ok && t.Spec.Each == "/" {
			parsed = map[string]any{"": list} // which is what the pointer names
		}
		object, ok := parsed.(map[string]any)
		if !ok {
			return out, fault.New(fault.InvalidInput, "The body must be a JSON object, as %s sends it.", t.Def.Uses)
		}
		if t.Spec.Topic != "" && isForm(r.Header) && t.Topic(object) == "" { // anybody's form, or a part of one
			return out, fault.New(fault.InvalidInput, "The form must have %s, as %s sends it.", t.Spec.Topic, t.Def.Uses)
		}
		out.Value, out.JSON = object, text
		for name, header := range t.Spec.Head {
			object[name], out.JSON = r.Header.Get(header), nil
		}
		if t.Spec.DeliveryID != "" {
			out.Delivery = value.Text(object[t.Spec.DeliveryID])
		}
	} else {
		query, err := parseQuery(r.URL.RawQuery)
		if err != nil {
			return out, err
		}
		if s.query != "" {
			delete(query, s.query)
		}
		request := map[string]any{"method": r.Method, "path": "/" + r.PathValue("rest"), "query": query, "headers": anyMap(out.Header)}
		if out.JSON, err = around(text, request); err != nil {
			return out, err
		}
		request["body"] = parsed
		out.Value = request
	}
	if s.id != nil && out.Delivery == "" {
		out.Delivery = s.id(r.Header, parsed, body)
	}
	if out.Delivery == "" && t.Spec != nil && t.Spec.Each == "" { // of several each has its own
		out.Delivery = identity(parsed, t.Spec.Identity)
	}
	names := []string{"Idempotency-Key", "Webhook-Id"}
	if s.idHeader != "" {
		names = []string{s.idHeader}
	}
	if len(in.files) > 0 { // sent again it has another boundary
		if body, err = value.Encode(parsed); err != nil {
			return out, err
		}
	}
	if out.Delivery == "" { // the sender's own id comes first: what only a header says is not signed
		out.BodyHash, err = delivery(r.Header, body, &out.Delivery, names...)
	}
	return out, err
}

// around writes a request around its body's JSON; nil: it has none that stays as it came.
func around(body json.RawMessage, request map[string]any) (json.RawMessage, error) {
	if body == nil {
		return nil, nil
	}
	rest, err := value.Encode(request)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(body)+len(rest)+len(`{"body":,`))
	out = append(append(out, `{"body":`...), body...)
	return append(append(out, ','), rest[1:]...), nil
}

// delivery finds what a sender calls this delivery in one of the headers, with the hash of what it said; where it calls it
// nothing, id stays.
func delivery(header http.Header, body []byte, id *string, names ...string) (hash string, err error) {
	for _, name := range names {
		text := header.Get(name)
		if text == "" {
			continue
		}
		if len(text) > 255 {
			return "", fault.New(fault.InvalidInput, "The %s is longer than 255 bytes.", name)
		}
		sum := sha256.Sum256(body)
		*id = strings.ToLower(name) + ":" + text
		return hex.EncodeToString(sum[:]), nil
	}
	return "", nil
}

// headers are the request's as a scenario sees them: names in lower case, without those that prove who sends. Of others that are
// called like credentials there stands that they came, since an event is kept and shown; whoever wants one checked names it in verify.
func headers(in http.Header, secret string) map[string]string {
	out := make(map[string]string, len(in))
	for name, list := range in {
		switch name {
		case "Authorization", "Proxy-Authorization", "Cookie":
			continue
		}
		if strings.EqualFold(name, secret) {
			continue
		}
		lower := strings.ToLower(name)
		if out[lower] = strings.ToValidUTF8(strings.Join(list, ", "), "\uFFFD"); reusable(lower) {
			out[lower] = "***"
		}
	}
	return out
}

// reusable says that who reads a header of this name can send with it: a signature holds for one body only.
func reusable(header string) bool {
	key := strings.HasSuffix(header, "-key") && !strings.HasSuffix(header, "idempotency-key")
	return (key || run.Credential(header)) && !strings.Contains(header, "signature")
}

func anyMap(in map[string]string) map[string]any {
	out := make(map[string]any, len(in))
	for name, text := range in {
		out[name] = text
	}
	return out
}

// parseBody reads the body as its type says. Nothing in a value ever names a file of the server: one in a form is refused here. Where it is JSON that can be kept as it came, text is it.
func parseBody(header http.Header, body []byte) (v any, text json.RawMessage, err error) {
	kind, params, err := contentType(header)
	if err != nil {
		return nil, nil, err
	}
	if kind == "" {
		return untyped(body)
	}
	if err := inUTF8(params); err != nil {
		return nil, nil, err
	}
	switch {
	case len(body) == 0: // senders' pings and tests come so, signed and with a type
		return nil, nil, nil
	case kind == "application/json" || strings.HasSuffix(kind, "+json"):
		return parseJSON(body)
	case kind == "application/x-www-form-urlencoded":
		v, err = parseQuery(string(body))
		return v, nil, err
	case kind == "multipart/form-data":
		v, err = parseMultipart(body, params["boundary"])
		return v, nil, err
	case textual(kind):
		return strings.ToValidUTF8(string(body), "\uFFFD"), nil, nil
	}
	return nil, nil, refusal{http.StatusUnsupportedMediaType, "The Content-Type " + fault.Clip(kind, 80) + " is not taken; send JSON, a form or text."}
}

// contentType is the type of a body; empty: it names none.
func contentType(header http.Header) (kind string, params map[string]string, err error) {
	types := header.Values("Content-Type")
	if len(types) > 1 {
		return "", nil, fault.New(fault.InvalidInput, "The request has two Content-Type headers; send one.")
	}
	if len(types) == 0 || types[0] == "" {
		return "", nil, nil
	}
	if kind, params, err = mime.ParseMediaType(types[0]); err != nil {
		err = fault.New(fault.InvalidInput, "The Content-Type %q cannot be read.", fault.Clip(types[0], 80))
	}
	return kind, params, err
}

// inUTF8 asks that a body says of itself that it is UTF-8, or nothing.
func inUTF8(params map[string]string) error {
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "us-ascii") {
		return refusal{http.StatusUnsupportedMediaType, "The Content-Type declares the charset " + strconv.Quote(fault.Clip(charset, 40)) + ". A body must be in UTF-8, and its Content-Type say so or name no charset."}
	}
	return nil
}

func textual(kind string) bool {
	return strings.HasPrefix(kind, "text/") || kind == "application/xml" || strings.HasSuffix(kind, "+xml")
}

// binary is a type whose bodies are files: nothing reads them as JSON, a form or text.
func binary(kind string) bool {
	return kind != "" && kind != "application/json" && !strings.HasSuffix(kind, "+json") && kind != "application/x-www-form-urlencoded" &&
		kind != "multipart/form-data" && !textual(kind)
}

// untyped reads a body that says nothing of itself: as JSON where it looks so and is, else as text.
func untyped(body []byte) (any, json.RawMessage, error) {
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 {
		return nil, nil, nil
	}
	if trimmed[0] == '{' || trimmed[0] == '[' {
		return parseJSON(body)
	}
	return strings.ToValidUTF8(string(body), "\uFFFD"), nil, nil
}

func parseJSON(body []byte) (v any, text json.RawMessage, err error) {
	if !utf8.Valid(body) { // another letter in its place would be another body
		return nil, nil, fault.New(fault.InvalidInput, "The body says that it is JSON, and is not UTF-8.")
	}
	if v, err = value.Decode(body, value.Limits{}); err == nil && value.Plain(body) {
		text = body
	}
	return v, text, err
}

// parseQuery gives each name its text, or the list of its texts where it stands more than once.
func parseQuery(raw string) (map[string]any, error) {
	if strings.Count(raw, "&") >= maxParams {
		return nil, fault.New(fault.InvalidInput, "There are more than %d parameters.", maxParams)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fault.New(fault.InvalidInput, "The parameters cannot be read: an escape or a separator is wrong.")
	}
	out := make(map[string]any, len(values))
	for name, list := range values {
		add(out, strings.ToValidUTF8(name, "\uFFFD"), list...)
	}
	return out, nil
}

func isForm(header http.Header) bool {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	return kind == "application/x-www-form-urlencoded"
}

// mostNested is how deep the names of a form's fields nest.
const mostNested = 8

// nested puts the fields of a form whose names have brackets, as data[merges][FNAME], into objects. A name that does not fit in beside
// the others stays as it is.
func nested(form map[string]any) map[string]any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if path := brackets(name); path == nil || !putAt(out, path, form[name]) {
			out[name] = form[name]
		}
	}
	return out
}

// brackets takes a name with brackets apart; nil: it has none, or is none that can be taken apart.
func brackets(name string) []string {
	outer, rest, ok := strings.Cut(name, "[")
	if !ok || outer == "" || !strings.HasSuffix(rest, "]") {
		return nil
	}
	path := append([]string{outer}, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
	if len(path) > mostNested || slices.Contains(path, "") || strings.ContainsAny(strings.Join(path, ""), "[]") {
		return nil
	}
	return path
}

// putAt puts a value into objects within one another, and says whether there was room.
func putAt(object map[string]any, path []string, v any) bool {
	for _, name := range path[:len(path)-1] {
		if object[name] == nil {
			object[name] = map[string]any{}
		}
		next, ok := object[name].(map[string]any)
		if !ok {
			return false
		}
		object = next
	}
	last := path[len(path)-1]
	if object[last] != nil {
		return false
	}
	object[last] = v
	return true
}

func add(out map[string]any, name string, texts ...string) {
	for _, text := range texts {
		put(out, name, strings.ToValidUTF8(text, "\uFFFD"))
	}
}

// put gives a name its value, or the list of its values where it has more than one.
func put(out map[string]any, name string, v any) {
	switch have := out[name].(type) {
	case nil:
		out[name] = v
	case []any:
		out[name] = append(have, v)
	default:
		out[name] = []any{have, v}
	}
}
