package actionstest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/stepmill/stepmill/actions"
)

// scopesKey is where a description says by which of its scopes an operation may be called: any one of them is enough.
const scopesKey = "x-scopes"

// scopesOf puts there what an operation says in the way of OpenAPI, all of whose scopes it needs: as one text.
func scopesOf(op *openapi3.Operation) {
	if op.Security == nil || op.Extensions[scopesKey] != nil {
		return
	}
	for _, way := range *op.Security {
		for _, scopes := range way {
			if len(scopes) > 0 {
				if op.Extensions == nil {
					op.Extensions = map[string]any{}
				}
				have, _ := op.Extensions[scopesKey].([]any)
				op.Extensions[scopesKey] = append(have, strings.Join(scopes, " "))
			}
		}
	}
}

// today are the names of scopes that a description still calls as they were called.
var today = map[string]string{"chat:write:bot": "chat:write", "channels:write": "channels:manage"}

// ungranted says why a request is not allowed by the scopes that a sign-in asks for by itself together with those that what sends it says
// it needs; "": it is.
func (d *description) ungranted(c *actions.Connector, own []string, r *request) string {
	if d == nil || d.graph != nil {
		return ""
	}
	enough := d.scopes(r)
	for _, a := range c.Auth {
		if a.OAuth == nil || len(a.OAuth.Scopes) == 0 || len(enough) == 0 {
			continue
		}
		lacks := func(s string) bool { return !slices.Contains(a.OAuth.Scopes, s) && !slices.Contains(own, s) }
		if !slices.ContainsFunc(enough, func(all string) bool { return !slices.ContainsFunc(strings.Fields(all), lacks) }) {
			return fmt.Sprintf("%s %s is allowed by the scopes %s only: neither does the sign-in %s ask for them, nor is it said that they are needed", r.method, r.uri, strings.Join(enough, " or "), a.Method)
		}
	}
	return ""
}

// scopes are those of which any lets a request through; nil: it needs none, or nothing is known.
func (d *description) scopes(r *request) []string {
	u := r.path()
	u.Scheme, u.Host = "http", "vendor.test"
	behind(basePath(r.base), u)
	for _, router := range d.routers {
		route, _, err := router.FindRoute(&http.Request{Method: r.method, URL: u, Header: http.Header{}})
		if err != nil {
			continue
		}
		list, _ := route.Operation.Extensions[scopesKey].([]any)
		var out []string
		for _, v := range list {
			s, _ := v.(string)
			if s == "none" {
				return nil
			}
			if name := today[s]; name != "" {
				s = name
			}
			out = append(out, s)
		}
		return out
	}
	return nil
}
