package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/scenario"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
	"github.com/stepmill/stepmill/web/access"
)

// dataDir are the flags of everything that works on a data directory.
type dataDir struct {
	Data          string `default:"stepmill-data" placeholder:"DIR" help:"The data directory; stepmill-data where it is left out."`
	MasterKeyFile string `placeholder:"FILE" help:"The key that seals secrets; DIR/master.key where not given, made at the first start."`
}

// open opens the store of the directory beside a server that may be running on it.
func (d dataDir) open(ctx context.Context) (*storage.Store, error) {
	return d.openWith(ctx, sqlite.Config{Beside: true})
}

// openAlone opens the store for who has locked the directory.
func (d dataDir) openAlone(ctx context.Context, log *slog.Logger) (*storage.Store, error) {
	return d.openWith(ctx, sqlite.Config{Log: log})
}

func (d dataDir) openWith(ctx context.Context, cfg sqlite.Config) (*storage.Store, error) {
	if _, err := os.Stat(d.masterKey()); errors.Is(err, fs.ErrNotExist) && sqlite.Holds(d.Data) {
		return nil, fault.New(fault.NotFound, "The master key %s is missing, and what the data in %s holds sealed opens with that one only. Put it back from where a copy of it is kept, or name it with --master-key-file.", d.masterKey(), d.Data)
	}
	v, err := vault.LoadOrCreate(d.masterKey())
	if err != nil {
		return nil, err
	}
	return d.openBy(ctx, v, cfg)
}

// masterKey is the file of the key that seals secrets.
func (d dataDir) masterKey() string {
	return cmp.Or(d.MasterKeyFile, filepath.Join(d.Data, "master.key"))
}

func (d dataDir) openBy(ctx context.Context, v *vault.Vault, cfg sqlite.Config) (*storage.Store, error) {
	cfg.Dir, cfg.Sealer = d.Data, v
	store, err := sqlite.Open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := store.CheckKey(ctx); err != nil {
		store.Close()
		return nil, err
	}
	return store, nil
}

// openHere is open, for commands that make nothing: a directory without a database is an error.
func (d dataDir) openHere(ctx context.Context) (*storage.Store, error) {
	if _, err := os.Stat(filepath.Join(d.Data, sqlite.File)); err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "There is no data of Stepmill in %s. Give the directory that serve uses as --data.", d.Data)
	}
	return d.open(ctx)
}

type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Make a key and print it, once."`
	List   keysListCmd   `cmd:"" help:"List the keys."`
	Revoke keysRevokeCmd `cmd:"" help:"End a key."`
	Rotate keysRotateCmd `cmd:"" help:"Make a key's successor; the old one works on for a while."`

	RotateMaster rotateMasterCmd `cmd:"" help:"Seal all credentials with a new master key, while no server runs. What runs masked stays under the old one, which stays in the file."`
}

// operator is who works on a data directory from the command line: whoever may write there may do anything.
func operator() run.Actor {
	return run.Actor{Workspace: run.DefaultWorkspace, Name: "command line", Role: run.Owner}
}

// keeper is who manages the keys of a data directory: the operator, or, where there is nothing in it but the demo, that of the
// demo's workspace.
func keeper(ctx context.Context, std streams, store *storage.Store) (run.Actor, error) {
	actor := operator()
	demo := actor
	demo.Workspace = demoWorkspace
	own, err := store.Scenarios(ctx, actor)
	if err != nil {
		return actor, err
	}
	keys, err := store.Keys(ctx, actor)
	if err != nil {
		return actor, err
	}
	owners, err := store.Owners(ctx)
	if err != nil || owners+len(own)+len(keys) > 0 {
		return actor, err
	}
	shown, err := store.Scenarios(ctx, demo)
	if err != nil || len(shown) == 0 {
		return actor, err
	}
	fmt.Fprintln(std.err, "stepmill: the directory holds the demo and nothing else, so this is about the demo's keys.")
	return demo, nil
}

type keysCreateCmd struct {
	dataDir
	Name    string `required:"" help:"What it is called."`
	Role    string `required:"" enum:"viewer,operator,editor,admin" help:"viewer, operator, editor or admin."`
	Expires string `default:"90d" help:"How long it works, as 90d; never for no end."`
	JSON    bool   `help:"Print one JSON object."`
}

func (c *keysCreateCmd) Run(ctx context.Context, std streams) error {
	expires, err := expiry(c.Expires, time.Now())
	if err != nil {
		return err
	}
	in := access.NewKey{Name: c.Name, Role: run.Role(c.Role), Expires: expires}
	if _, _, err := access.MakeKey(in); err != nil { // before a directory is made for it
		return err
	}
	_, none := os.Stat(filepath.Join(c.Data, sqlite.File))
	store, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if errors.Is(none, fs.ErrNotExist) {
		fmt.Fprintf(std.err, "stepmill: there was no data of Stepmill in %s; it is made now.\n", c.Data)
	}
	return makeKey(ctx, std, store, in, c.JSON)
}

