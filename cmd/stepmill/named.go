package main

import (
	"context"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/web/drafts"
)

// named is the store for what scenarios name by slug: when a connection or a secret comes or goes, the drafts that name it are
// looked through again, so that their problems are those of now.
type named struct {
	*storage.Store
	drafts *drafts.Service
	failed func(slug string, err error)
	mended func() // is told that a connection may work again
}

func (s *server) named() named {
	return named{s.store, s.drafts, func(slug string, err error) {
		s.log.Error("the scenarios that name what changed could not be looked through", "slug", slug, "error", err)
	}, s.mender.Wake}
}

func (n named) recheck(ctx context.Context, a run.Actor, slug string) {
	if err := n.drafts.Recheck(context.WithoutCancel(ctx), a, slug); err != nil {
		n.failed(slug, err)
	}
}

func (n named) CreateConnection(ctx context.Context, a run.Actor, c run.Connection, values run.Values) (run.Connection, error) {
	c, err := n.Store.CreateConnection(ctx, a, c, values)
	if err == nil {
		n.mended() // runs may stand for one of this slug that was deleted
		n.recheck(ctx, a, c.Slug)
	}
	return c, err
}

func (n named) UpdateConnection(ctx context.Context, a run.Actor, c run.Connection, values run.Values) (run.Connection, error) {
	c, err := n.Store.UpdateConnection(ctx, a, c, values)
	if err == nil {
		n.mended()
		n.recheck(ctx, a, c.Slug)
	}
	return c, err
}

func (n named) ConfigureConnection(ctx context.Context, a run.Actor, c run.Connection) (run.Connection, error) {
	c, err := n.Store.ConfigureConnection(ctx, a, c)
	if err == nil {
		n.recheck(ctx, a, c.Slug)
	}
	return c, err
}

func (n named) PauseConnection(ctx context.Context, a run.Actor, id string, paused bool) (run.Connection, error) {
	c, err := n.Store.PauseConnection(ctx, a, id, paused)
	if err == nil && !paused {
		n.mended()
	}
	return c, err
}

func (n named) DeleteConnection(ctx context.Context, a run.Actor, id string) error {
	c, err := n.Connection(ctx, a, id)
	if err != nil {
		return err
	}
	if err := n.Store.DeleteConnection(ctx, a, c.ID); err != nil {
		return err
	}
	n.recheck(ctx, a, c.Slug)
	return nil
}

func (n named) CreateSecret(ctx context.Context, a run.Actor, slug string, secret run.Secret) (run.SecretInfo, error) {
	info, err := n.Store.CreateSecret(ctx, a, slug, secret)
	if err == nil {
		n.recheck(ctx, a, slug)
	}
	return info, err
}

func (n named) DeleteSecret(ctx context.Context, a run.Actor, slug string) error {
	if err := n.Store.DeleteSecret(ctx, a, slug); err != nil {
		return err
	}
	n.recheck(ctx, a, slug)
	return nil
}
