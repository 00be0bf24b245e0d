package outbound

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// signIn is how requests sign in: where a connection's values go in them, and which addresses may see them.
type signIn struct {
	slug    string
	places  []actions.Place   // none: nothing is signed in
	values  map[string]string // defaults filled in
	origins []origin
	// certificates are shown to these addresses, and trusted there, only; nil: there are none.
	certificates *certificates
	secrets      []string // every form in which a secret may come back, the longest first
}

// origin is an address that credentials are bound to.
type origin struct {
	url *url.URL
	sub bool // any name below the host, not the host itself
}

// connect gives the attempt its connection: the values, the base URL and what these are bound to.
func (d *doing) connect(connection run.Connection, values run.Values) error {
	d.connection, d.values = connection, values
	auth, err := d.auth()
	if err != nil {
		return err
	}
	s := signIn{slug: connection.Slug, places: auth.Apply, values: opened(auth, values)}
	s.secrets = secretForms(auth, s.values)
	if s.certificates, err = certificatesOf(auth, s.values, d.client.cfg.RootCAs); err != nil && !d.sandbox {
		return fault.New(fault.Unauthorized, "The connection %q: %s", connection.Slug, fault.MessageOf(err))
	}
	d.signIn = s
	if d.base, err = d.findBase(auth); err != nil {
		return err
	}
	if d.signIn.places, err = d.filled(auth); err != nil || d.sandbox {
		return err
	}
	return d.bind(auth)
}

// filled are the places that the connection's values fill. One of values that it may leave out falls away where all of them are, but of
// Basic, where it is an empty part.
func (d *doing) filled(auth actions.Auth) (places []actions.Place, err error) {
	for _, p := range auth.Apply {
		name, text := unfilled(p.Name, d.signIn.values), unfilled(p.Value, d.signIn.values)
		missing, half := cmp.Or(name, text), strings.Contains(p.Name, "{") && (name == "") != (text == "")
		optional := slices.ContainsFunc(auth.Fields, func(f actions.Field) bool { return f.ID == missing && !f.Required })
		switch {
		case missing == "", optional && p.In == actions.InBasic, d.sandbox && !optional: // a stand-in has no values
			places = append(places, p)
		case !optional, half:
			return nil, fault.New(fault.Unauthorized, "The connection %q has no %s; put it in.", d.connection.Slug, missing)
		}
	}
	return places, nil
}

// auth is the way the connection signs in; zero: there is no connection, or a stand-in that does not say.
func (d *doing) auth() (actions.Auth, error) {
	method := d.connection.Method
	if method == "" && d.action != nil && len(d.action.Ways) > 0 {
		method = d.action.Ways[0]
	}
	if a, ok := d.connector.Way(method); ok {
		return a, nil
	}
	if d.sandbox || d.connection.Slug == "" && d.connection.ID == "" {
		return actions.Auth{}, nil
	}
	return actions.Auth{}, fault.New(fault.Unauthorized, "The connection %q signs in by %q, which %s does not know; make it anew.", d.connection.Slug, d.connection.Method, d.connector.Name)
}

// bind says where the credentials may go: to the base URL, and to the hosts that the connection lists.
func (d *doing) bind(auth actions.Auth) error {
	if d.base != "" {
		u, err := url.Parse(d.base)
		if err != nil {
			return fault.New(fault.InvalidInput, "The base URL of %s cannot be read.", d.connector.Name)
		}
		d.signIn.origins = append(d.signIn.origins, origin{url: u})
	}
	if d.connection.BaseURL == "" {
		for _, text := range d.connector.Also {
			o, err := originOf(text)
			if err != nil {
				return fault.New(fault.InvalidInput, "The address %s of %s cannot be read.", text, d.connector.Name)
			}
			d.signIn.origins = append(d.signIn.origins, o)
		}
	}
	for _, text := range strings.FieldsFunc(d.signIn.values[auth.Hosts], actions.HostsApart) {
		if !strings.Contains(text, "://") {
			text = "https://" + text
		}
		o, err := originOf(text)
		if err != nil {
			return fault.New(fault.InvalidInput, "The connection %q lists the host %q, which is none; write it as api.example.com.", d.connection.Slug, fault.Clip(text, 80))
		}
		d.signIn.origins = append(d.signIn.origins, o)
	}
	return nil
}

// originOf reads an address, whose host may begin with *. for every name below.
func originOf(text string) (origin, error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return origin{}, fault.New(fault.InvalidInput, "%q is no address.", fault.Clip(text, 80))
	}
	o := origin{url: u}
	if below, found := strings.CutPrefix(u.Host, "*."); found {
		u.Host, o.sub = below, true
	}
	return o, nil
}

// mayGoTo says whether a request to a URL is signed. Credentials that would go to an address they are not bound to are an
// error, since whoever wrote that address would get them.
func (s *signIn) mayGoTo(u *url.URL) (bool, error) {
	if len(s.places) == 0 && s.certificates == nil {
		return false, nil
	}
	for _, o := range s.origins {
		if o.fits(u) {
			return true, nil
		}
	}
	var hosts []string
	for _, o := range s.origins {
		hosts = append(hosts, o.String())
	}
	return false, fault.New(fault.InvalidInput, "The credentials of the connection %q are not sent to %s: they go to %s only. Add the host to the connection (with http:// where it has no TLS), or call it without one.",
		s.slug, fault.Clip(u.Scheme+"://"+u.Host, 100), fault.Clip(cmp.Or(strings.Join(hosts, ", "), "no host"), 200))
}

func (o origin) String() string {
	if o.sub {
		return o.url.Scheme + "://*." + o.url.Host
	}
	return o.url.Scheme + "://" + o.url.Host
}

