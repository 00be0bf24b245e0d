package main

import (
	"context"
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
)

// external reads where values lie that connections refer to.
func (c *serveCmd) external() (outbound.External, error) {
	out := outbound.External{EnvFile: c.SecretsEnvFile, VaultMount: c.VaultMount}
	if c.VaultAddr == "" {
		return out, nil
	}
	u, err := url.Parse(c.VaultAddr)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return out, usageError{"--vault-addr: it is no address; write it as https://vault.example.com:8200"}
	}
	if c.VaultTokenFile == "" {
		return out, usageError{"--vault-addr needs --vault-token-file"}
	}
	token, err := readFile(c.VaultTokenFile, 64<<10, nil)
	if err != nil {
		return out, usageError{"--vault-token-file: the file cannot be read"}
	}
	out.Vault, out.VaultToken = u, run.Secret(strings.TrimSpace(string(token)))
	return out, nil
}

// opened is the store for those who open connections: with the values that lie elsewhere.
type opened struct {
	*storage.Store
	out *outbound.Client
}

func (o opened) Credentials(ctx context.Context, workspace, ref string) (run.Connection, run.Values, error) {
	return o.out.Credentials(ctx, workspace, ref)
}
