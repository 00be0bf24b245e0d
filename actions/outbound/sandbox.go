package outbound

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// record keeps a request instead of sending it: the very request that would have gone out, with stars for its secrets.
func (d *doing) record(ctx context.Context, m message) (actions.Response, error) {
	auth, err := d.auth()
	if err != nil {
		return actions.Response{}, err
	}
	req := &http.Request{Method: m.method, URL: cloneURL(m.url), Header: m.header.Clone()}
	masked := d.signIn.masked(auth)
	if m.bare {
		masked.places = nil
	}
	if err := masked.apply(req); err != nil && d.connection.Slug != "" {
		return actions.Response{}, err
	}
	masked.show(req)
	if strings.HasPrefix(req.Header.Get("Authorization"), "Basic ") {
		req.Header.Set("Authorization", "Basic ***")
	}
	flat := make(map[string]string, len(req.Header))
	for name, list := range req.Header {
		flat[name] = d.hide(strings.Join(list, ", "))
	}
	whole := strings.ReplaceAll(req.URL.String(), "%2A%2A%2A", "***")
	d.exchange = &run.Exchange{Method: m.method, URL: shown(req.URL), Sandboxed: true, Connection: d.connection.Slug}
	body := m.body
	if m.stream != nil {
		body = said(m.stream)
	}
	err = d.put(ctx, run.Recorded{Method: m.method, URL: d.hide(whole), Header: flat, Body: d.hide(string(masked.fill(m.header.Get("Content-Type"), body)))})
	return actions.Response{Status: http.StatusOK, Header: http.Header{}}, err
}

// put lays what is not sent into the outbox.
func (d *doing) put(ctx context.Context, r run.Recorded) error {
	if d.client.cfg.Outbox == nil {
		return fault.New(fault.Internal, "There is no outbox to keep the request in.")
	}
	r.Workspace, r.Run, r.Scenario, r.Path = d.call.Workspace, d.call.Run, d.call.Scenario, d.call.Path
	r.Connection, r.Connector, r.Action, r.At = d.connection.Slug, d.connector.ID, d.call.Action, d.client.cfg.Now().UTC()
	err := d.client.cfg.Outbox.Record(ctx, r)
	if err == nil && d.client.cfg.Pause > 0 {
		err = wait(ctx, d.client.cfg.Pause)
	}
	return err
}

// hide takes out of a text that is shown the connection's secrets and what the run masks.
func (d *doing) hide(text string) string { return run.HideTexts(d.signIn.mask(text), d.call.Hidden) }

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
