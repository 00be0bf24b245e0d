package core

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/value"
)

func zipped(t *testing.T, list ...zip.FileHeader) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, h := range list {
		text := h.Comment
		h.Comment = ""
		into, err := w.CreateHeader(&h)
		if err == nil {
			_, err = io.WriteString(into, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t *testing.T, list ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range list {
		text := h.Uname
		h.Uname, h.Size = "", int64(len(text))
		err := w.WriteHeader(&h)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t testing.TB, name string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Name = name
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// paths are what an archive holds, in its order.
func paths(list any) string {
	var out []string
	for _, m := range list.([]any) {
		m := m.(map[string]any)
		out = append(out, fmt.Sprint(m["path"], " ", m["size"]))
	}
	return strings.Join(out, ", ")
}

// TestArchives: what is packed comes out again, from every kind.
func TestArchives(t *testing.T) {
	s := &shelf{}
	large := strings.Repeat("0123456789abcdef", 40_000) // beyond what is held in memory
	a, b := s.put("a.txt", "text/plain", []byte("Ada")), s.put("b.csv", "text/csv", []byte(large))
	again := b.Value()
	again["path"] = "../reports/b.csv"
	for _, format := range []string{"zip", "tar", "tar.gz"} {
		packed := s.must(t, "compress", map[string]any{"files": []any{a.Value(), a.Value(), again}, "format": format, "name": "all"})
		f, _ := value.FileOf(packed["file"])
		if f.Name != "all."+format {
			t.Errorf("%s: it is called %q", format, f.Name)
		}
		listed := s.must(t, "compress", map[string]any{"mode": "list", "file": f.Value()})
		want := "a.txt 3, a (2).txt 3, reports/b.csv 640000"
		if got := paths(listed["members"]); got != want || listed["format"] != format {
			t.Errorf("%s: it lists %v %q", format, listed["format"], got)
		}
		out := s.must(t, "compress", map[string]any{"mode": "extract", "file": f.Value()})["files"].([]any)
		if got := paths(out); got != want || s.text(t, out[0]) != "Ada" || s.text(t, out[2]) != large {
			t.Errorf("%s: it gives %q", format, got)
		}
		if at := out[0].(map[string]any)["modified"]; at != "2025-11-24T16:00:00Z" {
			t.Errorf("%s: it was made at %v", format, at)
		}
		for only, want := range map[string]string{"*.csv": "reports/b.csv 640000", "reports/*": "reports/b.csv 640000", "a.txt": "a.txt 3", "nothing": ""} {
			if got := paths(s.must(t, "compress", map[string]any{"mode": "extract", "file": f.Value(), "only": []any{only}})["files"]); got != want {
				t.Errorf("%s: of %s it gives %q", format, only, got)
			}
		}
	}
	empty := s.must(t, "compress", map[string]any{"mode": "list", "file": s.put("e.zip", "", zipped(t)).Value()})
	if got := paths(empty["members"]); got != "" {
		t.Errorf("an empty archive holds %q", got)
	}
}

func TestGzip(t *testing.T) {
	s := &shelf{}
	f := s.put("a.txt", "text/plain", []byte("Ada"))
	packed := s.must(t, "compress", map[string]any{"mode": "gzip", "file": f.Value()})["file"]
	if name := packed.(map[string]any)["name"]; name != "a.txt.gz" {
		t.Errorf("it is called %v", name)
	}
	out := s.must(t, "compress", map[string]any{"mode": "gunzip", "file": packed})["file"]
	if name := out.(map[string]any)["name"]; name != "a.txt" || s.text(t, out) != "Ada" || out.(map[string]any)["type"] != "text/plain" {
		t.Errorf("it gives %v", out)
	}
	for given, want := range map[string]string{"b.log.GZ": "b.log", "c.tgz": "c.tar", "d": "d"} {
		out := s.must(t, "compress", map[string]any{"mode": "gunzip", "file": s.put(given, "", gzipped(t, "", []byte("x"))).Value()})["file"]
		if name := out.(map[string]any)["name"]; name != want {
			t.Errorf("of %s it makes %v", given, name)
		}
	}
	if name := s.must(t, "compress", map[string]any{"mode": "gunzip", "name": "n.json", "file": packed})["file"].(map[string]any)["name"]; name != "n.json" {
		t.Errorf("it is called %v", name)
	}
}

func TestSafePath(t *testing.T) {
	for name, want := range map[string]string{
		"a/b.txt": "a/b.txt", "/etc/passwd": "etc/passwd", "../../x": "x", "a/../../b": "a/b", `..\..\w.exe`: "w.exe", `C:\Windows\x`: "Windows/x", "": "file", "..": "file", "./": "file",
		"a\x00\n/b": "a/b", "\xff": "\uFFFD", strings.Repeat("d/", 600) + "e": "e", "C:": "file",
	} {
		if got := safePath(name); got != want {
			t.Errorf("%q becomes %q, not %q", name, got, want)
		}
	}
}

// TestHostileArchives: what archives do to harm is refused, and said.
func TestHostileArchives(t *testing.T) {
	link := zip.FileHeader{Name: "link", Comment: "/etc/passwd"}
	link.SetMode(fs.ModeSymlink | 0o777)
	secret := zipped(t, zip.FileHeader{Name: "s.txt", Comment: "x"})
	for _, at := range []int{6, bytes.Index(secret, []byte("PK\x01\x02")) + 8} {
		secret[at] |= 1
	}
	odd := zipped(t, zip.FileHeader{Name: "s.txt", Comment: "x"})
	for _, at := range []int{8, bytes.Index(odd, []byte("PK\x01\x02")) + 10} {
		odd[at] = 99
	}
	many := make([]zip.FileHeader, maxMembers+1)
	for i := range many {
		many[i].Name = fmt.Sprint(i)
	}
	long := make([]zip.FileHeader, 90)
	for i := range long {
		long[i].Name = strings.Repeat("n", 65000)
	}
	whole := zipped(t, zip.FileHeader{Name: "a", Comment: "text that is there", Method: zip.Deflate})
	bent := bytes.Clone(whole)
	bent[35] ^= 0xff
	packed := gzipped(t, "", tarred(t, tar.Header{Name: "a", Uname: strings.Repeat("x", 3000)}))
	bomb := gzipped(t, "", make([]byte, bombFrom+1))
	for _, c := range []struct {
		name, mode string
		file       []byte
		code       fault.Code
		want       string
	}{
		{"a link", "extract", zipped(t, link), fault.InvalidInput, `The member "link" of "f" is a link or a device`},
		{"a link in tar", "extract", tarred(t, tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "/etc"}), fault.InvalidInput, `The member "l" of "f" is a link`},
		{"a hard link", "extract", tarred(t, tar.Header{Name: "l", Typeflag: tar.TypeLink, Linkname: "a"}), fault.InvalidInput, `The member "l" of "f" is a link`},
		{"a device", "extract", tarred(t, tar.Header{Name: "d", Typeflag: tar.TypeChar}), fault.InvalidInput, `The member "d" of "f" is a link or a device`},
		{"encrypted", "extract", secret, fault.InvalidInput, `The member "s.txt" of "f" is encrypted, which cannot be read here; ask for an archive without`},
		{"an odd method", "extract", odd, fault.InvalidInput, `The member "s.txt" of "f" is compressed in a way that cannot be read here (method 99)`},
		{"too many", "list", zipped(t, many...), fault.TooLarge, `The archive "f" has more than 10000 members; ask`},
		{"too long a directory", "list", zipped(t, long...), fault.TooLarge, `The archive "f" has more than 10000 members; ask`},
		{"no archive", "list", []byte("hello"), fault.InvalidInput, `The file "f" is damaged, or is no archive of a kind that is known`},
		{"nothing", "list", nil, fault.InvalidInput, `The file "f" is damaged, or is no archive of a kind that is known`},
		{"a cut zip", "list", whole[:len(whole)-30], fault.InvalidInput, `The file "f" is damaged, or is no zip archive; look at where`},
		{"a bent zip", "extract", bent, fault.InvalidInput, `The file "f" is damaged, or is no zip archive`},
		{"a cut tar.gz", "extract", packed[:len(packed)-20], fault.InvalidInput, `The file "f" is damaged, or is no gzip file that holds a tar archive`},
		{"a gzip of one file", "extract", gzipped(t, "", bytes.Repeat([]byte("hello "), 200)), fault.InvalidInput, `The file "f" is damaged, or is no gzip file that holds a tar archive (one that holds a single file is unpacked with the mode gunzip)`},
		{"a bad gzip", "extract", []byte{0x1f, 0x8b, 9, 9, 9}, fault.InvalidInput, `The file "f" is damaged, or is no archive;`},
		{"no gzip", "gunzip", []byte("hello"), fault.InvalidInput, `The file "f" is damaged, or is no gzip file;`},
		{"a cut gzip", "gunzip", packed[:len(packed)-6], fault.InvalidInput, `The file "f" is damaged, or is no gzip file;`},
		{"a bomb", "gunzip", bomb, fault.TooLarge, `The file "f" unpacks to more than 200 times its size`},
		{"a bomb in zip", "extract", zipped(t, zip.FileHeader{Name: "a", Method: zip.Deflate, Comment: strings.Repeat("\x00", bombFrom+1)}), fault.TooLarge, `The file "f" unpacks to more than 200 times its size`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{}
			_, err := s.do(t, "compress", map[string]any{"mode": c.mode, "file": s.put("f", "", c.file).Value()})
			fails(t, err, c.code, c.want)
		})
	}
	s := &shelf{}
	_, err := s.do(t, "compress", map[string]any{"mode": "extract", "file": s.put("f", "", zipped(t, many...)).Value()})
	if fails(t, err, fault.TooLarge, `The archive "f" has more than 10000 members`); len(s.files) != 1 {
		t.Errorf("%d members were unpacked before", len(s.files)-1)
	}
	for _, file := range [][]byte{zipped(t, link, zip.FileHeader{Name: "a"}), tarred(t, tar.Header{Name: "link", Typeflag: tar.TypeSymlink, Linkname: "/etc"}, tar.Header{Name: "h", Typeflag: tar.TypeLink, Linkname: "a"}, tar.Header{Name: "d", Typeflag: tar.TypeChar}, tar.Header{Name: "a"})} {
		var kinds []string
		for _, m := range s.must(t, "compress", map[string]any{"mode": "list", "file": s.put("f", "", file).Value()})["members"].([]any) {
			kinds = append(kinds, fmt.Sprint(m.(map[string]any)["path"], " ", m.(map[string]any)["kind"]))
		}
		if got := strings.Join(kinds, ", "); got != "link link, a file" && got != "link link, h link, d device, a file" {
			t.Errorf("it lists %s", got)
		}
	}
	mixed := s.put("f", "", zipped(t, link, zip.FileHeader{Name: "../../a.txt", Comment: "A"}, zip.FileHeader{Name: "caf\x82.txt", NonUTF8: true}, zip.FileHeader{Name: "folder/"}))
	if got := paths(s.must(t, "compress", map[string]any{"mode": "extract", "file": mixed.Value(), "only": []any{"*.txt"}})["files"]); got != "a.txt 1, café.txt 0" {
		t.Errorf("of what is left it gives %q", got)
	}
	room := &bounded{in: strings.NewReader("abc"), room: &unpackRoom{left: 2, bomb: 10}, of: value.File{Name: "f"}}
	_, err = io.ReadAll(room)
	fails(t, err, fault.TooLarge, `The file "f" unpacks to more than 5 GB; take parts`)
}

func TestArchiveInputs(t *testing.T) {
	s := &shelf{}
	f := s.put("a.txt", "text/plain", []byte("Ada"))
	bad := f.Value()
	bad["size"] = 2
	gone := value.File{Hash: strings.Repeat("0", 64), Name: "gone", Size: 1}
	for _, c := range []struct {
		in   map[string]any
		want string
	}{
		{map[string]any{}, "The input files: there is none; give the files"},
		{map[string]any{"files": []any{"x"}}, "The input files/0: it refers to no file"},
		{map[string]any{"mode": "list"}, "The input file: it refers to no file"},
		{map[string]any{"mode": "list", "file": f.Value(), "only": []any{"[a"}}, `The input only/0: "[a" is no pattern; write it as *.csv.`},
		{map[string]any{"files": []any{bad}, "format": "tar"}, `The input files/0: the file "a.txt" has another size than it says`},
		{map[string]any{"files": []any{gone.Value()}}, "The file gone is not one of this run's."},
		{map[string]any{"files": many(maxMembers+1, func(int) any { return f.Value() })}, "The input files: it lists 10001 files; at most 10000"},
	} {
		_, err := s.do(t, "compress", c.in)
		fails(t, err, fault.InvalidInput, c.want)
	}
	if got := issues(t, "compress", `{"mode":"list","only":["[a"],"file":{"file":"{{ x }}"}}`); got != `/only/0 "[a" is no pattern; write it as *.csv.` {
		t.Errorf("publishing says %q", got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, in := range []map[string]any{{"files": []any{f.Value()}}, {"mode": "gzip", "file": f.Value()}, {"mode": "list", "file": s.put("z", "", zipped(t)).Value()}} {
		if _, err := s.doWith(t, ctx, "compress", in); !errors.Is(err, context.Canceled) {
			t.Errorf("%v: cancelled it says %v", in, err)
		}
	}
	s.fail = fault.New(fault.Unavailable, "The disk is full.")
	for _, in := range []map[string]any{{"files": []any{f.Value()}}, {"mode": "gzip", "file": f.Value()}} {
		_, err := s.do(t, "compress", in)
		fails(t, err, fault.Unavailable, "The disk is full.")
	}
}
