package core

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stepmill/stepmill/engine/fault"
)

// tryRemote does every operation of a file server, and each of them again. Its folder at is dir here, and link what it
// lists a link to a file as.
func tryRemote(t *testing.T, d *desk, id, dir, at, link string) {
	t.Helper()
	large := bytes.Repeat([]byte("0123456789abcdef"), 100_000)
	f := d.put("large.bin", "application/octet-stream", large)
	in, here := strings.TrimSuffix(at, "/")+"/in", filepath.Join(dir, "in")
	for range 2 {
		if out := d.good(t, id, map[string]any{"operation": "upload", "path": in + "/a/large.bin", "file": f.Value(), "folders": true}); out["size"] != 1_600_000 {
			t.Errorf("it gives %v", out)
		}
	}
	if b, err := os.ReadFile(here + "/a/large.bin"); err != nil || !bytes.Equal(b, large) {
		t.Errorf("%d bytes came, %v", len(b), err)
	}
	out := d.good(t, id, map[string]any{"operation": "download", "path": in + "/a/large.bin"})
	if got := d.text(t, out["file"]); got != string(large) || out["file"].(map[string]any)["name"] != "large.bin" {
		t.Errorf("it gives %v", out)
	}
	small := d.put("b.csv", "text/csv", []byte("x"))
	d.good(t, id, map[string]any{"operation": "upload", "path": in + "/b.csv", "file": small.Value()})
	if err := os.Symlink("b.csv", here+"/link"); err != nil {
		t.Fatal(err)
	}
	list := func(only ...any) string {
		t.Helper()
		var texts []string
		for _, e := range d.good(t, id, map[string]any{"path": in, "only": only})["entries"].([]any) {
			e := e.(map[string]any)
			if e["path"] != in+"/"+e["name"].(string) || !strings.HasPrefix(e["modified"].(string), "20") {
				t.Errorf("an entry is %v", e)
			}
			texts = append(texts, fmt.Sprint(e["name"], " ", e["type"]))
		}
		return strings.Join(texts, ", ")
	}
	if got := list(); got != "a folder, b.csv file, link "+link {
		t.Errorf("it lists %s", got)
	}
	if got := list("*.csv"); got != "b.csv file" {
		t.Errorf("it lists %s", got)
	}
	for range 2 {
		d.good(t, id, map[string]any{"operation": "rename", "path": in + "/b.csv", "to": in + "/a/c.csv"})
	}
	failed(t, d.invoke(t, id, map[string]any{"operation": "rename", "path": in + "/a/c.csv", "to": in + "/a/large.bin"}), fault.Conflict, `There is a file "`)
	for _, want := range []bool{true, false} {
		if out := d.good(t, id, map[string]any{"operation": "delete", "path": in + "/a/c.csv"}); out["deleted"] != want {
			t.Errorf("it gives %v", out)
		}
	}
	failed(t, d.invoke(t, id, map[string]any{"operation": "delete", "path": in}), fault.InvalidInput, `"`+in+`" on 127.0.0.1 cannot be deleted: the server says`)
	for _, operation := range []string{"list", "download", "rename"} {
		failed(t, d.invoke(t, id, map[string]any{"operation": operation, "path": in + "/none", "to": in + "/x"}), fault.NotFound, `There is no "`+in+`/none" on 127.0.0.1; look at the path`)
	}
	none := d.invoke(t, id, map[string]any{"operation": "upload", "path": in + "/none/x", "file": f.Value()})
	if id == "sftp" {
		failed(t, none, fault.NotFound, `There is no "`+in+`/none" on 127.0.0.1, the folder that the file is to go into. Make it, or switch on Make folders (the input folders)`)
	} else { // whose servers do not tell
		failed(t, none, fault.InvalidInput, `"`+in+`/none/.x.`)
		if !strings.Contains(none.Failure.Message, `Where the folder "`+in+`/none" is not there: make it, or switch on Make folders`) {
			t.Errorf("it says %s", none.Failure.Message)
		}
	}
	for _, bad := range []string{in + "/a\r\nDELE x", in + "/a\x00"} {
		failed(t, d.invoke(t, id, map[string]any{"operation": "delete", "path": bad}), fault.InvalidInput, "The input path: it holds")
	}
	d.good(t, id, map[string]any{"operation": "upload", "path": in + "/a/-l spaced ä.txt", "file": small.Value(), "direct": true})
	if got := d.text(t, d.good(t, id, map[string]any{"operation": "download", "path": in + "/a/-l spaced ä.txt"})["file"]); got != "x" {
		t.Errorf("it gives %q", got)
	}
	empty := d.put("empty", "text/plain", nil)
	for _, direct := range []bool{false, true} {
		d.good(t, id, map[string]any{"operation": "upload", "path": in + "/a/empty", "file": empty.Value(), "direct": direct})
		if got := d.text(t, d.good(t, id, map[string]any{"operation": "download", "path": in + "/a/empty"})["file"]); got != "" {
			t.Errorf("it gives %q", got)
		}
	}
	failed(t, d.invoke(t, id, map[string]any{"operation": "upload", "path": in + "/a", "file": f.Value()}), fault.InvalidInput, `The input path: "`+in+`/a" is a folder; write the file's name`)
	failed(t, d.invoke(t, id, map[string]any{"operation": "download", "path": in + "/a"}), fault.InvalidInput, `The input path: "`+in+`/a" is a folder; list it`)
	f.Size--
	failed(t, d.invoke(t, id, map[string]any{"operation": "upload", "path": in + "/d", "file": f.Value()}), fault.InvalidInput, `The input file: the file "large.bin" has another size`)
	f.Hash = strings.Repeat("0", 64)
	failed(t, d.invoke(t, id, map[string]any{"operation": "upload", "path": in + "/d", "file": f.Value()}), fault.InvalidInput, `The file large.bin is not one of this run's`)
	if err := os.Remove(here + "/link"); err != nil {
		t.Fatal(err)
	}
	if got := list(); got != "a folder" {
		t.Errorf("what failed left %s", got)
	}
	d.tested(t, "")
	good := d.values["password"]
	d.values["password"], d.values["key"] = "wrong word", ""
	failed(t, d.invoke(t, id, map[string]any{"path": "/"}), fault.Unauthorized, "127.0.0.1 does not take the user ")
	d.tested(t, "127.0.0.1 does not take the user ")
	d.values["password"] = good
}
