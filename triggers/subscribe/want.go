package subscribe

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/triggers"
)

// want is what a live trigger wants of its vendor.
type want struct {
	trigger    *triggers.Trigger
	spec       *actions.Subscribe
	connection run.Connection
	prefix     string // of the trigger's URLs, to the last /
	purpose    string // stands for all of it
	sandbox    bool   // its connection sends nothing, so nothing stands at the vendor
	hinder     error  // why the vendor is not asked; nil: it is
	unknown    bool   // it could not be read, so everything stays as it is
}

// wants are what the live triggers want, by their place.
func (k *Keeper) wants(ctx context.Context) map[place]*want {
	type found struct {
		run.Connection
		err error
	}
	connections := map[[2]string]found{} // a turn reads each once
	out := map[place]*want{}
	for _, t := range k.live {
		name := [2]string{t.Workspace, t.Def.Connection}
		c, ok := connections[name]
		if !ok {
			c.Connection, c.err = k.Store.Connection(ctx, run.SystemActor(t.Workspace), t.Def.Connection)
			connections[name] = c
		}
		w := &want{trigger: t, spec: t.Spec.Subscribe, connection: c.Connection, prefix: k.BaseURL + "/hooks/" + t.Key + "/", sandbox: c.Sandbox}
		switch {
		case fault.CodeOf(c.err) == fault.NotFound:
			w.hinder = fault.New(fault.Unauthorized, "There is no connection %q, by which the vendor would be asked for the events; make it, or choose another.", t.Def.Connection)
		case c.err != nil:
			w.unknown = true
			if ctx.Err() == nil {
				k.Log.Error("a trigger's connection could not be read", "scenario", t.Scenario, "trigger", t.ID, "error", c.err)
			}
		default:
			w.hinder = k.hinder(w)
		}
		w.purpose = w.fingerprint()
		out[place{t.Workspace, t.ScenarioID, t.ID}] = w
	}
	return out
}

// fingerprint stands for all that a subscription is made for. Where any of it changes, another is needed.
func (w *want) fingerprint() string {
	t := w.trigger
	text, err := json.Marshal([]any{t.Def.Uses, w.connection.ID, w.connection.BaseURL, t.Def.With, t.Topics(), w.prefix})
	if err != nil {
		text = []byte(err.Error()) // what was read from JSON can be written as such
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:18])
}

// hinder says why a vendor cannot send to this server; nil: as far as is known it can.
func (k *Keeper) hinder(w *want) error {
	if w.connection.BaseURL != "" && within(w.connection.BaseURL) { // it stands where this server does
		return nil
	}
	name := k.nameOf(w.trigger)
	switch {
	case within(k.BaseURL):
		return fault.New(fault.InvalidInput, "%s cannot reach %s; start with --base-url and the address that this server has on the internet.", name, k.BaseURL)
	case w.spec.HTTPS && !strings.HasPrefix(k.BaseURL, "https://"):
		return fault.New(fault.InvalidInput, "%s sends to https:// only, and this server's address is %s; start with --base-url and an address that has it.", name, k.BaseURL)
	}
	return nil
}

func (k *Keeper) nameOf(t *triggers.Trigger) string {
	if connector := k.Catalogue.Of(t.Uses); connector != nil {
		return connector.Name
	}
	return t.Uses
}

// within says that an address is one of this machine or of a private network.
func within(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if address, err := netip.ParseAddr(host); err == nil {
		address = address.Unmap()
		return address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast() || address.IsUnspecified()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal") || !strings.Contains(host, ".")
}