func makeKey(ctx context.Context, std streams, store *storage.Store, in access.NewKey, asJSON bool) error {
	plain, key, err := access.MakeKey(in)
	if err != nil {
		return err
	}
	actor, err := keeper(ctx, std, store)
	if err != nil {
		return err
	}
	if key, err = store.CreateKey(ctx, actor, key); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(std.out).Encode(map[string]any{"id": key.ID, "name": key.Name, "role": key.Role, "key": plain, "expires_at": timeText(key.ExpiresAt)})
	}
	fmt.Fprintln(std.out, plain)
	return nil
}

func expiry(text string, now time.Time) (time.Time, error) {
	if text == "never" {
		return time.Time{}, nil
	}
	d, err := scenario.ParseDuration(text)
	if err == nil && d <= 0 {
		err = fault.New(fault.InvalidInput, "A key has to work for a while.")
	}
	if err != nil {
		return time.Time{}, usageError{"--expires: " + fault.MessageOf(err) + " 90d is the usual; never is without end."}
	}
	return now.Add(d), nil
}

func timeText(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(run.TimeFormat)
}

type keysListCmd struct {
	dataDir
	JSON bool `help:"Print a JSON list."`
}

func (c *keysListCmd) Run(ctx context.Context, std streams) error {
	store, err := c.openHere(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	actor, err := keeper(ctx, std, store)
	if err != nil {
		return err
	}
	keys, err := store.Keys(ctx, actor)
	if err != nil {
		return err
	}
	if c.JSON {
		list := []map[string]any{}
		for _, k := range keys {
			list = append(list, map[string]any{"id": k.ID, "name": k.Name, "role": k.Role, "prefix": k.Prefix, "state": keyState(k, time.Now()),
				"created_at": timeText(k.CreatedAt), "expires_at": timeText(k.ExpiresAt), "last_used_at": timeText(k.UsedAt)})
		}
		return json.NewEncoder(std.out).Encode(list)
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tKEY\tSTATE\tEXPIRES\tLAST USED\tID")
	for _, k := range keys {
		fmt.Fprintf(w, "%s\t%s\t%s…\t%s\t%s\t%s\t%s\n", k.Name, k.Role, k.Prefix, keyState(k, time.Now()), day(k.ExpiresAt), day(k.UsedAt), k.ID)
	}
	return w.Flush()
}

func keyState(k run.APIKey, now time.Time) string {
	switch {
	case !k.RevokedAt.IsZero():
		return "revoked"
	case !k.ExpiresAt.IsZero() && now.After(k.ExpiresAt):
		return "expired"
	}
	return "works"
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04")
}

type keysRevokeCmd struct {
	dataDir
	Key string `arg:"" help:"Its id or name."`
}

func (c *keysRevokeCmd) Run(ctx context.Context, std streams) error {
	store, err := c.openHere(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	actor, err := keeper(ctx, std, store)
	if err != nil {
		return err
	}
	return store.RevokeKey(ctx, actor, c.Key)
}

type keysRotateCmd struct {
	dataDir
	Key     string `arg:"" help:"Its id or name."`
	Overlap string `default:"24h" help:"How long the old key works on."`
	Expires string `default:"90d" help:"How long the new key works; never for no end."`
	JSON    bool   `help:"Print one JSON object."`
}

func (c *keysRotateCmd) Run(ctx context.Context, std streams) error {
	now := time.Now()
	overlap, err := scenario.ParseDuration(c.Overlap)
	if err != nil {
		return usageError{"--overlap: " + fault.MessageOf(err)}
	}
	expires, err := expiry(c.Expires, now)
	if err != nil {
		return err
	}
	store, err := c.openHere(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	actor, err := keeper(ctx, std, store)
	if err != nil {
		return err
	}
	keys, err := store.Keys(ctx, actor)
	if err != nil {
		return err
	}
	for _, old := range keys {
		if (old.ID == c.Key || old.Name == c.Key) && keyState(old, now) == "works" {
			if err := makeKey(ctx, std, store, access.NewKey{Name: old.Name, Role: old.Role, Expires: expires}, c.JSON); err != nil {
				return err
			}
			return store.ExpireKey(ctx, actor, old.ID, now.Add(overlap))
		}
	}
	return fault.New(fault.NotFound, "There is no working key %q.", c.Key)
}
