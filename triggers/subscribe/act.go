package subscribe

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// act carries a task out. What came of it is in the store, or the trigger is left alone for a while.
func (k *Keeper) act(ctx context.Context, t task) {
	bounded, cancel := context.WithTimeout(ctx, requestIn)
	defer cancel()
	var err error
	switch t.step {
	case create:
		err = k.create(bounded, t.want)
	case register:
		err = k.register(bounded, t.want, t.sub)
	case renew:
		err = k.renew(bounded, t.want, t.sub)
	case check:
		err = k.check(bounded, t.want, t.sub)
	case drop:
		err = k.left(ctx, t.sub, "the vendor has it no more")
	case note:
		t.sub.Note = "On " + k.Now().UTC().Format("2 January 2006 at 15:04 UTC") + " the vendor said that it had lost events of this trigger."
		err = k.Store.SaveSubscription(ctx, t.sub)
	case remove:
		err = k.remove(bounded, t.want, t.sub)
	case forget:
		err = k.Store.ForgetSubscription(ctx, t.sub)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.busy, t.at)
	if delete(k.held, t.at); err == nil {
		return
	}
	k.held[t.at] = k.Now().Add(afterFail)
	if ctx.Err() == nil {
		k.Log.Error("what became of a subscription could not be kept; it is looked at again", "scenario", t.at.scenario, "trigger", t.at.trigger, "error", err)
	}
}

// create keeps that a subscription is wanted, with a URL and a secret that no other has.
func (k *Keeper) create(ctx context.Context, w *want) error {
	t := w.trigger
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	secret := run.Secret("")
	if t.Spec.Verify.Secret == "" {
		b := make([]byte, 32)
		if _, err := rand.Read(b); err != nil {
			return err
		}
		secret = run.Secret("stepmill:" + base64.RawURLEncoding.EncodeToString(b))
	}
	return k.Store.WantSubscription(ctx, run.Subscription{ID: id.String(), Workspace: t.Workspace, ScenarioID: t.ScenarioID, Scenario: t.Scenario, Trigger: t.ID, Uses: t.Def.Uses,
		Connection: t.Def.Connection, Input: t.Def.With, Topics: t.Topics(), URL: w.prefix + id.String(), Purpose: w.purpose, State: run.Wanted, CreatedAt: k.Now().UTC().Truncate(time.Millisecond)}, secret)
}

// register asks the vendor for a subscription. Where it may have been asked before, what it has is looked at first.
func (k *Keeper) register(ctx context.Context, w *want, s run.Subscription) error {
	s.TriedAt = k.Now()
	if s.Asked {
		if w.spec.List == nil { // whether that one stands nobody can find out; nothing that comes by it is taken
			k.Log.Warn("the answer to a registration was lost; it is registered anew", "scenario", s.Scenario, "trigger", s.Trigger)
			return k.Store.ForgetSubscription(ctx, s)
		}
		found, err := k.find(ctx, w, s)
		if err != nil {
			return k.failed(ctx, s, err)
		}
		if found != nil {
			return k.stand(ctx, w, s, *found)
		}
	} else {
		s.Asked = true
		if err := k.Store.SaveSubscription(ctx, s); err != nil {
			return err
		}
	}
	secret, err := k.secret(ctx, s)
	if err != nil {
		return err
	}
	out, err := k.Vendor.Subscribe(ctx, run.SubscriptionAsk{Verb: run.Register, Subscription: s, Secret: secret})
	switch code := fault.CodeOf(err); {
	case err == nil && out.Sandboxed: // the connection became one of a sandbox meanwhile
		return k.Store.ForgetSubscription(ctx, s)
	case err == nil:
		return k.stand(ctx, w, s, out)
	case (code == fault.Conflict || code == fault.InvalidInput) && w.spec.List != nil: // it may be there already
		if found, looked := k.find(ctx, w, s); looked == nil && found != nil {
			return k.stand(ctx, w, s, *found)
		}
		s.Asked = false
	case refused(code):
		s.Asked = false
	}
	if fault.CodeOf(err) == fault.NotFound {
		err = fault.New(fault.NotFound, "%s%s", fault.MessageOf(err), asked(w))
	}
	return k.failed(ctx, s, err)
}

