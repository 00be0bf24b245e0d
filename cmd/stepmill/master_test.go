package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/storage"
	"github.com/stepmill/stepmill/storage/sqlite"
	"github.com/stepmill/stepmill/storage/vault"
)

// credentialsOf opens everything that is sealed, with the keys of a file.
func credentialsOf(t *testing.T, data string, v *vault.Vault) (texts []string, err error) {
	t.Helper()
	store, err := dataDir{Data: data}.openBy(t.Context(), v, sqlite.Config{})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	for i := range 5 {
		_, values, err := store.Credentials(t.Context(), run.DefaultWorkspace, fmt.Sprintf("c%d", i))
		if err != nil {
			return nil, err
		}
		secret, err := store.SecretValue(t.Context(), run.DefaultWorkspace, fmt.Sprintf("s%d", i))
		if err != nil {
			return nil, err
		}
		texts = append(texts, values["client_secret"].Reveal(), values["access_token"].Reveal(), secret.Reveal())
	}
	key, err := store.LinkKey(t.Context())
	return append(texts, string(key)), err
}

func fillSealed(t *testing.T, data string) {
	t.Helper()
	store, err := dataDir{Data: data}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for i := range 5 {
		c, err := store.CreateConnection(t.Context(), operator(), run.Connection{Slug: fmt.Sprintf("c%d", i), Connector: "github", Method: "oauth"}, run.Values{"client_id": "id", "client_secret": run.Secret(fmt.Sprint("app", i))})
		if err == nil {
			err = store.EndSignIn(t.Context(), c, run.Tokens{Access: run.Secret(fmt.Sprint("token", i))})
		}
		if err == nil {
			_, err = store.CreateSecret(t.Context(), operator(), fmt.Sprintf("s%d", i), run.Secret(fmt.Sprint("secret", i)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.LinkKey(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func keyFile(t *testing.T, data string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(data, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRotateMaster is R23: after a rotation the new key alone opens every credential and the old one none, and no server
// runs meanwhile.
func TestRotateMaster(t *testing.T) {
	data := t.TempDir()
	fillSealed(t, data)
	old := keyFile(t, data)
	oldVault, err := vault.New(old)
	if err != nil {
		t.Fatal(err)
	}
	before, err := credentialsOf(t, data, oldVault)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, data, "127.0.0.1:0")
	if _, errs, status := stepmill(t, "keys", "rotate-master", "--data", data); status == 0 || errs == "" {
		t.Errorf("beside a server: %d %s", status, errs)
	}
	s.kill()
	out, errs, status := stepmill(t, "keys", "rotate-master", "--data", data)
	if status != 0 || !strings.Contains(out, "17 credentials") { // five connections, their tokens, five secrets, two of the installation
		t.Fatalf("%d %s %s", status, out, errs)
	}
	file := keyFile(t, data)
	if len(file) != 64 || string(file[32:]) != string(old) || string(file[:32]) == string(old) {
		t.Errorf("the file holds %d bytes", len(file))
	}
	if info, err := os.Stat(filepath.Join(data, "master.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	newVault, err := vault.New(file[:32])
	if err != nil {
		t.Fatal(err)
	}
	if after, err := credentialsOf(t, data, newVault); err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the new key opens %v (%v)", after, err)
	}
	if _, err := credentialsOf(t, data, oldVault); err == nil {
		t.Error("the old key still opens them")
	}
	serve(t, data, "127.0.0.1:0").kill()
	if _, errs, status := stepmill(t, "keys", "rotate-master", "--data", t.TempDir()); status == 0 {
		t.Errorf("where there is no data: %s", errs)
	}
}

// TestMasterKeyMissing: a key that is lost is not replaced by another, which opens nothing.
func TestMasterKeyMissing(t *testing.T) {
	data := t.TempDir()
	fillSealed(t, data)
	key := filepath.Join(data, "master.key")
	if err := os.Rename(key, key+".away"); err != nil {
		t.Fatal(err)
	}
	if _, errs, status := stepmill(t, "keys", "list", "--data", data); status == 0 || !strings.Contains(errs, "The master key "+key+" is missing") {
		t.Errorf("exit %d: %s", status, errs)
	}
	if _, err := os.Stat(key); err == nil {
		t.Error("a new one was made")
	}
	if _, errs, status := stepmill(t, "keys", "list", "--data", data, "--master-key-file", key+".away"); status != 0 {
		t.Errorf("exit %d: %s", status, errs)
	}
}

// TestRotationCutOff is F48: wherever a rotation ends, every row can be read, and the next one finishes it.
func TestRotationCutOff(t *testing.T) {
	for at := range 17 {
		data := t.TempDir()
		fillSealed(t, data)
		first, err := vault.LoadOrCreate(filepath.Join(data, "master.key"))
		if err != nil {
			t.Fatal(err)
		}
		before, err := credentialsOf(t, data, first)
		if err != nil {
			t.Fatal(err)
		}
		ring, err := vault.Rotate(filepath.Join(data, "master.key"))
		if err != nil {
			t.Fatal(err)
		}
		reseal := func(store *storage.Store) error {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen := 0
			_, err := store.Reseal(ctx, func(sealed []byte, place string) bool {
				if seen++; seen > at { // no transaction begins any more
					cancel()
				}
				return ring.Current(sealed, place)
			})
			return err
		}
		store, err := dataDir{Data: data}.openBy(t.Context(), ring, sqlite.Config{})
		if err != nil {
			t.Fatal(err)
		}
		if reseal(store) == nil {
			t.Fatalf("it was not cut off at %d", at)
		}
		store.Close()
		if after, err := credentialsOf(t, data, ring); err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("cut off at %d: %v", at, err)
		}
		if at%8 != 3 {
			continue
		}
		if out, errs, status := stepmill(t, "keys", "rotate-master", "--data", data); status != 0 || !strings.Contains(out, fmt.Sprintf("%d credentials were sealed anew", 17-at)) || len(keyFile(t, data)) != 64 {
			t.Errorf("the next one: %d %s %s", status, out, errs)
		}
	}
}
