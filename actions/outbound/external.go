package outbound

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
)

// External says where values lie that connections refer to instead of holding them. Zero fields are not set up.
type External struct {
	EnvFile    string     // lines of NAME=value, which only its owner may read
	Vault      *url.URL   // a HashiCorp Vault, of which the KV engine of version 2 is read
	VaultToken run.Secret // what is shown to it
	VaultMount string     // of that engine
	AWS        AWS        // whose Secrets Manager is read
}

// The sources that a reference may name.
const (
	fromEnvFile = "env-file"
	fromVault   = "vault"
	fromAWS     = "aws"
)

const (
	refKept       = time.Minute // how long a value is taken as it was read
	maxExternal   = 1 << 20     // bytes of a file or an answer
	externalLimit = 10 * time.Second
)

// kept is a value as it was read.
type kept struct {
	value run.Secret
	until time.Time
}

// CheckRef says why a reference cannot be followed here.
func (c *Client) CheckRef(r run.Ref) error {
	e := c.cfg.External
	switch {
	case r.Name == "":
		return fault.New(fault.InvalidInput, "A reference needs a name.")
	case len(r.Name)+len(r.Key)+len(r.Stage) > 500 || !headerText(r.Name+r.Key+r.Stage):
		return fault.New(fault.InvalidInput, "A reference is longer than 500 bytes, or holds a line break or another control character.")
	case r.From == fromEnvFile && e.EnvFile == "":
		return fault.New(fault.InvalidInput, "No file of secrets is set up here; whoever runs the server can, with --secrets-env-file.")
	case r.From == fromVault && e.Vault == nil:
		return fault.New(fault.InvalidInput, "No Vault is set up here; whoever runs the server can, with --vault-addr.")
	case r.From == fromAWS && e.AWS.Region == "":
		return fault.New(fault.InvalidInput, "No AWS Secrets Manager is set up here; whoever runs the server can, with --aws-region and --aws-keys-file.")
	case r.From == fromAWS:
		return e.AWS.check(r)
	case r.From != fromEnvFile && r.From != fromVault:
		return fault.New(fault.InvalidInput, "%q is no place for secrets; there are %s, %s and %s.", fault.Clip(r.From, 40), fromEnvFile, fromVault, fromAWS)
	case r.Stage != "":
		return fault.New(fault.InvalidInput, "A stage is of a version in AWS Secrets Manager; %s has none.", r.From)
	case r.From == fromVault:
		_, err := vaultPath(r.Name)
		return err
	}
	return nil
}

// vaultPath is a secret's path in the Vault as it stands in an address. It leads nowhere but below the engine.
func vaultPath(name string) (string, error) {
	parts := strings.Split(strings.Trim(name, "/"), "/")
	for i, part := range parts {
		if part == "" || part == "." || part == ".." {
			return "", fault.New(fault.InvalidInput, "%q is no path of the Vault; write it as apps/mine, without the engine's name.", fault.Clip(name, 100))
		}
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/"), nil
}

// Credentials gives a connection with its values opened, those too that lie elsewhere. A connection of which one cannot be
// read is marked, until it is read again.
func (c *Client) Credentials(ctx context.Context, workspace, ref string) (run.Connection, run.Values, error) {
	connection, values, err := c.cfg.Connections.Credentials(ctx, workspace, ref)
	if err != nil || len(connection.Refs) == 0 {
		return connection, values, err
	}
	values = maps.Clone(values)
	for _, name := range slices.Sorted(maps.Keys(connection.Refs)) {
		v, err := c.refer(ctx, connection.Refs[name])
		if err != nil {
			c.unread(ctx, connection, fmt.Sprintf("Its %s lies elsewhere and cannot be read: %s It is read again by itself.", name, fault.MessageOf(err)))
			return connection, nil, fault.Wrap(err, fault.CodeOf(err), "The connection %q: its %s lies elsewhere and is not to be had: %s", connection.Slug, name, fault.MessageOf(err))
		}
		values[name] = v
	}
	if connection.Ails == run.Unheard && c.cfg.Tokens != nil {
		if err := c.cfg.Tokens.Mended(context.WithoutCancel(ctx), connection); err != nil {
			return connection, nil, err
		}
		connection, _, err = c.cfg.Connections.Credentials(ctx, workspace, ref)
	}
	return connection, values, err
}

// unread marks a connection of which a value cannot be read, unless it is good for nothing without that, or it was said.
func (c *Client) unread(ctx context.Context, connection run.Connection, detail string) {
	good := connection.State != run.NeedsAuth && connection.State != run.Paused
	if c.cfg.Tokens != nil && (good || connection.Ails == run.Unheard && connection.State != run.Paused && connection.Detail != detail) {
		c.mark(ctx, connection, run.Unheard, detail)
	}
}

// refer follows a reference, or gives what it led to a moment ago.
func (c *Client) refer(ctx context.Context, r run.Ref) (run.Secret, error) {
	now := c.cfg.Now()
	c.mu.Lock()
	known, ok := c.external[r]
	c.mu.Unlock()
	if ok && now.Before(known.until) {
		return known.value, nil
	}
	if err := c.CheckRef(r); err != nil {
		return "", err
	}
	got, err, _ := c.renewals.Do(fmt.Sprintf("refer %q", []string{r.From, r.Name, r.Key, r.Stage}), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), externalLimit)
		defer cancel()
		switch r.From {
		case fromEnvFile:
			return c.fromFile(r)
		case fromAWS:
			return c.fromAWS(ctx, r)
		}
		return c.fromVault(ctx, r)
	})
	if err != nil {
		return "", err
	}
	text, _ := got.(string)
	if text == "" || len(text) > 16<<10 {
		return "", fault.New(fault.NotFound, "What lies at %s is empty, or no text that can be sent.", fault.Clip(r.Name, 100))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.external[r] = kept{run.Secret(text), now.Add(refKept)}
	return run.Secret(text), nil
}

