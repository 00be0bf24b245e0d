package scenario

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestColumns: a column counts what is seen, as an editor does.
func TestColumns(t *testing.T) {
	text := []byte("{\"a\": 1,\n\"é😀\": oops}")
	r := newRuler(text)
	for offset, want := range map[int][2]int{-1: {1, 1}, 0: {1, 1}, 6: {1, 7}, 9: {2, 1}, len(text) - 5: {2, 7}, len(text): {2, 12}, 1000: {2, 12}} {
		if line, column := r.position(offset); [2]int{line, column} != want {
			t.Errorf("at %d it is %d:%d, not %v", offset, line, column, want)
		}
	}
}

// TestRuler: a place in a long text is where counting from its beginning finds it.
func TestRuler(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, parts := range []string{"a", "a\n", "é", "a😀\n", "\n", "\x80é", "\x80"} {
		letters := []rune(parts)
		var text []byte
		for len(text) < 3*markEvery+100 {
			if r := letters[random.IntN(len(letters))]; r == utf8.RuneError {
				text = append(text, 0x80)
			} else {
				text = utf8.AppendRune(text, r)
			}
		}
		r := newRuler(text)
		for offset := range len(text) + 1 {
			before := text[:offset]
			line, column := bytes.Count(before, []byte("\n"))+1, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])+1
			if l, c := r.position(offset); l != line || c != column {
				t.Fatalf("%q: %d is at %d:%d, not %d:%d", parts, offset, l, c, line, column)
			}
		}
	}
}

// TestManyProblems: a document with a great many faults on one line is read in a time that its size bounds; the first of them are told,
// and how many more there are.
func TestManyProblems(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"stepmill": 1, "name": "x", "trigger": {"uses": "webhook"}, "steps": [{"id": "a", "uses": "core.log"`)
	for i := range 60_000 {
		b.WriteString(`, "x` + strings.Repeat("y", i%7) + string(rune('a'+i%26)) + strings.Repeat("z", i%11) + `": ` + "1")
	}
	b.WriteString(`}]}`)
	_, problems, err := Decode([]byte(b.String()))
	if err != nil || len(problems) != MaxProblems+1 {
		t.Fatalf("%d problems, %v", len(problems), err)
	}
	last := problems[MaxProblems]
	if last.Path != "" || !strings.Contains(last.Message, "more problems") || problems[0].Line != 1 || problems[0].Column < 60 {
		t.Errorf("it begins with %v and ends with %v", problems[0], last)
	}
}

// TestFilesOfOthers: who brings a file of another program is told so, and not that a member is missing.
func TestFilesOfOthers(t *testing.T) {
	for text, want := range map[string]string{
		`{"name": "x", "nodes": [], "connections": {}}`:         "a file of n8n",
		`{"name": "x", "flow": [], "metadata": {"version": 1}}`: "a file of Make",
		`{"nodes": []}`: "begins with",
	} {
		if _, _, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
