// Package vault seals secrets at rest: each under a key of its own, which the master key wraps. It keeps no secret and
// knows no table. A master key may have predecessors, which open what they sealed and seal nothing any more.
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

// Vault seals with one master key, and opens with it and those before it.
type Vault struct {
	master cipher.AEAD
	before []cipher.AEAD
}

// New makes a vault of a master key of 32 bytes, behind which its predecessors may stand, the newest first.
func New(master []byte) (*Vault, error) {
	if len(master) == 0 || len(master)%keySize != 0 {
		return nil, fault.New(fault.InvalidInput, "A master key is %d bytes; this one is %d.", keySize, len(master))
	}
	v := &Vault{}
	for i := 0; i < len(master); i += keySize {
		aead, err := gcm(master[i : i+keySize])
		if err != nil {
			return nil, err
		}
		if i == 0 {
			v.master = aead
		} else {
			v.before = append(v.before, aead)
		}
	}
	return v, nil
}

// Former says that there are keys which seal nothing any more.
func (v *Vault) Former() bool { return len(v.before) > 0 }

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
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path, nil); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "The master key %s cannot be made.", path)
		}
	}
	key, err := read(path)
	if err != nil {
		return nil, err
	}
	return New(key)
}

// Rotate puts a new master key before those of a file. A crash leaves the file as it was, or with the new key.
func Rotate(path string) (*Vault, error) {
	keys, err := read(path)
	if err != nil {
		return nil, err
	}
	if err := create(path, keys); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The master key %s cannot be replaced.", path)
	}
	return LoadOrCreate(path)
}

func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
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
	if len(key) == 0 || len(key)%keySize != 0 {
		return nil, fault.New(fault.InvalidInput, "The master key %s holds %d bytes, not %d: it is none, or it is damaged.", path, len(key), keySize)
	}
	return key, nil
}

// create writes a new key, and those before it, beside its place and moves it there, so that no crash leaves half a key.
func create(path string, before []byte) error {
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
	if _, err := f.Write(append(key, before...)); err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return err
	}
	if before != nil {
		err := os.Rename(f.Name(), path)
		return errors.Join(err, settle(path))
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // another process was first: its key holds
		return err
	}
	return settle(path)
}

// settle makes a file's name durable.
func settle(path string) error {
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
	plain, err := openWith(v.master, sealed, place)
	for i := 0; err != nil && i < len(v.before); i++ {
		if older, failed := openWith(v.before[i], sealed, place); failed == nil {
			return older, nil
		}
	}
	return plain, err
}

// Current says that the newest master key sealed it.
func (v *Vault) Current(sealed []byte, place string) bool {
	_, err := openWith(v.master, sealed, place)
	return err == nil
}

func openWith(master cipher.AEAD, sealed []byte, place string) ([]byte, error) {
	const head = 1 + nonceSize + keySize + tagSize + nonceSize
	if len(sealed) < head+tagSize || sealed[0] != form {
		return nil, unopened(nil)
	}
	rest := sealed[1:]
	key, err := master.Open(nil, rest[:nonceSize], rest[nonceSize:nonceSize+keySize+tagSize], []byte(place))
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
