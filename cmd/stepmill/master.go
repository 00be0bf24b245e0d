package main

import (
	"context"
	"fmt"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

type rotateMasterCmd struct{ dataDir }

// Run makes a new master key and seals with it what the one before sealed. One that was cut off is finished first: it has
// made its key already.
func (c *rotateMasterCmd) Run(ctx context.Context, std streams) error {
	store, err := c.openHere(ctx)
	if err != nil {
		return err
	}
	store.Close()
	release, err := sqlite.Lock(c.Data)
	if err != nil {
		return err
	}
	defer release()
	v, err := vault.LoadOrCreate(c.masterKey())
	if err != nil {
		return err
	}
	if v.Former() {
		n, err := c.reseal(ctx, v)
		if err != nil {
			return err
		}
		if n > 0 {
			fmt.Fprintf(std.out, "a rotation that was cut off is finished: %d credentials were sealed anew\n", n)
			return nil
		}
	}
	if v, err = vault.Rotate(c.masterKey()); err != nil {
		return err
	}
	n, err := c.reseal(ctx, v)
	if err != nil {
		return fault.Wrap(err, fault.CodeOf(err), "The new master key is made, and not every credential is sealed with it yet. Everything can be read; run this again. %s", fault.MessageOf(err))
	}
	fmt.Fprintf(std.out, "%d credentials are sealed with a new master key; make a backup of %s\n", n, c.masterKey())
	return nil
}

func (c *rotateMasterCmd) reseal(ctx context.Context, v *vault.Vault) (int, error) {
	store, err := c.openBy(ctx, v, sqlite.Config{})
	if err != nil {
		return 0, err
	}
	defer store.Close()
	return store.Reseal(ctx, v.Current)
}
