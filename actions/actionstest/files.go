package actionstest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// files are those of a case's run.
type files struct {
	mu   sync.Mutex
	kept map[string]content // by their hash
}

// content is what a file holds: a text, and then so many zeros.
type content struct {
	text  []byte
	zeros int64
}

func (c content) reader() io.Reader {
	return io.MultiReader(bytes.NewReader(c.text), io.LimitReader(zeros{}, c.zeros))
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func (f *files) keep(c content) (value.Large, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, c.reader())
	large := value.Large{Hash: hex.EncodeToString(sum.Sum(nil)), Bytes: int(n)}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept == nil {
		f.kept = map[string]content{}
	}
	f.kept[large.Hash] = c
	return large, err
}

// RunFile gives a file that was kept.
func (f *files) RunFile(_ context.Context, _, _, hash string) (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c, ok := f.kept[hash]
	if !ok {
		return nil, fault.New(fault.NotFound, "There is no file %s.", hash)
	}
	return io.NopCloser(c.reader()), nil
}

// KeepRunFile keeps one.
func (f *files) KeepRunFile(_ context.Context, _ string, r io.Reader) (value.Large, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return value.Large{}, err
	}
	return f.keep(content{text: text})
}

// filled puts the files of a case in the place of what names them in a value.
func (f *files) filled(archive *txtar.Archive, v any) any {
	switch v := v.(type) {
	case map[string]any:
		name, _ := v["file"].(string)
		for _, part := range archive.Files {
			words := strings.Fields(part.Name)
			if len(words) < 2 || words[0] != "file" && words[0] != "base64" || words[1] != name {
				continue
			}
			c := content{text: bytes.TrimSuffix(part.Data, []byte("\n"))}
			if words[0] == "base64" { // what cannot be read is a file that is damaged
				c.text, _ = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(part.Data)), ""))
			}
			if len(words) > 2 {
				var err error
				if c.zeros, err = strconv.ParseInt(words[2], 10, 64); err != nil {
					panic("the recording's file " + part.Name + " has no number of zeros")
				}
			}
			large, err := f.keep(c)
			if err != nil {
				panic(err)
			}
			kind, _ := v["type"].(string)
			return value.File{Hash: large.Hash, Name: name, Type: kind, Size: large.Bytes}.Value()
		}
		for name := range v {
			v[name] = f.filled(archive, v[name])
		}
	case []any:
		for i := range v {
			v[i] = f.filled(archive, v[i])
		}
	}
	return v
}
