package actions

import (
	"strings"

	"github.com/stepmill/stepmill/engine/value"
)

// Facts says of a field what its help does not: what is taken where it is not given, and what there is to choose from. "": nothing.
func (f Field) Facts() string {
	var out []string
	if f.Default != nil {
		out = append(out, "Not given: "+value.Text(f.Default)+".")
	}
	if len(f.Options) > 0 {
		values := make([]string, len(f.Options))
		for i, o := range f.Options {
			if values[i] = o.Value; !strings.EqualFold(strings.ReplaceAll(o.Value, "_", " "), o.Label) && o.Label != "" {
				values[i] += " (" + o.Label + ")"
			}
		}
		out = append(out, "One of "+strings.Join(values, ", ")+".")
	}
	if f.Choices != nil {
		out = append(out, "What the account has can be chosen from.")
	}
	return strings.Join(out, " ")
}
