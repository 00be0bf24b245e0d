package outbound

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/failpoint"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
)

// Tokens keeps the tokens of connections, and how these stand. Who refreshes has the right to it on disk before the vendor
// is asked, since a vendor may take the old refresh token back with its answer.
type Tokens interface {
	LeaseRefresh(ctx context.Context, c run.Connection, owner string, until time.Time) (taken, broken bool, err error)
	EndRefresh(ctx context.Context, c run.Connection, owner string, known bool) error
	SaveTokens(ctx context.Context, c run.Connection, t run.Tokens) error
	DueTokens(ctx context.Context, limit int) ([]run.Connection, error)
	Ailing(ctx context.Context, limit int) ([]run.Connection, error)
	Refused(ctx context.Context, c run.Connection, ails run.Ailment, detail string) error
	Mended(ctx context.Context, c run.Connection) error
}

const (
	leaseFor   = time.Minute // longer than tokenWithin
	renewEvery = 30 * time.Second
	renewMost  = 100 // connections at a time
	askAgain   = 100 * time.Millisecond
	saveFor    = 20 * time.Second
)

// opens is a connection with its values.
type opens struct {
	connection run.Connection
	values     run.Values
}

// fresh gives a connection whose token is good for a call; force says that the vendor did not take the one it has.
func (c *Client) fresh(ctx context.Context, have opens, force bool) (opens, error) {
	if c.cfg.Tokens == nil || c.cfg.Connectors.Get(have.connection.Connector) == nil {
		return have, nil
	}
	a, err := c.tokensOf(have.connection, have.values)
	if err != nil { // it has no tokens, or its way to sign in is unknown, which connect says
		return have, nil
	}
	now, due := c.cfg.Now(), have.connection.RefreshAt
	has := a.values[actions.ValueAccess] != ""
	switch {
	case !a.renewable() && !has:
		return have, fault.New(fault.Unauthorized, "Nobody has signed in over the connection %q yet, so nothing was sent.", have.connection.Slug)
	case !a.renewable() && !due.IsZero() && !now.Before(have.connection.ExpiresAt):
		return have, c.refused(ctx, have.connection, "", fmt.Sprintf("The token of the connection %q has expired, and %s gave none to renew it with.", have.connection.Slug, a.who()))
	case !a.renewable() || has && !force && (due.IsZero() || now.Before(due)):
		return have, nil
	}
	good := has && !force && now.Before(have.connection.ExpiresAt) // for a while yet
	if err := c.awaits(have.connection); err != nil {
		if good {
			err = nil
		}
		return have, err
	}
	done := c.renewals.DoChan(fmt.Sprintf("%s/%s/%d", have.connection.Workspace, have.connection.ID, have.connection.Tokens), func() (any, error) {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*leaseFor) // others wait for it, whoever began it
		defer cancel()
		return c.renew(within, have.connection)
	})
	select {
	case r := <-done:
		if r.Err == nil {
			return r.Val.(opens), nil
		}
		var gone *tokenRefusal
		dead := errors.As(r.Err, &gone) && gone.dead
		if !dead && good {
			c.cfg.Logger.Warn("a token could not be renewed; the old one is used while it is good", "connection", have.connection.Slug, "error", a.mask.mask(r.Err.Error()))
			return have, nil
		}
		if held := c.awaits(have.connection); held != nil && !dead {
			return have, held
		}
		return have, r.Err
	case <-ctx.Done():
		return have, ctx.Err()
	}
}

