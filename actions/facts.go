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
		out = append(out, "One of "+listed(f.Options)+".")
	}
	if f.Choices != nil && len(f.Choices.Known) > 0 {
		out = append(out, "There are "+listed(f.Choices.Known)+".")
	}
	if f.Choices != nil && (f.Choices.Request != nil || len(f.Choices.Known) == 0) {
		out = append(out, "What the account has can be chosen from.")
	}
	return strings.Join(out, " ")
}

// listed are options, with their labels where those say more.
func listed(options []Option) string {
	values := make([]string, len(options))
	for i, o := range options {
		if values[i] = o.Value; !strings.EqualFold(strings.ReplaceAll(o.Value, "_", " "), o.Label) && o.Label != "" {
			values[i] += " (" + o.Label + ")"
		}
	}
	return strings.Join(values, ", ")
}
