package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAWSFlags: what is wrong with the flags of AWS Secrets Manager is said at the start, and not at the first call.
func TestAWSFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(file, []byte("[default]\naws_access_key_id = AKID\naws_secret_access_key = CANARY\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		cmd  serveCmd
		says string // empty: it is taken
	}{
		{"nothing", serveCmd{AWSProfile: "default"}, ""},
		{"all", serveCmd{AWSRegion: "eu-west-1", AWSKeysFile: file, AWSEndpoint: "http://127.0.0.1:4566"}, ""},
		{"no file", serveCmd{AWSRegion: "eu-west-1"}, "both --aws-region and --aws-keys-file"},
		{"no region", serveCmd{AWSKeysFile: file}, "both --aws-region and --aws-keys-file"},
		{"no such region", serveCmd{AWSRegion: "Ireland", AWSKeysFile: file}, `"Ireland" is no region`},
		{"no such file", serveCmd{AWSRegion: "eu-west-1", AWSKeysFile: file + "x"}, "cannot be read"},
		{"no such profile", serveCmd{AWSRegion: "eu-west-1", AWSKeysFile: file, AWSProfile: "prod"}, "under [prod]"},
		{"no address", serveCmd{AWSRegion: "eu-west-1", AWSKeysFile: file, AWSEndpoint: "localhost:4566"}, "--aws-endpoint"},
		{"a Vault without a token", serveCmd{VaultAddr: "https://vault.example.com"}, "--vault-token-file"},
	} {
		out, err := c.cmd.external()
		if (err == nil) != (c.says == "") || err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "CANARY")) {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.name == "all" && (out.AWS.Region != "eu-west-1" || out.AWS.Endpoint.Host != "127.0.0.1:4566") {
			t.Errorf("%+v", out.AWS)
		}
	}
}