// renew gets new tokens for a connection, once over all processes, and keeps them. Where another one was faster it gives
// what that one got.
func (c *Client) renew(ctx context.Context, known run.Connection) (opens, error) {
	broken := false
	var have opens
	for {
		connection, values, err := c.Credentials(ctx, known.Workspace, known.Slug)
		if err != nil {
			return opens{}, err
		}
		if have = (opens{connection, values}); connection.Tokens != known.Tokens {
			return have, nil
		}
		if connection.State == run.NeedsAuth && connection.Ails != run.Doubted && connection.Ails != run.Unrenewed {
			return have, needsSignIn(connection)
		}
		var taken bool
		if taken, broken, err = c.cfg.Tokens.LeaseRefresh(ctx, connection, c.owner, c.cfg.Now().Add(leaseFor)); err != nil {
			return opens{}, err
		}
		if taken {
			break
		}
		if err := wait(ctx, askAgain); err != nil {
			return opens{}, fault.New(fault.Unavailable, "The token of the connection %q is being renewed by another process.", known.Slug)
		}
	}
	a, err := c.tokensOf(have.connection, have.values)
	if err != nil {
		return opens{}, err
	}
	within, cancel := context.WithTimeout(ctx, tokenWithin)
	defer cancel()
	failpoint.Here(failpoint.TokenBefore)
	tokens, err := a.first(within)
	if err != nil {
		return opens{}, c.unrenewed(ctx, a, err, broken)
	}
	failpoint.Here(failpoint.TokenAfter)
	if err := c.saveTokens(ctx, have.connection, tokens); err != nil {
		return opens{}, err
	}
	connection, values, err := c.Credentials(ctx, known.Workspace, known.Slug)
	if err == nil && c.rested(connection) { // what stood for want of a token goes on
		err = c.cfg.Tokens.Mended(ctx, connection)
	}
	return opens{connection, values}, err
}

// unrenewed notes what a refresh without new tokens means: the right to it is given back, or the connection is refused.
func (c *Client) unrenewed(ctx context.Context, a *tokenAsk, err error, broken bool) error {
	var why *tokenRefusal
	if errors.As(err, &why) && why.dead {
		said := fault.MessageOf(why.err)
		if broken {
			said += " An earlier renewal was cut off before its answer was kept, which may be why."
		}
		return &tokenRefusal{dead: true, err: c.refused(ctx, a.connection, "", said)}
	}
	if code := fault.CodeOf(err); code == fault.Unavailable || code == fault.RateLimited || code == fault.Timeout {
		c.restAfter(ctx, a.connection, err)
	}
	known := why == nil || !why.sent
	if end := c.cfg.Tokens.EndRefresh(ctx, a.connection, c.owner, known && !broken); end != nil {
		c.cfg.Logger.Error("the right to renew a token could not be given back; it ends by itself", "connection", a.connection.Slug, "error", end)
	}
	return err
}

// saveTokens keeps what the vendor gave, and tries for long: it may be all that the vendor still takes.
func (c *Client) saveTokens(ctx context.Context, connection run.Connection, t run.Tokens) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveFor)
	defer cancel()
	for {
		err := c.cfg.Tokens.SaveTokens(ctx, connection, t)
		if code := fault.CodeOf(err); err == nil || code == fault.Conflict || code == fault.NotFound {
			return nil // a person signed in anew meanwhile, or the connection is gone: what is stored holds
		}
		c.cfg.Logger.Error("a renewed token could not be kept; it is tried again", "connection", connection.Slug, "error", err)
		if wait(ctx, askAgain) != nil {
			return err
		}
	}
}

// refused marks a connection that is good for nothing, and gives the error that says so.
func (c *Client) refused(ctx context.Context, connection run.Connection, ails run.Ailment, why string) error {
	detail := strings.TrimSpace(why) + " " + c.whatToDo(connection)
	if ails == run.Doubted {
		detail = "Its token was renewed, and the new one is not taken: " + strings.TrimSpace(why) + " It is tested again by itself every few minutes. " + c.whatToDo(connection)
	}
	c.mark(ctx, connection, ails, detail)
	return fault.New(fault.Unauthorized, "%s", detail)
}

func (c *Client) mark(ctx context.Context, connection run.Connection, ails run.Ailment, detail string) {
	if err := c.cfg.Tokens.Refused(context.WithoutCancel(ctx), connection, ails, detail); err != nil {
		c.cfg.Logger.Error("a connection that is good for nothing now could not be marked", "connection", connection.Slug, "error", err)
	}
}

// whatToDo is what mends a connection.
func (c *Client) whatToDo(connection run.Connection) string {
	d := &doing{client: c, connector: c.cfg.Connectors.Get(connection.Connector), connection: connection}
	if auth, err := d.auth(); err == nil && auth.OAuth != nil && auth.OAuth.Grant == actions.Code {
		return run.SignInAgain
	}
	return run.PutNewValues
}

