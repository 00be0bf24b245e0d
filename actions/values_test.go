package actions

import (
	"strings"
	"testing"
)

func TestWrongValue(t *testing.T) {
	name := Field{ID: "name", Label: "Header", Type: Text}
	key := Field{ID: "value", Label: "Value", Type: LongText, Secret: true}
	region := Field{ID: "region", Label: "Region", Type: Select, Options: []Option{{Value: "eu"}}}
	a := Auth{Fields: []Field{name, key, region}, Apply: []Place{{In: InHeader, Name: "{name}", Value: "{value}"}}}
	for _, c := range []struct {
		field Field
		text  string
		want  string // a part of it; empty: it can be
	}{
		{name, "X-Api-Key", ""}, {name, "Authorization", ""}, {name, "host", "The header host is set by the request itself"}, {name, "Content-Length", "itself"}, {name, "accept-encoding", "itself"},
		{name, "content-type", "itself"}, {name, "Idempotency-Key", "itself"}, {name, "X Key", "no name"}, {name, "X-Key:", "no name"},
		{key, "k", ""}, {key, "{\n\t}", ""}, {key, " \t\n", "white space"}, {key, "a\x00b", "control character"}, {key, strings.Repeat("x", maxValue+1), "16 kB"}, {key, "Host", ""},
		{name, "X\nY", "line break"}, {region, "eu", ""}, {region, "us", "not one of those that there are: eu"},
	} {
		if got := a.WrongValue(c.field, c.text); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s %q: %q", c.field.ID, c.text[:min(len(c.text), 20)], got)
		}
	}
}
