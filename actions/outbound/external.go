package outbound

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
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
}

// The sources that a reference may name.
const (
	fromEnvFile = "env-file"
	fromVault   = "vault"
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
	case r.Name == "" || len(r.Name)+len(r.Key) > 500 || !headerText(r.Name+r.Key):
		return fault.New(fault.InvalidInput, "A reference needs a name.")
	case r.From == fromEnvFile && e.EnvFile == "":
		return fault.New(fault.InvalidInput, "No file of secrets is set up here; whoever runs the server can, with --secrets-env-file.")
	case r.From == fromVault && e.Vault == nil:
		return fault.New(fault.InvalidInput, "No Vault is set up here; whoever runs the server can, with --vault-addr.")
	case r.From != fromEnvFile && r.From != fromVault:
		return fault.New(fault.InvalidInput, "%q is no place for secrets; there are %s and %s.", fault.Clip(r.From, 40), fromEnvFile, fromVault)
	}
	return nil
}

// Credentials gives a connection with its values opened, those too that lie elsewhere.
func (c *Client) Credentials(ctx context.Context, workspace, ref string) (run.Connection, run.Values, error) {
	connection, values, err := c.cfg.Connections.Credentials(ctx, workspace, ref)
	if err != nil || len(connection.Refs) == 0 {
		return connection, values, err
	}
	values = maps.Clone(values)
	for name, r := range connection.Refs {
		v, err := c.refer(ctx, r)
		if err != nil {
			return connection, nil, fault.Wrap(err, fault.CodeOf(err), "The connection %q: its %s lies elsewhere and is not to be had: %s", connection.Slug, name, fault.MessageOf(err))
		}
		values[name] = v
	}
	return connection, values, nil
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
	got, err, _ := c.renewals.Do(fmt.Sprintf("refer %q", []string{r.From, r.Name, r.Key}), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), externalLimit)
		defer cancel()
		if r.From == fromEnvFile {
			return c.fromFile(r)
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
	f, err := os.Open(c.cfg.External.EnvFile)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The file of secrets cannot be read.")
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Mode().Perm()&0o077 != 0 || !info.Mode().IsRegular() {
		return nil, fault.New(fault.Unavailable, "The file of secrets may be read by others; its owner runs chmod 600 on it.")
	}
	text, err := io.ReadAll(io.LimitReader(f, maxExternal))
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The file of secrets cannot be read.")
	}
	for line := range strings.Lines(string(text)) {
		name, v, found := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
		if found && strings.TrimSpace(name) == r.Name {
			return strings.TrimSpace(v), nil
		}
	}
	return nil, fault.New(fault.NotFound, "The file of secrets has no line %s=.", fault.Clip(r.Name, 60))
}

// fromVault reads a secret of the KV engine, version 2. Source: https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
func (c *Client) fromVault(ctx context.Context, r run.Ref) (any, error) {
	e := c.cfg.External
	parts := strings.Split(strings.Trim(r.Name, "/"), "/")
	for i, part := range parts {
		if part == "" || part == "." || part == ".." {
			return nil, fault.New(fault.InvalidInput, "%q is no path of the Vault.", fault.Clip(r.Name, 100))
		}
		parts[i] = url.PathEscape(part)
	}
	u := e.Vault.JoinPath("v1", e.VaultMount, "data", strings.Join(parts, "/"))
	if err := c.guard.checkTarget(u); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(context.WithValue(ctx, dials{}, new(atomic.Int32)), http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Vault-Token", e.VaultToken.Reveal())
	req.Header.Set("User-Agent", "Stepmill/"+c.cfg.Version)
	resp, err := c.transport.RoundTrip(req) // a redirect is not followed: the token is for this address
	if err != nil {
		return nil, unanswered(ctx, u, err, false)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxExternal))
	switch {
	case err != nil:
		return nil, unanswered(ctx, u, err, false)
	case resp.StatusCode == http.StatusNotFound:
		return nil, fault.New(fault.NotFound, "The Vault has nothing at %s.", fault.Clip(r.Name, 100))
	case resp.StatusCode != http.StatusOK:
		return nil, fault.New(fault.Unavailable, "The Vault answered %d %s.", resp.StatusCode, http.StatusText(resp.StatusCode))
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