// fromFile reads a line of the file of secrets. The file is read anew each time: it may have been replaced.
func (c *Client) fromFile(r run.Ref) (any, error) {
	text, err := readPrivate(c.cfg.External.EnvFile, "The file of secrets")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(text) {
		name, v, found := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if found && strings.TrimSpace(name) == r.Name {
			return strings.TrimSpace(v), nil
		}
	}
	return nil, fault.New(fault.NotFound, "The file of secrets has no line %s=.", fault.Clip(r.Name, 60))
}

// readPrivate reads a file that nobody but its owner may read; what names it in the error.
func readPrivate(name, what string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "%s cannot be read.", what)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Mode().Perm()&0o077 != 0 || !info.Mode().IsRegular() {
		return "", fault.New(fault.Unavailable, "%s may be read by others; its owner runs chmod 600 on it.", what)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxExternal))
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "%s cannot be read.", what)
	}
	return string(text), nil
}

// fromVault reads a secret of the KV engine, version 2. Source: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
func (c *Client) fromVault(ctx context.Context, r run.Ref) (any, error) {
	e := c.cfg.External
	path, err := vaultPath(r.Name)
	if err != nil {
		return nil, err
	}
	u := e.Vault.JoinPath("v1", e.VaultMount, "data", path)
	req, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Vault-Token", e.VaultToken.Reveal())
	status, body, err := c.askElsewhere(ctx, req)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusNotFound:
		return nil, fault.New(fault.NotFound, "The Vault has nothing at %s.", fault.Clip(r.Name, 100))
	case status != http.StatusOK:
		return nil, fault.New(fault.Unavailable, "The Vault answered %d %s.", status, http.StatusText(status))
	}
	v, err := value.Decode(body, value.Limits{})
	if err != nil {
		return nil, fault.New(fault.Unavailable, "The Vault's answer cannot be read.")
	}
	key := r.Key
	if key == "" {
		key = "value"
	}
	data, _ := value.At(v, "/data/data").(map[string]any)
	if text, ok := data[key].(string); ok {
		return text, nil
	}
	return nil, fault.New(fault.NotFound, "What lies in the Vault at %s has no text %q.", fault.Clip(r.Name, 100), fault.Clip(key, 60))
}

// askElsewhere sends a request to a place of secrets, through the guarded dialer. A redirect is not followed: what the request
// shows is for this address.
func (c *Client) askElsewhere(ctx context.Context, req *http.Request) (status int, body []byte, err error) {
	if err := c.guard.checkTarget(req.URL); err != nil {
		return 0, nil, err
	}
	req = req.WithContext(context.WithValue(ctx, dials{}, new(atomic.Int32)))
	req.Header.Set("User-Agent", "Stepmill/"+c.cfg.Version)
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return 0, nil, unanswered(ctx, req.URL, err, false)
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(io.LimitReader(resp.Body, maxExternal)); err != nil {
		return 0, nil, unanswered(ctx, req.URL, err, true)
	}
	return resp.StatusCode, body, nil
}
