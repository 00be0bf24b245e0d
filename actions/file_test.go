package actions

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestInputFile(t *testing.T) {
	kept := value.File{Hash: strings.Repeat("a", 64), Name: "a.txt", Size: 3}
	for name, want := range map[string]string{"": "a.txt", "b.txt": "b.txt"} {
		if f, err := InputFile(map[string]any{"file": kept.Value()}, "file", name); err != nil || f.Name != want || f.Hash != kept.Hash {
			t.Errorf("%q: %+v %v", name, f, err)
		}
	}
	kept.Name = ""
	if f, _ := InputFile(map[string]any{"file": kept.Value()}, "file", ""); f.Name != "file" {
		t.Errorf("a file without a name is called %q", f.Name)
	}
	for _, v := range []any{nil, "a.txt", map[string]any{"file": "a.txt"}, map[string]any{"file": kept.Value()}} {
		if _, err := InputFile(map[string]any{"of": v}, "of", ""); fault.CodeOf(err) != fault.InvalidInput || !strings.Contains(err.Error(), "The input of: it refers to no file; take one of an earlier step") {
			t.Errorf("%v: %v", v, err)
		}
	}
}

// damaged gives a text and says at its end that it is damaged, as a blob does.
type damaged struct{ io.Reader }

func (d damaged) Read(b []byte) (int, error) {
	n, err := d.Reader.Read(b)
	if err == io.EOF {
		err = errors.New("it is damaged")
	}
	return n, err
}

// TestPieces: a file is read once, its pieces one after the other, and from elsewhere where that is asked for. The last bytes of one
// that is damaged are not given.
func TestPieces(t *testing.T) {
	opened := 0
	p := &Pieces{size: 10, open: func() (io.ReadCloser, error) {
		opened++
		return io.NopCloser(strings.NewReader("0123456789")), nil
	}}
	read := func(p *Pieces, from, size int64) string {
		in, err := p.Stream(from, size).Open()
		if err != nil {
			return err.Error()
		}
		defer in.Close()
		b, err := io.ReadAll(in)
		if err != nil {
			return string(b) + " " + err.Error()
		}
		return string(b)
	}
	for _, c := range []struct {
		from, size int64
		want       string
		opened     int
	}{{0, 4, "0123", 1}, {4, 4, "4567", 1}, {8, 2, "89", 1}, {4, 4, "4567", 2}, {6, 4, "6789", 3}, {0, 0, "", 4}, {8, 4, "89 unexpected EOF", 5}, {12, 1, "EOF", 6}} {
		if got := read(p, c.from, c.size); got != c.want || opened != c.opened {
			t.Errorf("%d bytes from %d on are %q, and it was opened %d times", c.size, c.from, got, opened)
		}
	}
	first, _ := p.Stream(0, 4).Open()
	second, _ := p.Stream(0, 4).Open()
	if _, err := first.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the piece before is read on: %v", err)
	}
	if b, err := io.ReadAll(second); string(b) != "0123" || err != nil {
		t.Errorf("%s %v", b, err)
	}
	p.Close()
	if _, err := second.Read(make([]byte, 1)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("it is read on after it was closed: %v", err)
	}
	for _, size := range []int64{4, 3} { // it has more bytes than it says, or is damaged
		bad := &Pieces{size: size, open: func() (io.ReadCloser, error) { return io.NopCloser(damaged{strings.NewReader("0123")}), nil }}
		if got := read(bad, 0, size); got != " it is damaged" && got != " unexpected EOF" {
			t.Errorf("of a damaged file there came %q", got)
		}
	}
}

// TestJSONStream: a file stands in JSON as its base64, and the body is as long as it says.
func TestJSONStream(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 24 << 10, 24<<10 + 1, 100_000} {
		text := bytes.Repeat([]byte{0xab}, size)
		open := func(value.File) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
		s, err := JSONStream(map[string]any{"b": []any{map[string]any{"data": value.File{Size: size}, "name": "a\"b"}, 7, nil}, "a": "x", "c": value.File{Size: size}}, open)
		if err != nil {
			t.Fatal(err)
		}
		in, _ := s.Open()
		b, err := io.ReadAll(in)
		if err != nil || int64(len(b)) != s.Size {
			t.Fatalf("of %d bytes there are %d, not %d: %v", size, len(b), s.Size, err)
		}
		var got struct {
			A string
			B []any
			C []byte
		}
		if err := json.Unmarshal(b, &got); err != nil || got.A != "x" || len(got.B) != 3 || !bytes.Equal(got.C, text) {
			t.Errorf("%v: %.100s", err, b)
		}
	}
	s, err := JSONStream(value.File{Size: 3}, func(value.File) (io.ReadCloser, error) { return io.NopCloser(damaged{strings.NewReader("abc")}), nil })
	if err != nil {
		t.Fatal(err)
	}
	in, _ := s.Open()
	if b, err := io.ReadAll(in); err == nil {
		t.Errorf("a damaged file gives %s", b)
	}
	if _, err := JSONStream(map[string]any{"a": make(chan int)}, nil); err == nil {
		t.Error("what is no value is taken")
	}
}

func TestLintAlso(t *testing.T) {
	for address, good := range map[string]bool{"https://files.acme.test": true, "https://*.acme.test": true, "http://files.acme.test": false, "files.acme.test": false, "https://files.acme.test/v1": false, "https://a@b": false} {
		problems := strings.Join(Lint(Connector{ID: "acme", Also: []string{address}}), "\n")
		if strings.Contains(problems, "is not written as https://files.example.com") == good {
			t.Errorf("%s: %s", address, problems)
		}
	}
}