func (o origin) fits(u *url.URL) bool {
	if !o.sub {
		return sameOrigin(o.url, u)
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	return strings.HasSuffix(host, "."+strings.ToLower(o.url.Hostname())) && strings.EqualFold(o.url.Scheme, u.Scheme) && port(o.url) == port(u)
}

// apply puts the credentials into a request whose URL is final.
func (s *signIn) apply(req *http.Request) error {
	for _, p := range s.places {
		name, text := expand(p.Name, s.values), expand(p.Value, s.values)
		if !headerText(name) || !headerText(text) {
			return fault.New(fault.Unauthorized, "A value of the connection %q holds a line break or another control character; enter it again.", s.slug)
		}
		switch p.In {
		case actions.InHeader:
			if !actions.HeaderName(name) || actions.Taken(name) {
				return fault.New(fault.Unauthorized, "The connection %q names a header that cannot be: %q.", s.slug, fault.Clip(name, 60))
			}
			req.Header.Set(name, text)
		case actions.InQuery:
			query := req.URL.Query()
			if query.Has(name) {
				query.Del(name)
				req.URL.RawQuery = query.Encode()
			}
			if req.URL.RawQuery != "" {
				req.URL.RawQuery += "&"
			}
			req.URL.RawQuery += url.QueryEscape(name) + "=" + url.QueryEscape(text)
		case actions.InBasic:
			req.SetBasicAuth(name, text)
		}
	}
	return nil
}

// fill puts the credentials into a body that takes some: a JSON object, or a form.
func (s *signIn) fill(contentType string, body []byte) []byte {
	for _, p := range s.places {
		if p.In != actions.InBody || len(body) == 0 {
			continue
		}
		text := expand(p.Value, s.values)
		if strings.Contains(contentType, "form-urlencoded") {
			form, err := url.ParseQuery(string(body))
			if err == nil {
				form.Set(p.Name, text)
				body = []byte(form.Encode())
			}
			continue
		}
		v, err := value.Decode(body, value.Limits{})
		if object, ok := v.(map[string]any); ok && err == nil {
			object[p.Name] = text
			if b, err := value.Encode(object); err == nil {
				body = b
			}
		}
	}
	return body
}

// expand replaces each {name} by its value. What a value holds is not looked at again.
func expand(text string, values map[string]string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		b.WriteString(values[name])
		text = after
	}
}

// unfilled is the first {name} in a text that has no value.
func unfilled(text string, values map[string]string) string {
	for {
		_, rest, found := strings.Cut(text, "{")
		if !found {
			return ""
		}
		name, after, _ := strings.Cut(rest, "}")
		if values[name] == "" {
			return name
		}
		text = after
	}
}

// shortestSecret is how long a secret must be to be looked for in answers; a shorter one would be found in any text.
const shortestSecret = 6

var escapes = regexp.MustCompile(`%[0-9A-F]{2}`)

// secretForms lists the forms in which a vendor's answer may repeat a secret.
func secretForms(auth actions.Auth, values map[string]string) []string {
	var forms []string
	for name, text := range values {
		if auth.Open(name) || len(text) < shortestSecret {
			continue
		}
		quoted, err := value.Encode(text)
		if err != nil {
			continue
		}
		inJSON := string(quoted[1 : len(quoted)-1])
		forms = append(forms, text, inJSON, html.EscapeString(text))
		for _, escaped := range []string{url.QueryEscape(text), url.PathEscape(text)} {
			forms = append(forms, escaped, escapes.ReplaceAllStringFunc(escaped, strings.ToLower))
		}
		forms = append(forms, encoded(text)...)
	}
	for _, p := range auth.Apply {
		if p.In == actions.InBasic && len(forms) > 0 {
			forms = append(forms, base64.StdEncoding.EncodeToString([]byte(expand(p.Name, values)+":"+expand(p.Value, values))))
		}
	}
	for _, form := range forms { // as some write a slash in JSON
		if strings.Contains(form, "/") {
			forms = append(forms, strings.ReplaceAll(form, "/", `\/`))
		}
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(forms)
}

// encoded are the forms in which a server may give back a text that it was sent: in hex, percent-encoded byte by byte, and in base64,
// also where that is of more than the text.
func encoded(text string) []string {
	digits := hex.EncodeToString([]byte(text))
	var percent strings.Builder
	for i := 0; i < len(digits); i += 2 {
		percent.WriteString("%" + digits[i:i+2])
	}
	out := []string{digits, strings.ToUpper(digits), percent.String(), strings.ToUpper(percent.String())}
	for _, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		out = append(out, alphabet.EncodeToString([]byte(text)))
		for before := range 3 { // bytes of another text in the group that it begins in; what a letter shares with others is left out
			whole := alphabet.WithPadding(base64.NoPadding).EncodeToString(append(make([]byte, before), text...))
			part := whole[(before*4+2)/3 : (before+len(text))*8/6]
			if len(part) >= shortestSecret {
				out = append(out, part)
			}
		}
	}
	return out
}

// mask takes the secrets out of a text from outside.
func (s *signIn) mask(text string) string {
	for _, secret := range s.secrets {
		if strings.Contains(text, secret) {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}

// masked is the same sign-in with stars for the secrets, for requests that are shown instead of sent.
func (s *signIn) masked(auth actions.Auth) signIn {
	out := signIn{slug: s.slug, places: s.places, values: map[string]string{actions.ValueAccess: "***"}}
	for _, f := range auth.Fields {
		out.values[f.ID] = "***"
		if !f.Secret && s.values[f.ID] != "" {
			out.values[f.ID] = s.values[f.ID]
		}
	}
	return out
}
