package core

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/actions"
	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

// shelf is a Doer that keeps files in memory and reaches nothing.
type shelf struct {
	actions.Doer
	files map[string][]byte
	fail  error // of Keep
}

func (s *shelf) Open(_ context.Context, f value.File) (io.ReadCloser, error) {
	b, ok := s.files[f.Hash]
	if !ok {
		return nil, fault.New(fault.InvalidInput, "The file %s is not one of this run's.", f.Name)
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

func (s *shelf) Keep(_ context.Context, name, kind string, r io.Reader) (value.File, error) {
	if s.fail != nil {
		return value.File{}, s.fail
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return value.File{}, err
	}
	return s.put(name, kind, b), nil
}

func (s *shelf) put(name, kind string, b []byte) value.File {
	sum := sha256.Sum256(b)
	f := value.File{Hash: hex.EncodeToString(sum[:]), Name: name, Type: kind, Size: len(b)}
	if s.files == nil {
		s.files = map[string][]byte{}
	}
	s.files[f.Hash] = b
	return f
}

// text gives what a value's file holds.
func (s *shelf) text(t *testing.T, v any) string {
	t.Helper()
	f, ok := value.FileOf(v)
	if !ok {
		t.Fatalf("%v is no file", v)
	}
	return string(s.files[f.Hash])
}

// do carries out an action that has files.
func (s *shelf) do(t testing.TB, id string, in map[string]any) (map[string]any, error) {
	t.Helper()
	return s.doWith(t, t.Context(), id, in)
}

func (s *shelf) doWith(t testing.TB, ctx context.Context, id string, in map[string]any) (map[string]any, error) {
	t.Helper()
	a := actionOf(t, id)
	v, err := actions.Coerce(a.Input, in)
	if err != nil {
		return nil, err
	}
	out, err := a.Run(ctx, actions.Input{Values: v, Key: "run1.step", Now: now()}, s)
	if err == nil && !value.Normal(out) {
		if out, err = value.Normalize(out); err != nil {
			t.Errorf("%s gives what is no value: %v", id, err)
		}
	}
	object, _ := out.(map[string]any)
	return object, err
}

// must is do where nothing goes wrong.
func (s *shelf) must(t testing.TB, id string, in map[string]any) map[string]any {
	t.Helper()
	out, err := s.do(t, id, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// fails asks for a failure's class and the beginning of its message.
func fails(t *testing.T, err error, code fault.Code, begins string) {
	t.Helper()
	if fault.CodeOf(err) != code || !strings.HasPrefix(fault.MessageOf(err), begins) {
		t.Errorf("the error is %s: %v\n not %s: %s", fault.CodeOf(err), err, code, begins)
	}
}
