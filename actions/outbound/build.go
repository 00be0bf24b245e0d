package outbound

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// placed is a value that stands in a request beside the inputs: of a list's page, or of a subscription.
type placed struct {
	spot actions.Spot
	v    any
}

// build makes a described request: each input where its field says it goes, then what the description adds, then more.
func build(r *actions.Request, fields []actions.Field, input map[string]any, more ...placed) (actions.HTTPRequest, error) {
	out := actions.HTTPRequest{Method: r.Method, Base: r.Base, Header: http.Header{}, Empty: r.Empty}
	path, query, body := map[string]string{}, url.Values{}, map[string]any{}
	for name, text := range r.Query {
		query.Set(name, text)
	}
	for _, f := range fields {
		v := input[f.ID]
		if v == nil {
			continue
		}
		name := f.Name
		if name == "" {
			name = f.ID
		}
		switch f.In {
		case actions.InPath:
			path[name] = value.Text(v)
		case actions.InQuery:
			query[name] = texts(v)
		case actions.InHeader:
			out.Header.Set(name, value.Text(v))
		case actions.InBody:
			actions.Put(body, name, v)
		}
	}
	if r.Prepare != nil {
		parts, err := r.Prepare(input)
		if err != nil {
			return out, err
		}
		for name, text := range parts.Path {
			path[name] = text
		}
		for name, v := range parts.Query {
			query[name] = texts(v)
		}
		for name, v := range parts.Body {
			body[name] = v
		}
	}
	for _, p := range more {
		switch p.spot.In {
		case actions.InQuery:
			query[p.spot.Name] = texts(p.v)
		case actions.InPath:
			path[p.spot.Name] = value.Text(p.v)
		default:
			actions.Put(body, p.spot.Name, p.v)
		}
	}
	var err error
	if out.URL, err = actions.FillPath(r.Path, path); err != nil {
		return out, err
	}
	if len(query) > 0 {
		out.URL += "?" + query.Encode()
	}
	return out, writeBody(&out, r.Body, body)
}

// texts are a parameter's values: of a list each of its items.
func texts(v any) []string {
	list, ok := v.([]any)
	if !ok {
		return []string{value.Text(v)}
	}
	out := make([]string, len(list))
	for i, item := range list {
		out[i] = value.Text(item)
	}
	return out
}

