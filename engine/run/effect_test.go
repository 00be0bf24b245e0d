package run

import "testing"

// TestEffectOf: what a step writes and says of delivery decides beside its action.
func TestEffectOf(t *testing.T) {
	method := Fact{Effect: Once, ReadBy: "method", Reads: []string{"GET", "HEAD"}, ReadDefault: "GET"}
	request := method
	request.Effect = Idempotent
	with := func(v any) map[string]any { return map[string]any{"method": v} }
	for _, c := range []struct {
		fact     Fact
		with     map[string]any
		delivery string
		want     Effect
	}{
		{Fact{}, nil, "", Once},
		{Fact{Effect: Once}, with("GET"), "", Once},
		{Fact{Effect: Once}, nil, "at_least_once", Idempotent},
		{Fact{Effect: Idempotent}, nil, "at_most_once", Once},
		{Fact{Effect: Idempotent}, nil, "at_least_once", Idempotent},
		{Fact{Effect: Read}, nil, "at_most_once", Read},
		{method, nil, "", Read},
		{method, with(" get "), "", Read},
		{method, with("HEAD"), "at_least_once", Read},
		{method, with("POST"), "", Once},
		{method, with("POST"), "at_least_once", Idempotent},
		{method, with("{{ trigger.method }}"), "", Once}, // nobody knows before
		{method, with(7), "", Once},
		{method, with(nil), "", Once},
		{method, with("GET"), "at_most_once", Once}, // a GET that does something there
		{request, with("GET"), "", Read},
		{request, with("GET"), "at_most_once", Once},
		{request, with("DELETE"), "", Idempotent},
	} {
		if got := c.fact.EffectOf(c.with, c.delivery); got != c.want {
			t.Errorf("%+v with %v, delivery %q: %s, not %s", c.fact, c.with, c.delivery, got, c.want)
		}
	}
}
