package actions

import (
	"fmt"
	"maps"
	"slices"

	"github.com/stepmill/stepmill/engine/fault"
)

// Given is what somebody makes a connection of.
type Given struct {
	Method, BaseURL string
	Values          map[string]string
	// Elsewhere are the values that lie elsewhere or are kept: nobody sees them here. Also are further names that are taken as they are.
	Elsewhere, Also []string
	Sandbox         bool
}

// Take holds what is given to what the way of signing in asks for. The values are as the connection keeps them; the problems name what is
// wrong, as /values/token.
func (c *Connector) Take(g Given) (auth Auth, values map[string]string, problems []fault.Problem) {
	wrong := func(path, format string, args ...any) {
		problems = append(problems, fault.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	auth, ok := c.Way(g.Method)
	values = map[string]string{}
	if !ok {
		if !g.Sandbox || g.Method != "" {
			wrong("/method", "%s has no way to sign in that is called %q.", c.Name, fault.Clip(g.Method, 40))
		}
		return auth, values, problems
	}
	var known []string
	for _, f := range auth.Asked(g.BaseURL) {
		known = append(known, f.ID)
		if g.Sandbox { // its values may be made up
			f.Form = ""
		}
		if slices.Contains(g.Elsewhere, f.ID) {
			continue
		}
		text := auth.Tidied(f, g.Values[f.ID])
		if text == "" {
			if f.Required && !g.Sandbox {
				wrong("/values/"+f.ID, "%s is missing. %s", f.Label, f.Help)
			}
			continue
		}
		if why := auth.WrongValue(f, text); why != "" {
			wrong("/values/"+f.ID, "%s", why)
		}
		values[f.ID] = text
	}
	if c.Derive != nil && auth.OAuth == nil && !g.Sandbox && g.BaseURL == "" && len(problems) == 0 && len(g.Elsewhere) == 0 {
		if _, err := c.Derive(values); err != nil {
			wrong("/values", "%s", fault.MessageOf(err))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(g.Values)) {
		switch {
		case slices.Contains(known, name):
		case slices.Contains(g.Also, name):
			values[name] = g.Values[name]
		default:
			wrong("/values/"+name, "%s asks for no %q.", c.Name, fault.Clip(name, 40))
		}
	}
	return auth, values, problems
}
