package main

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine"
	"github.com/stepmill/stepmill/engine/check"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/mend"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sweep"
	"github.com/stepmill/stepmill/triggers"
	"github.com/stepmill/stepmill/triggers/poll"
	"github.com/stepmill/stepmill/triggers/subscribe"
	"github.com/stepmill/stepmill/triggers/webhook"
	"github.com/stepmill/stepmill/web/access"
	"github.com/stepmill/stepmill/web/bulk"
	"github.com/stepmill/stepmill/web/drafts"
	"github.com/stepmill/stepmill/web/live"
	"github.com/stepmill/stepmill/web/oauth"
)

// server is what serve builds, for the functions that tie its parts together.
type server struct {
	store      *storage.Store
	out        *outbound.Client
	engine     *engine.Engine
	hub        *live.Hub
	book       *triggers.Book
	captures   *triggers.Captures
	proxies    []netip.Prefix // which are believed who sent a request
	keeper     *subscribe.Keeper
	hand       *triggers.Hand
	monitor    *triggers.Monitor
	poller     *poll.Poller
	bulk       *bulk.Worker
	sweeper    *sweep.Sweeper
	mender     *mend.Worker
	signIns    *oauth.Handler
	drafts     *drafts.Service
	gate       *access.Gate
	base       string
	hookFiles  int64  // the most that a request with files may have; zero: the usual
	mailDomain string // of the addresses of email triggers; empty: no mail comes in
	linkKey    []byte // signs the links given out
	demo       bool
	needsToken bool
	log        *slog.Logger
	changed    []chan struct{} // tell the scheduler, the poller and the keeper of subscriptions
	ending     chan struct{}   // tells requests that wait for their run that the server ends soon
}

// check finds what would keep a draft from being published, and adds what decoding said.
func (s *server) check(ctx context.Context, actor run.Actor, slug string, doc *scenario.Document, said []fault.Problem) ([]fault.Problem, run.Facts, error) {
	list, err := s.store.Connections(ctx, actor)
	if err != nil {
		return nil, nil, err
	}
	bySlug := make(map[string]run.Connection, len(list))
	for _, c := range list {
		bySlug[c.Slug] = c
	}
	secrets, err := s.store.Secrets(ctx, actor)
	if err != nil {
		return nil, nil, err
	}
	place := &check.Workspace{Slug: slug, BaseURL: s.base, Connections: bySlug, Holds: func(c run.Connection, name string) bool { return s.holds(ctx, c, name) }, Secrets: make(map[string]bool, len(secrets)), Scenario: func(slug string) bool {
		_, err := s.store.Scenario(ctx, actor, slug)
		return fault.CodeOf(err) != fault.NotFound
	}, Unfit: func(t *scenario.Trigger, slug string) string {
		if t.Uses != "webhook" {
			return ""
		}
		secret, err := s.store.SecretValue(ctx, actor.Workspace, slug)
		if err != nil {
			return ""
		}
		return webhook.Unfit(t, secret.Reveal())
	}}
	for _, secret := range secrets {
		place.Secrets[secret.Slug] = true
	}
	problems, facts := examine(doc, said, place)
	return problems, facts, nil
}

// changes is what a change of a scenario means for what waits and for what comes; what is held goes before what comes now.
func (s *server) changes(ctx context.Context, scenarioID string) {
	s.engine.Published(context.WithoutCancel(ctx), scenarioID)
	s.reload(ctx, scenarioID)
}

// reload brings the live triggers to what the store has.
func (s *server) reload(ctx context.Context, scenarioID string) {
	if err := s.book.Load(context.WithoutCancel(ctx), scenarioID); err != nil {
		s.log.Error("the triggers could not be read; it is tried again", "scenario", scenarioID, "error", err)
		time.AfterFunc(time.Second, func() {
			select {
			case <-s.ending:
			default:
				s.reload(context.Background(), scenarioID)
			}
		})
	}
	for _, changed := range s.changed {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
}

// mended lets go on what stood for want of a connection.
func (s *server) mended() {
	s.mender.Wake()
	s.keeper.Wake()
}

// ready says whether an event could be made durable now.
func (s *server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return s.store.Heartbeat(ctx, "readyz", time.Now())
}

// resumeURL is where events for a run's waits come in.
func (s *server) resumeURL(r *run.Run) string {
	return s.base + "/resume/" + run.Link{Kind: run.ResumeLink, Workspace: r.Workspace, Run: r.ID}.Token(s.linkKey)
}

func (s *server) hooks() *webhook.Handler {
	return &webhook.Handler{Waits: s.engine, LinkKey: s.linkKey, Triggers: s.captures, Took: s.captures.Took, Starter: s.engine, Files: s.store, MaxFiles: s.hookFiles, Secrets: opened{s.store, s.out}, Subscriptions: s.keeper, BaseURL: s.base, Now: time.Now, Log: s.log, Ending: s.ending}
}

// testConnection makes a connection's cheapest call.
func (s *server) testConnection(ctx context.Context, actor run.Actor, c run.Connection) error {
	c, values, err := s.out.Credentials(ctx, actor.Workspace, c.Slug)
	if err != nil {
		return err
	}
	if err := s.out.Test(ctx, c, values); err != nil {
		return err
	}
	s.mended()
	return nil
}
