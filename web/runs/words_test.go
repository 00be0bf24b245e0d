package runs

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestWords holds word to testdata/words.json, and src/words.test.ts keyOfWord.
func TestWords(t *testing.T) {
	text, err := os.ReadFile("testdata/words.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Failure map[string]any
		Asked   bool
		Word    string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		want, known := Words()[c.Word]
		if got := word(c.Failure, c.Asked); !known || !strings.HasPrefix(got.Title, want.Title) || got.Fix != want.Fix {
			t.Errorf("%v is %q, not %s", c.Failure, got.Title, c.Word)
		}
	}
	if w := word(map[string]any{"class": "conflict"}, true); strings.Contains(w.fix(true), "replay") || !strings.Contains(w.fix(false), "replay") {
		t.Errorf("a parked step is told %q", w.fix(true))
	}
}