func writeBody(out *actions.HTTPRequest, kind actions.Body, body map[string]any) error {
	switch kind {
	case actions.JSONBody:
		b, err := value.Encode(body)
		if err != nil {
			return err
		}
		out.Body = bytes.NewReader(b)
		out.Header.Set("Content-Type", "application/json; charset=utf-8")
	case actions.FormBody:
		form := url.Values{}
		for name, v := range body {
			form[name] = texts(v)
		}
		out.Body = strings.NewReader(form.Encode())
		out.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return nil
}

// resolve makes the whole URL of a request. What has no scheme stands behind the base URL and cannot leave its origin.
func (d *doing) resolve(text string) (*url.URL, error) {
	base := ""
	if !absolute(text) && d.base != "" {
		base = d.base
		if text != "" && text[0] != '/' && text[0] != '?' {
			base += "/"
		}
	}
	u, err := url.Parse(base + actions.EscapeQuery(text))
	if err != nil {
		return nil, fault.New(fault.InvalidInput, "The URL %q cannot be read.", fault.Clip(text, 100))
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment, u.RawFragment = "", ""
	if d.connection.BaseURL != "" && d.base != "" {
		if err := d.moved(u); err != nil {
			return nil, err
		}
	}
	return u, checkURL(u)
}

// moved puts the address of the connection in the place of a further one of the vendor's.
func (d *doing) moved(u *url.URL) error {
	for _, text := range d.connector.Also {
		o, err := originOf(text)
		if err != nil || !o.fits(u) {
			continue
		}
		base, err := url.Parse(d.base)
		if err != nil {
			return fault.New(fault.InvalidInput, "The base URL of %s cannot be read.", d.connector.Name)
		}
		u.Scheme, u.Host = base.Scheme, base.Host
		if u.RawPath != "" {
			u.RawPath = base.EscapedPath() + u.RawPath
		}
		u.Path = base.Path + u.Path
		return nil
	}
	return nil
}

// absolute says that a URL begins with a scheme.
func absolute(text string) bool {
	scheme, _, found := strings.Cut(text, ":")
	return found && scheme != "" && !strings.ContainsAny(scheme, "/?#")
}

// findBase gives the address that an operation's path stands behind; empty: the action's input holds whole URLs.
func (d *doing) findBase(auth actions.Auth) (string, error) {
	base := cmp.Or(auth.BaseURL, d.connector.BaseURL)
	if d.connection.BaseURL != "" {
		u, err := url.Parse(strings.TrimRight(d.connection.BaseURL, "/"))
		if err == nil {
			err = checkURL(u)
		}
		if err != nil || u.RawQuery != "" || u.Fragment != "" {
			return "", fault.New(fault.InvalidInput, "The base URL of the connection %q is none: it needs http:// or https:// and a host, and no parameters.", d.connection.Slug)
		}
		return u.String(), nil
	}
	values := d.signIn.values
	if d.connector.Derive != nil {
		derived, err := d.connector.Derive(values)
		if err != nil && !d.sandbox { // a stand-in's values may be made up
			return "", err
		}
		values = maps.Clone(values)
		maps.Copy(values, derived)
	}
	d.known = values
	return d.fillBase(base, values)
}

// fillBase puts values into a base URL: they are parts of a host's name and can be nothing else.
func (d *doing) fillBase(base string, values map[string]string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(base, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, _ := strings.Cut(rest, "}")
		text := values[name]
		if text == "" && d.sandbox {
			text = "example"
		}
		if text == "" {
			return "", fault.New(fault.InvalidInput, "The connection %q does not say where %s is: its %s is missing.", d.connection.Slug, d.connector.Name, name)
		}
		if strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
			return "", fault.New(fault.InvalidInput, "The connection's %s is part of a host's name and may hold letters, digits, dots and hyphens only.", name)
		}
		b.WriteString(text)
		base = after
	}
}

// header makes a request's header: the connector's own, the action's, and what every request carries.
func (d *doing) header(more http.Header) (http.Header, error) {
	header := make(http.Header, len(more)+len(d.connector.Headers)+3)
	for name, text := range d.connector.Headers {
		header.Set(name, text)
	}
	for name, list := range more {
		if !actions.HeaderName(name) {
			return nil, fault.New(fault.InvalidInput, "%q is no header's name.", fault.Clip(name, 60))
		}
		if actions.Reserved(name) {
			return nil, fault.New(fault.InvalidInput, "The header %s is set by the request itself.", name)
		}
		if strings.EqualFold(name, "Accept-Encoding") {
			continue // what an answer may be packed in is readBody's to say
		}
		header.Del(name)
		for _, text := range list {
			if !headerText(text) {
				return nil, fault.New(fault.InvalidInput, "The header %s holds a line break or another control character.", name)
			}
			header.Add(name, text)
		}
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", "Stepmill/"+d.client.cfg.Version)
	}
	if d.call.Effect == run.Idempotent || d.call.Effect == run.Once {
		header.Set("Idempotency-Key", d.key())
	}
	return header, nil
}

// key is the idempotency key of the attempt's next request. The first one carries the call's; those after it are other
// requests, which a receiver must not take for the first one again, and carry it with their number.
func (d *doing) key() string {
	d.requests++
	if d.requests == 1 {
		return d.call.Key
	}
	return d.call.Key + "." + strconv.Itoa(d.requests)
}

// headerText says that a header can hold a text: line breaks would begin another header.
func headerText(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
