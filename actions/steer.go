package actions

import (
	"cmp"
	"slices"

	"github.com/stepmill/stepmill/engine/value"
)

// Steers gives the fields, of a way to sign in, whose values decide where the credentials go: the hosts that may see them, the
// addresses of sign-in and tokens, and what stands in any of these or in the base URL. What Derive looks at nobody can tell, so
// there it is each field that is no secret but what every app of OAuth has.
func (c *Connector) Steers(method string) []Field {
	auth, ok := c.Way(method)
	if !ok {
		return nil
	}
	names := append([]string{auth.Hosts, FieldAuthorizeURL, FieldTokenURL}, named(c.BaseURL+auth.BaseURL)...)
	if o := auth.OAuth; o != nil {
		names = append(names, named(o.Authorize+o.Token)...)
		if o.After != nil {
			names = append(names, named(o.After.URL+o.After.Equals)...)
		}
	}
	var out []Field
	for _, f := range auth.Fields {
		derived := c.Derive != nil && f.ID != FieldClientID && f.ID != FieldScopes && f.ID != FieldSubject
		if !f.Secret && (derived || slices.Contains(names, f.ID)) {
			out = append(out, f)
		}
	}
	return out
}

// Moved gives the label of a field whose value sends the credentials elsewhere than before; "": they go where they went. A value
// that is left empty is its default.
func (c *Connector) Moved(method string, before, after func(field string) string) string {
	for _, f := range c.Steers(method) {
		was, is := f.Tidy(before(f.ID)), f.Tidy(after(f.ID))
		if standard := value.Text(f.Default); f.Default != nil {
			was, is = cmp.Or(was, standard), cmp.Or(is, standard)
		}
		if was != is {
			return f.Label
		}
	}
	return ""
}
