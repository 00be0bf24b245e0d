package main

import (
	"context"
	"io"
	"time"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/triggers/form"
	"github.com/stepmill/stepmill/web/forms"
)

// forms are the hosted pages as their screens know them.
func (s *server) forms() *forms.Handler {
	service := &form.Service{Triggers: s.book, Starter: s.engine, Secrets: s.store, Runs: s.store, Now: time.Now, Ending: s.ending}
	return &forms.Handler{
		Open: func(ctx context.Context, key string, chat bool) (forms.Page, error) {
			p, err := service.Open(ctx, key, chat)
			return forms.Page(p), err
		},
		Visitor: service.Visitor,
		Send: func(ctx context.Context, sent forms.Sent) (forms.Reply, error) {
			r, err := service.Send(ctx, form.Sent(sent))
			return forms.Reply(r), err
		},
		Keep: s.keepFile,
	}
}

// address says where a trigger's events come in: at a URL, or by mail; both empty: it has no address.
func (s *server) address(t *scenario.Trigger, key string) (url, mail string) {
	spec := connectors.Catalogue.Trigger(t.Uses)
	switch {
	case spec != nil && spec.Poll != nil:
	case t.Uses == "webhook" || t.Connector():
		return s.base + "/hooks/" + key, ""
	case t.Uses == "form" && t.With["mode"] == "chat":
		return s.base + "/chat/" + key, ""
	case t.Uses == "form":
		return s.base + "/forms/" + key, ""
	case t.Uses == "email" && s.mailDomain != "":
		return "", key + "@" + s.mailDomain
	}
	return "", ""
}

// keepFile keeps what somebody sends with an event that is not taken in yet.
func (s *server) keepFile(ctx context.Context, r io.Reader) (value.Large, error) {
	return s.store.KeepFile(ctx, "file "+engine.NewID(), r)
}
