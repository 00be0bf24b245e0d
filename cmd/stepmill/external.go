package main

import (
	"context"
	"net/url"
	"strings"

	"github.com/stepmill/stepmill/actions/outbound"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
)

// external reads where values lie that connections refer to.
func (c *serveCmd) external() (outbound.External, error) {
	out := outbound.External{EnvFile: c.SecretsEnvFile, VaultMount: c.VaultMount}
	var err error
	if out.AWS, err = c.aws(); err != nil || c.VaultAddr == "" {
		return out, err
	}
	if out.Vault, err = placeURL("--vault-addr", c.VaultAddr, "https://vault.example.com:8200"); err != nil {
		return out, err
	}
	if c.VaultTokenFile == "" {
		return out, usageError{"--vault-addr needs --vault-token-file"}
	}
	token, err := readFile(c.VaultTokenFile, 64<<10, nil)
	if err != nil {
		return out, usageError{"--vault-token-file: the file cannot be read"}
	}
	out.VaultToken = run.Secret(strings.TrimSpace(string(token)))
	return out, nil
}

// aws is the Secrets Manager of AWS. Its keys are read when they are used, and once here, to say what is wrong with them.
func (c *serveCmd) aws() (outbound.AWS, error) {
	out := outbound.AWS{Region: c.AWSRegion, KeyFile: c.AWSKeysFile, Profile: c.AWSProfile}
	switch {
	case out.Region == "" && out.KeyFile == "" && c.AWSEndpoint == "":
		return outbound.AWS{}, nil
	case out.Region == "" || out.KeyFile == "":
		return out, usageError{"AWS Secrets Manager needs both --aws-region and --aws-keys-file"}
	}
	if c.AWSEndpoint != "" {
		var err error
		if out.Endpoint, err = placeURL("--aws-endpoint", c.AWSEndpoint, "https://vpce-1a2b.secretsmanager.eu-west-1.vpce.amazonaws.com"); err != nil {
			return out, err
		}
	}
	if err := out.Check(); err != nil {
		return out, usageError{"--aws-region, --aws-keys-file: " + fault.MessageOf(err)}
	}
	return out, nil
}

// placeURL reads the address of a place for secrets.
func placeURL(flag, text, example string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, usageError{flag + ": it is no address; write it as " + example}
	}
	return u, nil
}

// opened is the store for those who open connections: with the values that lie elsewhere.
type opened struct {
	*storage.Store
	out *outbound.Client
}

func (o opened) Credentials(ctx context.Context, workspace, ref string) (run.Connection, run.Values, error) {
	return o.out.Credentials(ctx, workspace, ref)
}