// needsSignIn is the error of a call over a connection that waits for a person.
func needsSignIn(c run.Connection) error {
	if c.Ails != "" {
		return fault.New(fault.Unauthorized, "The connection %q is good for nothing now, so nothing was sent. %s", c.Slug, c.Detail)
	}
	return fault.New(fault.Unauthorized, "The connection %q needs a new sign-in, so nothing was sent. %s", c.Slug, c.Detail)
}

// KeepFresh renews tokens before they expire, and asks connections again whose ailment may pass, until ctx ends.
func (c *Client) KeepFresh(ctx context.Context) {
	var both sync.WaitGroup
	defer both.Wait()
	both.Go(func() { c.keepAsking(ctx) })
	ticker := time.NewTicker(renewEvery)
	defer ticker.Stop()
	for {
		due, err := c.cfg.Tokens.DueTokens(ctx, renewMost)
		if err != nil && ctx.Err() == nil {
			c.cfg.Logger.Error("the tokens that are due could not be listed; it is tried again", "error", err)
		}
		var all errgroup.Group // side by side: one whose vendor does not answer keeps nobody waiting
		for _, connection := range due {
			all.Go(func() error { c.freshen(ctx, connection); return nil })
		}
		_ = all.Wait()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// freshen renews one connection's token, where it can be.
func (c *Client) freshen(ctx context.Context, connection run.Connection) {
	connection, values, err := c.Credentials(ctx, connection.Workspace, connection.Slug)
	if err == nil {
		_, err = c.fresh(ctx, opens{connection, values}, false)
	}
	if err != nil && ctx.Err() == nil {
		c.cfg.Logger.Warn("a token could not be renewed", "connection", connection.Slug, "error", fault.MessageOf(err))
	}
}

// renewed is asked when the vendor did not take the credentials of a request: true means that there are others now, and
// that it may be sent again.
func (d *doing) renewed(ctx context.Context) (bool, error) {
	if d.client.cfg.Tokens == nil || d.connection.ID == "" || d.fresh {
		return false, nil
	}
	a, err := d.client.tokensOf(d.connection, d.values)
	if err != nil || !a.renewable() {
		return false, nil
	}
	d.fresh = true
	have, err := d.client.fresh(ctx, opens{d.connection, d.values}, true)
	if err != nil {
		var waits *refusal
		if errors.As(err, &waits) && waits.token {
			waits.status = 401
			return false, waits
		}
		code := fault.CodeOf(err)
		if code == fault.Timeout || code == "" || code == fault.Internal {
			code = fault.Unavailable
		}
		// The answer that came said no for certain: whether the call happened is in no doubt, whatever became of the token.
		return false, &refusal{code: code, message: fault.MessageOf(err), status: 401}
	}
	return true, d.connect(have.connection, have.values)
}

// turnedAway says that an answer means that the credentials are not taken.
func (d *doing) turnedAway(resp actions.Response) bool {
	if !d.signed {
		return false
	}
	if rule, _, ok := d.rule(resp); ok && rule.SignIn {
		return true
	}
	return resp.Status == 401
}

// verify finds out, by the connector's cheapest request, whether credentials that were not taken once are taken at all: an
// address may refuse what the vendor takes elsewhere. A connection whose are not is marked. Where any server may be asked, only the
// connection's test is asked of the one that it names.
func (d *doing) verify(ctx context.Context, why string) {
	if d.client.cfg.Tokens == nil || d.connection.ID == "" || d.connector.BaseURL == "" && !d.testing {
		return
	}
	var ails run.Ailment
	if d.fresh { // the vendor gave the token a moment ago: that it takes none may pass
		ails = run.Doubted
	}
	if can, _ := d.connector.Tested(d.connection.Method); d.testing || !can {
		d.client.refused(ctx, d.connection, ails, why)
		return
	}
	key := fmt.Sprintf("verify %s/%s/%d", d.connection.Workspace, d.connection.ID, d.connection.Since)
	d.client.renewals.Do(key, func() (any, error) {
		return nil, d.client.test(context.WithoutCancel(ctx), opens{d.connection, d.values}, d.fresh)
	})
}
