package actionstest

import (
	"encoding/json"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// subscriptions makes every request about the subscriptions of a connector's triggers, with the examples of their inputs,
// and holds them to the vendor's description.
func subscriptions(t *testing.T, c *actions.Connector, specs specs) {
	described := describe(t, specs, c)
	subscribing, held := 0, 0
	for i := range c.Triggers {
		if c.Triggers[i].Subscribe == nil {
			continue
		}
		subscribing++
		t.Run(c.Triggers[i].ID, func(t *testing.T) {
			for _, r := range subscribed(t, c, &c.Triggers[i]) {
				if described != nil && described.knows(r) {
					held++
					described.hold(t, c, r)
				}
			}
		})
	}
	if described != nil && subscribing > 0 && held == 0 && !t.Failed() {
		t.Errorf("the description of %s holds none of the requests about subscriptions", c.ID)
	}
}

// knows says that a description has anything at a request's path: those here are reduced.
func (d *description) knows(r *request) bool {
	prefix := basePath(r.base)
	return slices.ContainsFunc([]string{"GET", "POST", "DELETE"}, func(method string) bool {
		u := r.path()
		u.Scheme, u.Host, u.Path = "http", "vendor.test", prefix+u.Path
		if u.RawPath != "" {
			u.RawPath = prefix + u.RawPath
		}
		return d.routes(method, u)
	})
}

// subscribed lets the real client register, list, renew and remove a subscription at a vendor that gives the sample, and
// gives the requests.
func subscribed(t *testing.T, c *actions.Connector, trigger *actions.Trigger) []*request {
	t.Helper()
	s := trigger.Subscribe
	sample, err := json.Marshal(s.Sample)
	if err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(listed(t, s, sample))
	if err != nil {
		t.Fatal(err)
	}
	answer := func(body []byte) []byte { return append([]byte("200 OK\nContent-Type: application/json\n\n"), body...) }
	answers := [][]byte{answer(sample)}
	if s.List != nil {
		answers = append(answers, answer(list))
	}
	if s.Renew != nil {
		answers = append(answers, answer(sample))
	}
	v := newVendor(t, append(answers, []byte("204 No Content\n\n")))
	e := &exchange{connector: c}
	client := outbound.New(outbound.Config{Connectors: actions.CatalogueOf(*c), Connections: e.connection(t, v), Version: "test",
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Logger: slog.New(slog.DiscardHandler)})
	defer client.Close()
	ask := run.SubscriptionAsk{Verb: run.Register, Secret: "stepmill:a-secret", Subscription: run.Subscription{ID: "r1", Workspace: run.DefaultWorkspace, Trigger: "t",
		Uses: c.ID + "." + trigger.ID, Connection: "c", Input: examples(trigger.Input), Topics: []string{"one"}, URL: "https://stepmill.example.com/hooks/k/r1"}}
	got, err := client.Subscribe(t.Context(), ask)
	if err != nil || got.VendorID == "" || got.ExpiresAt.IsZero() != (s.Lives == 0) || len(got.Kept) != len(s.Keep) {
		t.Fatalf("registered: %+v, %v", got, err)
	}
	sent := string(v.requests()[0].body) + v.requests()[0].uri
	if plain, _ := url.QueryUnescape(sent); !strings.Contains(sent+plain, "hooks/k/r1") || trigger.Verify.Secret == "" && !strings.Contains(sent+plain, "a-secret") {
		t.Errorf("the vendor is not told where its events go, or what signs them: %s", sent)
	}
	ask.Subscription.VendorID, ask.Subscription.Kept = got.VendorID, got.Kept
	if s.List != nil {
		found, err := client.Subscriptions(t.Context(), ask.Subscription)
		if err != nil || len(found) != 1 || found[0].VendorID != got.VendorID || !strings.HasPrefix(found[0].URL, "https://") {
			t.Errorf("listed: %+v, %v", found, err)
		}
	}
	if ask.Verb = run.Renew; s.Renew != nil {
		if again, err := client.Subscribe(t.Context(), ask); err != nil || again.ExpiresAt.Before(time.Unix(1, 0)) {
			t.Errorf("renewed: %+v, %v", again, err)
		}
	}
	ask.Verb = run.Remove
	if _, err := client.Subscribe(t.Context(), ask); err != nil {
		t.Errorf("removed: %v", err)
	}
	for _, r := range v.requests() {
		r.base = e.base(t, v)
	}
	return v.requests()
}

// listed is a list with the sample as its only item, out of the envelope that a registration's answer may come in.
func listed(t *testing.T, s *actions.Subscribe, sample []byte) any {
	t.Helper()
	item, err := value.Decode(sample, value.Limits{})
	if err == nil && s.Register.Output != nil {
		item, err = s.Register.Output(actions.Response{Status: 200, Body: sample, Value: item})
	}
	if err != nil {
		t.Fatal(err)
	}
	out := any([]any{item})
	names := strings.Split(strings.TrimPrefix(s.Page.Items, "/"), "/")
	for _, name := range slices.Backward(names) {
		if name != "" {
			out = map[string]any{name: out}
		}
	}
	return out
}

// examples are inputs as their fields show them.
func examples(fields []actions.Field) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		if f.Example != nil {
			v, err := value.Normalize(f.Example)
			if err == nil {
				out[f.ID] = v
			}
		}
	}
	return out
}