// asked says what the vendor was asked for; empty: nothing that has a name.
func asked(w *want) string {
	var parts []string
	for _, f := range w.trigger.Spec.Input {
		if text, ok := w.trigger.Def.With[f.ID].(string); ok && f.In == actions.InPath {
			parts = append(parts, fmt.Sprintf("%s %q", f.Label, fault.Clip(text, 100)))
		}
	}
	if parts == nil {
		return ""
	}
	return " It was asked for " + strings.Join(parts, ", ") + "."
}

// refused says that a vendor answered no, or was not asked: it knows of nothing.
func refused(code fault.Code) bool {
	switch code {
	case fault.Uncertain, fault.Unavailable, fault.Timeout, fault.Cancelled, fault.Internal:
		return false
	}
	return true
}

func (k *Keeper) secret(ctx context.Context, s run.Subscription) (run.Secret, error) {
	keys, err := k.Store.SubscriptionKeys(ctx, s.Workspace, s.ScenarioID, s.Trigger)
	if err != nil {
		return "", err
	}
	for _, key := range keys {
		if key.ID == s.ID {
			return key.Secret, nil
		}
	}
	return "", fault.New(fault.NotFound, "The secret of a subscription is not there.")
}

// find looks in the vendor's list for a subscription by its URL; nil: it is not there. Others at URLs of the trigger that
// nobody here knows are removed: they are what a crash or a restored backup left behind.
func (k *Keeper) find(ctx context.Context, w *want, s run.Subscription) (*run.Subscribed, error) {
	list, err := k.Vendor.Subscriptions(ctx, s)
	if err != nil {
		return nil, err
	}
	rows, err := k.Store.Subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, row := range rows {
		known[row.URL] = row.State != run.Left
	}
	var out *run.Subscribed
	for _, one := range list {
		switch {
		case one.URL == s.URL:
			out = &one
		case w != nil && strings.HasPrefix(one.URL, w.prefix) && !known[one.URL]:
			stray := s
			stray.VendorID, stray.Kept = one.VendorID, one.Kept
			_, err := k.Vendor.Subscribe(ctx, run.SubscriptionAsk{Verb: run.Remove, Subscription: stray})
			k.Log.Warn("a subscription that nobody knows was removed", "scenario", s.Scenario, "trigger", s.Trigger, "error", err)
		}
	}
	return out, nil
}

// stand keeps what the vendor said of a subscription that stands.
func (k *Keeper) stand(ctx context.Context, w *want, s run.Subscription, out run.Subscribed) error {
	now := k.Now().UTC().Truncate(time.Millisecond)
	s.State, s.Asked, s.ExpiresAt, s.RenewedAt = run.SubscriptionLive, false, out.ExpiresAt, now
	if out.VendorID != "" {
		s.VendorID = out.VendorID
	}
	if out.Kept != nil {
		s.Kept = out.Kept
	}
	if !s.ExpiresAt.IsZero() && !s.ExpiresAt.After(now.Add(shortly)) { // it would be made anew without end
		s.State, s.Asked = run.Wanted, true
		return k.failed(ctx, s, fault.New(fault.Unavailable, "The vendor lets the subscription end at %s, and it is %s here; are the clocks right?", s.ExpiresAt.Format(time.RFC3339), now.Format(time.RFC3339)))
	}
	s.Attempts, s.Class, s.Error = 0, "", ""
	s.NextAt = look(&s, w.spec, now)
	return k.Store.SaveSubscription(ctx, s)
}

