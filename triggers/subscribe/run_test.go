package subscribe

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stepmill/stepmill/actions/connectors"
	"github.com/stepmill/stepmill/engine/run"
)

// slow is a vendor that takes a second for everything.
type slow struct {
	mu    sync.Mutex
	now   map[string]int // under way, by the trigger's kind
	most  map[string]int
	verbs map[run.SubscriptionVerb]int
}

func (s *slow) Subscribe(ctx context.Context, ask run.SubscriptionAsk) (run.Subscribed, error) {
	s.mu.Lock()
	uses := ask.Subscription.Uses
	s.verbs[ask.Verb]++
	s.now[uses]++
	s.most[uses], s.most[""] = max(s.most[uses], s.now[uses]), max(s.most[""], s.now["github.event"]+s.now["microsoft_teams.new_message"])
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.now[uses]--
		s.mu.Unlock()
	}()
	select {
	case <-ctx.Done():
		return run.Subscribed{}, ctx.Err()
	case <-time.After(time.Second):
	}
	out := run.Subscribed{VendorID: "v" + ask.Subscription.ID}
	if uses != "github.event" {
		out.ExpiresAt = time.Now().Add(71 * time.Hour)
	}
	return out, nil
}

func (s *slow) Subscriptions(context.Context, run.Subscription) ([]run.Subscribed, error) {
	return nil, nil
}

func (s *slow) did(verb run.SubscriptionVerb) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.verbs[verb]
}

// TestRun lets the keeper run: many triggers at the start, within bounds and not all at one moment when they are renewed;
// then what is published and what is told, at once; and it ends when it is asked to.
func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, runs: true}
		w.open(time.Now)
		for _, c := range []struct{ slug, connector, method string }{{"gh", "github", "token"}, {"ms", "microsoft_teams", "oauth"}} {
			w.connect(c.slug, c.connector, run.Connection{Method: c.method}, run.Values{})
		}
		changed := make(chan struct{}, 1)
		v := &slow{now: map[string]int{}, most: map[string]int{}, verbs: map[run.SubscriptionVerb]int{}}
		w.keeper = &Keeper{Triggers: w.book, Store: w.store, Vendor: v, Catalogue: connectors.Catalogue, BaseURL: publicBase, Now: time.Now, Log: slog.New(slog.DiscardHandler), Changed: changed}
		const many = 10
		for n := range many {
			w.publish(fmt.Sprint("g", n), issues("issues"))
			w.publish(fmt.Sprint("m", n), messagesIn(fmt.Sprint("c", n)))
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { w.keeper.Run(ctx); close(done) }()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if v.did(run.Register) != 2*many || v.most["github.event"] != atOneApp || v.most["microsoft_teams.new_message"] != atOneApp || v.most[""] > atOnce {
			t.Errorf("%d registered, at most %v at once", v.did(run.Register), v.most)
		}
		s := w.publishLive("late", issues("push"), changed)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if v.did(run.Register) != 2*many+1 || len(w.keeper.Health(run.DefaultWorkspace, s)) != 1 {
			t.Error("what is published while it runs is not registered at once")
		}
		if err := w.keeper.Replace(t.Context(), actor, s, "trigger"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if v.did(run.Register) != 2*many+2 || v.did(run.Remove) != 1 {
			t.Error("what is told while it runs is not acted upon at once")
		}
		time.Sleep(40 * time.Hour)
		if n := v.did(run.Renew); n != 0 {
			t.Errorf("%d were renewed early", n)
		}
		time.Sleep(4 * time.Hour)
		some := v.did(run.Renew)
		time.Sleep(4 * time.Hour)
		synctest.Wait()
		if all := v.did(run.Renew); some == many || all != many {
			t.Errorf("%d were renewed at one time, %d in all", some, all)
		}
		cancel()
		<-done
		w.store.Close()
	})
}

// publishLive publishes while the keeper runs, and gives the scenario's id.
func (w *world) publishLive(slug string, trigger map[string]any, changed chan<- struct{}) string {
	w.t.Helper()
	s := w.publish(slug, trigger)
	changed <- struct{}{}
	return s.ID
}
