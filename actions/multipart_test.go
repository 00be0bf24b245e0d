package actions

import (
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func TestMultipart(t *testing.T) {
	opened, closed := 0, 0
	open := func(f value.File) (io.ReadCloser, error) {
		if f.Hash == "gone" {
			return nil, fault.New(fault.InvalidInput, "It was deleted.")
		}
		opened++
		return closing{strings.NewReader(strings.Repeat(f.Hash, f.Size/len(f.Hash))), &closed}, nil
	}
	file := &value.File{Hash: "ab", Name: `a "b".txt`, Type: "text/plain", Size: 100_000}
	s, kind, err := Multipart([]Part{{Name: "a", Text: "x"}, {Name: "f", File: file}, {Name: "g", File: &value.File{Hash: "c", Name: "c", Size: 3}}, {Name: "b", Text: "y"}}, open)
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // it may be sent again
		in, err := s.Open()
		if err != nil {
			t.Fatal(err)
		}
		counting := &sized{in: in}
		form, err := multipart.NewReader(counting, params["boundary"]).ReadForm(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, counting)
		if counting.n != s.Size {
			t.Errorf("it has %d bytes and says %d", counting.n, s.Size)
		}
		if form.Value["a"][0] != "x" || form.Value["b"][0] != "y" || len(form.File["f"]) != 1 || form.File["f"][0].Size != 100_000 || form.File["g"][0].Size != 3 {
			t.Errorf("%+v", form)
		}
		if got := form.File["f"][0].Header.Get("Content-Type"); got != "text/plain" {
			t.Errorf("the type is %s", got)
		}
		if got := form.File["g"][0].Header.Get("Content-Type"); got != "application/octet-stream" {
			t.Errorf("a type that is not known is %s", got)
		}
	}
	if opened != 4 || closed != 4 {
		t.Errorf("%d files were opened and %d closed", opened, closed)
	}
	typed, _, err := Multipart([]Part{{Name: "about", Text: `{"a":1}`, Type: "application/json"}}, open)
	if err != nil {
		t.Fatal(err)
	}
	in, _ := typed.Open()
	if text, _ := io.ReadAll(in); !strings.Contains(string(text), "name=\"about\"\r\nContent-Type: application/json\r\n\r\n{\"a\":1}") || int64(len(text)) != typed.Size {
		t.Errorf("a text of a type is %q", text)
	}
	s, _, err = Multipart([]Part{{Name: "f", File: &value.File{Hash: "gone"}}}, open)
	if err != nil {
		t.Fatal(err)
	}
	in, err = s.Open()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(in); fault.CodeOf(err) != fault.InvalidInput {
		t.Errorf("a file that is gone gives %v", err)
	}
}

type closing struct {
	io.Reader
	closed *int
}

func (c closing) Close() error { *c.closed++; return nil }

type sized struct {
	in io.Reader
	n  int64
}

func (s *sized) Read(b []byte) (int, error) {
	n, err := s.in.Read(b)
	s.n += int64(n)
	return n, err
}
