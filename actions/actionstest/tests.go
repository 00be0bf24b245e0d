package actionstest

import (
	"cmp"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine/fault"
)

// tests sends the request that tests a connection, by every way to sign in that has one, and holds it to what was recorded
// and to the vendor's description. A way without one has said why.
func tests(t *testing.T, c *actions.Connector, specs specs) {
	described := describe(t, specs, c)
	for i, auth := range c.Auth {
		if can, why := c.Tested(auth.Method); !can {
			if why == "" {
				t.Errorf("%s by %s has no test, and does not say why", c.ID, auth.Method)
			}
			continue
		}
		if auth.Try != nil || auth.TestAt != "" { // which other tests try, with a server
			continue
		}
		t.Run(auth.Method, func(t *testing.T) {
			r := tested(t, c, i, "200 OK\nContent-Type: application/json\n\n{}", "")
			if described != nil && described.knows(r) {
				described.hold(t, c, r)
			}
			recorded(t, filepath.Join(folder(c.ID), "testdata", "test-"+auth.Method+".request"), r.text())
			tested(t, c, i, "401 Unauthorized\nContent-Type: application/json\n\n{}", fault.Unauthorized)
			tested(t, c, i, "503 Service Unavailable\n\n", fault.Unavailable)
			if c.BaseURL != "" {
				tested(t, c, i, "200 OK\nContent-Type: text/html\n\n<!DOCTYPE html><title>Sign in</title>", fault.Unavailable)
				tested(t, c, i, "200 OK\n\n", fault.Unavailable)
			}
			if len(c.TestErrors) == 0 {
				tested(t, c, i, "404 Not Found\nContent-Type: text/html\n\n<h1>Nothing</h1>", fault.NotFound)
			}
		})
	}
}

// tested tests a connection by the connector's way i at a vendor that gives an answer, and gives the request.
func tested(t *testing.T, c *actions.Connector, i int, answer string, want fault.Code) *request {
	t.Helper()
	v := newVendor(t, [][]byte{[]byte(answer)})
	b := (&exchange{connector: c}).connectionBy(v, c.Auth[i])
	client := outbound.New(outbound.Config{Connectors: actions.CatalogueOf(*c), Connections: b, Version: "test",
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Logger: slog.New(slog.DiscardHandler), Now: now})
	defer client.Close()
	if err := client.Test(t.Context(), b.connection, b.values); fault.CodeOf(err) != want {
		t.Errorf("on %.30q the test says %v (%s)", answer, err, fault.CodeOf(err))
	}
	sent := v.requests()
	if len(sent) == 0 {
		t.Fatal("nothing was asked")
	}
	sent[0].base = cmp.Or(c.Auth[i].BaseURL, c.BaseURL)
	return sent[0]
}

// recorded holds a text to its file, or writes it there.
func recorded(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	was, err := os.ReadFile(file)
	if err != nil || strings.TrimSpace(string(was)) != strings.TrimSpace(text) {
		t.Errorf("the test's request is\n%s\nand was\n%s (%v)", text, was, err)
	}
}
