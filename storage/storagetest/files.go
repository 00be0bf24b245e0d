package storagetest

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stepmill/stepmill/engine/fault"
	"github.com/stepmill/stepmill/engine/run"
	"github.com/stepmill/stepmill/engine/value"
	"github.com/stepmill/stepmill/storage"
)

// files holds that a file is had by the events that refer to it and by nobody else, that an event made of others has theirs, and
// that it goes with the last of them.
func files(t *testing.T, s *storage.Store) {
	sc := makeScenario(t, s, system, "s")
	file := must[value.Large](t)(s.KeepFile(t.Context(), "me", strings.NewReader("a file")))
	lone := must[value.Large](t)(s.KeepFile(t.Context(), "me", strings.NewReader("nobody's")))
	a := accept(sc)
	a.Files = []value.Large{file}
	a.Event.Value = fmt.Appendf(nil, `{"docs": [{"file": %q, "name": "b.txt", "type": "text/csv", "size": 8}, {"file": %q, "name": "a.txt", "type": "text/plain", "size": 6}]}`, lone.Hash, file.Hash)
	first := taken(t, s, a)
	b := accept(sc)
	b.FilesOf = []string{first.EventID, "none"}
	second := taken(t, s, b)
	c := accept(sc)
	third := taken(t, s, c)
	read := func(event, hash string) string {
		f := must[io.ReadCloser](t)(s.File(t.Context(), system, event, hash))
		defer f.Close()
		return string(must[[]byte](t)(io.ReadAll(f)))
	}
	if one, two := read(first.EventID, file.Hash), read(second.EventID, file.Hash); one != "a file" || two != one || file.Bytes != 6 {
		t.Errorf("the file is %q and %q", one, two)
	}
	for _, ask := range []struct {
		actor       run.Actor
		event, hash string
	}{{stranger, first.EventID, file.Hash}, {system, third.EventID, file.Hash}, {system, first.EventID, lone.Hash}, {system, first.EventID, "../../stepmill.db"}, {system, "", file.Hash}} {
		_, err := s.File(t.Context(), ask.actor, ask.event, ask.hash)
		code(t, err, fault.NotFound)
	}
	for _, r := range []run.Run{first, second} {
		w := appended(r, run.Succeeded, run.RunStarted, run.RunSucceeded)
		w.Run.EndedAt, w.Release = start.Add(time.Second), true
		if err := commit(t, s, &run.Write{Append: w})[0]; err != nil {
			t.Fatal(err)
		}
	}
	named := value.File{Hash: file.Hash, Name: "a.txt", Type: "text/plain", Size: 6}
	for _, c := range []struct {
		owner string
		actor run.Actor
		want  value.File
	}{{first.EventID, system, named}, {first.ID, system, named}, {second.EventID, system, value.File{Hash: file.Hash}}, {first.EventID, stranger, value.File{Hash: file.Hash}}} {
		if f := s.FileNamed(t.Context(), c.actor, c.owner, file.Hash); f != c.want {
			t.Errorf("the file is called %+v, not %+v", f, c.want)
		}
	}
	sweep := func(want int) {
		t.Helper()
		if n, _, err := s.SweepBlobs(t.Context(), false); err != nil || n != want {
			t.Errorf("%d are taken away, not %d (%v)", n, want, err)
		}
	}
	sweep(0) // they are held
	s.Release("me")
	sweep(1) // nobody's
	for i, gone := range []run.Run{first, second} {
		if _, err := s.Forget(t.Context(), []run.Old{{ID: gone.ID, Event: gone.EventID}}, time.Second); err != nil {
			t.Fatal(err)
		}
		sweep(i) // it is the second's too
	}
}
