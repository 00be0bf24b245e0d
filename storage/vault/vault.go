// Package vault seals secrets at rest: each under a key of its own, which the master key wraps. It keeps no secret and
// knows no table.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/stepmill/stepmill/engine/fault"
)

const (
	keySize   = 32
	nonceSize = 12
	tagSize   = 16
	form      = 1 // of what Seal writes
)

// Vault seals and opens with one master key.
type Vault struct {
	master cipher.AEAD
}

// New makes a vault of a master key of 32 bytes.
func New(master []byte) (*Vault, error) {
	if len(master) != keySize {
		return nil, fault.New(fault.InvalidInput, "A master key is %d bytes; this one is %d.", keySize, len(master))
	}
	aead, err := gcm(master)
	return &Vault{master: aead}, err
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// LoadOrCreate reads the master key of a file, which is made when it is not there. A file that others may read is
// refused.
func LoadOrCreate(path string) (*Vault, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "The master key %s cannot be made.", path)
		}
		info, err = os.Stat(path)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The master key %s cannot be read.", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Unauthorized, "The master key %s may be read by others. Run: chmod 600 %s", path, path)
	}
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The master key %s cannot be read.", path)
	}
	if len(key) != keySize {
		return nil, fault.New(fault.InvalidInput, "The master key %s holds %d bytes, not %d: it is none, or it is damaged.", path, len(key), keySize)
	}
	return New(key)
}

// create writes a new key beside its place and moves it there, so that no crash leaves half a key.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".master-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	if _, err := f.Write(key); err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // another process was first: its key holds
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Seal closes plain so that only this vault opens it, and only as lying at the same place.
func (v *Vault) Seal(plain []byte, place string) ([]byte, error) {
	room := make([]byte, keySize+2*nonceSize)
	if _, err := rand.Read(room); err != nil {
		return nil, err
	}
	key, wrapNonce, nonce := room[:keySize], room[keySize:keySize+nonceSize], room[keySize+nonceSize:]
	own, err := gcm(key)
	if err != nil {
		return nil, err
	}
	out := append([]byte{form}, wrapNonce...)
	out = v.master.Seal(out, wrapNonce, key, []byte(place))
	out = append(out, nonce...)
	return own.Seal(out, nonce, plain, []byte(place)), nil
}

// Open gives back what Seal closed. What was changed, moved, or sealed with another master key is refused.
func (v *Vault) Open(sealed []byte, place string) ([]byte, error) {
	const head = 1 + nonceSize + keySize + tagSize + nonceSize
	if len(sealed) < head+tagSize || sealed[0] != form {
		return nil, unopened(nil)
	}
	rest := sealed[1:]
	key, err := v.master.Open(nil, rest[:nonceSize], rest[nonceSize:nonceSize+keySize+tagSize], []byte(place))
	if err != nil {
		return nil, unopened(err)
	}
	own, err := gcm(key)
	if err != nil {
		return nil, unopened(err)
	}
	plain, err := own.Open(nil, sealed[head-nonceSize:head], sealed[head:], []byte(place))
	if err != nil {
		return nil, unopened(err)
	}
	return plain, nil
}

func unopened(err error) error {
	return fault.Wrap(err, fault.Unauthorized, "A stored secret cannot be opened: the master key is another one, or the data was changed.")
}