// renew lets a subscription last. One that the vendor does not know makes way for another.
func (k *Keeper) renew(ctx context.Context, w *want, s run.Subscription) error {
	s.TriedAt = k.Now()
	out, err := k.Vendor.Subscribe(ctx, run.SubscriptionAsk{Verb: run.Renew, Subscription: s})
	switch {
	case fault.CodeOf(err) == fault.NotFound:
		return k.left(ctx, s, "the vendor does not know it any more")
	case err != nil:
		return k.failed(ctx, s, err)
	case out.Sandboxed:
		return nil
	}
	return k.stand(ctx, w, s, out)
}

// check sees whether a subscription stands, where the vendor tells.
func (k *Keeper) check(ctx context.Context, w *want, s run.Subscription) error {
	s.TriedAt = k.Now()
	out := &run.Subscribed{}
	if w.spec.List != nil {
		var err error
		switch out, err = k.find(ctx, w, s); {
		case fault.CodeOf(err) == fault.NotFound, err == nil && out == nil:
			return k.left(ctx, s, "it is not in the vendor's list any more")
		case err != nil:
			return k.failed(ctx, s, err)
		}
	}
	return k.stand(ctx, w, s, *out)
}

// remove has the vendor forget a subscription. One that it does not know is forgotten already.
func (k *Keeper) remove(ctx context.Context, w *want, s run.Subscription) error {
	if s.State != run.Leaving {
		s.Attempts = 0
	}
	s.TriedAt = k.Now()
	if s.VendorID == "" {
		found, err := k.lost(ctx, w, s)
		if err != nil || found == "" {
			return err
		}
		s.VendorID = found
	}
	s.State = run.Leaving
	_, err := k.Vendor.Subscribe(ctx, run.SubscriptionAsk{Verb: run.Remove, Subscription: s})
	switch {
	case err == nil, fault.CodeOf(err) == fault.NotFound:
		return k.left(ctx, s, "")
	case s.Attempts+1 >= mostAsked:
		return k.left(ctx, s, "the vendor would not remove it: "+fault.MessageOf(err))
	}
	return k.failed(ctx, s, err)
}

// lost finds the vendor's id of a subscription whose registration was cut short. Where there is none, nothing stands and
// what is kept of it goes.
func (k *Keeper) lost(ctx context.Context, w *want, s run.Subscription) (string, error) {
	if s.Asked {
		found, err := k.find(ctx, w, s)
		switch code := fault.CodeOf(err); {
		case found != nil && !found.Sandboxed:
			return found.VendorID, nil
		case err != nil && !refused(code) && s.Attempts+1 < mostAsked:
			s.State = run.Leaving
			return "", k.failed(ctx, s, err)
		}
	}
	return "", k.Store.ForgetSubscription(ctx, s)
}

// left keeps that a subscription is no more. What was under way to it is taken for a while.
func (k *Keeper) left(ctx context.Context, s run.Subscription, why string) error {
	if why != "" {
		k.Log.Warn("a subscription is gone", "scenario", s.Scenario, "trigger", s.Trigger, "why", why)
	}
	s.State, s.Asked, s.NextAt = run.Left, false, k.Now().Add(leftFor)
	return k.Store.SaveSubscription(ctx, s)
}

// failed keeps that the vendor could not be asked, or said no, and when it is asked again.
func (k *Keeper) failed(ctx context.Context, s run.Subscription, err error) error {
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled) { // the process ends: the store knows that it was asked
		return nil
	}
	s.Attempts++
	s.Class, s.Error = fault.CodeOf(err), fault.Clip(fault.MessageOf(err), 500)
	s.NextAt = k.Now().Add(pause(s.Attempts, err))
	k.Log.Warn("a subscription could not be kept up; it is tried again", "scenario", s.Scenario, "trigger", s.Trigger, "uses", s.Uses, "next", s.NextAt.Format(time.RFC3339), "error", fmt.Sprint(err))
	return k.Store.SaveSubscription(context.WithoutCancel(ctx), s)
}
